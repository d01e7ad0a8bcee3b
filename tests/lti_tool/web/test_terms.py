"""T91: what a school calls things stands on every page of that school, from its own form, and on no other's."""

import re
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.utils.translation import gettext

from lti_tool import glossary
from lti_tool.glossary_words import KEPT, WORDS
from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from lti_tool.plans.models import AuditEvent, School
from tests.browser.scenes import World
from tests.factories.plans import administrator_of, make_cast
from tests.factories.web import make_story
from tests.lti_tool.web.test_people import Browser, office
from tests.lti_tool.web.test_pseudo_locale import Words

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T91")]
PAGE = "setup/words"
AOTEAROA = {
    "en:student": "ākonga", "en:students": "ākonga", "en:family": "whānau", "en:families": "whānau",
    "mi:ākonga": "tauira",
}  # fmt: skip
EVERY = {place[0]: f"zq{word[:3]}" for word, places in WORDS["en"].items() for place in places}
OURS = re.compile(rf"\b({'|'.join(word for of in WORDS['en'].values() for place in of for word in place)})\b", re.I)


def speaks(school_id: object, **terms: dict[str, str]) -> None:
    School.objects.filter(pk=school_id).update(terms=glossary.written(terms))


def test_the_office_gives_its_words_and_every_page_says_them_at_once() -> None:
    cast = make_cast()
    browser = office(cast)
    assert "Words of the school" in browser.get("setup/").content.decode()
    assert browser.post(PAGE, **AOTEAROA).status_code == 302
    page = browser.get(PAGE).content.decode()
    assert 'value="ākonga"' in page
    assert "The ākonga, their teachers and their whānau can see this." in page
    assert "What your school calls ākonga, whānau, teachers" in browser.get("setup/").content.decode()
    events = AuditEvent.objects.of(cast.maths.school_id).filter(verb="terms.set")
    assert [event.detail for event in events] == [{"changed": sorted(AOTEAROA)}]
    browser.post(PAGE, **AOTEAROA)
    assert events.count() == 1
    browser.post(PAGE, **(AOTEAROA | {"mi:ākonga": ""}))
    assert events.latest("number").detail == {"changed": ["mi:ākonga"]}


def test_trying_shows_how_sentences_read_and_keeps_nothing() -> None:
    cast = make_cast()
    browser = office(cast)
    answer = browser.post(PAGE, **AOTEAROA, **{"try": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The ākonga, their teachers and their whānau can see this." in page
    assert "Nothing is saved yet." in page
    assert School.objects.get(pk=cast.maths.school_id).terms == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [({"en:student": "<b>pupil</b>"}, "en:student"), ({"en:student": "%(name)s"}, "en:student"),
     ({"en:student": "x" * 41}, "en:student"), ({"en:students": ""}, "en:students"),
     ({"es:familia": "whānau"}, "es:familias")],
)  # fmt: skip
def test_what_could_stand_in_no_sentence_is_said_beside_its_field_and_nothing_changes(
    change: dict[str, str], field: str
) -> None:
    cast = make_cast()
    browser = office(cast)
    answer = browser.post(PAGE, **(AOTEAROA | change))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert School.objects.get(pk=cast.maths.school_id).terms == ""


def test_only_the_office_reaches_the_words() -> None:
    cast = make_cast()
    for actor in (cast.student, cast.teacher, cast.stranger, cast.other_administrator):
        assert Browser(actor).get(PAGE).status_code == 404
        assert Browser(actor).post(PAGE, **AOTEAROA).status_code == 404


def said_on(world: World) -> dict[str, str]:
    """What stands on each page, without people's own words."""
    found = {}
    for scene in world.scenes():
        browser = Client()
        if scene.door:
            browser.cookies[scene.door.cookie] = scene.door.secret
        found[scene.name] = said(browser.get(scene.address).content.decode())
    return found


def test_no_page_says_our_words_where_a_school_has_its_own_and_people_keep_theirs() -> None:
    world = World(make_story())
    speaks(world.school_id, en=EVERY)
    found, pages = {}, said_on(world)
    assert sum("zq" in page.lower() for page in pages.values()) > 80
    for name, page in pages.items():
        if name == "front door":
            continue  # of all schools
        left = [line for line in page.splitlines() if OURS.search(re.sub(f"Autumn review|{KEPT['en']}", "", line))]
        if left:
            found[name] = left
    assert found == {}


def test_people_keep_their_own_words_and_other_schools_ours() -> None:
    cast = make_cast()
    speaks(cast.maths.school_id, en=EVERY)
    plans.contribute(cast.student, text="My teacher and my family read my plan")
    mine = Browser(cast.student).get("").content.decode()
    assert "My teacher and my family read my plan" in mine
    assert "zqtar" in mine
    elsewhere = Browser(cast.other_administrator).get("about").content.decode()
    assert "zq" not in elsewhere
    assert "family" in elsewhere
    again = Browser(cast.student).get("about").content.decode()
    assert "zqfam" in again


def test_a_plans_own_page_says_the_words_of_its_framework_and_the_schools_go_before_them() -> None:
    cast = make_cast()
    plans.choose_framework(administrator_of(cast.maths), "alfreton_park")
    learner = cast.classmate  # of the class, without a plan from before
    plans.agree_target(cast.teacher, learner.person_id, TargetChange(wording="Bake bread", area="academic"))
    plans.start_review(cast.teacher, learner.person_id)
    student = f"students/{learner.person_id}/"
    teacher = Browser(cast.teacher)
    pages = {path: teacher.get(student + path).content.decode() for path in ("plan", "needs", "review/", "sheets")}
    for path, page in pages.items():
        assert not re.search(r"\b(students?|learners?)\b", said(page), re.IGNORECASE), path
    assert "Hopes and aspirations of the family" in said(pages["needs"])  # as the framework wrote it
    assert "pupil" in said(pages["review/"])
    for path in ("", "about"):  # about no one plan
        assert "pupil" not in said(teacher.get(path).content.decode()).lower()
    speaks(cast.maths.school_id, en={"student": "ākonga", "students": "ākonga"})
    page = said(teacher.get(student + "review/").content.decode())
    assert "ākonga" in page
    assert "pupil" not in page.lower()


@pytest.mark.trust("T94")
def test_the_mail_and_the_page_for_a_family_without_an_account_say_them_too(settings: Any) -> None:
    settings.ILP_MAIL = True
    cast = make_cast()
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "family_planning")
    token = plans.make_link(cast.teacher, sheet_id, address="mere@example.org")
    speaks(cast.maths.school_id, en=EVERY)
    code = plans.tell_code(cast.teacher, sheet_id)
    form = said(Client().post(f"/sheet/{token}", {"go": "code", "code": code}).content.decode())
    assert "zq" in form
    assert not OURS.search(form)
    with mock.patch("lti_tool.web.sheet_door.send_mail") as sent:
        sent.side_effect = lambda subject, body, *_to: heard.append(gettext("Your family"))
        heard: list[str] = []
        assert Client().post(f"/sheet/{token}", {"go": "mail"}).status_code == 200
    assert heard == ["Your zqfam"]


def said(page: str) -> str:
    """What a page says of itself."""
    words = Words()
    words.feed(page)
    return "\n".join(words.said)
