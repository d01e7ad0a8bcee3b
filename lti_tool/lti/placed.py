"""What a link in a course is about, and how a copy of it finds that again.

A link says it in custom parameters of ours. They hold keys that mean the same in every course of the school (a goal's
wording, an area of its framework, a cycle's code, a group's name), so most platforms' copies find everything by
themselves. Where a copy lost its parameters, `$ResourceLink.id.history` names the link it was made from. None of it
gives anybody a right.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from lti_tool.plans import api as plans
from lti_tool.plans.data import CycleView
from lti_tool.plans.exceptions import NotFound

from . import copies
from .claims import Launch
from .models import CourseGroup, ResourceLink
from .passback_switches import take_up_wish
from .services.groups import group_key
from .sync import RESOURCE_LINK, Seat

LONGEST = 255  # characters of a parameter that is kept
INHERITED = "inherited"  # marks what a copy was given by its history, not by its own parameters


@dataclass(frozen=True, slots=True)
class About:
    """What our custom parameters say; blank where they say nothing."""

    view: str = ""
    goal: str = ""
    area: str = ""
    cycle: str = ""
    group: str = ""
    group_id: str = ""
    wish: str = ""  # is for one placement in one course: no copy inherits it


def settle(launch: Launch, seat: Seat) -> Launch:
    """The launch with what its link is about, where a copy has to be told. Nothing is asked or written otherwise.

    The parameters of the launch itself always come first; a link that has some of ours inherits none.
    """
    if launch.message_type != RESOURCE_LINK or seat.resource_link_pk is None:
        return launch
    return _with_activities(_with_about(launch, seat, seat.resource_link_pk), seat)


def _with_about(launch: Launch, seat: Seat, link_pk: int) -> Launch:
    said = About(
        launch.view, launch.goal, launch.area, launch.cycle, launch.group, launch.group_id[:LONGEST], launch.wish
    )
    if said.view:
        if dict(seat.about) != _parts(said):
            _keep(link_pk, _parts(said))
            if said.wish and said.wish != seat.about.get("wish"):
                take_up_wish(seat, link_pk, said.wish)
        return launch
    known: dict[str, Any] = dict(seat.about) if INHERITED in seat.about else {}
    if seat.link_is_new and launch.link_origins:
        known = _of_origin(launch, seat)
        if known:
            _keep(link_pk, known | {INHERITED: "yes"})
    known.pop(INHERITED, None)
    return replace(launch, **known) if known else launch


def _keep(link_pk: int, about: dict[str, Any]) -> None:
    ResourceLink.objects.filter(pk=link_pk).update(about=about)


def _of_origin(launch: Launch, seat: Seat) -> dict[str, Any]:
    """What the nearest link of the history that we know says, of this deployment alone."""
    links = ResourceLink.objects.filter(
        context__deployment_id=seat.deployment_pk, id_on_platform__in=launch.link_origins
    )
    known = {link.id_on_platform: link.about for link in links.exclude(about={}).order_by("pk")}
    nearest: dict[str, Any] = next((known[name] for name in launch.link_origins if name in known), {})
    return {name: value for name, value in nearest.items() if name not in {INHERITED, "wish"}}


def _with_activities(launch: Launch, seat: Seat) -> Launch:
    """A copied placement names the old course's activities; it is about the ones made from them."""
    if not launch.origins or not launch.activity_ids or seat.course_id is None:
        return launch
    ids = plans.successors(
        seat.school_id,
        copies.courses_of(seat.deployment_pk, launch.origins),
        seat.course_id,
        launch.activity_ids,
    )
    return replace(launch, activity_ids=ids)


def _parts(about: About) -> dict[str, str]:
    return {name: value for name, value in asdict(about).items() if value}


def cycle_of(launch: Launch, seat: Seat, code: str = "") -> CycleView | None:
    """The round of reviews a link or message is for; None where it names none. Raises NotFound: the school has none.

    In a copied course it is the round of the same key in this school year, where there is one. `code` names it where
    the message does not.
    """
    code = launch.cycle or code
    if not code:
        return None
    renewed = bool(launch.origins) or copies.is_copy(seat.deployment_pk, launch.context_id)
    return plans.find_cycle(seat.school_id, code, renewed=renewed)


def remember_cycle(link_pk: int, cycle: CycleView) -> None:
    """Which round the link's column is for, so that the gradebook's messages and scores are matched with it."""
    ResourceLink.objects.filter(pk=link_pk).exclude(cycle_id=cycle.id).update(cycle_id=cycle.id)


def group_of(launch: Launch, seat: Seat) -> int | None:
    """The group the link is for, by its name and, in the course it was placed in, by its id. Raises NotFound."""
    if not launch.group or seat.context_pk is None:
        return None
    groups = list(CourseGroup.objects.filter(context_id=seat.context_pk))
    for group in groups:
        if group_key(seat.school_id, group.set_name, group.name) == launch.group:
            return int(group.pk)
    if not launch.origins:  # elsewhere the same id may be another group's
        for group in groups:
            if group.id_on_platform == launch.group_id:
                return int(group.pk)
    raise NotFound
