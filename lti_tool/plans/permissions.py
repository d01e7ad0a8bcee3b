"""The one policy (T1), and the fetches that are its check: what an actor may not see is not found.

Rights come from a *live* enrolment in the course the actor came from, looked up in the same query that
fetches the row: a teacher reaches the learners enrolled there, a learner reaches themselves (T3). Everybody
else reaches nothing. `Actor.role` only narrows: it must be what the live enrolment says.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from lti_tool.prepared import Prepared

from . import audit
from .data import Actor, ReviewState, Role
from .exceptions import NotFound, Refused
from .models import Enrolment, Person, Review, Target
from .models.base import SchoolQuerySet

R = TypeVar("R")


class Act(StrEnum):
    """What can be asked of the domain."""

    READ_OWN_PANEL = "read_own_panel"
    READ_PLAN = "read_plan"
    READ_CLASS = "read_class"
    READ_TRAIL = "read_trail"
    CHANGE_PLAN = "change_plan"
    REVIEW = "review"
    CONTRIBUTE = "contribute"
    PICK_ACTIVITIES = "pick_activities"
    KEEP_DRAFTS = "keep_drafts"


POLICY: Mapping[Role, frozenset[Act]] = {
    Role.LEARNER: frozenset({Act.READ_OWN_PANEL, Act.READ_PLAN, Act.CONTRIBUTE, Act.KEEP_DRAFTS}),
    Role.TEACHER: frozenset(
        {
            Act.READ_PLAN,
            Act.READ_CLASS,
            Act.READ_TRAIL,
            Act.CHANGE_PLAN,
            Act.REVIEW,
            Act.CONTRIBUTE,
            Act.PICK_ACTIVITIES,
            Act.KEEP_DRAFTS,
        }
    ),
    Role.ASSISTANT: frozenset({Act.READ_PLAN, Act.READ_CLASS}),
    Role.ADMINISTRATOR: frozenset(),
    Role.FAMILY: frozenset(),
    Role.NONE: frozenset(),
}


def allows(actor: Actor, act: Act) -> bool:
    """Whether the policy gives this role the act at all; whose rows it reaches, only a fetch can say."""
    return actor.course_id is not None and act in POLICY[actor.role]


def _live(actor: Actor) -> SchoolQuerySet[Enrolment]:
    return Enrolment.objects.of(actor.school_id).filter(course=actor.course_id, active=True)


def _reach(actor: Actor, act: Act, student: str) -> Q:
    """The condition "this row's student is within the actor's reach"; `student` is the path to the person."""
    if not allows(actor, act):
        raise NotFound
    me = Exists(_live(actor).filter(person_id=actor.person_id, role=actor.role))
    if actor.role is Role.LEARNER:
        return Q(me) & Q(**{student: actor.person_id})
    taught = Exists(_live(actor).filter(person_id=OuterRef(student), role=Role.LEARNER))
    return Q(me) & Q(taught)


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
    if allows(actor, act):
        enrolment = _STANDING.first(
            school_id=actor.school_id, course_id=actor.course_id, person_id=actor.person_id, role=actor.role
        )
        if enrolment:
            return enrolment
    raise NotFound


def student(actor: Actor, act: Act, student_id: UUID) -> Person:
    """The student, if within reach. A person who is no learner in the actor's course is not found."""
    reach = _reach(actor, act, "id")
    return _one(Person.objects.of(actor.school_id).filter(reach, id=student_id).first())


def target(actor: Actor, act: Act, target_id: UUID) -> Target:
    """The target with its plan and goal."""
    reach = _reach(actor, act, "plan__student_id")
    targets = Target.objects.of(actor.school_id).select_related("plan", "goal")
    return _one(targets.filter(reach, id=target_id).first())


def review(actor: Actor, act: Act, review_id: UUID) -> Review:
    """The review with its plan and student, found by its own id or, while one is open, by its student's.

    Of several open ones (each of its own cycle) a student's id finds the newest.

    A learner reads a review once it is closed: until then its judgements are not agreed (001.12).
    """
    reach = _reach(actor, act, "plan__student_id")
    reviews = Review.objects.of(actor.school_id).select_related("plan__student", "school", "closed_by", "cycle")
    if act is Act.READ_PLAN and actor.role is Role.LEARNER:
        reviews = reviews.filter(state=ReviewState.CLOSED)
    named = Q(id=review_id) | Q(plan__student_id=review_id, state=ReviewState.OPEN)
    return _one(reviews.filter(reach, named).order_by("-opened_at").first())


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
        raise


@contextmanager
def changing(actor: Actor, verb: str, subject: str, subject_id: object) -> Iterator[None]:
    """`asking`, with everything inside written whole or not at all; a refusal's event outlives the rollback."""
    with asking(actor, verb, subject, subject_id), transaction.atomic():
        yield
