"""T65: requests no page of ours sends: odd methods, numbers that are none, characters nobody types."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from lti_tool.lti.models import DeepLinking, LaunchSession
from lti_tool.plans import api as plans
from tests.factories.plans import Cast, make_cast
from tests.factories.web import open_door

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]
NOT_NUMBERS = ("²", "9" * 5_000, "-1", "1e3", "")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.trust("T65")
def test_head_changes_nothing_since_it_carries_no_token(cast: Cast, visitor: Visit) -> None:
    student = cast.student.person_id
    review_id = plans.start_review(cast.teacher, student)
    mine = visitor(cast.teacher)
    for route, ids in (
        ("target-stop", (student, cast.target_id)),
        ("review-close", (student,)),
        ("judge", (student,)),
        ("done", ()),
        ("panel-live", ()),
        ("draft", ()),
    ):
        assert mine.client.head(mine.address(route, *ids)).status_code == 405, route
    page = plans.review(cast.teacher, review_id)
    assert page.state == "open"
    assert [target.card.id for target in page.targets] == [cast.target_id]
    assert mine.client.head(mine.address("panel")).status_code == 200


@pytest.mark.parametrize("number", NOT_NUMBERS)
def test_a_number_that_is_none_is_no_fault_of_the_server(cast: Cast, visitor: Visit, number: str) -> None:
    student = cast.student.person_id
    plans.start_review(cast.teacher, student)
    mine = visitor(cast.teacher)
    change = {"wording": "Explain", "activities": number, "version": number}
    for route, ids in (("target-new", (student,)), ("target-edit", (student, cast.target_id))):
        assert mine.post(route, *ids, data=change).status_code in (302, 422)
        assert mine.post(route, *ids, data=change | {"go": "find", "find": "x"}).status_code == 200
    assert mine.get("activities", data={"activities": number}).status_code == 200
    judged = {f"level:{cast.target_id}": "expected", f"version:{cast.target_id}": number, "review_version": number}
    assert mine.post("judge", student, data=judged).status_code in (302, 409)


@pytest.mark.database
def test_a_character_no_database_keeps_is_refused_before_it_gets_there(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student)
    assert mine.post("words", data={"text": "a\x00b"}).status_code == 400
    assert mine.post("draft", data={"ilp_subject": "words", "field": "te\x00xt", "text": "a"}).status_code == 400
    assert visitor(cast.teacher).get("activities", data={"find": "a\x00b"}).status_code == 400
    for name in ("iss", "client_id", "login_hint", "lti_deployment_id"):
        hint = {"iss": "https://lms.test", "login_hint": "1", "target_link_uri": "x", name: "a\x00b"}
        assert mine.client.get("/lti/login", hint).status_code == 400
        assert mine.client.post("/lti/login", hint).status_code == 400
    assert mine.client.get("/lti/register/a%00b").status_code == 404
    assert mine.client.post("/lti/claim", {"token": "a\x00b", "code": "a\x00b"}).status_code < 500
    assert mine.client.post("/lti/launch", {"state": "a\x00b", "id_token": "a\x00b"}).status_code < 500


@pytest.mark.trust("T65")
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=rot13",
        "text/plain; charset=undefined",
        "text/plain; charset*=foo''x",
        "text/plain; charset*=utf-8''%00",
        "multipart/form-data; boundary*=foo''x",
        "application/x-www-form-urlencoded; charset=utf-7",
    ],
)
def test_a_codec_a_header_names_is_never_looked_up(db: None, content_type: str) -> None:
    from lti_tool.wsgi import application

    body = b"iss=+2AA-"
    environ = RequestFactory().generic("POST", "/lti/login?iss=https://lms.test", body).environ
    environ |= {"CONTENT_TYPE": content_type, "SERVER_NAME": "testserver", "wsgi.url_scheme": "https"}
    answers: list[str] = []
    application(environ, lambda status, headers: answers.append(status))
    assert [status[:3] for status in answers] == ["400"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/St_Johns"])
def test_a_day_at_the_calendars_ends_is_no_fault_of_the_server(
    cast: Cast, visitor: Visit, settings: Any, day: str, zone: str
) -> None:
    settings.TIME_ZONE = zone
    student = cast.student.person_id
    plans.start_review(cast.teacher, student)
    mine = visitor(cast.teacher)
    DeepLinking.objects.create(
        session=LaunchSession.objects.get(handle=mine.door.handle),
        settings={
            "deep_link_return_url": "https://lms.test/return",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
            "accept_lineitem": True,
        },
        may_pick=True,
    )
    for name in ("opens", "closes"):
        refused = mine.post("place", data={"what": ["cycle"], "name": "Autumn", name: day})
        assert refused.status_code == 422
        assert b"Choose another day." in refused.content
    assert mine.post("target-new", student, data={"wording": "Explain", "due_on": day}).status_code in (302, 422)
    judged = {"next_steps": "Go on", "next_review_on": day, "review_version": "9"}
    assert mine.post("judge", student, data=judged).status_code < 500
    assert mine.get("review", student).status_code == 200
    assert mine.get("panel").status_code == 200


@pytest.mark.trust("T62")
def test_done_ends_the_session_however_the_browser_proved_itself(cast: Cast) -> None:
    door = open_door(cast.student)
    bare = Visitor(door, with_cookie=False)
    assert bare.post("done", headers={"X-ILP-Secret": door.secret}).status_code == 200
    assert Visitor(door).get("panel").status_code == 401


@pytest.mark.trust("T83")
def test_what_was_written_for_a_review_a_colleague_closed_goes_into_no_other(cast: Cast, visitor: Visit) -> None:
    student = cast.student.person_id
    review_id = plans.start_review(cast.teacher, student)
    mine = visitor(cast.teacher)
    colleague = cast.maths.teacher("Mr Okafor")
    plans.close_review(colleague, review_id, version=plans.review(colleague, review_id).version)
    written = {
        "ilp_subject": f"review:{review_id}",
        f"level:{cast.target_id}": "expected",
        f"comment:{cast.target_id}": "Both ways, on her own",
    }
    for route in ("judge", "review-close"):
        late = mine.post(route, student, data=written)
        assert late.status_code == 409
        assert b"This review is closed" in late.content
    next_id = plans.start_review(colleague, student)
    late = mine.post("judge", student, data=written)
    assert late.status_code == 409
    assert b"Both ways, on her own</textarea>" in late.content
    assert plans.review(cast.teacher, next_id).targets[0].judgement is None


def test_a_review_is_judged_only_by_whoever_may_see_the_student(cast: Cast, visitor: Visit) -> None:
    stranger = make_cast().student.person_id
    mine = visitor(cast.teacher)
    assert mine.post("judge", stranger).status_code == 404
    assert mine.post("review-close", stranger).status_code == 404
