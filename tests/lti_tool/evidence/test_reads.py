"""Reads that are due: asked for, carried out under a lease, noted, tried again, and told when they fail."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from aiohttp import web
from asgiref.sync import async_to_sync
from django.utils import timezone

from lti_tool import http
from lti_tool.evidence import api as evidence
from lti_tool.evidence import hint
from lti_tool.evidence.collect import collect
from lti_tool.evidence.port import Desk, ReadRequest
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, TargetChange
from tests.factories.evidence import Joined, actor, join
from tests.factories.lms import FakeLMS
from tests.lti_tool.sources.test_ags import only, person, says

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(evidence, "hint", lambda: None)


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=4, items=3, teachers=1) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def test_a_read_that_was_asked_for_is_due_once_and_then_not(joined: Joined, lms: FakeLMS) -> None:
    evidence.request_read(joined.school_id, joined.courses[0])
    evidence.request_read(joined.school_id, joined.courses[0])
    (due,) = evidence.due_reads()
    outcome = evidence.carry_out(due)
    assert outcome is not None
    assert outcome.written == 12
    assert evidence.due_reads() == []
    assert evidence.carry_out(due) is None
    state = plans.sync_state(joined.school_id, joined.courses[0])
    assert state.problem is None
    assert state.read_at is not None


def test_a_whole_course_is_due_again_after_its_time(joined: Joined, settings: Any) -> None:
    settings.ILP_SYNC_SECONDS = 100
    evidence.request_read(joined.school_id, joined.courses[0])
    evidence.carry_out(evidence.due_reads()[0])
    assert plans.due_syncs(limit=9, now=timezone.now() + timedelta(seconds=80)) == []
    assert len(plans.due_syncs(limit=9, now=timezone.now() + timedelta(seconds=120))) == 1


def test_a_failure_is_told_with_its_code_and_since_when_and_ends_with_a_good_read(
    joined: Joined, lms: FakeLMS
) -> None:
    evidence.request_read(joined.school_id, joined.courses[0])
    lms.intercept = only("/results", says(403))
    (due,) = evidence.due_reads()
    evidence.carry_out(due)
    first = plans.sync_state(joined.school_id, joined.courses[0]).problem
    assert first is not None
    assert (first.source, first.code) == ("ags", "forbidden")
    lms.intercept = None
    plans.request_sync(joined.school_id, joined.courses[0], "ags")
    evidence.carry_out(due)
    assert plans.sync_state(joined.school_id, joined.courses[0]).problem is None


@pytest.mark.parametrize(("status", "within"), [(500, 40), (401, 1000)])
def test_a_failed_read_is_tried_again_later_and_not_at_once(
    joined: Joined, lms: FakeLMS, status: int, within: int
) -> None:
    evidence.request_read(joined.school_id, joined.courses[0])
    lms.intercept = only("/lineitems", says(status))
    evidence.carry_out(evidence.due_reads()[0])
    assert evidence.due_reads() == []
    assert len(plans.due_syncs(limit=9, now=timezone.now() + timedelta(seconds=within))) == 1


def test_waits_between_failures_grow_and_are_bounded(joined: Joined, lms: FakeLMS) -> None:
    evidence.request_read(joined.school_id, joined.courses[0])
    lms.intercept = only("/lineitems", says(500))
    (due,) = evidence.due_reads()
    for _ in range(12):
        evidence.carry_out(due)
        plans.request_sync(joined.school_id, joined.courses[0], "ags")
    evidence.carry_out(due)
    assert plans.due_syncs(limit=9, now=timezone.now() + timedelta(minutes=55)) == []
    assert len(plans.due_syncs(limit=9, now=timezone.now() + timedelta(minutes=65))) == 1


def test_the_lms_s_retry_after_is_kept_to(joined: Joined, lms: FakeLMS) -> None:
    evidence.request_read(joined.school_id, joined.courses[0])
    lms.intercept = only("/lineitems", says(429, Retry_After="600"))
    evidence.carry_out(evidence.due_reads()[0])
    assert plans.due_syncs(limit=9, now=timezone.now() + timedelta(seconds=590)) == []


def test_a_worker_that_lost_its_lease_stops_and_notes_nothing(
    joined: Joined, lms: FakeLMS, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ILP_SYNC_LEASE_SECONDS = 0.3
    lms.delay = 0.4
    monkeypatch.setattr(plans, "renew_sync", lambda *_, **__: False)
    evidence.request_read(joined.school_id, joined.courses[0])
    assert evidence.carry_out(evidence.due_reads()[0]) is None
    assert plans.sync_state(joined.school_id, joined.courses[0]).read_at is None


def test_a_long_read_keeps_its_lease(joined: Joined, lms: FakeLMS, settings: Any) -> None:
    settings.ILP_SYNC_LEASE_SECONDS = 0.3
    lms.delay = 0.25
    evidence.request_read(joined.school_id, joined.courses[0])
    outcome = evidence.carry_out(evidence.due_reads()[0])
    assert outcome is not None
    assert plans.sync_state(joined.school_id, joined.courses[0]).read_at is not None


def linked(joined: Joined, lms: FakeLMS, member: int, *items: int) -> None:
    """Give a member a target linked to these columns."""
    teacher = actor(joined, person(lms, 0))
    found = {view.external_id: view.id for view in plans.activities(teacher)}
    chosen = tuple(found[f"activity-0-{item}"] for item in items)
    plans.agree_target(teacher, person(lms, member), TargetChange(wording="Read maps", activity_ids=chosen))


def test_one_person_s_read_asks_only_for_what_their_targets_need(joined: Joined, lms: FakeLMS) -> None:
    joined.read()
    linked(joined, lms, 2, 1)
    lms.requests.clear()
    lms.set_score(0, 1, 2, 88.0)
    lms.set_score(0, 1, 3, 77.0)
    evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 2))
    (due,) = evidence.due_reads()
    outcome = evidence.carry_out(due)
    assert outcome is not None
    assert outcome.written == 1
    assert dict(lms.requests) == {"lineitems": 1, "results": 1}
    assert due not in evidence.due_reads()


def test_a_platform_that_ignores_whose_results_are_asked_for_gets_nobody_else_written(
    joined: Joined, lms: FakeLMS
) -> None:
    joined.read()
    linked(joined, lms, 2, 0)
    lms.set_score(0, 0, 1, 11.0)
    lms.set_score(0, 0, 2, 12.0)

    async def ignore(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/0/results"):
            return None
        rows = [
            {"userId": lms.sub(0, m), "resultScore": s, "resultMaximum": 100} for m, s in enumerate(lms.scores[0, 0])
        ]
        return web.json_response(rows)

    lms.intercept = ignore
    evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 2))
    outcome = evidence.carry_out(evidence.due_reads()[0])
    assert outcome is not None
    assert outcome.written == 1


def test_somebody_without_targets_costs_the_lms_nothing(joined: Joined, lms: FakeLMS) -> None:
    joined.read()
    lms.requests.clear()
    evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 3))
    evidence.carry_out(evidence.due_reads()[0])
    assert lms.requests.total() == 0


def test_asking_for_one_person_all_the_time_reads_seldom(joined: Joined, lms: FakeLMS, settings: Any) -> None:
    settings.ILP_LIVE_SECONDS = 100
    joined.read()
    for _ in range(3):
        evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 3))
        for due in evidence.due_reads():
            evidence.carry_out(due)
    lms.requests.clear()
    evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 3))
    assert evidence.due_reads() == []


def test_one_person_s_panel_sets_the_whole_course_s_reads_going(joined: Joined, lms: FakeLMS) -> None:
    joined.read()
    evidence.request_read(joined.school_id, joined.courses[0], person_id=person(lms, 3))
    evidence.carry_out(evidence.due_reads()[0])
    (whole,) = evidence.due_reads()
    outcome = evidence.carry_out(whole)
    assert outcome is not None
    assert outcome.members == lms.members


class Faulty:
    """A source with a fault of its own; its message holds what no log may."""

    kind: ClassVar[str] = "faulty"

    async def read(self, request: ReadRequest, desk: Desk, out: http.Outbound) -> None:
        await desk.activities([ActivityRead("a", "A", 10)])
        raise ValueError("canary-name")


class Fine:
    kind: ClassVar[str] = "fine"

    async def read(self, request: ReadRequest, desk: Desk, out: http.Outbound) -> None:
        desk.count_members(3)


@pytest.mark.trust("T76")
def test_one_source_s_fault_is_its_own_and_is_no_absence_of_evidence(
    joined: Joined, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    here = f"{__name__}."
    settings.ILP_EVIDENCE_SOURCES = {"faulty": here + "Faulty", "fine": here + "Fine"}
    caplog.set_level(logging.DEBUG)

    async def go() -> Any:
        async with http.Outbound() as out:
            return await collect(ReadRequest(joined.school_id, joined.courses[0]), ["faulty", "fine"], out)

    outcomes = async_to_sync(go)()
    assert (outcomes["faulty"].code, outcomes["faulty"].activities) == ("broken", 1)
    assert (outcomes["fine"].code, outcomes["fine"].members) == ("", 3)
    assert "canary" not in caplog.text


@pytest.mark.trust("T76")
def test_a_whole_read_with_trouble_logs_no_name_no_account_and_no_token(
    joined: Joined, lms: FakeLMS, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lms.throttled = lms.failing = 0.2
    joined.read()
    lms.intercept = only("/results", says(403))
    joined.read()
    for secret in (*lms.tokens, "Person", "c0-user", "school.example"):
        assert secret not in caplog.text


@pytest.mark.trust("T19")
def test_every_value_says_where_it_is_from_and_when_it_came(joined: Joined, lms: FakeLMS) -> None:
    before = timezone.now()
    joined.read()
    linked(joined, lms, 2, 0)
    panel = plans.student_panel(actor(joined, person(lms, 2)), activity_external_ids=["activity-0-0"])
    newest = panel.here[0].newest
    assert newest is not None
    assert newest.source == "ags"
    assert before <= newest.received_at <= timezone.now()


def test_a_hint_to_a_broker_that_is_down_costs_a_moment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def down(*_: Any, **__: Any) -> None:
        asked.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr(hint, "_quiet_until", 0.0)
    monkeypatch.setattr("celery.app.base.Celery.send_task", down)
    hint.hint()
    hint.hint()
    assert asked == [1]


def test_results_that_cannot_be_written_spoil_no_other_course_s(
    lms: FakeLMS, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Courses share one write; one course's fault must come out as that course's."""
    with FakeLMS(courses=2, members=4, items=6) as two:
        both = join(two)
        record = plans.record_results
        bad: list[int] = []

        def spoilt(school_id: Any, source: str, batch: Any, *, complete: bool) -> Any:
            if not bad:
                bad.append(min(batch))
            if bad[0] in batch:
                raise ValueError
            return record(school_id, source, batch, complete=complete)

        monkeypatch.setattr(plans, "record_results", spoilt)
        reads = evidence.read_courses(both.school_id, both.courses)
    codes = sorted(read.outcomes["ags"].code for read in reads)
    assert codes == ["", "broken"]
    assert sum(read.outcomes["ags"].written for read in reads) >= 24
