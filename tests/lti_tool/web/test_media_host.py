"""Files come from a host of their own, by an address that is good once, for one browser, for seconds (T68)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from lti_tool.lti import api as lti
from lti_tool.lti.models import MediaPass
from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, ItemChange, NewFile
from lti_tool.plans.models import AuditEvent, StoredFile
from tests.factories.plans import Cast, make_cast
from tests.factories.web import open_door
from tests.lti_tool.media import makes
from tests.lti_tool.web.conftest import Visitor
from tests.lti_tool.web.test_file_addresses import address

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T68")]
MEDIA = "media.testserver"


@pytest.fixture(autouse=True)
def apart(settings: Any) -> None:
    settings.ILP_MEDIA_URL = f"http://{MEDIA}"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, MEDIA]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def keep(cast: Cast, data: bytes) -> Any:
    change = ItemChange("work", "Boat", audience=Audience.NOT_FOR_HOME)
    return plans.add_item(cast.student, cast.student.person_id, change, [NewFile(data)])


def browser() -> Client:
    """The same browser as far as the media host sees it: no cookie of the tool's goes there."""
    return Client(headers={"host": MEDIA})


def sent_to(visitor: Visitor, cast: Cast) -> str:
    """The path on the media host where the tool sends whoever asks it for the first file."""
    answer = visitor.client.get(address(visitor, cast.student.person_id))
    assert (answer.status_code, answer["Cache-Control"], answer.content) == (302, "no-store", b"")
    there = urlsplit(answer["Location"])
    assert (there.scheme, there.netloc, there.query) == ("http", MEDIA, "")
    return there.path


def test_a_picture_is_shown_once_to_the_browser_the_tool_sent_and_nothing_in_it_can_act(cast: Cast) -> None:
    keep(cast, makes.picture())
    student = Visitor(open_door(cast.student))
    path = sent_to(student, cast)
    for part in (
        student.door.handle,
        str(cast.student.person_id),
        str(StoredFile.objects.of(cast.maths.school_id).get().id),
    ):
        assert part not in path
    answer = browser().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Access-Control-Allow-Origin"] == "http://testserver"  # the tool, for who keeps no cookies
    assert not answer.cookies
    for again in (browser(), student.client, Visitor(open_door(cast.teacher)).client):
        assert again.get(path, headers={"host": MEDIA}).status_code == 403  # a copied address


def test_an_address_nobody_came_to_is_over_after_seconds(cast: Cast, time_machine: TimeMachineFixture) -> None:
    keep(cast, makes.picture())
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    path = sent_to(Visitor(open_door(cast.student)), cast)
    time_machine.shift(timedelta(seconds=31))
    assert browser().get(path).status_code == 403
    lti.forget_expired()
    assert not MediaPass.objects.exists()


def test_a_player_asks_for_one_part_after_another_and_a_copied_address_plays_nowhere_else(
    cast: Cast, time_machine: TimeMachineFixture
) -> None:
    keep(cast, makes.recording())
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    path, here = sent_to(Visitor(open_door(cast.student)), cast), browser()
    first = here.get(path, headers={"range": "bytes=0-9"})
    assert (first.status_code, len(first.content)) == (206, 10)
    (cookie,) = first.cookies.values()
    assert cookie.key.startswith("__Host-ilp-media-")
    assert all(cookie[flag] for flag in ("secure", "httponly", "partitioned"))
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("None", "/", "")
    time_machine.shift(timedelta(minutes=10))
    assert here.get(path, headers={"range": "bytes=10-19"}).status_code == 206
    theirs = browser()
    theirs.cookies[cookie.key] = "guessed"
    assert theirs.get(path).status_code == 403
    time_machine.shift(timedelta(minutes=6))
    assert here.get(path).status_code == 403


def test_whether_the_person_may_is_asked_again_for_every_part(cast: Cast) -> None:
    item = keep(cast, makes.recording())
    teacher, here = Visitor(open_door(cast.teacher)), browser()
    path = sent_to(teacher, cast)
    assert here.get(path).status_code == 200
    told = AuditEvent.objects.of(cast.maths.school_id).filter(actor_id=cast.teacher.person_id)
    assert told.filter(verb="file.read").count() == 1
    private = ItemChange("work", "Boat", audience=Audience.PRIVATE)
    plans.change_item(cast.student, item.id, private, version=item.version)
    assert here.get(path).status_code == 404
    assert told.filter(verb="file.read.refused").exists()


def test_a_pass_is_worth_nothing_once_its_session_has_ended(cast: Cast) -> None:
    keep(cast, makes.recording())
    student, here = Visitor(open_door(cast.student)), browser()
    path, unused = sent_to(student, cast), sent_to(student, cast)
    assert here.get(path).status_code == 200
    lti.end_session(student.door.handle, student.door.secret)
    assert here.get(path).status_code == 403
    assert here.get(unused).status_code == 403


def test_a_pasted_address_opens_nothing_even_before_its_browser_came(cast: Cast) -> None:
    keep(cast, makes.picture())
    path = sent_to(Visitor(open_door(cast.student)), cast)
    assert browser().get(path, headers={"sec-fetch-site": "none"}).status_code == 403
    assert browser().get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_the_tool_sends_nobody_on_who_may_not_see_the_file_or_whose_address_is_another_sessions(cast: Cast) -> None:
    item = keep(cast, makes.picture())
    student, teacher = Visitor(open_door(cast.student)), Visitor(open_door(cast.teacher))
    mine, theirs = address(student, cast.student.person_id), address(teacher, cast.student.person_id)
    assert teacher.client.get(mine).status_code == 401
    assert teacher.client.get(f"{theirs.partition('?')[0]}?{mine.partition('?')[2]}").status_code == 403
    private = ItemChange("work", "Boat", audience=Audience.PRIVATE)
    plans.change_item(cast.student, item.id, private, version=item.version)
    assert teacher.client.get(theirs).status_code == 404
    assert not MediaPass.objects.exists()


def test_where_no_cookie_is_kept_the_pages_script_is_told_where_to_fetch_the_file(cast: Cast) -> None:
    keep(cast, makes.recording())
    student = Visitor(open_door(cast.student))
    told = student.client.get(address(student, cast.student.person_id), headers={"accept": "text/uri-list"})
    assert (told.status_code, told["Content-Type"]) == (200, "text/uri-list")
    assert browser().get(urlsplit(told.content.decode()).path).status_code == 200


def test_a_paper_is_an_attachment_there_too(cast: Cast) -> None:
    keep(cast, makes.paper())
    answer = browser().get(sent_to(Visitor(open_door(cast.student)), cast))
    assert answer["Content-Disposition"] == 'attachment; filename="file.pdf"'


def test_the_media_host_answers_with_files_and_nothing_else(cast: Cast) -> None:
    keep(cast, makes.picture())
    student = Visitor(open_door(cast.student))
    student.client.defaults["HTTP_HOST"] = MEDIA
    for path in ("/", "/lti/jwks", "/lti/login", "/static/ilp/base.css", student.door.path):
        answer = student.client.get(path)
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store"), path
        assert not answer.cookies
    assert browser().get("/nobodys").status_code == 403
    assert browser().post("/nobodys").status_code == 405


def test_the_tools_own_host_opens_no_pass(cast: Cast) -> None:
    keep(cast, makes.picture())
    student = Visitor(open_door(cast.student))
    assert student.client.get(sent_to(student, cast)).status_code == 404
