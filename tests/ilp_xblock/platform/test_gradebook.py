"""The whole course's gradebook over AGS: read in full, written never."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ilp_xblock.platform.addresses import from_segment, segment
from ilp_xblock.platform.ports import Activity, Course, Result
from ilp_xblock.platform.vocabulary import LINEITEM_READ, RESULT_READ
from tests.factories import platform as factories
from tests.factories.platform import ACTIVITY, COURSE, ISSUER, OTHER_COURSE, ToolSide

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LINEITEMS = f"{ISSUER}/ilp/courses/{COURSE}/lineitems"


def test_every_graded_activity_of_the_course_is_a_line_item(tool: ToolSide) -> None:
    answer = tool.get(LINEITEMS, LINEITEM_READ)
    assert answer.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Link" not in answer.headers
    first, second = answer.json()
    assert first == {
        "id": f"{LINEITEMS}/{segment(ACTIVITY)}",
        "label": "Fractions",
        "scoreMaximum": 10.0,
        "resourceId": ACTIVITY,
        "tag": "Homework",
    }
    assert second["resourceId"] == "quiz/2?x"
    assert "tag" not in second


def test_a_line_items_id_is_where_it_is_read(tool: ToolSide) -> None:
    for item in tool.get(LINEITEMS).json():
        answer = tool.get(item["id"])
        assert answer.json() == item
        assert answer.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"resource_id": ACTIVITY}, ["Fractions"]),
        ({"resource_id": "nothing"}, []),
        ({"tag": "Homework"}, ["Fractions"]),
        ({"tag": "Homework", "resource_id": "quiz/2?x"}, []),
        ({"resource_link_id": factories.BLOCK}, []),
        ({"unknown": "1"}, ["Fractions", "Quiz 2"]),
        ({"limit": "1000000"}, ["Fractions", "Quiz 2"]),
    ],
)
def test_line_items_are_filtered_as_asked(tool: ToolSide, query: dict[str, str], labels: list[str]) -> None:
    url = LINEITEMS + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    assert [item["label"] for item in tool.get(url).json()] == labels


def test_a_page_names_the_next_in_a_quoted_absolute_link_that_keeps_the_question(
    tool: ToolSide, lms: factories.LMS
) -> None:
    lms.activities[COURSE] = [Activity(f"a{n}", f"Task {n}", 5.0, tag="A&B") for n in range(3)]
    answer = tool.get(f"{LINEITEMS}?limit=2&tag=A%26B")
    told = re.escape(f"<{LINEITEMS}?limit=2&tag=A%26B&page=") + r'[\w.]+>; rel="next"'
    assert re.fullmatch(told, answer.headers["Link"])
    assert [item["label"] for page in tool.walk(f"{LINEITEMS}?limit=2&tag=A%26B") for item in page.json()] == [
        "Task 0",
        "Task 1",
        "Task 2",
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("change", ["a new first", "the first gone", "the last seen gone"])
def test_activities_that_come_and_go_meanwhile_hide_none_and_show_none_twice(
    tool: ToolSide, lms: factories.LMS, limit: int, change: str
) -> None:
    lms.activities[COURSE] = [Activity(f"a{n}", f"Task {n}", 5.0) for n in range(6)]
    first = tool.get(f"{LINEITEMS}?limit={limit}")
    seen = [item["label"] for item in first.json()]
    match change:
        case "a new first":
            lms.activities[COURSE].insert(0, Activity("new", "New", 5.0))
        case "the first gone":
            del lms.activities[COURSE][0]
        case _:
            del lms.activities[COURSE][limit - 1]
    rest = [item["label"] for page in tool.walk(factories.link_of(first, "next")) for item in page.json()]
    assert seen + rest == [f"Task {n}" for n in range(6)]


@pytest.mark.parametrize(
    ("page", "status"),
    [("0." + "0" * 16, 200), ("999999999." + "f" * 16, 200), ("1.x", 400), ("1.", 400), ("1." + "F" * 16, 400)],
)
def test_a_mark_of_an_activity_that_has_gone_is_a_page_and_another_word_is_none(
    tool: ToolSide, page: str, status: int
) -> None:
    assert tool.get(f"{LINEITEMS}?page={page}").status_code == status


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=1.5", "page=x", "page=-1", "page=²"])
@pytest.mark.parametrize("path", ["", f"/{segment(ACTIVITY)}/results"])
def test_paging_that_makes_no_sense_is_a_bad_request(tool: ToolSide, path: str, query: str) -> None:
    answer = tool.get(f"{LINEITEMS}{path}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("page", ["9" * 400, "page=9" * 200])
def test_an_absurd_page_is_a_bad_request(tool: ToolSide, page: str) -> None:
    assert tool.get(f"{LINEITEMS}?page={page}").status_code == 400


def test_a_zero_is_a_score_and_who_never_attempted_has_no_result(tool: ToolSide) -> None:
    item = f"{LINEITEMS}/{segment(ACTIVITY)}"
    answer = tool.get(f"{item}/results", RESULT_READ)
    assert answer.headers["Content-Type"] == "application/vnd.ims.lis.v2.resultcontainer+json"
    assert answer.json() == [
        {
            "id": f"{item}/results/{segment('ada')}",
            "scoreOf": item,
            "userId": "ada",
            "resultScore": 0.0,
            "resultMaximum": 10.0,
        },
        {
            "id": f"{item}/results/{segment('ben')}",
            "scoreOf": item,
            "userId": "ben",
            "resultScore": 7.5,
            "resultMaximum": 10.0,
        },
    ]
    assert tool.get(f"{LINEITEMS}/{segment('quiz/2?x')}/results").json() == []


def test_a_result_says_when_it_was_earned_if_the_lms_knows(tool: ToolSide, lms: factories.LMS) -> None:
    earned = datetime(2026, 5, 4, 12, 30, 15, tzinfo=UTC)
    lms.results[COURSE, ACTIVITY] = [Result("ada", 1.0, 2.0, earned)]
    found = tool.get(f"{LINEITEMS}/{segment(ACTIVITY)}/results").json()
    assert datetime.fromisoformat(found[0]["timestamp"]) == earned


def test_one_persons_results_are_read_alone(tool: ToolSide) -> None:
    results = f"{LINEITEMS}/{segment(ACTIVITY)}/results"
    assert [row["userId"] for row in tool.get(f"{results}?user_id=ben").json()] == ["ben"]
    assert tool.get(f"{results}?user_id=nobody").json() == []
    assert tool.get(f"{results}?user_id={'x' * 300}").json() == []
    row = tool.get(f"{results}?user_id=ben").json()[0]
    one = tool.get(row["id"])
    assert one.json() == row
    assert one.headers["Content-Type"] == "application/vnd.ims.lis.v2.result+json"
    assert tool.get(f"{results}/{segment('nobody')}").status_code == 404
    assert tool.get(f"{results}/***").status_code == 404


@pytest.mark.parametrize("item", [segment("nothing"), "***", "YQ==", segment("essay"), "x" * 500])
def test_what_is_not_an_activity_of_this_course_is_not_found(tool: ToolSide, item: str) -> None:
    for path in (item, f"{item}/results"):
        answer = tool.get(f"{LINEITEMS}/{path}")
        assert answer.status_code == 404
        assert answer.json()["error"] == "not_found"


def test_an_unknown_course_is_not_found(tool: ToolSide) -> None:
    for path in ("lineitems", "memberships"):
        assert tool.get(f"/ilp/courses/nothing/{path}").status_code == 404
        assert tool.get(f"/ilp/courses/{'x' * 300}/{path}").status_code in (403, 404)


def test_a_course_id_may_hold_slashes_and_spaces(tool: ToolSide, lms: factories.LMS) -> None:
    lms.courses["School/Old Course/2012"] = Course("School/Old Course/2012", "Old")
    lms.activities["School/Old Course/2012"] = [Activity("a b/c", "Task", 1.0)]
    listed = tool.get("/ilp/courses/School/Old%20Course/2012/lineitems").json()
    assert tool.get(listed[0]["id"]).json() == listed[0]


def _write(client: Client, method: str, url: str, token: str) -> Any:
    body = '{"label": "Mine", "scoreMaximum": 1}'
    headers = {"Authorization": f"Bearer {token}"}
    return client.generic(method, url, body, content_type="application/vnd.ims.lis.v2.lineitem+json", headers=headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ""),
        ("PUT", f"/{segment(ACTIVITY)}"),
        ("DELETE", f"/{segment(ACTIVITY)}"),
        ("POST", f"/{segment(ACTIVITY)}/scores"),
    ],
)
def test_the_gradebook_cannot_be_written(tool: ToolSide, method: str, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    url = f"/ilp/courses/{COURSE}/lineitems{path}"
    answer = _write(client, method, url, tool.token())
    assert answer.status_code == 403
    assert "not change" in answer.json()["error_description"]
    assert _write(client, method, url, "x").status_code == 401
    assert [item["label"] for item in tool.get(LINEITEMS).json()] == ["Fractions", "Quiz 2"]


@pytest.mark.trust("T55")
def test_a_score_without_a_number_takes_no_grade_of_the_course_away(tool: ToolSide) -> None:
    item = f"/ilp/courses/{COURSE}/lineitems/{segment(ACTIVITY)}"
    before = tool.get(f"{LINEITEMS}/{segment(ACTIVITY)}/results").json()
    body = '{"userId": "ben", "activityProgress": "Initialized", "gradingProgress": "NotReady"}'
    headers = {"Authorization": f"Bearer {tool.token()}"}
    kind = "application/vnd.ims.lis.v1.score+json"
    answer = Client().generic("POST", f"{item}/scores", body, content_type=kind, headers=headers)
    assert answer.status_code == 403
    assert tool.get(f"{LINEITEMS}/{segment(ACTIVITY)}/results").json() == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "", "GET, HEAD"),
        ("DELETE", "", "GET, HEAD"),
        ("POST", f"/{segment(ACTIVITY)}", "GET, HEAD"),
        ("PATCH", f"/{segment(ACTIVITY)}", "GET, HEAD"),
        ("OPTIONS", f"/{segment(ACTIVITY)}", "GET, HEAD"),
        ("POST", f"/{segment(ACTIVITY)}/results", "GET, HEAD"),
        ("DELETE", f"/{segment(ACTIVITY)}/results/{segment('ada')}", "GET, HEAD"),
        ("PUT", f"/{segment(ACTIVITY)}/scores", "POST"),
        ("GET", f"/{segment(ACTIVITY)}/scores", "POST"),
        ("HEAD", f"/{segment(ACTIVITY)}/scores", "POST"),
    ],
)
def test_what_the_standard_has_no_operation_for_is_not_allowed(
    tool: ToolSide, method: str, path: str, allowed: str
) -> None:
    answer = _write(Client(enforce_csrf_checks=True), method, f"/ilp/courses/{COURSE}/lineitems{path}", tool.token())
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert method == "HEAD" or answer.json()["error"] == "invalid_request"


@given(
    subs=st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=40),
    limit=st.integers(min_value=1, max_value=50),
)
@hypothesis_settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_result_is_met_exactly_once_however_small_the_pages(
    tool: ToolSide, lms: factories.LMS, subs: list[str], limit: int
) -> None:
    lms.results[COURSE, ACTIVITY] = [Result(sub, float(n), 40.0) for n, sub in enumerate(subs)]
    answers = tool.walk(f"{LINEITEMS}/{segment(ACTIVITY)}/results?limit={limit}")
    rows = [row for answer in answers for row in answer.json()]
    assert [(row["userId"], row["resultScore"]) for row in rows] == [(sub, float(n)) for n, sub in enumerate(subs)]
    assert all(len(answer.json()) <= limit for answer in answers)
    assert len(answers) == max(1, -(-len(subs) // limit))
    assert len({row["id"] for row in rows}) == len(subs)


@given(st.text(max_size=255))
def test_any_id_survives_as_a_path_segment(text: str) -> None:
    assert quote(segment(text), safe="") == segment(text)
    assert from_segment(segment(text)) == text


def test_a_head_request_is_a_read(tool: ToolSide) -> None:
    path = f"/ilp/courses/{OTHER_COURSE}/lineitems"
    answer = Client().head(path, headers={"Authorization": f"Bearer {tool.token()}"})
    assert (answer.status_code, answer.content) == (200, b"")
