"""Stage 1: what is known of a learner, whose words it is in, where it came from, and who talked with whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    DiscussionEntry,
    NeedChange,
    Participant,
    Role,
    Scope,
    Sensitivity,
    Statement,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.frameworks.loading import BUILT_IN
from lti_tool.plans.models import AuditEvent, School
from lti_tool.plans.models import Statement as StatementRow
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]

STRENGTHS = NeedChange("about_me", "strengths", "I stay calm")
CIRCUMSTANCES = NeedChange("support", "circumstances", "Lives with an aunt", voice=Voice.SCHOOL)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def said(actor: Actor, cast: Cast, field: str = "strengths") -> list[Statement]:
    page = api.needs(actor, cast.student.person_id)
    return [
        s for section in page.sections for part in section.fields if part.field.key == field for s in part.statements
    ]


def fields(actor: Actor, cast: Cast) -> set[str]:
    page = api.needs(actor, cast.student.person_id)
    return {part.field.key for section in page.sections for part in section.fields}


def key_worker(cast: Cast) -> Actor:
    """Somebody named for this one student."""
    person_id = api.ensure_person(cast.maths.school_id, name="Ms Named")
    scope = Scope(student_id=cast.student.person_id)
    api.appoint(administrator_of(cast.maths), person_id, Role.KEY_WORKER, scope)
    return api.actor_for(cast.maths.school_id, person_id, None)


@pytest.mark.requirement("000.4", "003.3")
def test_a_learner_words_their_own_strengths_and_teachers_read_them_as_theirs(cast: Cast) -> None:
    api.say_need(cast.student, cast.student.person_id, STRENGTHS)
    (statement,) = said(cast.teacher, cast)
    assert (statement.text, statement.voice, statement.author.name) == ("I stay calm", Voice.LEARNER, "Ana")
    assert statement.own_hand
    assert api.needs(cast.teacher, cast.student.person_id).sections[0].fields[0].field.key == "strengths"


@pytest.mark.requirement("000.14", "002.12")
def test_each_statement_says_where_it_came_from_and_who_wrote_it_down(cast: Cast) -> None:
    told = replace(
        STRENGTHS, text="She cooks for us", voice=Voice.FAMILY, source="family", source_note="On the phone"
    )
    api.say_need(cast.teacher, cast.student.person_id, told)
    (statement,) = said(cast.student, cast)
    assert (statement.source, statement.source_note) == ("family", "On the phone")
    assert (statement.voice, statement.author.name, statement.own_hand) == (Voice.FAMILY, "Ms Hill", False)
    with pytest.raises(Invalid, match="source: unknown"):
        api.say_need(cast.teacher, cast.student.person_id, replace(told, source="rumour"))


@pytest.mark.trust("T48")
def test_a_learner_speaks_for_nobody_else_and_nobody_changes_what_a_learner_wrote(cast: Cast) -> None:
    with pytest.raises(Invalid, match="voice: not_yours"):
        api.say_need(cast.student, cast.student.person_id, replace(STRENGTHS, voice=Voice.FAMILY))
    mine = api.say_need(cast.student, cast.student.person_id, STRENGTHS)
    with pytest.raises(Refused, match="not_yours"):
        api.change_need(cast.teacher, mine.id, replace(STRENGTHS, text="Not calm at all"), version=1)
    theirs = api.say_need(cast.teacher, cast.student.person_id, replace(STRENGTHS, voice=Voice.SCHOOL))
    with pytest.raises(Refused, match="not_yours"):
        api.change_need(cast.student, theirs.id, replace(STRENGTHS, text="Better"), version=1)


def test_every_former_version_stays_and_a_blank_one_takes_the_statement_back(cast: Cast) -> None:
    first = api.say_need(cast.student, cast.student.person_id, STRENGTHS)
    assert api.change_need(cast.student, first.id, STRENGTHS, version=1) == first
    api.change_need(cast.student, first.id, replace(STRENGTHS, text="I stay calm, mostly"), version=1)
    with pytest.raises(Conflict) as caught:
        api.change_need(cast.student, first.id, replace(STRENGTHS, text="Late"), version=1)
    assert (caught.value.current.text, caught.value.mine.text) == ("I stay calm, mostly", "Late")
    api.change_need(cast.student, first.id, replace(STRENGTHS, text=" "), version=2)
    assert said(cast.teacher, cast) == []
    history = api.need_history(cast.teacher, first.id)
    assert [(s.version, s.text) for s in history] == [(1, "I stay calm"), (2, "I stay calm, mostly"), (3, "")]


@pytest.mark.trust("T4")
def test_a_restricted_field_is_left_out_for_whoever_may_not_read_it(cast: Cast) -> None:
    named = key_worker(cast)
    about = cast.student.person_id
    guarded = api.say_need(named, about, CIRCUMSTANCES)
    assert [s.text for s in said(named, cast, "circumstances")] == ["Lives with an aunt"]
    for other in (cast.teacher, cast.assistant, cast.student):
        assert "circumstances" not in fields(other, cast)
        assert "aunt" not in repr(api.needs(other, about))
        with pytest.raises(NotFound):
            api.need_history(other, guarded.id)
    with pytest.raises(Invalid, match="field: unknown"):  # not even a hint that the field is there
        api.say_need(cast.teacher, about, CIRCUMSTANCES)
    assert StatementRow.objects.of(cast.maths.school_id).count() == 1


@pytest.mark.trust("T4")
def test_a_key_worker_reads_of_their_other_students_what_class_staff_read(cast: Cast) -> None:
    other = replace(key_worker(cast), role=Role.TEACHER, course_id=cast.maths.course_id)
    api.set_enrolment(cast.maths.school_id, cast.maths.course_id, other.person_id, Role.TEACHER)
    assert "circumstances" in fields(other, cast)
    page = api.needs(other, cast.classmate.person_id)
    assert "circumstances" not in {part.field.key for section in page.sections for part in section.fields}


@pytest.mark.trust("T4")
def test_a_statement_can_be_guarded_more_than_its_field_and_never_less(cast: Cast) -> None:
    about = cast.student.person_id
    named = key_worker(cast)
    open_field = replace(STRENGTHS, voice=Voice.SCHOOL)
    raised = api.say_need(named, about, replace(open_field, sensitivity=Sensitivity.RESTRICTED))
    lowered = api.say_need(named, about, replace(CIRCUMSTANCES, sensitivity=Sensitivity.ORDINARY))
    assert (raised.sensitivity, lowered.sensitivity) == (Sensitivity.RESTRICTED, Sensitivity.RESTRICTED)
    assert said(cast.teacher, cast) == []


@pytest.mark.trust("T43")
def test_reading_by_staff_leaves_an_event_without_the_words(cast: Cast) -> None:
    api.say_need(cast.student, cast.student.person_id, STRENGTHS)
    api.needs(cast.teacher, cast.student.person_id)
    api.needs(cast.student, cast.student.person_id)
    events = AuditEvent.objects.of(cast.maths.school_id).filter(verb__startswith="needs.")
    assert sorted(events.values_list("verb", "role")) == [("needs.read", "teacher"), ("needs.written", "learner")]
    assert not [e for e in events if "calm" in str(e.detail) + e.reason]


@pytest.mark.requirement("000.9", "001.18", "003.13")
def test_who_talked_with_whom_when_and_about_what_is_kept(cast: Cast) -> None:
    day = timezone.localdate() - timedelta(days=3)
    people = (
        Participant("", Voice.LEARNER, cast.student.person_id),
        Participant("Grandmother Rose", Voice.FAMILY),
        Participant("", Voice.SCHOOL, cast.teacher.person_id),
    )
    entry = DiscussionEntry(day, "Targets for the spring", "She would like to cook.", people)
    api.record_discussion(cast.teacher, cast.student.person_id, entry)
    (talk,) = api.needs(cast.student, cast.student.person_id).discussions
    assert (talk.held_on, talk.about, talk.recorded_by.name) == (day, "Targets for the spring", "Ms Hill")
    assert [(p.name, p.voice) for p in talk.people] == [
        ("Ana", Voice.LEARNER), ("Grandmother Rose", Voice.FAMILY), ("Ms Hill", Voice.SCHOOL),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"about": " "}, "about: required"),
        ({"people": ()}, "people: required"),
        ({"people": (Participant(" ", Voice.FAMILY),)}, "people: required"),
        ({"held_on": timezone.localdate() + timedelta(days=2)}, "held_on: future"),
        ({"note": "x" * 10_001}, "note: too_long"),
    ],
)
def test_a_talk_that_cannot_have_been_is_not_taken(cast: Cast, wrong: dict, error: str) -> None:
    entry = DiscussionEntry(timezone.localdate(), "Needs", "", (Participant("Rose", Voice.FAMILY),))
    with pytest.raises(Invalid, match=error):
        api.record_discussion(cast.teacher, cast.student.person_id, replace(entry, **wrong))
    with pytest.raises(NotFound):
        api.record_discussion(cast.student, cast.student.person_id, entry)


@pytest.mark.requirement("002.10", "002.11")
@pytest.mark.parametrize("key", BUILT_IN)
def test_every_framework_asks_for_strengths_before_barriers_and_takes_what_is_said(cast: Cast, key: str) -> None:
    School.objects.filter(pk=cast.maths.school_id).update(framework_key=key)
    student = cast.maths.learner("New")
    page = api.needs(cast.teacher, student.person_id)
    assert page.sections
    for section in page.sections:
        for part in section.fields:
            voice = Voice.LEARNER if Voice.LEARNER in part.field.filled_by else Voice(part.field.filled_by[0])
            said = part.field.choices[0].key if part.field.choices else "Said"
            change = NeedChange(section.section.key, part.field.key, said, voice=voice)
            api.say_need(cast.teacher, student.person_id, change)
    again = api.needs(cast.teacher, student.person_id)
    assert all(part.statements for section in again.sections for part in section.fields)


def test_the_page_asks_the_database_equally_often_whatever_was_said(cast: Cast) -> None:
    about = cast.student.person_id

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            api.needs(cast.teacher, about)
        return len(asked)

    api.needs(cast.teacher, about)
    before = queries()
    for number in range(8):
        api.say_need(cast.student, about, replace(STRENGTHS, text=f"Strength {number}"))
        entry = DiscussionEntry(timezone.localdate(), "Needs", "", (Participant("Rose", Voice.FAMILY),))
        api.record_discussion(cast.teacher, about, entry)
    assert queries() == before <= 12
