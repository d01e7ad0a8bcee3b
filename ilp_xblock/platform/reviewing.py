"""From a block to one learner's review: the page on which a teacher says whose (LTI Submission Review 1.0).

It lists the learners that the LMS itself shows its teachers. Each name is a link that starts the launch, which checks
once more who may send it (`launch.check`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ilp_xblock.models import ID_LENGTH

from .addresses import address
from .content import teaches, tool_of
from .launch import Refused
from .ports import Placement, Role, ports
from .vocabulary import SUBMISSION_REVIEW

LEARNERS = 100  # on one page
MAX_CURSOR = 255
OWN = frozenset({"block", "page", "message", "for_user", "activity", "client_id", "course"})


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner and where their review starts. `name` is blank where the LMS knows none."""

    name: str
    sub: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One page of the learners of a block's course."""

    title: str
    learners: tuple[Learner, ...]
    next_url: str


def offers_reviews(placement: Placement, sub: str | None) -> bool:
    """Whether this person may open learners' reviews from the block: its tool takes them, and they teach here."""
    tool = tool_of(placement)
    if sub is None or tool is None or SUBMISSION_REVIEW not in tool.messages:
        return False
    return teaches(ports().roster.member(placement.course_id, sub))


def choice(request: HttpRequest, parameters: Mapping[str, str]) -> Choice:
    """The learners whose review the person at the browser may open from this block. Raises Refused."""
    block_id, page = parameters.get("block", ""), parameters.get("page", "")
    placement = ports().courses.placement(block_id) if 0 < len(block_id) <= ID_LENGTH else None
    if placement is None:
        raise Refused(_("This part of the course was not found."), 404)
    sub = ports().current_user.launching(request)
    if sub is None:
        raise Refused(_("Please log in first."), 401)
    if not teaches(ports().roster.member(placement.course_id, sub)):
        raise Refused(_("Only teachers of this course can open this."), 403)
    if not offers_reviews(placement, sub):
        raise Refused(_("The tool of this course does not offer this."), 404)
    try:
        if len(page) > MAX_CURSOR:
            raise ValueError("no cursor of ours is that long")
        found = ports().roster.members(placement.course_id, after=page, limit=LEARNERS, role=Role.LEARNER)
    except ValueError as error:
        raise Refused(_("This page of the list does not exist."), 404) from error
    kept = {name: value for name, value in parameters.items() if name not in OWN} | {"block": block_id}
    learners = [
        Learner(member.name, member.sub, _url("launch", kept, message="review", for_user=member.sub))
        for member in found.members
    ]
    return Choice(placement.title, tuple(learners), _url("review", kept, page=found.next) if found.next else "")


def _url(name: str, kept: Mapping[str, str], **more: str) -> str:
    return f"{address(name)}?{urlencode({**kept, **more})}"
