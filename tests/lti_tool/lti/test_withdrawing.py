"""Marks we wrote into gradebooks go when their person is erased: ours alone, and what cannot go is named (T55)."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from lti_tool import http
from lti_tool.lti import api, connections, withdrawing
from lti_tool.lti.models import Context, Deployment, MarkState, ReviewScore, ScoreState, ScoreTime, Withdrawal
from lti_tool.lti.retiring import retire_account
from lti_tool.lti.services.course import LINE_ITEMS_READ, RESULTS_READ, SCORE
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor
from lti_tool.plans.models import Enrolment, Person, School
from lti_tool.tasks import tasks
from tests.factories.gradebook import Canvas, Deaf, Gradebook, Moodle, OpenEdxConsumer, Sakai

from .test_passback import Scene, scenes, trouble

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T55")]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


def told(kind: type[Gradebook]) -> Iterator[Scene]:
    """A gradebook with our mark for the first student and a teacher's grade for the second."""
    for scene in scenes(kind):
        scene.lms.grades["1", scene.lms.sub(0, 2)] = 1.0
        scene.wants_it()
        scene.close_review(1)
        scene.close_review(2)
        assert sorted(filter(None, scene.work())) == [ScoreState.KEPT, ScoreState.SENT]
        yield scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    yield from told(Gradebook)


@pytest.fixture(params=[Gradebook, Moodle, Canvas], ids=lambda kind: kind.__name__)
def clearing(request: pytest.FixtureRequest) -> Iterator[Scene]:
    yield from told(request.param)


def office(scene: Scene) -> Actor:
    person_id = plans.ensure_person(scene.joined.school_id)
    plans.make_administrator(scene.joined.school_id, person_id)
    return plans.actor_for(scene.joined.school_id, person_id, None)


def erase(scene: Scene, member: int = 1) -> UUID:
    person_id = scene.person(scene.lms.sub(0, member))
    plans.erase_person(office(scene), person_id)
    return person_id


def work() -> list[MarkState | None]:
    """One round of the queue."""
    return [api.take_back(pk) for pk in api.due_withdrawals()]


def later(minutes: float) -> Any:
    return time_machine.travel(time.time() + 60 * minutes)


def marks(scene: Scene) -> api.Marks:
    return api.marks(scene.joined.school_id)


def test_an_erased_persons_mark_goes_and_a_grade_of_somebody_elses_stays(clearing: Scene) -> None:
    sub = clearing.lms.sub(0, 1)
    assert clearing.grade(1) == 1
    erase(clearing, 1)
    assert not ReviewScore.objects.filter(state=ScoreState.SENT).exists()
    assert work() == [MarkState.TAKEN]
    assert clearing.grade(1) is None
    erase(clearing, 2)
    assert work() == []
    assert clearing.grade(2) == 1
    row = Withdrawal.objects.get()
    assert (row.sub, row.line_item_url, row.given_at) == ("", "", None)
    assert sub not in repr(list(Withdrawal.objects.values()))
    assert not ScoreTime.objects.filter(sub=sub).exists()
    assert [number for _, number in marks(clearing).taken] == [1]
    assert plans.verify_audit(clearing.joined.school_id)


def test_what_is_sent_is_no_score_at_a_later_time_and_nothing_else(clearing: Scene) -> None:
    erase(clearing)
    work()
    given, cleared = clearing.lms.posted
    assert datetime.fromisoformat(cleared.pop("timestamp")) > datetime.fromisoformat(given["timestamp"])
    extension = cleared.pop("https://canvas.instructure.com/lti/submission", None)
    assert extension == ({"new_submission": False} if isinstance(clearing.lms, Canvas) else None)
    assert cleared == {
        "userId": clearing.lms.sub(0, 1),
        "activityProgress": "Initialized",
        "gradingProgress": "NotReady",
    }


def test_in_canvas_it_is_no_attempt_of_the_students() -> None:
    for scene in told(Canvas):
        assert isinstance(scene.lms, Canvas)
        before = scene.lms.attempts
        erase(scene)
        assert work() == [MarkState.TAKEN]
        assert scene.lms.attempts == before


def test_also_where_the_clock_was_set_back_the_time_rises(scene: Scene) -> None:
    ScoreTime.objects.update(given_at=timezone.now() + timedelta(hours=2))
    scene.lms.times["1", scene.lms.sub(0, 1)] = timezone.now() + timedelta(hours=2)
    erase(scene)
    assert work() == [MarkState.TAKEN]


def test_until_it_is_taken_back_it_outlives_its_person_with_an_address_and_an_account_only(scene: Scene) -> None:
    scene.lms.intercept = trouble(500)
    person_id = erase(scene)
    assert Person.objects.of(scene.joined.school_id).get(pk=person_id).erased_at is not None
    assert work() == [MarkState.DUE]
    row = Withdrawal.objects.get()
    assert (row.sub, row.line_item_url) == (scene.lms.sub(0, 1), scene.column)
    assert str(person_id) not in repr(list(Withdrawal.objects.values()))
    assert work() == []
    scene.lms.intercept = None
    with later(10):
        assert work() == [MarkState.TAKEN]
    assert scene.grade() is None


def test_a_wait_the_platform_asks_for_is_kept(scene: Scene) -> None:
    scene.lms.intercept = trouble(429, **{"Retry-After": "7200"})
    erase(scene)
    work()
    assert Withdrawal.objects.get().next_try_at > timezone.now() + timedelta(minutes=110)


@pytest.mark.parametrize("status", [403, 500])
def test_after_two_weeks_of_trouble_it_is_given_up_and_named_to_the_office(scene: Scene, status: int) -> None:
    scene.lms.intercept = trouble(status)
    erase(scene)
    Withdrawal.objects.update(attempts=withdrawing.ATTEMPTS - 1)
    assert work() == [MarkState.BY_HAND]
    (one,) = marks(scene).by_hand
    assert (one.account, one.issuer) == (scene.lms.sub(0, 1), Deployment.objects.get().platform.issuer)
    assert scene.grade() == 1


def test_a_gradebook_that_says_yes_and_does_nothing_is_not_believed() -> None:
    for scene in told(Deaf):
        erase(scene)
        assert work() == [MarkState.DUE]
        with later(10):
            assert work() == [MarkState.DUE]
        with later(40):
            assert work() == [MarkState.BY_HAND]
        assert [one.why for one in marks(scene).by_hand] == ["stands"]
        assert scene.grade() == 1


def test_a_gradebook_that_refuses_is_not_asked_again() -> None:
    for scene in told(Sakai):
        erase(scene)
        assert work() == [MarkState.BY_HAND]
        assert [one.why for one in marks(scene).by_hand] == ["refused"]


def test_open_edx_s_consumer_would_forget_the_result_and_keep_the_grade_so_it_is_not_asked() -> None:
    for scene in told(OpenEdxConsumer):
        asked = len(scene.lms.posted)
        erase(scene)
        assert work() == [MarkState.BY_HAND]
        assert [one.why for one in marks(scene).by_hand] == ["not_there"]
        assert len(scene.lms.posted) == asked


@pytest.mark.parametrize("grade", [0.0, 0.5, 0.99])
def test_a_grade_somebody_gave_since_is_left_alone(scene: Scene, grade: float) -> None:
    erase(scene)
    scene.lms.grades["1", scene.lms.sub(0, 1)] = grade
    assert work() == [MarkState.LEFT]
    assert scene.grade() == grade
    assert len(scene.lms.posted) == 1
    assert [number for _, number in marks(scene).left] == [1]


def test_a_mark_somebody_emptied_or_a_column_that_is_gone_needs_nothing(scene: Scene) -> None:
    erase(scene)
    del scene.lms.columns["1"]
    assert work() == [MarkState.TAKEN]
    assert len(scene.lms.posted) == 1


def test_a_mark_that_may_be_a_teachers_is_named_and_not_touched(scene: Scene) -> None:
    row = ReviewScore.objects.filter(state=ScoreState.SENT)
    row.update(state=ScoreState.DUE, next_try_at=timezone.now(), attempts=1, failure="slow")
    erase(scene)
    assert work() == []  # whoever is telling it just now comes to the end first
    with later(6):
        assert work() == [MarkState.BY_HAND]
    assert [one.why for one in marks(scene).by_hand] == ["unsure"]
    assert scene.grade() == 1


def test_without_a_right_to_look_nothing_is_sent(scene: Scene) -> None:
    erase(scene)
    Context.objects.update(scopes=[LINE_ITEMS_READ, SCORE])
    assert work() == [MarkState.DUE]
    Context.objects.update(scopes=[RESULTS_READ, SCORE])
    with later(10):
        assert work() == [MarkState.TAKEN]


def test_a_column_on_another_server_gets_no_token(scene: Scene) -> None:
    erase(scene)
    Withdrawal.objects.update(line_item_url="http://127.0.0.1:1/lineitems/1")
    tokens = len(scene.lms.tokens)
    assert work() == [MarkState.BY_HAND]
    assert len(scene.lms.tokens) == tokens


def test_a_site_that_is_switched_off_is_asked_for_nothing(scene: Scene) -> None:
    erase(scene)
    deployment = Deployment.objects.get()
    connections.switch(scene.joined.school_id, deployment.pk, on=False)
    assert work() == [MarkState.DUE]
    assert [number for _, number in marks(scene).waiting] == [1]
    connections.switch(scene.joined.school_id, deployment.pk, on=True)
    with later(10):
        assert work() == [MarkState.TAKEN]


def test_one_that_a_worker_is_at_is_nobody_else_s(scene: Scene) -> None:
    erase(scene)
    (pk,) = api.due_withdrawals()
    Withdrawal.objects.update(next_try_at=timezone.now() + withdrawing.LEASE)
    assert api.due_withdrawals() == []
    assert api.take_back(pk) is None


def test_a_worker_killed_after_taking_back_takes_back_nothing_twice(scene: Scene) -> None:
    erase(scene)
    pk, sub = api.due_withdrawals()[0], scene.lms.sub(0, 1)
    work()
    before = timezone.now() - timedelta(minutes=1)
    again = {"state": MarkState.DUE, "next_try_at": before, "sub": sub, "line_item_url": scene.column}
    Withdrawal.objects.filter(pk=pk).update(**again)  # as if it never got to note that
    assert work() == [MarkState.TAKEN]
    assert len(scene.lms.posted) == 2


def test_at_the_end_of_its_years_a_record_takes_its_marks_along(scene: Scene) -> None:
    person_id = scene.person(scene.lms.sub(0, 1))
    School.objects.update(keep_years=1)
    Person.objects.of(scene.joined.school_id).filter(pk=person_id).update(
        left_on=timezone.localdate() - timedelta(days=800)
    )
    Enrolment.objects.of(scene.joined.school_id).filter(person_id=person_id).update(active=False)
    assert plans.keep_to_retention() == 1
    assert work() == [MarkState.TAKEN]
    assert scene.grade() is None


def test_an_account_the_lms_retires_takes_its_marks_along(scene: Scene) -> None:
    deployment = Deployment.objects.select_related("platform").get()
    platform = deployment.platform
    assert retire_account(platform.issuer, platform.client_id, deployment.deployment_id, scene.lms.sub(0, 1))
    assert work() == [MarkState.TAKEN]


def test_a_site_that_is_retired_gets_all_its_marks_taken_back_and_none_again(scene: Scene) -> None:
    deployment = Deployment.objects.get()
    other = plans.create_school("Another")
    assert api.take_back_site(other, deployment.pk) == 0
    assert api.take_back_site(scene.joined.school_id, deployment.pk) == 1
    assert work() == [MarkState.TAKEN]
    assert (scene.grade(1), scene.grade(2)) == (None, 1)
    assert scene.work() == []
    assert api.take_back_site(scene.joined.school_id, deployment.pk) == 0
    given = ScoreTime.objects.get(sub=scene.lms.sub(0, 1)).given_at
    assert given == datetime.fromisoformat(scene.lms.posted[-1]["timestamp"])  # a later score is later than this


def test_the_office_says_that_it_is_done_and_nothing_is_kept(scene: Scene) -> None:
    scene.lms.intercept = trouble(400)
    erase(scene)
    work()
    (one,) = marks(scene).by_hand
    stranger = Actor(scene.person(scene.lms.sub(0, 0)), plans.create_school("Another"), office(scene).role, None)
    assert not api.done_by_hand(stranger, one.id)
    assert api.done_by_hand(office(scene), one.id)
    assert not Withdrawal.objects.exists()
    assert plans.verify_audit(scene.joined.school_id)


def test_nothing_of_it_is_kept_for_ever(scene: Scene) -> None:
    scene.lms.intercept = trouble(400)
    erase(scene)
    work()
    with later(60 * 24 * 364):
        api.forget_expired()
        assert Withdrawal.objects.exists()
    with later(60 * 24 * 366):
        api.forget_expired()
        assert not Withdrawal.objects.exists()


def test_the_queue_finds_and_takes_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def now(args: tuple[int], expires: int) -> None:
        tasks.take_mark_back(*args)

    monkeypatch.setattr(tasks.take_mark_back, "apply_async", now)
    erase(scene)
    assert tasks.take_marks_back() == 1
    assert scene.grade() is None
    assert tasks.take_marks_back() == 0
