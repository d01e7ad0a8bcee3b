"""Schools with everything a plan can hold, and somebody in every role of the policy."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    Audience,
    CurriculumChange,
    DiscussionEntry,
    GoalChange,
    Grounds,
    Item,
    ItemChange,
    Job,
    LeadEntry,
    LifeEventEntry,
    LogChange,
    NeedChange,
    NewFile,
    Participant,
    ProgrammeChange,
    Role,
    Scope,
    StepChange,
    TargetChange,
    Voice,
)
from lti_tool.plans.models import Contribution, CorrectionRequest, Plan, TargetStep
from tests.factories.packages import packed
from tests.factories.plans import Class, administrator_of, make_class
from tests.lti_tool.media import makes

PHOTO = makes.picture()
BOTH = Grounds(qualitative="Seen in class", quantitative="4 of 5 times")
UPPER = "Upper"


@dataclass
class School:
    """One school on a framework of its own that asks for everything: checks, a contract, both kinds of evidence."""

    room: Class
    office: Actor
    teacher: Actor
    framework: str  # its key; version 1 is what plans have, version 2 is published, a draft waits
    cycle_id: UUID
    cycle_code: str


@dataclass
class Kept:
    """Everything of one student, by its id; all of it is open to home, what is home's to read."""

    school: School
    student: Actor
    guardian: Actor
    colleague: UUID  # staff of another class
    plan: UUID
    target: UUID
    proposed: UUID
    step: UUID
    goal: UUID
    curriculum: UUID
    programme: UUID
    statement: UUID
    event: UUID
    lead: UUID
    closed: UUID  # a review of the round
    open: UUID  # a review of none
    words: UUID
    log: UUID
    item: UUID
    reported: UUID
    file: UUID
    sheet: UUID
    linked: UUID  # a sheet with a one-time link
    share: UUID
    provider: UUID  # an outside provider's appointment
    link: UUID  # of the guardian
    erasure: UUID
    correction: UUID
    talk: UUID  # as the teacher kept it
    answered: UUID  # a sheet the guardian answered
    join: UUID  # of another account of the same student
    twin: UUID  # somebody who might be the same
    brought: UUID  # a record from another school

    @property
    def id(self) -> UUID:
        return self.student.person_id


def furnished_school(name: str) -> School:
    room = make_class("fractions", "essay", title="Maths")
    office = administrator_of(room)
    key = api.copy_framework(office, "alfreton_park", name)
    draft = api.framework_draft(office, key)
    text = draft.text.replace("\nrules:\n", "\nrules:\n  contract: true\n")
    api.publish_framework(office, key, api.save_framework_draft(office, key, text, draft.saves).saves)
    api.choose_framework(office, key)
    cycle = api.ensure_cycle(room.school_id, "autumn", "Autumn review")
    return School(room, office, room.teacher("Ms Hill"), key, cycle.id, cycle.code)


def publish_another(school: School) -> None:
    """A newer version, to which plans can move up, and a draft on top of it."""
    for old, new in (("Personal,", "Myself,"), ("Social,", "Others,")):
        draft = api.framework_draft(school.office, school.framework)
        text = draft.text.replace(f"name: {old}", f"name: {new}", 1)
        saves = api.save_framework_draft(school.office, school.framework, text, draft.saves).saves
        if old == "Personal,":
            api.publish_framework(school.office, school.framework, saves)


def furnish(school: School, student: Actor) -> Kept:
    """Fill the student's plan through the door, as their teacher."""
    room, office, teacher = school.room, school.office, school.teacher
    guardian_id = api.ensure_person(room.school_id, name="Guardian")
    link = api.link_guardian(office, guardian_id, student.person_id)
    guardian = api.actor_for(room.school_id, guardian_id, None)
    colleague = api.ensure_person(room.school_id, name="Colleague")
    api.appoint(
        office, colleague, Role.SUBJECT_TEACHER, Scope(course_id=api.ensure_course(room.school_id, title="PE"))
    )
    agreed = TargetChange("Explain my answer", goal="Talk about maths", steps=(StepChange("Say it aloud"),))
    target = api.agree_target(teacher, student.person_id, agreed)
    _checked(office, student, target)
    proposed = api.propose_target(student, TargetChange("Read a map"))
    closed = api.start_review(teacher, student.person_id, cycle_key=school.cycle_code)
    api.judge_target(teacher, closed, target, level="expected", comment="", version=0, grounds=BOTH)
    api.contribute(student, text="It went well", audience=Audience.NOT_FOR_HOME)
    words = Contribution.objects.of(room.school_id).get(review=closed).id
    api.close_review(teacher, closed, version=99)
    shown = {"about": "A tower", "audience": Audience.SHARED}
    photo = api.add_item(student, student.person_id, ItemChange("photographs", "Tower", **shown), [NewFile(PHOTO)])
    reported = api.add_item(student, student.person_id, ItemChange("work_samples", "Oh no", **shown)).id
    api.report_item(guardian, reported)
    entry = LogChange({"text": "I measured"}, audience=Audience.SHARED)
    answered = api.send_sheet(teacher, student.person_id, "planning")
    api.answer_sheet(guardian, answered, {"social": "Waits"}, version=0)
    linked = api.send_sheet(teacher, student.person_id, "progress_monitoring")
    api.make_link(teacher, linked)
    today = timezone.localdate()
    former, twin = (api.ensure_person(room.school_id, name="Twin") for _ in range(2))
    api.set_my_name(student, own="", pronouns="they/them")
    told = NeedChange("voice", "likes", "Trains", Voice.LEARNER)
    provider = api.ensure_person(room.school_id, name="Provider")
    return Kept(
        school=school,
        student=student,
        guardian=guardian,
        colleague=colleague,
        plan=Plan.objects.of(room.school_id).get(student_id=student.person_id).id,
        target=target,
        proposed=proposed,
        step=TargetStep.objects.of(room.school_id).get(target=target).id,
        goal=api.set_goal(teacher, student.person_id, GoalChange("Get a job")),
        programme=api.set_programme_part(teacher, student.person_id, ProgrammeChange("Joinery")),
        curriculum=api.set_curriculum(teacher, student.person_id, CurriculumChange("Maths", "Halves")),
        statement=api.say_need(teacher, student.person_id, told).id,
        event=api.record_life_event(teacher, student.person_id, LifeEventEntry("health", today)),
        lead=api.name_lead(teacher, student.person_id, LeadEntry(Job.SUPPORT, "Jo, mentor")),
        closed=closed,
        open=api.start_review(teacher, student.person_id),
        words=words,
        log=api.write_log(student, entry).id,
        item=photo.id,
        reported=reported,
        file=photo.files[0].id,
        sheet=api.send_sheet(teacher, student.person_id, "planning"),
        linked=linked,
        share=api.share(student, colleague, [Item("target", target)], purpose="Job", ends_on=today),
        provider=api.appoint(
            office, provider, Role.PROVIDER, Scope(student_id=student.person_id), ends_on=today + timedelta(days=9)
        ),
        link=link,
        erasure=api.ask_erasure(student, student.person_id),
        talk=api.record_discussion(
            teacher,
            student.person_id,
            DiscussionEntry(today, "The plan", people=(Participant("Jo", Voice.FAMILY),)),
        ),
        answered=answered,
        correction=CorrectionRequest.objects.create(
            school_id=room.school_id, person_id=student.person_id, wrong="My year"
        ).id,
        join=api.join_people(office, student.person_id, former),
        twin=twin,
        brought=api.bring_record(office, student.person_id, packed()).id,
    )


def _checked(office: Actor, student: Actor, target: UUID) -> None:
    leader_id = api.ensure_person(office.school_id, name="Leader")
    api.appoint(office, leader_id, Role.LEADERSHIP, Scope())
    api.check_target(api.actor_for(office.school_id, leader_id, None), target, passed=True, version=1)


def cast_of(school: School, kept: Kept) -> dict[Role, Actor]:
    """Somebody in every role, each as near to the student as the role comes, and in no other role."""
    room, today = school.room, timezone.localdate()
    scopes = {
        Role.KEY_WORKER: Scope(student_id=kept.id),
        Role.PROVIDER: Scope(student_id=kept.id),
        Role.SUBJECT_TEACHER: Scope(course_id=room.course_id),
        Role.PHASE_LEADER: Scope(phase=UPPER),
        Role.LEADERSHIP: Scope(),
    }
    cast = {role: room.person(role) for role in (Role.TEACHER, Role.ASSISTANT, Role.NONE)}
    for role, scope in scopes.items():
        person_id = api.ensure_person(room.school_id, name=role.value)
        api.appoint(school.office, person_id, role, scope, ends_on=today)
        cast[role] = api.actor_for(room.school_id, person_id, None)
    cast |= {Role.LEARNER: kept.student, Role.FAMILY: kept.guardian, Role.ADMINISTRATOR: school.office}
    return {role: cast[role] for role in Role}
