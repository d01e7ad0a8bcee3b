"""Our own gradebook columns: found, made, changed and taken away, in each LMS as it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from lti_tool import http
from lti_tool.http import Broken, Failing, Refused, Slow
from lti_tool.lti.services import ags, columns
from lti_tool.lti.services.columns import Column, ColumnChange, SubmissionReview, Unfit
from lti_tool.lti.services.connector import Connector
from tests.factories.evidence import Joined
from tests.factories.gradebook import Canvas, Gradebook, Moodle, OpenEdxConsumer, ask, join_gradebook

pytestmark = pytest.mark.django_db

REVIEW = Column(label="Autumn review", score_maximum=1, resource_id="cycle-1", tag="ilp-review")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


def running(kind: type[Gradebook]) -> Iterator[tuple[Gradebook, Joined]]:
    with kind() as lms:
        yield lms, join_gradebook(lms)


@pytest.fixture
def standard() -> Iterator[tuple[Gradebook, Joined]]:
    yield from running(Gradebook)


@pytest.fixture
def moodle() -> Iterator[tuple[Gradebook, Joined]]:
    yield from running(Moodle)


@pytest.fixture
def canvas() -> Iterator[tuple[Gradebook, Joined]]:
    yield from running(Canvas)


@pytest.fixture
def openedx() -> Iterator[tuple[Gradebook, Joined]]:
    yield from running(OpenEdxConsumer)


Place = tuple[Gradebook, Joined]


def labels(found: tuple[list[ags.LineItemRow], int]) -> list[str | None]:
    return [row.get("label") for row in found[0]]


@pytest.mark.parametrize("ignores", [False, True])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"resource_id": "r1"}, ["one", "two"]),
        ({"resource_id": "r1", "tag": "b"}, ["two"]),
        ({"resource_link_id": "l1"}, ["one"]),
        ({"tag": "none such"}, []),
        ({}, ["one", "two", "three"]),
    ],
)
def test_filters_are_asked_for_and_hold_where_the_platform_ignores_them(
    standard: Place, ignores: bool, asked: dict[str, str], found: list[str]
) -> None:
    lms, joined = standard
    lms.ignores_filters = ignores
    lms.add_column(label="one", resourceId="r1", resourceLinkId="l1", tag="a")
    lms.add_column(label="two", resourceId="r1", tag="b")
    lms.add_column(label="three", resourceId="r2")
    assert labels(ask(joined, lambda c: ags.line_items(c, **asked, limit=2))) == found  # type: ignore[arg-type]
    assert asked.items() <= lms.queries[0].items()
    assert lms.queries[0]["limit"] == "2"


def test_a_column_is_made_with_everything_that_was_said_of_it(standard: Place) -> None:
    lms, joined = standard
    review = SubmissionReview(reviewable_status=["Completed"], label="Open", custom={"a": "b"})
    column = Column(
        label="Autumn review",
        score_maximum=1,
        resource_id="cycle-1",
        resource_link_id="link-1",
        tag="ilp-review",
        start_date_time="2026-09-01T00:00:00Z",  # type: ignore[arg-type]
        end_date_time="2026-12-01T00:00:00+01:00",  # type: ignore[arg-type]
        grades_released=False,
        submission_review=review,
    )
    row = ask(joined, lambda c: columns.create(c, column))
    stored = dict(lms.columns["1"])
    assert stored.pop("id") == row["id"]
    assert stored == {
        "label": "Autumn review",
        "scoreMaximum": 1.0,
        "resourceId": "cycle-1",
        "resourceLinkId": "link-1",
        "tag": "ilp-review",
        "startDateTime": "2026-09-01T00:00:00Z",
        "endDateTime": "2026-12-01T00:00:00+01:00",
        "gradesReleased": False,
        "submissionReview": {"reviewableStatus": ["Completed"], "label": "Open", "custom": {"a": "b"}},
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"score_maximum": 0},
        {"score_maximum": float("inf")},
        {"tag": ""},
        {"resource_id": "r" * 256},
        {"start_date_time": "2026-09-01T00:00:00"},
        {"start_date_time": "2026-09-02T00:00:00Z", "end_date_time": "2026-09-01T00:00:00Z"},
        {"comment": "words"},
    ],
    ids=str,
)
def test_a_column_that_is_not_right_is_never_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Column.model_validate({"label": "A", "score_maximum": 1, **wrong})


def test_a_column_asked_for_twice_is_one(standard: Place) -> None:
    lms, joined = standard
    first = ask(joined, lambda c: columns.ensure(c, REVIEW))
    again = ask(joined, lambda c: columns.ensure(c, REVIEW))
    assert first["id"] == again["id"]
    assert len(lms.columns) == 1


def test_a_column_that_could_not_be_found_again_is_not_made(standard: Place) -> None:
    lms, joined = standard
    with pytest.raises(Unfit):
        ask(joined, lambda c: columns.ensure(c, Column(label="A", score_maximum=1)))
    assert lms.columns == {}


def test_making_a_column_is_not_tried_again_by_itself(standard: Place) -> None:
    lms, joined = standard
    asked = []

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if request.method == "POST" and request.path.endswith("/lineitems"):
            asked.append(1)
            return web.Response(status=500)
        return None

    lms.intercept = intercept
    with pytest.raises(Failing):
        ask(joined, lambda c: columns.create(c, REVIEW))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body", ["", "[]", "<html>", '{"id": "x"}', '{"id": "https://other.example/1", "scoreMaximum": 1}']
)
def test_an_answer_that_is_no_column_of_the_platform_s_is_broken(standard: Place, body: str) -> None:
    lms, joined = standard

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        return web.Response(text=body) if request.method == "POST" and "lineitems" in request.path else None

    lms.intercept = intercept
    with pytest.raises(Broken):
        ask(joined, lambda c: columns.create(c, REVIEW))


def test_changing_a_column_leaves_everything_else_of_it_as_it_was(standard: Place) -> None:
    lms, joined = standard
    url = lms.add_column(label="Old", resourceId="r1", resourceLinkId="l1", tag="t", **{"https://lms.example/x": 5})
    row = ask(joined, lambda c: columns.update(c, url, ColumnChange(label="New")))
    assert row.get("label") == "New"
    assert lms.columns["1"] == {
        "id": url,
        "label": "New",
        "scoreMaximum": 100,
        "resourceId": "r1",
        "resourceLinkId": "l1",
        "tag": "t",
        "https://lms.example/x": 5,
    }


def test_a_column_that_is_gone_can_not_be_changed(standard: Place) -> None:
    lms, joined = standard
    with pytest.raises(Refused) as refused:
        ask(joined, lambda c: columns.update(c, lms.lineitems_url() + "/9", ColumnChange(label="New")))
    assert refused.value.status == 404


def test_a_column_is_taken_away_and_one_that_is_gone_is_no_error(standard: Place) -> None:
    lms, joined = standard
    url = lms.add_column()
    assert ask(joined, lambda c: columns.delete(c, url))
    assert lms.columns == {}
    assert ask(joined, lambda c: columns.delete(c, url))


def test_a_platform_that_lets_no_tool_delete_says_so_without_an_error(standard: Place) -> None:
    lms, joined = standard
    url = lms.add_column()

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=403) if request.method == "DELETE" else None

    lms.intercept = intercept
    assert not ask(joined, lambda c: columns.delete(c, url))


def test_moodle_keeps_a_column_coupled_to_its_activity_when_it_is_changed(moodle: Place) -> None:
    lms, joined = moodle
    url = lms.add_column(resourceLinkId="l1", resourceId="r1")
    ask(joined, lambda c: columns.update(c, url, ColumnChange(score_maximum=5)))
    assert lms.columns["1"]["resourceLinkId"] == "l1"
    assert lms.columns["1"]["resourceId"] == "r1"
    assert lms.columns["1"]["scoreMaximum"] == 5


def test_moodle_s_exact_media_types_are_sent_with_every_verb(moodle: Place) -> None:
    _, joined = moodle

    async def all_verbs(connector: Connector) -> bool:
        row = await columns.ensure(connector, REVIEW)
        await columns.update(connector, row["id"], ColumnChange(label="B"))
        return await columns.delete(connector, row["id"])

    assert ask(joined, all_verbs)


def test_moodle_s_pages_with_curly_quotes_and_entities_are_walked_to_their_end(moodle: Place) -> None:
    lms, joined = moodle
    for _ in range(7):
        lms.add_column(tag="t")
    assert len(ask(joined, lambda c: ags.line_items(c, tag="t", limit=3))[0]) == 7
    assert len(lms.queries) == 3


def test_moodle_is_asked_without_a_limit_and_gives_all_at_once(moodle: Place) -> None:
    lms, joined = moodle
    for _ in range(60):
        lms.add_column()
    assert len(ask(joined, ags.line_items)[0]) == 60
    assert lms.queries == [{}]


def test_canvas_s_opaque_bookmarks_are_followed_as_they_are(canvas: Place) -> None:
    lms, joined = canvas
    for _ in range(25):
        lms.add_column()
    assert len(ask(joined, lambda c: ags.line_items(c, limit=10))[0]) == 25
    assert len(lms.queries) == 3


def test_canvas_is_asked_for_a_hundred_a_page(canvas: Place) -> None:
    lms, joined = canvas
    for _ in range(101):
        lms.add_column()
    assert len(ask(joined, ags.line_items)[0]) == 101
    assert [query["limit"] for query in lms.queries] == ["100", "100"]


def test_open_edx_s_consumer_gets_a_whole_maximum_and_a_label_that_fits(openedx: Place) -> None:
    lms, joined = openedx
    ask(joined, lambda c: columns.create(c, Column(label="L" * 300, score_maximum=1.0, tag="t" * 50)))
    assert lms.columns["1"]["scoreMaximum"] == 1
    assert lms.columns["1"]["label"] == "L" * 100


@pytest.mark.parametrize("change", [{"score_maximum": 2.5}, {"tag": "t" * 51}], ids=str)
def test_what_open_edx_s_consumer_can_not_hold_is_not_sent(openedx: Place, change: dict[str, Any]) -> None:
    lms, joined = openedx
    column = Column.model_validate({"label": "A", "score_maximum": 1, **change})
    with pytest.raises(Unfit):
        ask(joined, lambda c: columns.create(c, column))
    assert lms.columns == {}


def test_open_edx_s_consumer_takes_a_change_with_both_ids(openedx: Place) -> None:
    lms, joined = openedx
    url = lms.add_column(resourceLinkId="l1", resourceId="r1")
    ask(joined, lambda c: columns.update(c, url, ColumnChange(label="B")))
    assert lms.columns["1"]["label"] == "B"


def test_open_edx_s_consumer_is_not_asked_to_delete(openedx: Place) -> None:
    lms, joined = openedx
    url = lms.add_column()
    before = lms.requests.total()
    assert not ask(joined, lambda c: columns.delete(c, url))
    assert lms.requests.total() == before


def test_a_platform_that_does_not_answer_is_slow(standard: Place, settings: Any) -> None:
    lms, joined = standard
    ask(joined, ags.line_items)
    settings.ILP_HTTP_TIMEOUT_SECONDS = 0.1
    lms.delay = 0.5
    with pytest.raises(Slow):
        ask(joined, lambda c: columns.create(c, REVIEW))
