"""What a persona may not read is not even named to them, and sending it anyway changes nothing (T4)."""

from dataclasses import asdict
from typing import Any

import pytest

from lti_tool.plans import api as plans
from lti_tool.plans.data import NeedChange, Role, Scope, Sensitivity, Voice
from lti_tool.plans.models import Plan, School, Statement
from lti_tool.plans.policy import CEILING, may_read
from tests.factories.furnished import cast_of, furnish, furnished_school
from tests.factories.plans import administrator_of, make_class
from tests.factories.web import open_door
from tests.lti_tool.web.conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T4")]

READERS = [Role.LEARNER, Role.TEACHER, Role.ASSISTANT, Role.KEY_WORKER, Role.SUBJECT_TEACHER, Role.PHASE_LEADER,
           Role.LEADERSHIP, Role.PROVIDER]  # fmt: skip


def named(value: Any) -> set[str]:
    """Every key of a field anywhere in what is handed to a page."""
    if isinstance(value, dict):
        own = {value["key"]} if isinstance(value.get("key"), str) and "sensitivity" in value else set()
        return own.union(*map(named, value.values()))
    return set().union(*map(named, value)) if isinstance(value, list | tuple) else set()


def test_each_persona_is_told_of_exactly_the_fields_up_to_their_ceiling() -> None:
    school = furnished_school("Ours")
    kept = furnish(school, school.room.learner("Ana"))
    plans.set_schooling(school.office, {kept.id: ("Upper", 7)})
    cast = cast_of(school, kept)
    everything = plans.needs(cast[Role.KEY_WORKER], kept.id)
    guarded = {part.field.key: part.field.sensitivity for section in everything.sections for part in section.fields}
    assert set(Sensitivity) - {Sensitivity.ORDINARY} <= set(guarded.values())  # there is something to leave out
    assert named(asdict(everything)) == set(guarded)
    for role in READERS:
        wanted = {key for key, field in guarded.items() if may_read(CEILING[role], field)}
        assert named(asdict(plans.needs(cast[role], kept.id))) == wanted, role


def test_sending_a_field_that_was_never_offered_changes_nothing_and_the_rest_is_kept() -> None:
    room = make_class()
    School.objects.filter(pk=room.school_id).update(framework_key="general")
    student, teacher = room.learner("Ana"), room.teacher()
    page = Visitor(open_door(teacher))
    sent = {"do": "aims", "aim:aims.where_to": "Sell at the fair", "aim:aims.secret": "x", "aim:student": "y"}
    assert page.post("plan", student.person_id, data=sent).status_code == 302
    assert Plan.objects.of(room.school_id).get().details == {"aims.where_to": "Sell at the fair"}


def test_a_restricted_need_cannot_be_written_by_whoever_is_not_shown_it() -> None:
    room = make_class()
    student, teacher = room.learner("Ana"), room.teacher()
    worker_id = plans.ensure_person(room.school_id)
    plans.appoint(administrator_of(room), worker_id, Role.KEY_WORKER, Scope(student_id=student.person_id))
    worker = plans.actor_for(room.school_id, worker_id, None)
    (section,) = [one for one in plans.needs(worker, student.person_id).sections
                  if any(part.field.key == "circumstances" for part in one.fields)]  # fmt: skip
    told = NeedChange(section.section.key, "circumstances", "Lives with an aunt", Voice.SCHOOL)
    plans.say_need(worker, student.person_id, told)
    for who in (student, teacher):
        page = Visitor(open_door(who))
        data = {"do": "say", "section": told.section, "field": told.field, "text": "Mine", "voice": "school"}
        page.post("needs", student.person_id, data=data)
        answer = page.get("needs", student.person_id).content.decode()
        assert "aunt" not in answer
        assert "circumstances" not in answer
    assert [row.text for row in Statement.objects.of(room.school_id)] == ["Lives with an aunt"]
