"""What a learner and their family ask of the school's office, and what waits for it in one place (T50, T54, T93)."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Item, NameReason
from lti_tool.plans.exceptions import Ended, Invalid, NotFound, Refused
from lti_tool.plans.models import Enrolment, Person, School
from tests.factories.plans import Cast, administrator_of, make_cast

from .test_people import Browser, mother, office

pytestmark = [pytest.mark.django_db]
ACT = "setup/people/act"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.trust("T54")
@pytest.mark.parametrize("who", ["student", "mother"])
def test_who_says_that_something_is_wrong_gets_an_answer_with_its_reason(cast: Cast, who: str) -> None:
    asker = Browser(cast.student if who == "student" else mother(cast))
    page, desk = f"students/{cast.student.person_id}/", office(cast)
    assert "Nothing waits for you" in words(desk.get("setup/"))
    assert "Ask the school" in words(asker.get(page + "ask"))
    assert asker.post(page + "correct", wrong="  ").status_code == 422
    assert asker.post(page + "correct", wrong="x" * 2001).status_code == 422
    assert asker.post(page + "correct", wrong="My year is 7, not 6").status_code == 302
    assert "has not answered yet" in words(asker.get(page + "ask"))
    assert asker.post(page + "correct", wrong="And more").status_code == 409
    assert "1 question to put something right" in words(desk.get("setup/"))
    assert "My year is 7, not 6" in words(desk.get("setup/people/"))
    (asked,) = plans.corrections_asked(administrator_of(cast.maths))
    assert (asked.by.id if asked.by else None) == asker.door.actor.person_id
    assert desk.post(ACT, do="answer", id=str(asked.id), answer=" ").status_code == 422
    assert desk.post(ACT, do="answer", id=str(asked.id), answer="The list says 6").status_code == 302
    assert desk.post(ACT, do="answer", id=str(asked.id), answer="Again").status_code == 409
    told = words(asker.get(page + "ask"))
    assert "The school left it as it is" in told
    assert "The list says 6" in told
    assert asker.post(page + "correct", wrong="Look again").status_code == 302
    assert plans.verify_audit(cast.maths.school_id)


@pytest.mark.trust("T28", "T54")
def test_what_one_says_is_wrong_is_between_them_and_the_office(cast: Cast) -> None:
    parent = mother(cast)
    plans.ask_correction(cast.student, cast.student.person_id, wrong="Mum must not read this")
    assert plans.my_correction(parent, cast.student.person_id) is None
    plans.ask_correction(parent, cast.student.person_id, wrong="Another thing")
    page = f"students/{cast.student.person_id}/ask"
    assert "Another thing" not in words(Browser(cast.student).get(page))
    assert "Mum must not" not in words(Browser(parent).get(page))
    for nobody in (cast.teacher, cast.classmate, cast.outsider):
        with pytest.raises(NotFound):
            plans.ask_correction(nobody, cast.student.person_id, wrong="x")
        with pytest.raises(NotFound):
            plans.corrections_asked(nobody)


@pytest.mark.trust("T50")
def test_a_family_asks_to_delete_and_nothing_goes_until_the_office_says_so(cast: Cast) -> None:
    parent, desk = Browser(mother(cast)), office(cast)
    page = f"students/{cast.student.person_id}/"
    assert "Ask the school to put right or delete something" in words(parent.get(page + "home"))
    assert parent.post(page + "erase", why="x" * 2001).status_code == 422
    assert parent.post(page + "erase", why="We move away").status_code == 302
    assert "has not answered yet" in words(parent.get(page + "ask"))
    assert "1 question whether a record can be deleted" in words(desk.get("setup/"))
    assert "Explain my answer" in words(Browser(cast.student).get())
    (asked,) = plans.erasures_asked(administrator_of(cast.maths))
    assert desk.post(ACT, do="decide", id=str(asked.id), answer="The law says until 2030").status_code == 302
    told = words(parent.get(page + "ask"))
    assert "The school said no" in told
    assert "The law says until 2030" in told
    assert "Explain my answer" in words(Browser(cast.student).get())


@pytest.mark.trust("T51")
def test_who_waits_for_an_answer_is_not_erased_by_the_calendar(cast: Cast) -> None:
    student = cast.student.person_id
    plans.ask_correction(cast.student, student, wrong="The date of my review")
    School.objects.update(keep_years=1)
    Enrolment.objects.of(cast.maths.school_id).filter(person_id=student).update(active=False)
    person = Person.objects.of(cast.maths.school_id).filter(pk=student)
    person.update(left_on=date(2001, 1, 1))
    plans.keep_to_retention()
    assert person.get().erased_at is None
    desk = administrator_of(cast.maths)
    (asked,) = plans.corrections_asked(desk)
    plans.decide_correction(desk, asked.id, grant=True, answer="Done")
    plans.keep_to_retention()
    assert person.get().erased_at is not None


@pytest.mark.trust("T12")
def test_the_office_sees_who_shares_with_whom_and_ends_it_and_reads_nothing(cast: Cast) -> None:
    desk = office(cast)
    share_id = plans.share(
        cast.student,
        cast.other_teacher.person_id,
        [Item("target", cast.target_id)],
        purpose="So that she understands",
        ends_on=timezone.localdate(),
    )
    page = words(desk.get("setup/people/"))
    assert "1 thing, until" in page
    for secret in ("So that she understands", "Explain my answer"):
        assert secret not in page
    assert plans.shared(cast.other_teacher, share_id).pieces
    assert desk.post(ACT, do="end-share", id=str(share_id)).status_code == 302
    with pytest.raises(Ended):
        plans.shared(cast.other_teacher, share_id)
    assert "Nobody shares anything right now" in words(desk.get("setup/people/"))
    (mine,) = plans.my_shares(cast.student)
    assert mine.ended_at is not None
    assert desk.post(ACT, do="end-share", id=str(cast.target_id)).status_code == 404
    for nobody in (cast.teacher, cast.student):
        with pytest.raises(NotFound):
            plans.standing_shares(nobody)


@pytest.mark.trust("T93")
def test_the_office_takes_back_a_name_that_hurts_and_its_writer_reads_why(cast: Cast) -> None:
    desk, student = office(cast), cast.student.person_id
    listed = plans.student(cast.teacher, student).name
    undo = {"do": "undo-name", "person": str(student)}
    assert desk.post(ACT, **undo, reason="hurtful").status_code == 422, "there is none"
    plans.set_my_name(cast.student, own="Mr Hill stinks", pronouns="it")
    for wrong in ("", "because"):
        assert desk.post(ACT, **undo, reason=wrong).status_code == 422
    assert desk.post(ACT, **undo, reason="hurtful").status_code == 302
    assert plans.student(cast.teacher, student).name == listed
    card = plans.my_name(cast.student)
    assert (card.own, card.pronouns, card.taken_back) == ("", "", NameReason.HURTFUL)
    assert "because it can hurt somebody" in words(Browser(cast.student).get("mine/"))
    (event,) = [e for e in plans.audit_trail(cast.teacher, student) if e.verb == "person.own_name_undone"]
    assert (event.reason, event.role) == ("hurtful", "administrator")
    assert "stinks" not in repr(plans.audit_trail(cast.teacher, student))
    plans.set_my_name(cast.student, own="Aro", pronouns="")
    assert plans.my_name(cast.student).taken_back == ""
    for nobody in (cast.teacher, cast.student):
        with pytest.raises(NotFound):
            plans.undo_own_name(nobody, student, reason="hurtful")
    with pytest.raises(Invalid):
        plans.undo_own_name(administrator_of(cast.maths), student, reason="stinks")
    assert plans.verify_audit(cast.maths.school_id)


def test_an_answer_is_given_once(cast: Cast) -> None:
    desk = administrator_of(cast.maths)
    request_id = plans.ask_correction(cast.student, cast.student.person_id, wrong="The date")
    plans.decide_correction(desk, request_id, grant=True, answer="Done")
    with pytest.raises(Refused):
        plans.decide_correction(desk, request_id, grant=False, answer="No")
    answered = plans.my_correction(cast.student, cast.student.person_id)
    assert answered is not None
    assert (answered.granted, answered.answer) == (True, "Done")
