"""A platform that does not answer holds up nobody else: it is left alone, and one read looks when it is back."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from lti_tool import http
from lti_tool.evidence import api as evidence
from lti_tool.evidence import resting
from lti_tool.plans import api as plans
from tests.factories.evidence import Joined, join
from tests.factories.lms import FakeLMS
from tests.lti_tool.sources.test_ags import only, says

pytestmark = pytest.mark.django_db

LIMIT_SECONDS = 0.5


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(evidence, "hint", lambda: None)
    settings.ILP_HTTP_TIMEOUT_SECONDS = LIMIT_SECONDS
    resting.forget()
    yield
    resting.forget()


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(courses=3, members=3, items=2) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def asked(lms: FakeLMS) -> int:
    return sum(lms.requests.values())


def carried(joined: Joined, course: int) -> tuple[str, float]:
    """How a read of the course ends, by its code, and how long it held its place."""
    began = time.monotonic()
    plans.request_sync(joined.school_id, joined.courses[course], "ags")
    due = {ref.course_id: ref.id for ref in plans.due_syncs(limit=9, now=timezone.now())}
    outcome = evidence.carry_out(due[joined.courses[course]])
    assert outcome is not None
    return outcome.code, time.monotonic() - began


def test_after_one_read_found_it_slow_the_others_end_at_once_for_that_reason(lms: FakeLMS, joined: Joined) -> None:
    lms.delay = 3 * LIMIT_SECONDS
    code, seconds = carried(joined, 0)
    assert code == "slow"
    assert seconds < 3 * LIMIT_SECONDS  # a second try, no third
    before = asked(lms)
    for course in (1, 2, 0):
        code, seconds = carried(joined, course)
        assert (code, seconds < LIMIT_SECONDS / 2) == ("slow", True)
    assert asked(lms) == before


def test_when_its_rest_is_over_one_read_looks_and_then_all_may(lms: FakeLMS, joined: Joined) -> None:
    lms.delay = 3 * LIMIT_SECONDS
    carried(joined, 0)
    lms.delay = 0
    time.sleep(LIMIT_SECONDS)
    assert carried(joined, 1)[0] == ""
    assert carried(joined, 2)[0] == ""
    assert joined.total()[0] == 12


def test_while_one_read_looks_the_others_do_not(lms: FakeLMS, joined: Joined) -> None:
    server = http.origin(lms.base)
    resting._rest(server, http.Slow(), 0.05)
    time.sleep(0.06)
    first, second = resting.Wary(), resting.Wary()
    first._check(server)
    first._check(server)  # its further requests belong to the look
    with pytest.raises(http.Slow):
        second._check(server)


def test_nobody_else_asks_a_platform_that_asked_for_time(lms: FakeLMS, joined: Joined) -> None:
    lms.intercept = only("/lineitems", says(429, Retry_After="600"))
    assert carried(joined, 0)[0] == "throttled"
    before = asked(lms)
    assert carried(joined, 1)[0] == "throttled"
    assert asked(lms) == before


def test_a_bad_answer_is_an_answer(lms: FakeLMS, joined: Joined) -> None:
    lms.intercept = only("/lineitems", says(403))
    assert carried(joined, 0)[0] == "forbidden"
    lms.intercept = None
    assert carried(joined, 1)[0] == ""
