"""Gradebooks as they are met: figures, times and texts that no standard foresees, and one bad row among good ones."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_tool import http
from lti_tool.evidence import api as evidence
from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from tests.factories.evidence import Joined, actor, join
from tests.factories.lms import LIS, FakeLMS

from .test_ags import only, person, says

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=3, items=2, page=50, teachers=1) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def column(lms: FakeLMS, number: int, **told: Any) -> dict[str, Any]:
    own = {"id": f"{lms.lineitems_url()}/{number}", "label": f"Column {number}", "scoreMaximum": 100}
    return own | {"resourceId": f"odd-{number}"} | told


def lists(lms: FakeLMS, *columns: dict[str, Any]) -> None:
    lms.intercept = only("/lineitems", says(body=json.dumps(columns)))


def test_a_column_out_of_no_points_is_left_out_and_is_no_trouble(lms: FakeLMS, joined: Joined) -> None:
    lists(lms, column(lms, 0), column(lms, 1, scoreMaximum=0))
    outcome = joined.read()
    assert (outcome.code, outcome.activities, outcome.written) == ("", 1, 3)


def test_a_column_whose_row_cannot_be_read_is_not_taken_for_removed(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lists(lms, column(lms, 0), column(lms, 1, scoreMaximum="ten"))
    teacher = actor(joined, person(lms, 0))
    listed = {activity.external_id for activity in plans.activities(teacher)}
    assert joined.read().code == "broken"
    assert {activity.external_id for activity in plans.activities(teacher)} == listed | {"odd-0"}
    lists(lms, column(lms, 0))
    assert joined.read().code == ""
    assert [activity.external_id for activity in plans.activities(teacher)] == ["odd-0"]


def test_a_result_s_maximum_that_is_none_is_the_column_s(lms: FakeLMS, joined: Joined) -> None:
    rows = [{"userId": lms.sub(0, 1), "resultScore": 4, "resultMaximum": 0}]
    rows += [{"userId": lms.sub(0, 2), "resultScore": "2.5", "resultMaximum": -1}]
    lms.intercept = only("/results", says(body=json.dumps(rows)))
    outcome = joined.read()
    assert (outcome.code, outcome.written) == ("", 4)


@pytest.mark.parametrize(
    "timestamp",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1970-01-01T00:00:00Z",
        pytest.param((datetime.now(UTC) + timedelta(days=400)).isoformat(), id="in more than a year"),
        "yesterday",
        1_700_000_000,
        None,
        {"t": 1},
    ],
)
def test_a_time_that_cannot_be_is_the_time_of_reading(lms: FakeLMS, joined: Joined, timestamp: object) -> None:
    joined.read()
    student, teacher = person(lms, 1), actor(joined, person(lms, 0))
    chosen = plans.activities(teacher)[0]
    plans.agree_target(teacher, student, TargetChange(wording="Explain", activity_ids=(chosen.id,)))
    rows = [{"userId": lms.sub(0, 1), "resultScore": 33, "timestamp": timestamp}]
    lms.intercept = only("/results", says(body=json.dumps(rows)))
    before = datetime.now(UTC)
    assert joined.read().code == ""
    newest = plans.student_panel(actor(joined, student), activity_external_ids=()).here[0].newest
    assert newest is not None
    assert newest.score_given == 33
    assert before <= newest.observed_at <= datetime.now(UTC)


def test_a_character_no_database_keeps_spoils_its_own_row_only(lms: FakeLMS, joined: Joined) -> None:
    bad, good = column(lms, 1, resourceId="a\x00b"), column(lms, 0, label="Quiz\x00 one")
    members = [
        {"user_id": lms.sub(0, 0), "roles": [LIS + "Instructor"], "name": "Ms\x00 Patel"},
        {"user_id": "x\x00y", "roles": [LIS + "Learner"]},
    ]
    results = [{"userId": "x\x00y", "resultScore": 1}, {"userId": lms.sub(0, 0), "resultScore": 2}]
    answers = {
        "/lineitems": says(body=json.dumps([good, bad])),
        "/memberships": says(body=json.dumps({"members": members})),
        "/results": says(body=json.dumps(results)),
    }

    async def intercept(request: Any) -> Any:
        for path, answer in answers.items():
            if request.path.endswith(path):
                return await answer(request)
        return None

    lms.intercept = intercept
    outcome = joined.read()
    assert outcome.code == "broken"
    assert (outcome.activities, outcome.members, outcome.written) == (1, 1, 1)
    assert plans.activities(actor(joined, person(lms, 0)))[0].label == "Quiz one"


@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), (404, "refused"), (302, "redirected")])
def test_a_roster_refused_from_the_first_read_on_is_told_by_its_own_reason(
    lms: FakeLMS, joined: Joined, status: int, code: str
) -> None:
    """Nobody is known then, and the results are paged: there is nothing to compare them with."""
    lms.page = 2
    lms.intercept = only("/memberships", says(status))
    outcome = joined.read()
    assert (outcome.code, outcome.activities, outcome.written) == (code, 2, 0)
    lms.intercept = None
    assert joined.read().code == ""
    assert joined.total() == lms.total()


def test_a_person_the_gradebook_has_no_row_of_is_no_trouble(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    student, teacher = person(lms, 1), actor(joined, person(lms, 0))
    chosen = plans.activities(teacher)[0]
    plans.agree_target(teacher, student, TargetChange(wording="Explain", activity_ids=(chosen.id,)))
    plans.request_sync(joined.school_id, joined.courses[0], "ags", person_id=student)
    (due,) = evidence.due_reads()
    lms.intercept = only("/results", says(body="[]"))
    outcome = evidence.carry_out(due)
    assert outcome is not None
    assert (outcome.code, outcome.written) == ("", 0)
    assert joined.total() == lms.total()
