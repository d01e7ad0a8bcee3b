"""The author's side of the panel: what is set up, what the panel is about, and what may be chosen."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_TITLE = 100
MAX_ACTIVITIES = 500


class InvalidSettings(Exception):
    """The author's form cannot be kept; the message is for the author."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An activity of the course, as the form shows it."""

    id: str
    label: str
    score_maximum: float
    tag: str
    chosen: bool
    own_unit: bool


@dataclass(frozen=True, slots=True)
class SetUp:
    """Where the block stands. `launch_origin` None: learners cannot be shown a panel; `problems` says why."""

    launch_origin: str | None
    course_title: str
    choices: tuple[Choice, ...]
    uses_own_unit: bool
    problems: tuple[str, ...]
    offers_content: bool = False  # whether the tool lets an author choose what the block shows
    content_title: str = ""  # of what was chosen; "" for the panel itself

    @property
    def content_said(self) -> str:
        return content_sentence(self.content_title)

    @property
    def about(self) -> tuple[Choice, ...]:
        """The activities the panel is about now; () for the whole course."""
        return tuple(c for c in self.choices if (c.own_unit if self.uses_own_unit else c.chosen))

    @property
    def own_unit(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices if choice.own_unit)


class _Settings(BaseModel):
    model_config = ConfigDict(strict=True)

    display_name: str = Field(max_length=10_000)
    activity_ids: list[str] | None = Field(max_length=MAX_ACTIVITIES)


def setup_of(block: Any) -> SetUp:
    """Ask the LMS's ports what stands around the block."""
    from .platform.content import chosen_at, tool_of
    from .platform.ports import ports
    from .platform.tools import origin
    from .platform.vocabulary import DEEP_LINKING

    placement = ports().courses.placement(str(block.scope_ids.usage_id), draft=True)
    if placement is None:
        return SetUp(None, "", (), True, (_("This panel is not part of a course yet."),))
    course = ports().courses.course(placement.course_id)
    placement = replace(placement, content=block.chosen_content or {})
    tool, shown = tool_of(placement), chosen_at(placement)
    chosen = set(placement.activity_ids if chosen_activities(block) else ())
    own = set(unit_activities(block))
    choices = tuple(
        Choice(a.id, a.label, a.score_maximum, a.tag, a.id in chosen, a.id in own)
        for a in ports().grades.activities(placement.course_id)
    )
    return SetUp(
        launch_origin=origin(tool.target_link_uri) if tool else None,
        course_title=course.title if course else "",
        choices=choices,
        uses_own_unit=not chosen,
        problems=tuple(_problems(tool is not None, choices, chosen)),
        offers_content=tool is not None and DEEP_LINKING in tool.messages,
        content_title=shown[1].title if shown else "",
    )


def title_of(block: Any) -> str:
    """The panel's title; where its author gave none, the usual one in the reader's language."""
    given = block.display_name if block.fields["display_name"].is_set_on(block) else ""
    return (given or "").strip() or _("Learning plan")


def chosen_activities(block: Any) -> tuple[str, ...]:
    """What the author chose; () for the unit's own. A course file may hold anything in the place of ids."""
    return tuple(each for each in block.activity_ids or () if isinstance(each, str))


def content_sentence(title: str) -> str:
    """What the block shows, for its author."""
    if title:
        return _("Learners see “%(title)s”.") % {"title": title}
    return _("Learners see their plan, teachers see their class.")


def waiting_content(block: Any) -> dict[str, Any] | None:
    """What the person at this browser chose for the block at the tool and was not taken yet."""
    from .platform.content import take

    sub = _sub(block)
    return take(str(block.scope_ids.usage_id), sub) if sub else None


def offers_reviews(block: Any) -> bool:
    """Whether the person who looks at the block may open learners' reviews from it. Asks nothing for a learner."""
    from .platform.ports import ports
    from .platform.reviewing import offers_reviews

    if not may_author(block):
        return False
    placement = ports().courses.placement(str(block.scope_ids.usage_id))
    return placement is not None and offers_reviews(placement, _sub(block))


def _sub(block: Any) -> str | None:
    """The platform's id of the person who looks at the block; None for nobody's."""
    from .platform.ports import ports

    users = block.runtime.service(block, "user")
    user_id = users.get_current_user().opt_attrs.get("edx-platform.user_id") if users else None
    return ports().current_user.sub_of(user_id)


def unit_activities(block: Any) -> list[str]:
    """What may be a graded activity of the unit the block stands in: scored blocks below its parent, and what holds
    the unit (Open edX keeps grades by subsection)."""
    found: list[str] = []
    parent = holder = block.get_parent() if block.parent is not None else None
    while holder is not None:
        found.append(str(holder.scope_ids.usage_id))
        holder = holder.get_parent() if holder.parent is not None else None
    waiting = list(getattr(parent, "children", None) or [])
    while waiting:
        child = block.runtime.get_block(waiting.pop(0))
        if getattr(child, "has_score", False):
            found.append(str(child.scope_ids.usage_id))
        waiting = [*(getattr(child, "children", None) or []), *waiting]
    return found


def may_author(block: Any) -> bool:
    """Studio lets only authors reach its handlers, and names no role; an LMS names the student."""
    users = block.runtime.service(block, "user")
    known = users.get_current_user().opt_attrs if users else {}
    if not known.get("edx-platform.user_id"):  # an LMS names no role of a visitor who is not logged in
        return False
    return bool(known.get("edx-platform.user_is_staff")) or known.get("edx-platform.user_role") != "student"


def checked(block: Any, body: bytes) -> tuple[str, list[str]]:
    """The author's (display_name, activity_ids) from JSON. InvalidSettings says what is wrong with them."""
    from .platform.content import plain

    try:
        given = _Settings.model_validate_json(body)
    except ValidationError as error:
        raise InvalidSettings(_("The form could not be read. Load the page again.")) from error
    title = plain(given.display_name)  # a control character would also break the course's export
    if not title or len(title) > MAX_TITLE:
        raise InvalidSettings(_("Give the panel a title of at most %(count)s letters.") % {"count": MAX_TITLE})
    if given.activity_ids is None:
        return title, []
    if not given.activity_ids:
        raise InvalidSettings(_("Choose at least one activity, or the activities of this unit."))
    known = {choice.id for choice in setup_of(block).choices}
    if not known.issuperset(given.activity_ids):
        raise InvalidSettings(_("An activity you chose is no longer in this course. Load the page again."))
    return title, list(dict.fromkeys(given.activity_ids))


def _problems(has_tool: bool, choices: tuple[Choice, ...], chosen: set[str]) -> list[str]:
    problems = []
    if not has_tool:
        problems.append(
            _("No learning plan tool is connected to this course yet. Ask the people who run your LMS to connect it.")
        )
    if not choices:
        problems.append(_("This course has no graded activities yet, so the panel has no scores to show."))
    elif not chosen and not any(choice.own_unit for choice in choices):
        problems.append(
            _("This unit has no graded activities, so the panel is about the whole course. You may choose some.")
        )
    if chosen - {choice.id for choice in choices}:
        problems.append(_("An activity that was chosen is no longer in the course. Check the choice below."))
    return problems
