"""The fetches that enforce the policy (T1): what an actor may not see is not found.

Rights come from a *live* enrolment in the course the actor came from, a live appointment or a live guardian link,
looked up in the same query that fetches the row: a teacher reaches the learners enrolled there, a learner
themselves, a key worker their student (T3). Everybody else reaches nothing. What `Actor` says of roles only narrows:
each must be what stands now. How far which role reaches with which act is the table in `policy`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from lti_tool.prepared import Prepared

from . import audit
from .data import Act as Act
from .data import Actor, GuardianEvidence, GuardianScope, Reach, ReviewState, Role
from .exceptions import NotFound, Refused
from .models import Appointment, Enrolment, GuardianLink, GuardianNaming, Person, Review, Revision, Target
from .models.base import SchoolQuerySet
from .policy import includes, reach

R = TypeVar("R")
# What a message of an LMS can give. An appointment gives the others: no claim makes anybody a leader (T61).
_TOLD = (Reach.SELF, Reach.COURSE)


def allows(actor: Actor, act: Act) -> bool:
    """Whether the policy gives the actor the act at all; whose rows they reach, only a fetch can say."""
    return bool(_told(actor, act)) or any(reach(role, act) is not Reach.NONE for role in actor.appointed)


def _told(actor: Actor, act: Act) -> Reach | None:
    """How far the role of the actor's enrolment reaches, if it does."""
    cell = reach(actor.role, act)
    return cell if actor.course_id is not None and cell in _TOLD else None


def live_appointments(school_id: UUID) -> SchoolQuerySet[Appointment]:
    """Those that hold today."""
    today = timezone.localdate()
    rows = Appointment.objects.of(school_id).filter(ended_at=None, starts_on__lte=today)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))


def live_guardians(school_id: UUID) -> SchoolQuerySet[GuardianLink]:
    """Links that open something today: not ended, and no court order or "no contact" stands on them (T28)."""
    rows = GuardianLink.objects.of(school_id).filter(ended_at=None, barred=False)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()))


def _live(actor: Actor) -> SchoolQuerySet[Enrolment]:
    return Enrolment.objects.of(actor.school_id).filter(course=actor.course_id, active=True)


def reaches(actor: Actor, act: Act, student: str) -> Q:
    """The condition "this row's student is within the actor's reach"; `student` is the path to the person.

    Raises:
        NotFound: nothing is, whoever the student.
    """
    ways = [*_as_told(actor, act, student), *_as_appointed(actor, act, student), *_as_guardian(actor, act, student)]
    if not ways:
        raise NotFound
    return reduce(or_, ways)


def _as_told(actor: Actor, act: Act, student: str) -> Iterator[Q]:
    """By the live enrolment in the course the actor came from."""
    told = _told(actor, act)
    if told is None:
        return
    me = Exists(_live(actor).filter(person_id=actor.person_id, role=actor.role))
    if told is Reach.SELF:
        yield Q(me) & Q(**{student: actor.person_id})
    else:
        taught = Exists(_live(actor).filter(person_id=OuterRef(student), role=Role.LEARNER))
        yield Q(me) & Q(taught)


def _as_appointed(actor: Actor, act: Act, student: str) -> Iterator[Q]:
    """By appointments, each as far as it names and the table lets its role go."""
    mine = live_appointments(actor.school_id).filter(person_id=actor.person_id)
    for role in sorted(actor.appointed):
        cell = reach(role, act)
        if not includes(cell, Reach.APPOINTED):
            continue
        theirs = mine.filter(role=role)
        covered = Q(student=OuterRef(student))
        if includes(cell, Reach.COURSE):
            learns = Enrolment.objects.of(actor.school_id).filter(role=Role.LEARNER, active=True)
            covered |= Q(course__in=learns.filter(person_id=OuterRef(OuterRef(student))).values("course_id"))
        if includes(cell, Reach.PHASE):
            people = Person.objects.of(actor.school_id).filter(id=OuterRef(OuterRef(student)))
            covered |= ~Q(phase="") & Q(phase__in=people.values("phase"))
        if includes(cell, Reach.SCHOOL):
            covered |= Q(student=None, course=None, phase="")
        yield Q(Exists(theirs.filter(covered)))


def _as_guardian(actor: Actor, act: Act, student: str) -> Iterator[Q]:
    """By guardian links: those staff made, and those the last Mentor launch from this very course told of."""
    if reach(Role.FAMILY, act) is not Reach.CHILD or Role.FAMILY not in actor.appointed:
        return
    links = live_guardians(actor.school_id).filter(guardian_id=actor.person_id, child=OuterRef(student))
    if act is not Act.ANSWER_SHEET:
        links = links.filter(scope=GuardianScope.SHARED)
    named = GuardianNaming.objects.of(actor.school_id).filter(link=OuterRef("pk"), course=actor.course_id)
    yield Q(Exists(links.filter(Q(evidence=GuardianEvidence.SCHOOL) | Q(Exists(named)))))


_STANDING: Prepared[Enrolment] = Prepared(
    lambda school_id, course_id, person_id, role: (
        Enrolment.objects.of(school_id)
        .filter(course=course_id, active=True, person_id=person_id, role=role)
        .select_related("person", "course", "school")
    ),
    "school_id", "course_id", "person_id", "role",
)  # fmt: skip


def standing(actor: Actor, act: Act) -> Enrolment:
    """The actor's own live enrolment, with its person, course and school. One query.

    Raises:
        NotFound: the role may not do this, or the enrolment has ended.
    """
    if _told(actor, act):
        enrolment = _STANDING.first(
            school_id=actor.school_id, course_id=actor.course_id, person_id=actor.person_id, role=actor.role
        )
        if enrolment:
            return enrolment
    raise NotFound


def office(actor: Actor, act: Act) -> Appointment:
    """The actor's own live appointment to the whole school that gives the act: what a school's administrators do.

    Raises:
        NotFound: nobody appointed them, or not to the whole school.
    """
    roles = [role for role in actor.appointed if reach(role, act) is Reach.SCHOOL]
    mine = live_appointments(actor.school_id).filter(person_id=actor.person_id, role__in=roles)
    return _one(mine.filter(student=None, course=None, phase="").select_related("school").first())


def students(actor: Actor, act: Act) -> SchoolQuerySet[Person]:
    """Everybody within reach."""
    return Person.objects.of(actor.school_id).filter(reaches(actor, act, "id"), joined_into=None)


def student(actor: Actor, act: Act, student_id: UUID) -> Person:
    """The student, if within reach. A person who is no learner in the actor's course is not found."""
    within = reaches(actor, act, "id")
    return _one(Person.objects.of(actor.school_id).filter(within, id=student_id).first())


def target(actor: Actor, act: Act, target_id: UUID) -> Target:
    """The target with its plan and goal."""
    within = reaches(actor, act, "plan__student_id")
    targets = Target.objects.of(actor.school_id).select_related("plan", "goal")
    return _one(targets.filter(within, id=target_id).first())


def review(actor: Actor, act: Act, review_id: UUID) -> Review:
    """The review with its plan and student, found by its own id or, while one is open, by its student's.

    `moved` says whether its plan ever moved to another version of its framework. Of several open ones (each of its
    own cycle) a student's id finds the newest.

    A learner reads a review once it is closed: until then its judgements are not agreed (001.12).
    """
    within = reaches(actor, act, "plan__student_id")
    reviews = Review.objects.of(actor.school_id).select_related(
        "plan__student", "school", "closed_by", "cycle", "life_event"
    )
    reviews = reviews.annotate(moved=Exists(Revision.moves(actor.school_id).filter(plan=OuterRef("plan"))))
    if act is Act.READ_PLAN and actor.role is Role.LEARNER:
        reviews = reviews.filter(state=ReviewState.CLOSED)
    if not allows(actor, Act.SETTLE_REPORTS):
        reviews = reviews.filter(hidden_at=None)  # reported (T41)
    named = Q(id=review_id) | Q(plan__student_id=review_id, state=ReviewState.OPEN)
    return _one(reviews.filter(within, named).order_by("-opened_at").first())


def _one(row: R | None) -> R:
    if row is None:
        raise NotFound
    return row


@contextmanager
def asking(actor: Actor, verb: str, subject: str, subject_id: object) -> Iterator[None]:
    """Around what may be refused: a refusal is kept in the trail (T42) and goes on to the caller."""
    try:
        yield
    except (NotFound, Refused) as refusal:
        reason = refusal.code if isinstance(refusal, Refused) else "not_found"
        about_id = subject_id if subject == "person" and isinstance(subject_id, UUID) else None
        audit.record_once(actor, f"{verb}.refused", subject, subject_id, about_id=about_id, reason=reason)
        refusal.recorded = True
        raise


def refused(actor: Actor, page: str, student_id: UUID | None, reason: str) -> None:
    """Keep that somebody was turned away before any row was asked for: by their role alone, or by a stale session.

    One event for each page, student and quarter of an hour, however often it is tried; ids that are nobody's make no
    events of their own. Two statements for an attempt that was told of before.
    """
    known = student_id is not None and Person.objects.of(actor.school_id).filter(pk=student_id).exists()
    about_id = student_id if known else None
    audit.record_once(actor, f"{page[:48]}.refused", "page", about_id or "", about_id=about_id, reason=reason)


@contextmanager
def changing(actor: Actor, verb: str, subject: str, subject_id: object) -> Iterator[None]:
    """`asking`, with everything inside written whole or not at all; a refusal's event outlives the rollback."""
    with asking(actor, verb, subject, subject_id), transaction.atomic():
        yield
