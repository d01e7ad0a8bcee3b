"""What a gradebook is told of a person: validated, never erasing, never back in time."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from aiohttp import web
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lti_tool import http
from lti_tool.http import Forbidden, Refused
from lti_tool.lti.models import ScoreTime
from lti_tool.lti.services import ags, scores
from lti_tool.lti.services.connector import Connector
from lti_tool.lti.services.course import SCORE, course_services
from lti_tool.lti.services.families import Moodle as MoodleFamily
from lti_tool.lti.services.families import Unknown
from lti_tool.lti.services.scores import ActivityProgress, GradingProgress, Score, Told, WouldErase
from tests.factories.evidence import Joined
from tests.factories.gradebook import Canvas, Gradebook, Moodle, OpenEdxConsumer, ask, join_gradebook

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, 0, 0, 750_000, tzinfo=UTC)
Place = tuple[Gradebook, Joined, str]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


def running(kind: type[Gradebook]) -> Iterator[Place]:
    with kind() as lms:
        joined = join_gradebook(lms)
        yield lms, joined, lms.add_column(scoreMaximum=1)


@pytest.fixture
def standard() -> Iterator[Place]:
    yield from running(Gradebook)


@pytest.fixture
def moodle() -> Iterator[Place]:
    yield from running(Moodle)


@pytest.fixture
def openedx() -> Iterator[Place]:
    yield from running(OpenEdxConsumer)


def done(user: str = "user-1", **members: Any) -> Score:
    return Score.model_validate(
        {
            "user_id": user,
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
            "score_given": 1,
            "score_maximum": 1,
            **members,
        }
    )


def standings(joined: Joined, url: str, **asked: Any) -> list[tuple[str, float | None]]:
    async def read(connector: Connector) -> list[tuple[str, float | None]]:
        pages = [page async for page in ags.results(connector, url, **asked)]
        return [(row["userId"], row.get("resultScore")) for rows, _ in pages for row in rows]

    return ask(joined, read)


def test_a_score_says_exactly_what_the_standard_has(standard: Place) -> None:
    lms, joined, url = standard
    score = done(score_given=0.5, started_at=NOON - timedelta(hours=1), submitted_at=NOON)
    with time_machine.travel(NOON, tick=False):
        assert ask(joined, lambda c: scores.post(c, url, score)) is Told.TAKEN
    assert lms.posted == [
        {
            "userId": "user-1",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-02T12:00:00.000Z",
            "scoreGiven": 0.5,
            "scoreMaximum": 1,
            "submission": {"startedAt": "2026-11-02T11:00:00.750Z", "submittedAt": "2026-11-02T12:00:00.750Z"},
        }
    ]


@pytest.mark.trust("T9")
def test_no_score_can_carry_words() -> None:
    with pytest.raises(ValidationError):
        done(comment="Well done")
    assert not any(isinstance(value, str) and " " in value for value in done().to_wire(NOON).values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"activity_progress": "Done"},
        {"grading_progress": "Graded"},
        {"score_given": -1},
        {"score_given": float("nan")},
        {"score_maximum": 0},
        {"score_maximum": None},
        {"user_id": ""},
        {"user_id": "u" * 256},
        {"activity_progress": "Started"},
        {"submitted_at": "2026-01-01T00:00:00"},
        {"started_at": "2026-01-02T00:00:00Z", "submitted_at": "2026-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_score_that_is_not_right_is_never_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        done(**wrong)


@pytest.mark.parametrize("progress", list(GradingProgress))
def test_a_score_without_a_score_given_would_erase_and_is_not_sent(
    standard: Place, progress: GradingProgress
) -> None:
    lms, joined, url = standard
    empty = Score(user_id="u", activity_progress=ActivityProgress.COMPLETED, grading_progress=progress)
    with pytest.raises(WouldErase):
        ask(joined, lambda c: scores.post(c, url, empty))
    assert lms.posted == []


@pytest.mark.parametrize("progress", [p for p in GradingProgress if p is not GradingProgress.FULLY_GRADED])
def test_moodle_is_sent_nothing_that_is_not_fully_graded_since_it_erases_the_grade(
    moodle: Place, progress: GradingProgress
) -> None:
    lms, joined, url = moodle
    ask(joined, lambda c: scores.post(c, url, done()))
    with pytest.raises(WouldErase):
        ask(joined, lambda c: scores.post(c, url, done(grading_progress=progress)))
    assert lms.grade(url, "user-1") == 1
    assert ScoreTime.objects.count() == 1


@given(
    activity=st.sampled_from(list(ActivityProgress)),
    grading=st.sampled_from(list(GradingProgress)),
    given_=st.none() | st.floats(min_value=0, max_value=1e6),
    maximum=st.none() | st.floats(min_value=0.001, max_value=1e6),
)
def test_whatever_score_is_made_moodle_s_grades_survive_it(
    activity: ActivityProgress, grading: GradingProgress, given_: float | None, maximum: float | None
) -> None:
    try:
        score = Score(
            user_id="u",
            activity_progress=activity,
            grading_progress=grading,
            score_given=given_,
            score_maximum=maximum,
        )
        scores.refuse_erasing(score, MoodleFamily)
    except (ValidationError, WouldErase):
        return
    sent = json.loads(json.dumps(score.to_wire(NOON)))
    assert sent["gradingProgress"] == "FullyGraded"
    assert sent["scoreGiven"] >= 0
    assert sent["scoreMaximum"] > 0
    assert "comment" not in sent


def test_a_pending_score_with_a_number_goes_to_platforms_that_keep_it(standard: Place) -> None:
    _, joined, url = standard
    scores.refuse_erasing(done(grading_progress="Pending"), Unknown)
    assert ask(joined, lambda c: scores.post(c, url, done(grading_progress="Pending"))) is Told.TAKEN


@pytest.mark.parametrize("kind", [Gradebook, Moodle, Canvas, OpenEdxConsumer])
def test_scores_of_one_second_are_all_taken_each_later_than_the_one_before(kind: type[Gradebook]) -> None:
    for lms, joined, url in running(kind):
        with time_machine.travel(NOON, tick=False):
            told = [ask(joined, lambda c: scores.post(c, url, done(score_given=n / 4))) for n in (1, 2, 3)]  # noqa: B023
        assert told == [Told.TAKEN] * 3
        assert lms.grade(url, "user-1") == 0.75


def test_times_are_each_person_s_and_column_s_own(standard: Place) -> None:
    lms, joined, url = standard
    other = lms.add_column(scoreMaximum=1)
    with time_machine.travel(NOON, tick=False):
        for column, user in ((url, "a"), (url, "b"), (other, "a")):
            ask(joined, lambda c, p=column, u=user: scores.post(c, p, done(u)))  # type: ignore[misc]
    assert {body["timestamp"] for body in lms.posted} == {"2026-11-02T12:00:00.000Z"}


def test_a_clock_set_back_sends_no_score_back_in_time(standard: Place) -> None:
    lms, joined, url = standard
    with time_machine.travel(NOON, tick=False):
        ask(joined, lambda c: scores.post(c, url, done(score_given=0.25)))
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        assert ask(joined, lambda c: scores.post(c, url, done())) is Told.TAKEN
    assert lms.posted[1]["timestamp"] > lms.posted[0]["timestamp"]


def test_a_newer_grade_on_the_platform_stays(moodle: Place) -> None:
    lms, joined, url = moodle
    lms.times["1", "user-1"] = datetime.now(UTC) + timedelta(days=1)
    lms.grades["1", "user-1"] = 0.5
    assert ask(joined, lambda c: scores.post(c, url, done())) is Told.SUPERSEDED
    assert lms.grade(url, "user-1") == 0.5


def test_a_score_whose_answer_was_lost_is_sent_again_and_counts_once(standard: Place) -> None:
    lms, joined, url = standard
    lost = []

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/scores") and not lost:
            lost.append(1)
            lms.posted.append(body := await request.json())
            lms.times["1", "user-1"] = datetime.fromisoformat(body["timestamp"])
            lms.grades["1", "user-1"] = 1
            return web.Response(status=502)
        return None

    lms.intercept = intercept
    assert ask(joined, lambda c: scores.post(c, url, done())) is Told.SUPERSEDED
    assert len({body["timestamp"] for body in lms.posted}) == 1
    assert lms.grade(url, "user-1") == 1


@pytest.mark.parametrize(("status", "kind"), [(400, Refused), (403, Forbidden), (404, Refused), (422, Refused)])
def test_a_platform_that_refuses_a_score_is_told_of(standard: Place, status: int, kind: type[Exception]) -> None:
    lms, joined, url = standard

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=status) if request.path.endswith("/scores") else None

    lms.intercept = intercept
    with pytest.raises(kind):
        ask(joined, lambda c: scores.post(c, url, done()))


def test_only_a_token_for_writing_is_asked_for_it(standard: Place) -> None:
    lms, joined, url = standard
    joined.read()
    assert SCORE not in lms.scopes[0]
    ask(joined, lambda c: scores.post(c, url, done()))
    assert SCORE in lms.scopes[1]


def test_results_of_one_person_are_that_person_s_only(standard: Place) -> None:
    lms, joined, url = standard
    lms.grades = {("1", f"user-{n}"): n / 10 for n in range(5)}
    assert standings(joined, url, user_id="user-3") == [("user-3", 0.3)]
    assert len(standings(joined, url, limit=2)) == 5


def test_open_edx_s_consumer_is_asked_for_one_person_by_path_and_never_cut_off(openedx: Place) -> None:
    lms, joined, url = openedx
    lms.grades = {("1", f"user-{n}"): n / 10 for n in range(1, 60)}
    assert standings(joined, url, user_id="user-3") == [("user-3", 0.3)]
    assert len(standings(joined, url)) == 59


def test_open_edx_s_consumer_refuses_equal_times_and_gets_none(openedx: Place) -> None:
    lms, joined, url = openedx
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            assert ask(joined, lambda c: scores.post(c, url, done())) is Told.TAKEN
    assert len(lms.posted) == 3


def test_moodle_s_results_stand_below_an_address_with_a_query(moodle: Place) -> None:
    lms, joined, url = moodle
    lms.grades["1", "user-1"] = 1
    assert standings(joined, url, user_id="user-1") == [("user-1", 1.0)]


@pytest.mark.database
def test_times_rise_strictly_whatever_the_clock_does(standard: Place) -> None:
    _, joined, url = standard
    services = course_services(joined.courses[0])
    assert services is not None
    moments = [
        scores.next_moment(services.deployment_pk, url, "user-1", NOON + timedelta(seconds=leap))
        for leap in (0, 0, -60, 30, 29, 31, -3600, 31)
    ]
    assert moments == sorted(set(moments))
    assert all(moment.microsecond == 0 for moment in moments)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_scores_sent_at_once_no_two_have_one_time_and_the_last_is_remembered(standard: Place) -> None:
    _, joined, url = standard
    services = course_services(joined.courses[0])
    assert services is not None
    moments = at_once([lambda: scores.next_moment(services.deployment_pk, url, "user-1", NOON)] * 8)
    assert len(set(moments)) == 8
    assert ScoreTime.objects.get().given_at == max(moments)


def at_once(calls: list[Callable[[], datetime]]) -> list[datetime]:
    """Together where the database lets them; SQLite in memory has one connection, so there they take turns."""
    if connection.vendor == "sqlite":
        return [call() for call in calls]
    gate = Barrier(len(calls), timeout=20)

    def run(call: Callable[[], datetime]) -> datetime:
        gate.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=60))
