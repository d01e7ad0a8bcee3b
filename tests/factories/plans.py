"""People, courses and plans for tests, made through the domain's own door."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, Actor, ResultRead, Role, TargetChange

_numbers = count(1)
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass
class Class:
    """A school with one course, its activities and its people."""

    school_id: UUID
    course_id: int
    activities: dict[str, int] = field(default_factory=dict)  # id by external id

    def person(self, role: Role, name: str = "") -> Actor:
        """Somebody enrolled in the course."""
        person_id = api.ensure_person(self.school_id, name=name or f"Person {next(_numbers)}")
        api.set_enrolment(self.school_id, self.course_id, person_id, role)
        return api.actor_for(self.school_id, person_id, self.course_id)

    def learner(self, name: str = "") -> Actor:
        return self.person(Role.LEARNER, name)

    def teacher(self, name: str = "") -> Actor:
        return self.person(Role.TEACHER, name)

    def score(self, who: Actor, external_id: str, score: float | None, *, at: datetime | None = NOON) -> None:
        """What the gradebook says of one person in one activity, read now."""
        result = ResultRead(who.person_id, score, 10, at)
        api.record_results(self.school_id, "ags", {self.activities[external_id]: [result]})

    def target(self, teacher: Actor, student: Actor, wording: str = "Explain my answer", *external_ids: str) -> UUID:
        """A target of the student, linked to these activities."""
        linked = tuple(self.activities[external_id] for external_id in external_ids)
        return api.agree_target(teacher, student.person_id, TargetChange(wording=wording, activity_ids=linked))


def make_class(*labels: str, school_id: UUID | None = None, title: str = "Maths") -> Class:
    """A course of a new school (or the given one) with activities out of ten; their labels are their ids."""
    school_id = school_id or api.create_school(f"School {next(_numbers)}")
    course_id = api.ensure_course(school_id, title=title)
    reads = [ActivityRead(external_id=label, label=label, score_maximum=10) for label in labels]
    return Class(school_id, course_id, api.sync_activities(school_id, course_id, reads))


@dataclass
class Cast:
    """A student with a target, and everybody who might ask for it (T1)."""

    maths: Class
    student: Actor
    teacher: Actor
    classmate: Actor
    assistant: Actor
    administrator: Actor
    parent: Actor
    nobody: Actor  # in the course with a role nobody knows
    other_teacher: Actor  # of another class of the school
    left_teacher: Actor  # taught this class until the roster dropped them
    stranger: Actor  # a teacher of another school
    other_administrator: Actor  # of another school
    outsider: Actor  # in no course at all
    target_id: UUID

    def everybody(self) -> dict[str, Actor]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Actor)}


def make_cast(school_id: UUID | None = None) -> Cast:
    """The whole cast around one student and one target, in a school of their own or in the given one."""
    maths = make_class("fractions", "essay", "market stall", school_id=school_id)
    art = make_class("collage", school_id=maths.school_id, title="Art")
    elsewhere = make_class("fractions", title="Maths")
    student, teacher = maths.learner("Ana"), maths.teacher("Ms Hill")
    left_teacher = maths.teacher("Mr Gone")
    target_id = maths.target(teacher, student, "Explain my answer", "fractions", "essay")
    cast = Cast(
        maths=maths,
        student=student,
        teacher=teacher,
        classmate=maths.learner("Ben"),
        assistant=maths.person(Role.ASSISTANT),
        administrator=maths.person(Role.ADMINISTRATOR),
        parent=maths.person(Role.FAMILY),
        nobody=maths.person(Role.NONE),
        other_teacher=art.teacher(),
        left_teacher=left_teacher,
        stranger=elsewhere.teacher(),
        other_administrator=elsewhere.person(Role.ADMINISTRATOR),
        outsider=Actor(api.ensure_person(maths.school_id), maths.school_id, Role.NONE, None),
        target_id=target_id,
    )
    api.set_enrolment(maths.school_id, maths.course_id, left_teacher.person_id, Role.NONE)
    return cast


def administrator_of(room: Class) -> Actor:
    """The school's administrator, in office by its code."""
    person_id = api.ensure_person(room.school_id, name="Office")
    api.make_administrator(room.school_id, person_id)
    return api.actor_for(room.school_id, person_id, None)
