"""From a block to one learner's review: a teacher says whose on a page of the LMS."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml.html import document_fromstring

from ilp_xblock.platform import reviewing
from ilp_xblock.platform.ports import Member, Role
from tests.factories import platform as factories
from tests.factories.platform import BLOCK, COURSE, OTHER_COURSE, ToolSide, authentication, read_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FOR_USER = "https://purl.imsglobal.org/spec/lti/claim/for_user"


@pytest.fixture
def tool(db: None) -> ToolSide:
    return factories.make_tool(messages={"LtiSubmissionReviewRequest": "https://tool.example.org/review"})


def open_as(sub: str | None, **query: str) -> Any:
    factories.lms.browser = sub
    return Client().get("/ilp/review", {"block": BLOCK} | query)


def links(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.content
    return {
        link.text_content(): link.get("href") for link in document_fromstring(answer.content.decode()).xpath("//a")
    }


def test_a_teacher_finds_each_learner_and_opens_that_ones_review(tool: ToolSide) -> None:
    answer = open_as("tina", student="tina")
    found = links(answer)
    assert list(found) == ["Ada Lovelace", "Ben Okri"]
    parts = urlsplit(found["Ben Okri"])
    assert parse_qs(parts.query) == {
        "block": [BLOCK], "message": ["review"], "for_user": ["ben"], "student": ["tina"],
    }  # fmt: skip
    login = dict(parse_qs(urlsplit(Client().get(f"{parts.path}?{parts.query}").headers["Location"]).query))
    asked = authentication(tool, {name: values[0] for name, values in login.items()})
    message = read_message(factories.form_of(Client().get("/ilp/auth", asked)))
    assert message[FOR_USER]["user_id"] == "ben"
    assert message["sub"] == "tina"


@pytest.mark.trust("T61")
@pytest.mark.parametrize("sub", ["ada", "helper", "stranger"])
def test_nobody_else_sees_who_is_in_the_course(tool: ToolSide, sub: str) -> None:
    factories.lms.members[COURSE].append(Member("helper", (Role.ASSISTANT,), "Hel Per"))
    factories.lms.members[OTHER_COURSE].append(Member("stranger", (Role.INSTRUCTOR,), "Stra Nger"))
    answer = open_as(sub)
    assert answer.status_code == 403
    assert "Lovelace" not in answer.content.decode()


def test_who_is_not_logged_in_is_asked_to(tool: ToolSide) -> None:
    assert open_as(None).status_code == 401


@pytest.mark.parametrize(
    "query", [{"block": ""}, {"block": "nothing"}, {"block": "x" * 300}, {"page": "x"}, {"page": "-1"}]
)
def test_what_is_not_there_is_not_found(tool: ToolSide, query: dict[str, str]) -> None:
    assert open_as("tina", **query).status_code == 404


def test_a_tool_that_takes_no_reviews_offers_none(db: None) -> None:
    factories.make_tool()
    assert open_as("tina").status_code == 404


def test_every_learner_is_reached_over_the_pages(tool: ToolSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "LEARNERS", 2)
    factories.lms.members[COURSE] += [Member(f"p{n}", (Role.LEARNER,), f"Pupil {n}") for n in range(3)]
    first = links(open_as("tina"))
    assert list(first) == ["Ada Lovelace", "Ben Okri", "More students"]
    second = links(Client().get(first["More students"].removeprefix(factories.ISSUER)))
    third = links(Client().get(second["More students"].removeprefix(factories.ISSUER)))
    assert [*list(second)[:2], *third] == ["Pupil 0", "Pupil 1", "Pupil 2"]


def test_a_learner_without_a_name_is_shown_by_their_id_and_any_name_is_only_words(tool: ToolSide) -> None:
    factories.lms.members[COURSE] = [
        Member("tina", (Role.INSTRUCTOR,)),
        Member("u-7", (Role.LEARNER,)),
        Member("u-8", (Role.LEARNER,), "<script>alert(1)</script>"),
    ]
    answer = open_as("tina")
    assert list(links(answer)) == ["u-7", "<script>alert(1)</script>"]
    assert "<script>" not in answer.content.decode()


def test_a_course_without_learners_says_so(tool: ToolSide) -> None:
    factories.lms.members[COURSE] = [Member("tina", (Role.INSTRUCTOR,))]
    assert "No students are in this course yet" in open_as("tina").content.decode()


@pytest.mark.trust("T64")
def test_only_the_lms_may_frame_the_list_and_it_is_not_kept(tool: ToolSide) -> None:
    answer = open_as("tina")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post("/ilp/review").status_code == 405
