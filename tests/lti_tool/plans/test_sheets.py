"""Sheets that go home and come back, by page, link or paper; and the one-time way for a family without an account."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, SheetWay
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.models import Plan, School, SheetAnswer, SheetLink
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db]
SAID = {"communication": "Asks for a drink", "personal": "Puts on shoes"}


@dataclass(frozen=True)
class Scene:
    cast: Cast
    mother: Actor
    other_mother: Actor
    sheet_id: UUID

    @property
    def student_id(self) -> UUID:
        return self.cast.student.person_id


def guardian(cast: Cast, child: Actor, name: str) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name=name)
    api.link_guardian(administrator_of(cast.maths), person_id, child.person_id)
    return api.actor_for(cast.maths.school_id, person_id, None)


@pytest.fixture
def scene() -> Scene:
    cast = make_cast()
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    Plan.objects.of(cast.maths.school_id).update(framework=None)
    sheet_id = api.send_sheet(cast.teacher, cast.student.person_id, "planning")
    return Scene(cast, guardian(cast, cast.student, "Mere"), guardian(cast, cast.classmate, "Zoe"), sheet_id)


@pytest.mark.database
@pytest.mark.requirement("001.23", "001.24")
def test_both_sheets_go_home_with_their_fields_and_come_back_in_the_familys_words(scene: Scene) -> None:
    page = api.sheets(scene.cast.teacher, scene.student_id)
    assert [sheet.form.key for sheet in page.sheets] == ["planning"]
    assert [form.key for form in page.to_send] == ["progress_monitoring"]
    asked = api.sheet(scene.mother, scene.sheet_id)
    assert {"pupil_name", "date", "communication", "personal", "social"} <= {field.key for field in asked.form.fields}
    answered = api.answer_sheet(scene.mother, scene.sheet_id, SAID, version=0)
    assert (answered.way, answered.answered_by, dict(answered.answers)) == (SheetWay.PAGE, "Mere", SAID)
    assert dict(api.sheet(scene.cast.teacher, scene.sheet_id).answers) == SAID


@pytest.mark.database
@pytest.mark.trust("T4", "T28")
def test_nobody_but_this_family_and_who_works_on_the_plan_reads_a_sheet(scene: Scene) -> None:
    api.answer_sheet(scene.mother, scene.sheet_id, SAID, version=0)
    readers = {name for name, who in scene.cast.everybody().items() if _reads(who, scene)}
    assert readers == {"teacher"}
    assert _reads(scene.mother, scene)
    assert not _reads(scene.other_mother, scene)


def _reads(who: Actor, scene: Scene) -> bool:
    try:
        api.sheet(who, scene.sheet_id)
        return bool(api.sheets(who, scene.student_id).sheets)
    except NotFound:
        return False


@pytest.mark.database
def test_each_side_sees_that_the_other_has_read_it_and_when(scene: Scene) -> None:
    api.answer_sheet(scene.mother, scene.sheet_id, SAID, version=0)
    assert api.sheet(scene.mother, scene.sheet_id).readings == ()
    api.sheet(scene.cast.teacher, scene.sheet_id)
    (reading,) = api.sheet(scene.mother, scene.sheet_id).readings
    assert (reading.who.id, reading.role) == (scene.cast.teacher.person_id, scene.cast.teacher.role)
    assert timezone.now() - reading.at < timedelta(minutes=1)


@pytest.mark.database
def test_staff_key_in_the_paper_with_the_name_on_it_and_say_that_they_did(scene: Scene) -> None:
    with pytest.raises(Invalid) as invalid:
        api.answer_sheet(scene.cast.teacher, scene.sheet_id, SAID, version=0)
    assert invalid.value.errors == {"name": "required"}
    keyed = api.answer_sheet(scene.cast.teacher, scene.sheet_id, SAID, version=0, name="Mere Ngata")
    assert (keyed.way, keyed.answered_by) == (SheetWay.PAPER, "Mere Ngata")
    assert keyed.keyed_by is not None
    assert keyed.keyed_by.id == scene.cast.teacher.person_id


@pytest.mark.database
def test_an_answer_may_be_changed_and_the_former_words_stay(scene: Scene) -> None:
    api.answer_sheet(scene.mother, scene.sheet_id, SAID, version=0)
    api.answer_sheet(scene.mother, scene.sheet_id, SAID | {"social": "Takes turns"}, version=1)
    rows = SheetAnswer.objects.of(scene.cast.maths.school_id).order_by("version")
    assert [sorted(row.answers) for row in rows] == [
        ["communication", "personal"],
        ["communication", "personal", "social"],
    ]
    with pytest.raises(Conflict):
        api.answer_sheet(scene.mother, scene.sheet_id, SAID, version=1)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "required"),
        ({"social": "  "}, "required"),
        ({"made_up": "x"}, "unknown"),
        ({"social": "x" * 10_001}, "too_long"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_said(scene: Scene, answers: dict, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        api.answer_sheet(scene.mother, scene.sheet_id, answers, version=0)
    assert invalid.value.errors == {"answers": code}


@pytest.mark.database
def test_a_sheet_asked_twice_is_one_and_a_sheet_taken_back_is_gone(scene: Scene) -> None:
    assert api.send_sheet(scene.cast.teacher, scene.student_id, "planning") == scene.sheet_id
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    api.take_back_sheet(scene.cast.teacher, scene.sheet_id)
    with pytest.raises(NotFound):
        api.open_link(token)
    assert api.sheets(scene.mother, scene.student_id).sheets == ()
    assert api.send_sheet(scene.cast.teacher, scene.student_id, "planning") != scene.sheet_id


# --- one-time links (T13) ---


@pytest.mark.database
@pytest.mark.trust("T13")
def test_a_link_and_its_code_open_one_sheet_once(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    assert not api.open_link(token).mails
    ticket = api.enter_code(token, api.tell_code(scene.cast.teacher, scene.sheet_id))
    assert api.sheet_by_link(token, ticket).student.id == scene.student_id
    api.answer_by_link(token, ticket, SAID, name="Mere Ngata", version=0)
    answered = api.sheet(scene.cast.teacher, scene.sheet_id)
    assert (answered.way, answered.answered_by) == (SheetWay.LINK, "Mere Ngata")
    for again in (lambda: api.open_link(token), lambda: api.sheet_by_link(token, ticket)):
        with pytest.raises(NotFound):
            again()
    assert not SheetLink.objects.of(scene.cast.maths.school_id).exists()


@pytest.mark.database
@pytest.mark.trust("T13", "T83")
def test_whoever_writes_by_a_link_while_the_paper_is_keyed_in_is_told_that_it_was_answered(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ticket = api.enter_code(token, api.tell_code(scene.cast.teacher, scene.sheet_id))
        api.answer_sheet(scene.cast.teacher, scene.sheet_id, {"social": "On paper"}, version=0, name="Mere")
        clock.shift(timedelta(minutes=61))  # also after the ticket's hour: the code was given
        with pytest.raises(Conflict) as conflict:
            api.answer_by_link(token, ticket, SAID, name="Mere", version=0)
        assert conflict.value.mine == SAID
        assert conflict.value.current.answers == ()
        assert dict(api.sheet(scene.cast.teacher, scene.sheet_id).answers) == {"social": "On paper"}
        for wrong_token, wrong_ticket in ((token, "x"), (token, ""), (token, ticket[:-1]), ("other", ticket)):
            with pytest.raises(NotFound):
                api.answer_by_link(wrong_token, wrong_ticket, SAID, name="Mere", version=0)
        clock.shift(timedelta(days=7))
        with pytest.raises(NotFound):
            api.answer_by_link(token, ticket, SAID, name="Mere", version=0)


def test_a_link_that_a_newer_one_replaced_or_whose_sheet_was_taken_back_says_nothing_of_answers(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    ticket = api.enter_code(token, api.tell_code(scene.cast.teacher, scene.sheet_id))
    for act in (api.make_link, api.take_back_sheet):
        act(scene.cast.teacher, scene.sheet_id)
        with pytest.raises(NotFound):
            api.answer_by_link(token, ticket, SAID, name="Mere", version=0)


@pytest.mark.database
@pytest.mark.trust("T13")
def test_a_code_is_good_once_and_for_ten_minutes(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id, address="mere@example.org")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = api.mail_code(token).code
        clock.shift(timedelta(minutes=10, seconds=1))
        with pytest.raises(Refused, match="code"):
            api.enter_code(token, code)
        code = api.mail_code(token).code
        api.enter_code(token, code)
        with pytest.raises(Refused, match="code"):
            api.enter_code(token, code)
        former = api.mail_code(token).code
        newer = api.mail_code(token).code
        if former != newer:
            with pytest.raises(Refused, match="code"):
                api.enter_code(token, former)


@pytest.mark.database
@pytest.mark.trust("T13")
def test_the_eleventh_try_fails_even_with_the_right_code(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    code = api.tell_code(scene.cast.teacher, scene.sheet_id)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(10):
        with pytest.raises(Refused, match="code"):
            api.enter_code(token, wrong)
    with pytest.raises(NotFound):
        api.enter_code(token, code)


@pytest.mark.database
@pytest.mark.trust("T13")
def test_a_link_ends_after_a_week_and_a_ticket_after_an_hour(scene: Scene) -> None:
    token = api.make_link(scene.cast.teacher, scene.sheet_id)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ticket = api.enter_code(token, api.tell_code(scene.cast.teacher, scene.sheet_id))
        clock.shift(timedelta(minutes=61))
        with pytest.raises(Refused, match="ticket"):
            api.sheet_by_link(token, ticket)
        clock.shift(timedelta(days=7))
        with pytest.raises(NotFound):
            api.open_link(token)


@pytest.mark.trust("T13")
def test_a_ticket_of_another_link_opens_nothing(scene: Scene) -> None:
    other = api.send_sheet(scene.cast.teacher, scene.cast.classmate.person_id, "planning")
    mine, theirs = (api.make_link(scene.cast.teacher, one) for one in (scene.sheet_id, other))
    ticket = api.enter_code(theirs, api.tell_code(scene.cast.teacher, other))
    for forged in (ticket, "", "x", ticket[:-1]):
        with pytest.raises(Refused, match="ticket"):
            api.sheet_by_link(mine, forged)


@pytest.mark.database
def test_only_who_sends_sheets_makes_links_and_tells_codes(scene: Scene) -> None:
    api.make_link(scene.cast.teacher, scene.sheet_id)
    everybody = {name: who for name, who in scene.cast.everybody().items() if name != "teacher"}
    for who in (*everybody.values(), scene.mother, scene.other_mother):
        for act in (api.make_link, api.tell_code, api.take_back_sheet):
            with pytest.raises(NotFound):
                act(who, scene.sheet_id)
        with pytest.raises(NotFound):
            api.send_sheet(who, scene.student_id, "progress_monitoring")
    with pytest.raises(Invalid):
        api.make_link(scene.cast.teacher, scene.sheet_id, address="not an address")
