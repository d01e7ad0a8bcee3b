"""T34: the school prints for a family what the family's own page shows: the same items, words and language."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from lti_tool.plans import api
from lti_tool.plans.data import Audience, GuardianFlags, GuardianScope, ItemChange, LogChange
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import AuditEvent, School, SheetLink
from lti_tool.web import packs
from tests.factories.furnished import Kept, furnish, furnished_school

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T34")]
Visit = Callable[..., Any]
PIECE = re.compile(r'<article class="card piece" data-item="([^"]+)">(.*?)</article>', re.DOTALL)


@pytest.fixture
def kept() -> Kept:
    school = furnished_school("Ours")
    return furnish(school, school.room.learner("Ana"))


def papers(answer: Any) -> list[str]:
    """Each child's pages, without what staff see around them."""
    assert answer.status_code == 200
    return re.findall(r'<article class="pack".*?</div></article>', answer.content.decode(), re.DOTALL)


def pieces(page: str) -> list[tuple[str, str]]:
    """Each item with its words, without what somebody presses or fills in there."""
    found = []
    for item, inside in PIECE.findall(page):
        said = re.sub(r'<form.*?</form>|<p class="small">.*?</p>|<div class="say">.*?</div></div>', "", inside,
                      flags=re.DOTALL)  # fmt: skip
        found.append((item, " ".join(re.sub("<[^>]+>", " ", said).split())))
    return found


def test_paper_says_what_the_familys_page_says_in_the_same_words_and_order(kept: Kept, visitor: Visit) -> None:
    on_page = pieces(visitor(kept.guardian).get("home", kept.id).content.decode())
    (paper,) = papers(visitor(kept.school.teacher).get("pack", kept.id))
    assert len(on_page) >= 4
    assert pieces(paper) == on_page
    assert "Emerging" not in paper or "Expected" in paper


def test_what_is_kept_from_home_is_not_on_paper_though_staff_may_read_it(kept: Kept, visitor: Visit) -> None:
    for audience in Audience:
        api.write_log(kept.student, LogChange({"text": f"Log {audience} zq"}, audience=audience))
        api.add_item(kept.student, kept.id, ItemChange("photographs", f"Item {audience} zq", audience=audience))
    (paper,) = papers(visitor(kept.school.teacher).get("pack", kept.id))
    assert set(re.findall(r"(?:Log|Item) \w+ zq", paper)) == {"Log shared zq", "Item shared zq"}


def test_nothing_on_paper_is_to_press_and_there_is_room_to_write(kept: Kept, visitor: Visit) -> None:
    (paper,) = papers(visitor(kept.school.teacher).get("pack", kept.id))
    assert not re.search(r"<(form|button|input|a|textarea|select|summary)\b", paper)
    asked = api.home_pack(kept.school.teacher, kept.id).asked
    assert len(asked) == 2
    for field in (field for sheet in asked for field in sheet.form.fields):
        assert escape(api.shown(field.label)) in paper
    assert paper.count('class="room') >= 6
    for said in ("For <bdi>Guardian", "Ms Hill", "Where to give it back", str(timezone.localdate().year)):
        assert said in paper, said


def test_it_is_in_the_language_the_family_reads_unless_staff_choose_another(kept: Kept, visitor: Visit) -> None:
    teacher = visitor(kept.school.teacher)
    assert 'lang="en" dir="ltr"' in papers(teacher.get("pack", kept.id))[0]
    api.take_back_sheet(kept.school.teacher, kept.linked)
    api.send_sheet(kept.school.teacher, kept.id, "progress_monitoring", language="cy")
    assert 'lang="cy"' in papers(teacher.get("pack", kept.id))[0]
    visitor(kept.guardian, locale="ar-SA").get("panel")
    (paper,) = papers(teacher.get("pack", kept.id))
    assert 'lang="ar" dir="rtl"' in paper
    assert pieces(paper) == pieces(visitor(kept.guardian, locale="ar").get("home", kept.id).content.decode())
    assert 'lang="es"' in papers(teacher.get("pack", kept.id, data={"language": "es"}))[0]
    assert 'lang="ar"' in papers(teacher.get("pack", kept.id, data={"language": "tlh"}))[0]


def another(kept: Kept, name: str, **terms: Any) -> Any:
    person_id = api.ensure_person(kept.school.room.school_id, name=name)
    api.link_guardian(kept.school.office, person_id, kept.id, **terms)
    return api.actor_for(kept.school.room.school_id, person_id, None)


@pytest.mark.trust("T28")
def test_each_guardian_gets_what_they_read_and_learns_of_no_other(kept: Kept, visitor: Visit) -> None:
    father = another(kept, "Zed Father", scope=GuardianScope.SHARED)
    api.agree_review(father, kept.closed, agrees=False, text="Father said zq")
    teacher = visitor(kept.school.teacher)
    whole = teacher.get("pack", kept.id)
    assert "Zed Father" in whole.content.decode()
    for_all, for_mother, for_father = (
        papers(teacher.get("pack", kept.id, data={"for": key}))[0]
        for key in ("", kept.guardian.person_id, father.person_id)
    )
    for paper in (for_all, for_mother):
        assert not re.search("Father|zq", paper)
    assert "For <bdi>Zed Father" in for_father
    assert "Guardian" not in for_father
    page = api.home_pack(kept.school.teacher, kept.id, reader_id=father.person_id).page
    assert page.reviews == api.at_home(father, kept.id).reviews
    assert page.answered == api.at_home(father, kept.id).answered == {kept.closed}


@pytest.mark.trust("T28")
def test_nothing_is_printed_for_somebody_who_may_not_have_it(kept: Kept, visitor: Visit) -> None:
    barred = another(kept, "Barred", flags=GuardianFlags(court_order=True))
    teacher = visitor(kept.school.teacher)
    assert "Barred" not in teacher.get("pack", kept.id).content.decode()
    for key in (barred.person_id, kept.school.teacher.person_id, "nonsense"):
        assert teacher.get("pack", kept.id, data={"for": key}).status_code == 404
    answers = another(kept, "Answers only", scope=GuardianScope.SHEETS)
    (paper,) = papers(teacher.get("pack", kept.id, data={"for": answers.person_id}))
    assert pieces(paper) == []
    assert 'class="room' in paper


@pytest.mark.trust("T44", "T43")
def test_the_learner_sees_that_it_was_printed_and_who_may_not_print_is_kept_in_the_trail(
    kept: Kept, visitor: Visit
) -> None:
    teacher = visitor(kept.school.teacher)
    teacher.get("pack", kept.id)
    teacher.get("packs")
    events = AuditEvent.objects.of(kept.school.room.school_id).filter(about_id=kept.id)
    (event,) = events.filter(verb="pack.printed")
    assert event.actor_id == kept.school.teacher.person_id
    for who in (kept.student, kept.guardian):
        page = visitor(who).get("opened", kept.id).content.decode()
        assert "what is shared with home, to print it for the family" in page
    colleague = furnished_school("Theirs").teacher
    with pytest.raises(NotFound):
        api.home_pack(colleague, kept.id)
    assert api.verify_audit(kept.school.room.school_id)


def test_a_class_is_printed_child_by_child_by_name_and_a_large_one_in_parts(
    kept: Kept, visitor: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ōtene", "Bea", "Zoë"):
        kept.school.room.learner(name)
    teacher = visitor(kept.school.teacher)
    names = re.compile(r'class="pack-name"[^>]*><bdi>([^<]+)')
    assert names.findall(teacher.get("packs").content.decode()) == ["Ana", "Bea", "Ōtene", "Zoë"]
    monkeypatch.setattr(packs, "AT_ONCE", 3)
    assert names.findall(teacher.get("packs").content.decode()) == ["Ana", "Bea", "Ōtene"]
    assert names.findall(teacher.get("packs", data={"from": "3"}).content.decode()) == ["Zoë"]
    assert names.findall(teacher.get("packs", data={"from": "x"}).content.decode()) == ["Ana", "Bea", "Ōtene"]


def test_a_sheet_is_put_in_for_every_family_that_has_none(kept: Kept, visitor: Visit) -> None:
    teacher, ben = visitor(kept.school.teacher), kept.school.room.learner("Ben")
    api.take_back_sheet(kept.school.teacher, kept.linked)
    for _ in range(2):
        answer = teacher.post("packs", data={"do": "ask", "form": "progress_monitoring", "language": "es"})
        assert len(papers(answer)) == 2
        assert all("pack-form" in paper for paper in papers(answer))
    for child in (kept.id, ben.person_id):
        sheets = [one for one in api.sheets(kept.school.teacher, child).sheets if one.way is None]
        assert [(one.form.key, one.language) for one in sheets if one.id != kept.sheet] == [
            ("progress_monitoring", "es")
        ]
    before = api.sheets(kept.school.teacher, kept.id)
    teacher.post("packs", data={"do": "ask", "form": "no such form"})
    assert len(api.sheets(kept.school.teacher, kept.id).sheets) == len(before.sheets)


@pytest.mark.trust("T13")
def test_links_are_printed_only_where_the_school_lets_them_and_open_the_form_with_a_code(
    kept: Kept, visitor: Visit
) -> None:
    teacher = visitor(kept.school.teacher)
    assert "Put links on the paper" not in teacher.get("pack", kept.id).content.decode()
    assert teacher.post("pack", kept.id, data={"do": "links"}).status_code == 409
    School.objects.filter(pk=kept.school.room.school_id).update(links_on_paper=True)
    links = SheetLink.objects.of(kept.school.room.school_id).filter(sheet_id=kept.linked)
    former = links.get().token_hash
    assert "Put links on the paper" in teacher.get("pack", kept.id).content.decode()
    (paper,) = papers(teacher.post("pack", kept.id, data={"do": "links"}))
    typed = r'class="typed" dir="ltr">https?://[^/]+(/sheet/[a-z2-9]{4}(?:-[a-z2-9]{4}){3})<'
    addresses = re.findall(typed, paper)
    hashes = {sha256(one.removeprefix("/sheet/").encode()).hexdigest(): one for one in addresses}
    address = hashes[links.get().token_hash]
    assert links.get().token_hash != former
    door = Client().get(address)
    assert door.status_code == 200
    assert b"Ana" not in door.content
    code = api.tell_code(kept.school.teacher, kept.linked)
    assert code not in paper
    assert b"Ana" in Client().post(address, {"go": "code", "code": code}).content
    assert "typed" not in papers(teacher.get("pack", kept.id))[0]


@pytest.mark.trust("T63")
def test_links_ask_for_a_fresh_visit(kept: Kept, visitor: Visit) -> None:
    School.objects.filter(pk=kept.school.room.school_id).update(links_on_paper=True)
    late = visitor(kept.school.teacher, at=timezone.now() - timedelta(minutes=21))
    assert late.post("pack", kept.id, data={"do": "links"}).status_code == 403
    assert late.get("pack", kept.id).status_code == 200
