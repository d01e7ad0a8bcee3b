"""Which page a verified launch opens, and whether this person may have it."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from lti_tool.lti.claims import DEEP_LINKING, Launch
from lti_tool.lti.refusals import Refused
from lti_tool.lti.services.people import persons_of
from lti_tool.lti.sync import Seat
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import NotFound

from . import SUBMISSION_REVIEW

STAFF = frozenset({Role.TEACHER, Role.ASSISTANT})
REVIEWS = frozenset({"reviews", "review_cycle"})  # views of our own deep links that open the list of reviews


@dataclass(frozen=True, slots=True)
class Entrance:
    """A page by its name in `web`; its address holds the session's handle and nothing personal but opaque ids."""

    page: str
    ids: tuple[UUID, ...] = ()
    query: str = ""

    def address(self, handle: str) -> str:
        return reverse(self.page, args=[handle, *self.ids]) + self.query


def entrance(launch: Launch, seat: Seat) -> Entrance:
    """Where the launch leads. Raises Refused when it asks for what is not this person's."""
    if launch.message_type == DEEP_LINKING:
        return Entrance("place")
    if launch.message_type == SUBMISSION_REVIEW:
        return _review(launch, seat)
    if launch.view in REVIEWS and launch.role in STAFF:
        return Entrance("panel", query="?show=due")
    return Entrance("panel")


def _review(launch: Launch, seat: Seat) -> Entrance:
    """The review of the student the gradebook names (Submission Review 1.0).

    Platforms sign such a message for whoever asks (Moodle 4.5 for a student about another), so the right comes from
    the launcher's live enrolment alone and the student is fetched through it (T61).
    """
    if seat.course_id is None:
        raise Refused("no_course", return_url=launch.return_url)
    if launch.for_user == launch.sub and launch.role not in STAFF:
        return Entrance("panel")
    actor = plans.actor_for(seat.school_id, seat.person_id, seat.course_id)
    if actor.role not in STAFF:
        raise Refused("review_of_another", return_url=launch.return_url)
    person_id = persons_of(seat.deployment_pk, [launch.for_user]).get(launch.for_user)
    try:
        if person_id is None:
            raise NotFound
        plans.student(actor, person_id)
    except NotFound:
        plans.request_sync(seat.school_id, seat.course_id, "ags")  # the class list may be older than the student
        raise Refused("student_unknown", return_url=launch.return_url) from None
    return Entrance("review", (person_id,))
