"""Files on their way in and out of the pages: what their names say is nobody's business, and who opens them is (T66,
T68, T84)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, Item, ItemChange, NewFile
from lti_tool.plans.models import StoredFile
from lti_tool.web import files as pages
from tests.factories.plans import Cast, make_cast
from tests.factories.web import open_door
from tests.lti_tool.media import makes
from tests.lti_tool.web.conftest import Visitor

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def shown(cast: Cast, data: bytes, words: str = "", audience: Audience = Audience.NOT_FOR_HOME) -> Any:
    change = ItemChange("work", "Boat", audience=audience)
    return plans.add_item(cast.student, cast.student.person_id, change, [NewFile(data, words)])


def address(visitor: Visitor, student_id: Any) -> str:
    """Of the first file on the portfolio's page, as that page gives it to this person."""
    page = visitor.get("portfolio", student_id).content.decode()
    found = re.search(r'(?:src|href)="([^"]*/files/[^"]+)"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


@pytest.mark.trust("T68")
def test_an_address_serves_one_person_for_an_hour_and_asks_every_time_whether_they_may(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = shown(cast, makes.picture())
    student, teacher = Visitor(open_door(cast.student)), Visitor(open_door(cast.teacher))
    mine, theirs = address(student, cast.student.person_id), address(teacher, cast.student.person_id)
    answer = teacher.client.get(theirs)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    ticket = mine.partition("?")[2]
    copied = f"{theirs.partition('?')[0]}?{ticket}"
    assert teacher.client.get(copied).status_code == 403  # the student's, in the teacher's session
    assert teacher.client.get(mine).status_code == 401  # the student's session is not theirs at all
    with monkeypatch.context() as later:
        later.setattr(pages, "GOOD_FOR", -1)
        assert teacher.client.get(theirs).status_code == 403
    private = ItemChange("work", "Boat", audience=Audience.PRIVATE)
    plans.change_item(cast.student, item.id, private, version=item.version)
    assert teacher.client.get(theirs).status_code == 404
    assert student.client.get(mine).status_code == 200


@pytest.mark.trust("T68")
def test_a_paper_comes_as_an_attachment_of_no_name(cast: Cast) -> None:
    shown(cast, makes.paper())
    student = Visitor(open_door(cast.student))
    answer = student.client.get(address(student, cast.student.person_id))
    assert answer["Content-Disposition"] == 'attachment; filename="file.pdf"'


@pytest.mark.trust("T66")
@pytest.mark.parametrize(
    "name", ["boat.jpg.php", "boat.svg", "../../boat.jpg", "boat.jpg\x00.exe", "b" * 300 + ".html"]
)
def test_a_name_and_a_claimed_type_are_never_looked_at_nor_kept(cast: Cast, name: str) -> None:
    student = Visitor(open_door(cast.student))
    upload = SimpleUploadedFile("boat.jpg", makes.picture(), content_type="text/html")
    upload.name = name.replace("/", "_") if "\x00" in name else name
    sent = {"title": "Boat", "kind": "work", "audience": "private", "picture": upload}
    assert student.post("item-new", cast.student.person_id, data=sent).status_code == 302
    row = StoredFile.objects.of(cast.maths.school_id).get()
    assert "boat" not in row.key
    assert "bbb" not in row.key
    answer = student.client.get(address(student, cast.student.person_id))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == 'inline; filename="file.jpg"'


@pytest.mark.trust("T66")
@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + b"\0" * 64,  # a text document with macros is a zip
        b"GIF89a<script>alert(1)</script>",
    ],
    ids=["svg", "html", "macros", "polyglot"],
)
def test_what_only_calls_itself_a_picture_is_refused_with_a_sentence_and_nothing_is_kept(
    cast: Cast, data: bytes
) -> None:
    student = Visitor(open_door(cast.student))
    upload = SimpleUploadedFile("boat.jpg", data, content_type="image/jpeg")
    sent = {"title": "Boat", "kind": "work", "audience": "private", "picture": upload}
    answer = student.post("item-new", cast.student.person_id, data=sent)
    assert answer.status_code == 422
    assert b"Boat" in answer.content  # what was typed is there still
    assert not StoredFile.objects.of(cast.maths.school_id).exists()


@pytest.mark.trust("T84")
def test_the_words_for_a_picture_go_wherever_the_picture_goes_and_missing_ones_are_told_to_who_added_it(
    cast: Cast,
) -> None:
    item = shown(cast, makes.picture(), "A boat of wood", Audience.SHARED)
    piece = plans.see(cast.teacher, Item("item", item.id))
    assert [file.words for file in piece.files] == ["A boat of wood"]
    (pre,) = plans.preview(cast.student, [Item("item", item.id)])
    assert [file.words for file in pre.files] == ["A boat of wood"]
    record = plans.export_record(cast.student, cast.student.person_id)
    assert "A boat of wood" in repr(record.tables)
    missing = b"Nobody has said what can be seen here yet."
    student, teacher = Visitor(open_door(cast.student)), Visitor(open_door(cast.teacher))
    assert missing not in student.get("portfolio", cast.student.person_id).content
    shown(cast, makes.picture())
    assert missing in student.get("portfolio", cast.student.person_id).content
    assert missing not in teacher.get("portfolio", cast.student.person_id).content
    assert b"What can be seen?" in student.get("item-new", cast.student.person_id).content
