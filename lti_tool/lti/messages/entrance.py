"""Which page a verified launch opens, and whether this person may have it."""

from lti_tool.lti.claims import DEEP_LINKING, Launch
from lti_tool.lti.placed import cycle_of, group_of, remember_cycle
from lti_tool.lti.refusals import Refused
from lti_tool.lti.sync import REVIEW_CYCLE, Seat
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import NotFound

from . import SUBMISSION_REVIEW
from .pages import STAFF, Entrance
from .review import review

REVIEWS = frozenset({"reviews", REVIEW_CYCLE})  # views of our own deep links that open the list of reviews


def entrance(launch: Launch, seat: Seat) -> Entrance:
    """Where the launch leads. Raises Refused when it asks for what is not this person's."""
    if launch.message_type == DEEP_LINKING:
        return Entrance("place")
    if launch.message_type == SUBMISSION_REVIEW:
        return review(launch, seat)
    if launch.view == REVIEW_CYCLE and launch.cycle and seat.course_id is not None:
        return _cycle(launch, seat)
    if launch.role in STAFF:
        if launch.view in REVIEWS:
            return Entrance("panel", query="?show=due")
        if launch.group:
            return Entrance("panel", query=f"?group={_group(launch, seat)}")
    return Entrance("panel")


def _cycle(launch: Launch, seat: Seat) -> Entrance:
    """The placement of one round of reviews: its list for staff, the own closed review for a student."""
    try:
        cycle = cycle_of(launch, seat)
    except NotFound:
        raise Refused("cycle_unknown", return_url=launch.return_url) from None
    if cycle is None:
        raise AssertionError("the launch names one")
    if seat.resource_link_pk is not None:
        remember_cycle(seat.resource_link_pk, cycle)
    return Entrance("cycle", (cycle.id,)) if launch.role in STAFF | {Role.LEARNER} else Entrance("panel")


def _group(launch: Launch, seat: Seat) -> int:
    """The group's row; 0 where this course has no such group (any more): the page says so and shows everybody."""
    try:
        return group_of(launch, seat) or 0
    except NotFound:
        return 0
