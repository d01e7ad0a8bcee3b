"""When which source is read: the database is the truth, whatever becomes of a worker."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import SyncLease, SyncRef
from tests.factories.plans import Cast, make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def now() -> datetime:
    return timezone.now() + SECOND


def ask(cast: Cast, **more: object) -> bool:
    return api.request_sync(cast.maths.school_id, cast.maths.course_id, "ags", **more)  # type: ignore[arg-type]


def due(at: datetime) -> list[SyncRef]:
    return api.due_syncs(limit=10, now=at)


def claim(at: datetime) -> SyncLease:
    (ref,) = due(at)
    lease = api.claim_sync(ref.id, now=at, lease=LEASE)
    assert lease is not None
    return lease


def test_asking_makes_a_read_due_and_asking_again_brings_nothing_forward(cast: Cast, now: datetime) -> None:
    assert ask(cast)
    assert not ask(cast)
    (ref,) = due(now)
    assert (ref.course_id, ref.source, ref.person_id) == (cast.maths.course_id, "ags", None)
    assert api.sync_ref(ref.id) == ref


def test_a_read_of_one_person_stands_beside_that_of_the_course(cast: Cast, now: datetime) -> None:
    ask(cast)
    ask(cast, person_id=cast.student.person_id)
    assert {ref.person_id for ref in due(now)} == {None, cast.student.person_id}


def test_a_claimed_read_is_nobody_elses_until_its_lease_runs_out(cast: Cast, now: datetime) -> None:
    ask(cast)
    lease = claim(now)
    assert lease.attempts == 1
    assert due(now + LEASE - SECOND) == []
    assert api.claim_sync(lease.sync_id, now=now + SECOND, lease=LEASE) is None
    again = claim(now + LEASE)  # the worker was killed
    assert again.attempts == 2
    assert not api.finish_sync(lease.sync_id, lease.token, now=now, next_due=None)
    assert not api.fail_sync(lease.sync_id, lease.token, now=now, code="slow", next_due=None)
    assert not api.renew_sync(lease.sync_id, lease.token, now=now, lease=LEASE)
    assert api.finish_sync(again.sync_id, again.token, now=now + LEASE, next_due=None)


def test_a_renewed_lease_lasts_longer(cast: Cast, now: datetime) -> None:
    ask(cast)
    lease = claim(now)
    assert api.renew_sync(lease.sync_id, lease.token, now=now + LEASE / 2, lease=LEASE)
    assert due(now + LEASE) == []
    assert len(due(now + LEASE * 1.5)) == 1


def test_a_finished_read_is_due_when_it_was_said_or_not_until_somebody_asks(cast: Cast, now: datetime) -> None:
    ask(cast)
    lease = claim(now)
    api.finish_sync(lease.sync_id, lease.token, now=now, next_due=now + LEASE)
    assert due(now + LEASE - SECOND) == []
    lease = claim(now + LEASE)
    api.finish_sync(lease.sync_id, lease.token, now=now + LEASE, next_due=None)
    assert due(now + timedelta(days=900)) == []
    assert ask(cast)
    assert len(due(now)) == 1


@pytest.mark.parametrize("ends", ["finish", "fail"])
def test_asking_while_it_is_read_is_not_lost(cast: Cast, now: datetime, ends: str) -> None:
    ask(cast)
    lease = claim(now)
    assert ask(cast)
    assert due(now) == []
    later = now + timedelta(days=1)
    if ends == "finish":
        api.finish_sync(lease.sync_id, lease.token, now=now, next_due=later)
    else:
        api.fail_sync(lease.sync_id, lease.token, now=now, code="slow", next_due=later)
    assert len(due(now)) == 1


def test_what_is_asked_for_later_while_it_is_read_is_kept_too(cast: Cast, now: datetime) -> None:
    ask(cast)
    lease = claim(now)
    far = now + 10 * LEASE
    assert ask(cast, not_before=far)
    assert not ask(cast, not_before=far)
    api.finish_sync(lease.sync_id, lease.token, now=now, next_due=None)
    assert due(far - SECOND) == []
    assert len(due(far)) == 1


def test_an_often_reloaded_page_asks_seldom(cast: Cast, now: datetime) -> None:
    ask(cast)
    lease = claim(now)
    api.finish_sync(lease.sync_id, lease.token, now=now, next_due=None)
    assert ask(cast, spacing=LEASE)
    assert not ask(cast, spacing=LEASE)
    assert due(now + LEASE - SECOND) == []
    assert len(due(now + LEASE)) == 1


def test_a_failure_keeps_the_time_it_began_until_a_read_goes_well(cast: Cast, now: datetime) -> None:
    maths = cast.maths
    ask(cast)
    for n, code in enumerate(("slow", "unreachable")):
        at = now + n * LEASE
        lease = claim(at)
        api.fail_sync(lease.sync_id, lease.token, now=at, code=code, next_due=at + LEASE)
    problem = api.sync_state(maths.school_id, maths.course_id).problem
    assert problem is not None
    assert (problem.since, problem.code) == (now, "unreachable")
    lease = claim(now + 2 * LEASE)
    assert lease.attempts == 3
    api.finish_sync(lease.sync_id, lease.token, now=now + 2 * LEASE, next_due=None)
    state = api.sync_state(maths.school_id, maths.course_id)
    assert (state.problem, state.read_at) == (None, now + 2 * LEASE)


def test_a_persons_own_good_read_ends_the_courses_problem_for_them_alone(cast: Cast, now: datetime) -> None:
    maths, person_id = cast.maths, cast.student.person_id
    ask(cast)
    lease = claim(now)
    api.fail_sync(lease.sync_id, lease.token, now=now, code="slow", next_due=None)
    ask(cast, person_id=person_id)
    lease = claim(now + SECOND)
    api.finish_sync(lease.sync_id, lease.token, now=now + SECOND, next_due=None)
    assert api.sync_state(maths.school_id, maths.course_id, person_id).problem is None
    assert api.sync_state(maths.school_id, maths.course_id).problem is not None
    assert api.sync_state(maths.school_id, maths.course_id, cast.classmate.person_id).problem is not None


def test_a_school_with_much_due_leaves_its_turn_to_the_others(cast: Cast, now: datetime) -> None:
    school_id, course_id = cast.maths.school_id, cast.maths.course_id
    for count in range(6):
        api.request_sync(school_id, course_id, f"source-{count}")
    other = make_class("essay")
    api.request_sync(other.school_id, other.course_id, "ags")
    found = api.due_syncs(limit=3, now=now)
    assert [ref.school_id for ref in found] == [school_id, other.school_id, school_id]
    assert [ref.source for ref in found if ref.school_id == school_id] == ["source-0", "source-1"]
