"""Whatever way leads out of a plan obeys the same policy: pages, search, print, e-mail, export, tables (T9)."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Audience, Item, LogChange, NeedChange, Role, Voice
from lti_tool.web.cells import cell, table
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.web.test_people import Browser, mother, office, somebody
from tests.lti_tool.web.test_refusals import restricted_of

pytestmark = [pytest.mark.django_db]
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"]
RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL = "canary-restricted", "canary-sensitive", "canary-private", "canary-school"
HIDDEN = {
    "teacher": {RESTRICTED, PRIVATE},
    "assistant": {RESTRICTED, SENSITIVE, PRIVATE},
    "provider": {RESTRICTED, SENSITIVE, PRIVATE},
    "key worker": {PRIVATE},
    "mother": {RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL},
    "colleague": {RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL},  # was shown the target
    "classmate": {RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL},
    "office": {RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL},
}


def furnish(cast: Cast) -> dict[str, Actor]:
    """A word of each guard, and everybody who reads something."""
    student = cast.student.person_id
    key_worker = somebody(cast, Role.KEY_WORKER, "Mr Key")
    section, field = restricted_of(cast)
    plans.say_need(key_worker, student, NeedChange(section, field, RESTRICTED, Voice.SCHOOL))
    plans.say_need(cast.teacher, student, NeedChange("learning", "barriers", SENSITIVE, Voice.SCHOOL))
    plans.write_log(cast.student, LogChange({"text": PRIVATE}))
    plans.contribute(cast.student, text=AT_SCHOOL, audience=Audience.NOT_FOR_HOME)
    review_id = plans.start_review(cast.teacher, student)
    plans.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)
    plans.close_review(cast.teacher, review_id, version=99)
    shared, until = [Item("target", cast.target_id)], timezone.localdate() + timedelta(days=7)
    plans.share(cast.student, cast.other_teacher.person_id, shared, purpose="Art", ends_on=until)
    return {
        "teacher": cast.teacher,
        "assistant": cast.assistant,
        "provider": somebody(cast, Role.PROVIDER, "The workshop"),
        "key worker": key_worker,
        "mother": mother(cast),
        "colleague": cast.other_teacher,
        "classmate": cast.classmate,
    }


def told(cast: Cast, browser: Browser) -> Iterator[str]:
    """Everything the tool sends this person about the student. What they print is what they read."""
    student = f"students/{cast.student.person_id}/"
    (share,) = plans.my_shares(cast.student)
    (review,) = plans.past_reviews(cast.teacher, cast.student.person_id)
    paths = ["", "students/", "home/", "about", "mine/", "shares/", "shares/new", f"shares/{share.id}", "reviews/"]
    paths += [f"who/target/{cast.target_id}", f"setup/people/?q=Ana,{RESTRICTED},{SENSITIVE}", "activities?q=canary"]
    paths += [student + part for part in ("plan", "needs", "story", "log", "work", "review/", "sheets", "home")]
    paths += [student + "opened", f"{student}reviews/{review.id}", f"{student}targets/{cast.target_id}"]
    for path in paths:
        yield browser.get(path).content.decode().replace(f"Ana,{RESTRICTED},{SENSITIVE}", "")
    export: Any = browser.post("setup/people/record", person=str(cast.student.person_id))
    yield (
        repr(export.content)
        if export.status_code != 200
        else package_of(export.content, "tables/ilp_plans.Enrolment")
    )


def package_of(made: bytes, only: str = "") -> str:
    package = zipfile.ZipFile(io.BytesIO(made))
    names = [name for name in package.namelist() if name.startswith(only) and not name.startswith("files/")]
    return "".join(package.read(name).decode() for name in names)


@pytest.mark.trust("T9", "T4")
def test_no_page_search_or_share_tells_anybody_a_word_that_is_hidden_from_them() -> None:
    cast = make_cast()
    people = {who: Browser(actor) for who, actor in furnish(cast).items()} | {"office": office(cast)}
    for who, browser in people.items():
        sent = "".join(told(cast, browser))
        assert [word for word in sorted(HIDDEN[who]) if word in sent] == [], who
        for word in {RESTRICTED, SENSITIVE, AT_SCHOOL} - HIDDEN[who]:
            assert word in sent, (who, word)  # nothing is proved by a page that tells nobody anything


@pytest.mark.trust("T9")
def test_a_record_holds_no_restricted_field_in_any_of_its_forms() -> None:
    cast = make_cast()
    furnish(cast)
    student = str(cast.student.person_id)
    for answer in (
        Browser(cast.student).post("mine/record"),
        office(cast).post("setup/people/record", person=student),
    ):
        whole = package_of(answer.content)
        assert RESTRICTED not in whole
        for word in (SENSITIVE, PRIVATE, AT_SCHOOL):
            assert whole.count(word) >= 3  # the page, the JSON and a table


@pytest.mark.trust("T9", "T32")
def test_every_e_mail_the_tool_sends_holds_no_word_of_a_plan(settings: Any) -> None:
    settings.ILP_MAIL = True
    cast = make_cast()
    people = furnish(cast) | {"student": cast.student}
    for actor in people.values():
        Browser(actor).get("")
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "family_planning")
    link = Browser(cast.teacher).post(f"sheets/{sheet_id}/link", address="mere@example.org")
    token = re.findall(r"(?<!/who)/sheet/([\w-]+)", link.content.decode())[0]
    assert Client().post(f"/sheet/{token}", {"go": "mail"}).status_code == 200
    assert len(mail.outbox) == 1  # one code, asked for; nothing else that was done sent anything
    sent = "".join(message.subject + message.body + repr(message.attachments) for message in mail.outbox)
    for word in (RESTRICTED, SENSITIVE, PRIVATE, AT_SCHOOL, "Explain my answer", "Ana", "Ms Hill", "target"):
        assert word not in sent


@pytest.mark.trust("T9")
def test_no_cell_of_a_table_is_a_formula() -> None:
    cast = make_cast()
    for words in FORMULAS:
        plans.write_log(cast.student, LogChange({"text": words}))
    plans.say_need(
        cast.teacher, cast.student.person_id, NeedChange("about_me", "strengths", FORMULAS[0], Voice.SCHOOL)
    )
    package = zipfile.ZipFile(io.BytesIO(Browser(cast.student).post("mine/record").content))
    tables = [name for name in package.namelist() if name.endswith(".csv")]
    assert "tables/ilp_plans.Statement.csv" in tables
    found = [
        one
        for name in tables
        for row in csv.reader(io.StringIO(package.read(name).decode("utf-8-sig")))
        for one in row
    ]
    assert f"'{FORMULAS[0]}" in found
    risky = [one for one in found if one[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")]
    assert [one for one in risky if not _is_number(one)] == []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.trust("T9")
@pytest.mark.parametrize("words", FORMULAS)
def test_words_that_begin_like_a_formula_stand_behind_an_apostrophe(words: str) -> None:
    assert cell(words) == f"'{words}"
    assert cell("a" + words) == "a" + words
    assert json.loads(cell([words])) == [words]
    (header, row) = csv.reader(io.StringIO(table([{words: words, "n": -2.5}]).removeprefix("\ufeff")))
    assert (header, row) == ([f"'{words}", "n"], [f"'{words}", "-2.5"])
