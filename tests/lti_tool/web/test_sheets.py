"""Sheets on the page and behind a one-time link: what each side sees, and that nothing typed is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.models import Plan, School
from tests.factories.plans import Cast, administrator_of, make_cast

Visit = Callable[..., Any]
pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    Plan.objects.of(cast.maths.school_id).update(framework=None)
    return cast


@pytest.fixture
def sheet_id(cast: Cast) -> Any:
    return plans.send_sheet(cast.teacher, cast.student.person_id, "planning")


def address(token: str) -> str:
    return reverse("sheet-door", args=[token])


def enter(cast: Cast, sheet_id: Any, token: str, **more: str) -> HttpResponse:
    code = plans.tell_code(cast.teacher, sheet_id)
    return Client().post(address(token), {"go": "code", "code": code} | more)


def ticket_in(page: HttpResponse) -> str:
    return page.content.decode().split('name="ticket" value="')[1].split('"')[0]


def test_a_teacher_asks_makes_a_link_tells_a_code_and_reads_the_answer(cast: Cast, visitor: Visit) -> None:
    teacher = visitor(cast.teacher)
    sent = teacher.post("sheet-send", cast.student.person_id, data={"form": "planning"}, follow=True)
    assert b"ILP Planning Sheet" in sent.content
    sheet_id = plans.sheets(cast.teacher, cast.student.person_id).sheets[0].id
    made = teacher.post("sheet-link", sheet_id).content.decode()
    token = re.findall(r"(?<!/who)/sheet/([\w-]+)", made)[0]
    assert "Show a code to tell them now" in made
    told = teacher.post("sheet-code", sheet_id).content.decode()
    code = told.split('class="score"><strong>')[1][:6]
    door = Client().get(address(token))
    assert b"Ana" not in door.content
    form = Client().post(address(token), {"go": "code", "code": code})
    assert b"Ana" in form.content
    done = Client().post(
        address(token),
        {"go": "answer", "ticket": ticket_in(form), "version": "0", "name": "Mere", "answer_social": "Takes turns"},
    )
    assert b"The school has your answer" in done.content
    assert b"Takes turns" in teacher.get("sheet", sheet_id).content


@pytest.mark.trust("T13")
def test_the_door_is_not_indexed_not_framed_and_says_nothing_of_the_child(cast: Cast, sheet_id: Any) -> None:
    token = plans.make_link(cast.teacher, sheet_id)
    door = Client().get(address(token))
    assert "noindex" in door["X-Robots-Tag"]
    assert "frame-ancestors 'none'" in door["Content-Security-Policy"]
    assert b"Ana" not in door.content
    wrong = Client().post(address(token), {"go": "code", "code": "12345x"})
    assert wrong.status_code == 422
    assert b"Ana" not in wrong.content


@pytest.mark.trust("T46")
def test_guessing_links_from_one_address_is_stopped(cast: Cast, settings) -> None:
    settings.ILP_RATE_SHEET_PER_MINUTE = 3
    answers = [Client().get(address("guess")).status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]


@pytest.mark.trust("T32")
def test_the_mail_holds_the_code_and_nothing_of_the_plan(cast: Cast, sheet_id: Any, settings) -> None:
    settings.ILP_MAIL = True
    token = plans.make_link(cast.teacher, sheet_id, address="mere@example.org")
    page = Client().post(address(token), {"go": "mail"})
    assert b"on its way" in page.content
    assert b"mere@example.org" not in page.content
    (message,) = mail.outbox
    assert message.to == ["mere@example.org"]
    assert not [word for word in ("Ana", "Planning", "target", "plan") if word in message.subject + message.body]
    code = next(word for word in message.body.replace(".", " ").split() if word.isdigit() and len(word) == 6)
    assert Client().post(address(token), {"go": "code", "code": code}).status_code == 200


@pytest.mark.trust("T83")
def test_an_hour_of_thinking_loses_no_word(cast: Cast, sheet_id: Any) -> None:
    token = plans.make_link(cast.teacher, sheet_id)
    words = {"answer_social": "Takes turns", "name": "Mere", "version": "0"}
    late = Client().post(address(token), {"go": "answer", "ticket": "too-old", **words})
    assert b"What you wrote is kept" in late.content
    again = enter(cast, sheet_id, token, **words)
    assert b"Takes turns" in again.content
    assert b'value="Mere"' in again.content


@pytest.mark.trust("T83")
def test_a_family_that_writes_while_staff_key_in_the_paper_gets_its_words_back(
    cast: Cast, sheet_id: Any, visitor: Visit
) -> None:
    token = plans.make_link(cast.teacher, sheet_id)
    form = enter(cast, sheet_id, token)
    paper = {"version": "0", "name": "Mere", "answer_social": "From the paper"}
    assert visitor(cast.teacher).post("sheet", sheet_id, data=paper).status_code == 302
    words = {"answer_social": "Takes <b>turns</b>", "answer_personal": " ", "name": "Mere", "version": "0"}
    told = Client().post(address(token), {"go": "answer", "ticket": ticket_in(form), **words})
    page = told.content.decode()
    assert told.status_code == 409
    assert "This sheet was answered already" in page
    assert "Takes &lt;b&gt;turns&lt;/b&gt;" in page
    assert page.count("<dt>") == 1
    assert not [word for word in ("Ana", "From the paper", "no longer good") if word in page]
    guessed = Client().post(address(token), {"go": "answer", "ticket": "guess", **words})
    assert guessed.status_code == 404
    assert "Takes" not in guessed.content.decode()


@pytest.mark.trust("T94")
def test_the_family_reads_its_own_language_and_is_told_what_is_not_in_it_yet(cast: Cast, monkeypatch) -> None:
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "planning", language="ar")
    token = plans.make_link(cast.teacher, sheet_id)
    door = Client().get(address(token)).content.decode()
    assert 'lang="ar" dir="rtl"' in door
    monkeypatch.setattr("lti_tool.plans.api.shown", lambda text: text)
    form = enter(cast, sheet_id, token, language="ar").content.decode()
    assert "note-calm" in form


def test_a_family_answers_on_its_own_page_and_sees_who_read_it(cast: Cast, sheet_id: Any, visitor: Visit) -> None:
    person_id = plans.ensure_person(cast.maths.school_id, name="Mere")
    plans.link_guardian(administrator_of(cast.maths), person_id, cast.student.person_id)
    mother = visitor(plans.actor_for(cast.maths.school_id, person_id, None))
    assert b"ILP Planning Sheet" in mother.get("sheets", cast.student.person_id).content
    empty = mother.post("sheet", sheet_id, data={"version": "0", "answer_social": " "})
    assert empty.status_code == 422
    mother.post("sheet", sheet_id, data={"version": "0", "answer_social": "Takes turns"})
    visitor(cast.teacher).get("sheet", sheet_id)
    assert b"Read by" in mother.get("sheet", sheet_id).content


def test_two_answers_at_once_show_both(cast: Cast, sheet_id: Any, visitor: Visit) -> None:
    paper = {"name": "Mere", "answer_social": "From the paper"}
    visitor(cast.teacher).post("sheet", sheet_id, data={"version": "0", **paper})
    second = visitor(cast.teacher).post("sheet", sheet_id, data={"version": "0", **paper, "answer_social": "Mine"})
    assert second.status_code == 409
    assert b"Mine" in second.content


@pytest.mark.trust("T83")
def test_what_a_family_began_to_write_is_there_again_after_a_closed_tab_and_gone_once_it_is_sent(
    cast: Cast, sheet_id: Any, visitor: Visit
) -> None:
    parents = [plans.ensure_person(cast.maths.school_id, name=name) for name in ("Mere", "Tama")]
    for person_id in parents:
        plans.link_guardian(administrator_of(cast.maths), person_id, cast.student.person_id)
    mother, father = (visitor(plans.actor_for(cast.maths.school_id, person_id, None)) for person_id in parents)
    typed = {"ilp_subject": f"sheet:{sheet_id}", "field": "answer_social", "text": "Waits for her turn"}
    assert mother.post("draft", data=typed).json() == {"kept": True, "ended": False}

    assert b"Waits for her turn" in mother.get("sheet", sheet_id).content
    assert b"Waits for her turn" not in father.get("sheet", sheet_id).content  # nobody reads what is not sent
    assert b"Waits for her turn" not in visitor(cast.teacher).get("sheet", sheet_id).content
    mother.post("sheet", sheet_id, data={"version": "0", "answer_social": "Takes turns"})
    assert b"Waits for her turn" not in mother.get("sheet", sheet_id).content


@pytest.mark.trust("T83")
def test_what_staff_began_to_type_from_paper_is_kept_with_the_name_on_it(
    cast: Cast, sheet_id: Any, visitor: Visit
) -> None:
    teacher = visitor(cast.teacher)
    for field, text in (("answer_social", "From the paper"), ("name", "Mere Ngata")):
        teacher.post("draft", data={"ilp_subject": f"sheet:{sheet_id}", "field": field, "text": text})
    page = teacher.get("sheet", sheet_id).content.decode()
    assert "From the paper" in page
    assert 'value="Mere Ngata"' in page


def test_a_sheet_of_somebody_elses_child_keeps_no_draft(cast: Cast, sheet_id: Any, visitor: Visit) -> None:
    stranger = visitor(
        plans.actor_for(cast.maths.school_id, plans.ensure_person(cast.maths.school_id, name="Sam"), None)
    )
    typed = {"ilp_subject": f"sheet:{sheet_id}", "field": "answer_social", "text": "Mine"}
    assert stranger.post("draft", data=typed).status_code == 404


@pytest.mark.trust("T83")
def test_what_a_family_typed_behind_the_link_is_there_again_behind_the_next_code(cast: Cast, sheet_id: Any) -> None:
    token = plans.make_link(cast.teacher, sheet_id)
    form = enter(cast, sheet_id, token).content.decode()
    ticket = re.findall(r'name="ticket" value="([^"]+)"', form)[0]
    field = re.findall(r'name="(answer_[a-z_]+)"', form)[1]
    words = {"go": "keep", "ticket": ticket, field: "He reads on the bus", "name": "Mere", "answer_made_up": "x"}
    assert Client().post(address(token), words | {"ticket": "too-old"}).status_code == 409
    assert Client().post(address(token), words | {field: "x" * 10_001}).status_code == 422
    assert Client().post(address(token), words).status_code == 204
    assert "He reads on the bus" not in Client().get(address(token)).content.decode()
    again = enter(cast, sheet_id, token).content.decode()
    assert "He reads on the bus" in again
    assert 'name="name" value="Mere"' in again
    other = plans.make_link(cast.teacher, sheet_id)  # perhaps for another of the family
    assert "He reads on the bus" not in enter(cast, sheet_id, other).content.decode()
