"""T62, T83: how a page's session opens, ends, and gives words back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from tests.factories.plans import Cast, make_cast
from tests.factories.web import open_door

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.trust("T62")
def test_an_address_without_its_cookie_shows_nothing_and_says_where_to_go(cast: Cast, visitor: Visit) -> None:
    door = open_door(cast.student)
    answer = Visitor(door, with_cookie=False).get("panel")
    assert answer.status_code == 401
    assert b"Open this from your course" in answer.content
    assert b"Explain my answer" not in answer.content


@pytest.mark.trust("T62")
def test_where_no_cookie_is_kept_the_document_carries_the_secret(cast: Cast) -> None:
    door = open_door(cast.student, in_cookie=False)
    visitor = Visitor(door, with_cookie=False)
    entered = visitor.client.post(door.path, {"ilp_secret": door.secret})
    assert entered.status_code == 200
    assert b"Explain my answer" in entered.content
    assert b'"X-ILP-Secret"' in entered.content
    assert b'hx-push-url="false"' in entered.content
    by_header = visitor.client.get(door.path + "about", headers={"X-ILP-Secret": door.secret})
    assert by_header.status_code == 200
    assert visitor.client.get(door.path + "about").status_code == 401


@pytest.mark.trust("T62")
def test_the_secret_stays_out_of_a_page_whose_cookie_holds_it(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student)
    assert mine.door.secret.encode() not in mine.get("panel").content


@pytest.mark.trust("T62")
def test_done_ends_the_session_and_asks_the_browser_to_forget_it(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student)
    answer = mine.post("done")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer.cookies[mine.door.cookie]["max-age"] == 0
    mine.client.cookies[mine.door.cookie] = mine.door.secret
    again = mine.get("panel")
    assert again.status_code == 401
    assert b"Explain my answer" not in again.content


@pytest.mark.trust("T62", "T83")
def test_an_idle_session_shows_nothing_more_but_still_keeps_words(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student)
    with time_machine.travel(timezone.now() + timedelta(minutes=90)):
        assert mine.get("panel").status_code == 401
        kept = mine.post("draft", data={"ilp_subject": "words", "field": "text", "text": "half a sent"})
        assert kept.json() == {"kept": True, "ended": True}
        fresh = visitor(cast.student)
        assert b"half a sent" in fresh.get("panel").content


@pytest.mark.trust("T62")
@pytest.mark.parametrize(("told", "status"), [({}, 401), ({"used": "1"}, 200)])
def test_a_page_nobody_uses_ends_though_it_goes_on_asking(
    cast: Cast, visitor: Visit, told: dict[str, str], status: int
) -> None:
    mine, begun = visitor(cast.student), timezone.now()
    for minutes in range(5, 90, 5):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            mine.post("panel-live", data=told)
    with time_machine.travel(begun + timedelta(minutes=90)):
        assert mine.get("panel").status_code == status


@pytest.mark.trust("T83")
def test_a_review_saved_too_late_comes_back_in_its_fields_after_the_next_launch(cast: Cast, visitor: Visit) -> None:
    student = cast.student.person_id
    review_id = plans.start_review(cast.teacher, student)
    mine = visitor(cast.teacher)
    words = {f"comment:{cast.target_id}": "She showed both ways", f"level:{cast.target_id}": "expected"}
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        late = mine.post("judge", student, data=words | {"ilp_subject": f"review:{review_id}"})
        assert late.status_code == 401
        assert b"What you wrote is kept" in late.content
        page = visitor(cast.teacher).get("review", student).content.decode()
    assert "She showed both ways</textarea>" in page
    assert f'value="expected" data-draft="level:{cast.target_id}" checked' in page
    assert plans.review(cast.teacher, review_id).targets[0].judgement is None


@pytest.mark.trust("T83")
def test_after_a_day_an_ended_session_keeps_nothing(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student)
    with time_machine.travel(timezone.now() + timedelta(hours=30)):
        late = mine.post("draft", data={"ilp_subject": "words", "field": "text", "text": "too late"})
        assert late.status_code == 401
        assert b"too late" not in visitor(cast.student).get("panel").content


@pytest.mark.trust("T3", "T62")
def test_somebody_the_roster_dropped_finds_their_open_page_closed(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.teacher)
    lti.end_sessions(cast.maths.school_id, cast.maths.course_id, [cast.teacher.person_id])
    assert mine.get("review", cast.student.person_id).status_code == 401
    dropped = mine.post("draft", data={"ilp_subject": "words", "field": "text", "text": "x"})
    assert dropped.status_code == 401


@pytest.mark.trust("T64")
def test_only_the_platforms_origins_may_frame_a_page(cast: Cast, visitor: Visit) -> None:
    mine = visitor(cast.student, ancestors=("https://lms.example.org", "https://sso.example.org"))
    policy = mine.get("panel")["Content-Security-Policy"]
    assert "frame-ancestors https://lms.example.org https://sso.example.org" in policy


@pytest.mark.trust("T64")
def test_the_page_without_a_session_may_stand_in_its_platforms_frame_and_nowhere_else(cast: Cast) -> None:
    door = open_door(cast.student)
    without = Visitor(door, with_cookie=False)
    assert "frame-ancestors http://localhost:8010" in without.get("panel")["Content-Security-Policy"]
    unknown = without.client.get("/s/nobody/")
    assert "frame-ancestors 'none'" in unknown["Content-Security-Policy"]


@pytest.mark.trust("T91")
def test_the_page_speaks_the_language_of_the_launch(cast: Cast, visitor: Visit) -> None:
    page = visitor(cast.student, locale="ar-SA").get("panel").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert '<html lang="en" dir="ltr">' in visitor(cast.student, locale="xx").get("panel").content.decode()
