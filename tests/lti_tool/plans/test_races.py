"""Two at once. PostgreSQL runs them side by side; SQLite lets one writer in at a time, so there they take turns."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Level, ResultRead, Role, TargetChange
from lti_tool.plans.exceptions import Conflict
from lti_tool.plans.models import AuditEvent, Evidence
from tests.factories.plans import NOON, Cast, make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

HANDS = 4


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call returned or raised, all started together where the database lets them."""
    if connection.vendor == "sqlite":
        return [_outcome(call) for call in calls]
    gate = Barrier(len(calls), timeout=20)

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return _outcome(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=60))


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Conflict as conflict:
        return conflict


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.trust("T42")
def test_the_trails_numbers_have_no_gap_and_no_double(cast: Cast) -> None:
    maths = cast.maths
    students = [maths.learner() for _ in range(HANDS)]
    at_once([lambda s=student: [maths.target(cast.teacher, s) for _ in range(5)] for student in students])  # type: ignore[misc]
    numbers = list(AuditEvent.objects.of(maths.school_id).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert api.verify_audit(maths.school_id)


def test_a_review_started_by_several_at_once_is_one(cast: Cast) -> None:
    started = at_once([lambda: api.start_review(cast.teacher, cast.classmate.person_id)] * HANDS)
    assert len(set(started)) == 1


def test_of_several_judgements_at_once_one_stands_and_the_others_are_handed_back(cast: Cast) -> None:
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    teachers = [cast.maths.teacher() for _ in range(HANDS)]
    outcomes = at_once(
        [
            lambda a=actor, n=n: api.judge_target(  # type: ignore[misc]
                a, review_id, cast.target_id, level=Level.EXPECTED, comment=f"Words {n}", version=0
            )
            for n, actor in enumerate(teachers)
        ]
    )
    conflicts = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    (stands,) = [outcome for outcome in outcomes if not isinstance(outcome, Conflict)]
    assert len(conflicts) == HANDS - 1
    assert {conflict.current for conflict in conflicts} == {stands}
    sent = {conflict.mine["comment"] for conflict in conflicts} | {stands.comment}
    assert sent == {f"Words {n}" for n in range(HANDS)}


def test_of_several_changes_of_a_target_at_once_one_stands_and_each_plan_version_is_kept(cast: Cast) -> None:
    outcomes = at_once(
        [
            lambda n=n: api.change_target(cast.teacher, cast.target_id, TargetChange(wording=f"W{n}"), version=1)  # type: ignore[misc]
            for n in range(HANDS)
        ]
    )
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == HANDS - 1
    assert api.target(cast.teacher, cast.target_id).version == 2


def test_different_targets_of_one_plan_are_agreed_side_by_side(cast: Cast) -> None:
    at_once([lambda: [cast.maths.target(cast.teacher, cast.classmate) for _ in range(3)]] * HANDS)
    rows = api.class_panel(cast.teacher, activity_external_ids=[]).rows
    assert {row.student.name: row.targets for row in rows}["Ben"] == 3 * HANDS


def test_closing_against_words_written_at_the_same_moment_freezes_or_asks_but_loses_nothing(cast: Cast) -> None:
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    page = api.review(cast.teacher, review_id)
    closed, said = at_once(
        [
            lambda: api.close_review(cast.teacher, review_id, version=page.version),
            lambda: api.contribute(cast.student, text="Wait!"),
        ]
    )
    words = [w.text for w in api.review(cast.teacher, review_id).contributions]
    coming = api.student_panel(cast.student, activity_external_ids=[]).own_words
    assert said.text == "Wait!"
    if isinstance(closed, Conflict):
        assert (words, coming) == (["Wait!"], "Wait!")
    else:
        assert (words, coming) == ([], "Wait!")


def test_the_same_results_read_by_several_workers_at_once_are_written_once(cast: Cast) -> None:
    maths = cast.maths
    people = api.persons_bulk(maths.school_id, [""] * 60)
    batch = {
        activity_id: [ResultRead(person_id, 5, 10, NOON) for person_id in people]
        for activity_id in maths.activities.values()
    }
    backwards = dict(reversed(batch.items()))
    outcomes = at_once([lambda b=b: api.record_results(maths.school_id, "ags", b) for b in [batch, backwards] * 2])  # type: ignore[misc]
    assert sorted(outcome.written for outcome in outcomes) == [0, 0, 0, 180]
    assert Evidence.objects.of(maths.school_id).count() == 180


def test_a_due_read_is_claimed_by_one_worker_only(cast: Cast) -> None:
    maths, now = cast.maths, timezone.now()
    assert any(at_once([lambda: api.request_sync(maths.school_id, maths.course_id, "ags")] * HANDS))
    (due,) = api.due_syncs(limit=9, now=now + timedelta(seconds=9))
    claim = lambda: api.claim_sync(due.id, now=now + timedelta(seconds=9), lease=timedelta(seconds=9))  # noqa: E731
    assert sum(lease is not None for lease in at_once([claim] * HANDS)) == 1


def test_the_same_person_enrolled_by_several_launches_at_once_is_enrolled_once(cast: Cast) -> None:
    maths = cast.maths
    person_id = api.ensure_person(maths.school_id)
    enrol = lambda: api.set_enrolment(maths.school_id, maths.course_id, person_id, Role.LEARNER)  # noqa: E731
    assert sum(at_once([enrol] * HANDS)) == 1
