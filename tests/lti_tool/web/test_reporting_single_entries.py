"""One statement, one talk, one sheet's answers: reported it is out of sight until a second adult has looked (T41)."""

from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, DiscussionEntry, NeedChange, Participant, Role, Scope, Sensitivity, Voice
from lti_tool.plans.exceptions import NotFound, Refused
from lti_tool.plans.models import Report
from tests.factories.plans import Cast, administrator_of, make_cast

from .test_people import Browser, mother, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T41")]
WRONG = "Something is not right here"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def says(cast: Cast, by: Actor, text: str, **more: Any) -> Any:
    voice = Voice.LEARNER if by is cast.student else Voice.SCHOOL
    change = NeedChange("about_me", "strengths", text, voice, **more)
    return plans.say_need(by, cast.student.person_id, change).id


def test_a_reported_statement_is_read_by_its_writer_alone_until_it_is_shown_again(cast: Cast) -> None:
    student = f"students/{cast.student.person_id}/"
    need_id = says(cast, cast.teacher, "Mr Hill is a fool")
    report = f"{student}needs/{need_id}/report"
    assert WRONG in words(Browser(cast.student).get(student + "needs"))
    assert WRONG not in words(Browser(cast.teacher).get(student + "needs")), "nobody reports themselves"
    assert Browser(cast.teacher).post(report).status_code == 404
    assert Browser(cast.student).post(report).status_code == 200
    for path in ("needs", "story", "plan"):
        assert "a fool" not in words(Browser(cast.student).get(student + path)), path
    own = words(Browser(cast.teacher).get(student + "needs"))
    assert "a fool" in own
    assert "hidden until an adult has looked" in own
    with pytest.raises(NotFound):
        plans.need_history(cast.student, need_id)
    settle = f"{student}work/{need_id}/settle"
    assert Browser(cast.teacher).post(settle, go="keep").status_code == 409, "a second adult looks"
    worker = Browser(somebody(cast, Role.KEY_WORKER, "Tom Reid"))
    assert "a fool" in words(worker.get("reported"))
    assert worker.post(settle, go="keep", of="reported").status_code == 302
    assert "a fool" in words(Browser(cast.student).get(student + "needs"))
    assert plans.verify_audit(cast.maths.school_id)


def test_deleted_its_words_are_gone_and_its_place_stays(cast: Cast) -> None:
    need_id = says(cast, cast.student, "Ben is stupid")
    plans.report_need(cast.teacher, need_id)
    assert "stupid" in repr(plans.needs(cast.student, cast.student.person_id)), "who wrote it still reads it"
    worker = somebody(cast, Role.KEY_WORKER, "Tom Reid")
    plans.settle_report(worker, need_id, keep=False)
    for who in (cast.student, cast.teacher, worker):
        assert "stupid" not in repr(plans.needs(who, cast.student.person_id))
        assert "stupid" not in repr(plans.plan_story(who, cast.student.person_id))
    assert not Report.objects.of(cast.maths.school_id).exists()


@pytest.mark.trust("T4")
def test_what_a_second_adult_may_not_read_somebody_else_settles(cast: Cast) -> None:
    worker = somebody(cast, Role.KEY_WORKER, "Tom Reid")
    need_id = says(cast, worker, "A refuge", sensitivity=Sensitivity.RESTRICTED)
    other = somebody(cast, Role.KEY_WORKER, "Jo Lee")
    plans.report_need(other, need_id)
    assert "A refuge" not in repr(plans.reported(cast.teacher))
    with pytest.raises(NotFound):
        plans.settle_report(cast.teacher, need_id, keep=True)
    with pytest.raises(NotFound):
        plans.report_need(cast.teacher, need_id)
    third = somebody(cast, Role.KEY_WORKER, "Sam Fox")
    assert "A refuge" in repr(plans.reported(third))
    plans.settle_report(third, need_id, keep=True)


def test_a_reported_talk_stands_nowhere_until_it_is_shown_again(cast: Cast) -> None:
    student = f"students/{cast.student.person_id}/"
    entry = DiscussionEntry(
        timezone.localdate(), "About the fight", note="It was all his fault",
        people=(Participant("Jo", Voice.FAMILY),), target_id=cast.target_id,
    )  # fmt: skip
    talk_id = plans.record_discussion(cast.teacher, cast.student.person_id, entry)
    reader = Browser(cast.student)
    assert "About the fight" in words(reader.get(student + "needs"))
    assert Browser(cast.teacher).post(f"{student}talks/{talk_id}/report").status_code == 404
    assert reader.post(f"{student}talks/{talk_id}/report").status_code == 200
    for path in ("needs", "story", "plan"):
        assert "About the fight" not in words(reader.get(student + path)), path
    worker = somebody(cast, Role.KEY_WORKER, "Tom Reid")
    (one,) = plans.reported(worker)
    assert "It was all his fault" in repr(one.piece)
    with pytest.raises(Refused):
        plans.settle_report(cast.teacher, talk_id, keep=True)
    plans.settle_report(worker, talk_id, keep=True)
    assert "About the fight" in words(reader.get(student + "needs"))
    plans.report_talk(cast.student, talk_id)
    plans.settle_report(worker, talk_id, keep=False)
    assert "About the fight" not in words(reader.get(student + "needs"))


def test_reported_answers_of_a_sheet_are_read_by_who_gave_them_alone(cast: Cast) -> None:
    parent, teacher = mother(cast), cast.teacher
    sheet_id = plans.send_sheet(teacher, cast.student.person_id, "family_planning")
    form = plans.sheet(parent, sheet_id).form
    key = next(field.key for field in form.fields if field.kind == "text")
    plans.answer_sheet(parent, sheet_id, {key: "You are all liars"}, version=0)
    page = Browser(teacher)
    assert WRONG in words(page.get(f"sheets/{sheet_id}"))
    assert WRONG not in words(Browser(parent).get(f"sheets/{sheet_id}"))
    assert page.post(f"sheets/{sheet_id}/report").status_code == 200
    told = words(page.get(f"sheets/{sheet_id}"))
    assert "liars" not in told
    assert "hidden until an adult has looked" in told
    assert "liars" in words(Browser(parent).get(f"sheets/{sheet_id}"))
    leader_id = plans.ensure_person(cast.maths.school_id, name="Head")
    plans.appoint(administrator_of(cast.maths), leader_id, Role.LEADERSHIP, Scope())
    leader = plans.actor_for(cast.maths.school_id, leader_id, None)
    assert plans.reported(leader) == (), "leadership reads no sheets, so it settles none"
    worker = somebody(cast, Role.KEY_WORKER, "Tom Reid")
    assert "liars" in repr(plans.reported(worker))
    plans.settle_report(worker, sheet_id, keep=False)
    assert "liars" not in words(Browser(parent).get(f"sheets/{sheet_id}"))
    assert plans.sheet(teacher, sheet_id).version == 1
