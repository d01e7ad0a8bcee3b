"""Who gets one of a worker's places: nobody can take them all."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest

from lti_tool.evidence import api as evidence
from lti_tool.plans import api as plans
from lti_tool.tasks.places import place
from lti_tool.tasks.tasks import read_source
from tests.factories.plans import make_class


@pytest.fixture(autouse=True)
def _sixteen(settings: Any) -> None:
    settings.CELERY_WORKER_CONCURRENCY = 16


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_one_school_s_courses_hold_a_quarter_and_all_schools_three_quarters(held: ExitStack) -> None:
    schools = [uuid4() for _ in range(5)]
    got = [[held.enter_context(place(school)) for _ in range(5)] for school in schools]
    assert got == [[True] * 4 + [False]] * 3 + [[False] * 5] * 2


def test_a_place_that_was_left_is_free_again() -> None:
    school = uuid4()
    for _ in range(20):
        with place(school) as free:
            assert free
    with pytest.raises(RuntimeError), place(school):
        raise RuntimeError
    with ExitStack() as stack:
        assert all(stack.enter_context(place(school)) for _ in range(4))


def test_many_threads_at_once_never_get_more_places_than_there_are() -> None:
    school, most, now = uuid4(), [0], [0]
    lock = threading.Lock()

    def take() -> None:
        for _ in range(200):
            with place(school) as free:
                if free:
                    with lock:
                        now[0] += 1
                        most[0] = max(most[0], now[0])
                    with lock:
                        now[0] -= 1

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 4


def test_a_worker_of_one_place_reads_courses_too(settings: Any) -> None:
    settings.CELERY_WORKER_CONCURRENCY = 1
    with place(uuid4()) as first, place(uuid4()) as second:
        assert (first, second) == (True, False)


@pytest.mark.django_db
def test_a_course_without_a_place_stays_due_and_a_person_needs_none(
    monkeypatch: pytest.MonkeyPatch, held: ExitStack
) -> None:
    maths = make_class("fractions")
    ana = maths.learner("Ana")
    read: list[int] = []
    monkeypatch.setattr(evidence, "carry_out", read.append)
    plans.request_sync(maths.school_id, maths.course_id, "ags")
    plans.request_sync(maths.school_id, maths.course_id, "ags", person_id=ana.person_id)
    course, person = evidence.due_reads()
    for _ in range(4):
        held.enter_context(place(maths.school_id))
    read_source(course)
    read_source(person)
    assert read == [person]
    assert evidence.due_reads() == [course, person]
    held.close()
    read_source(course)
    assert read == [person, course]
