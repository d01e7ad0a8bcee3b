"""What the codes of a plan are called on its page, in words an eleven-year-old understands (T92)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lti_tool.plans.api import shown
from lti_tool.plans.data import PlanPage, PlanTarget, SignedBy, TimelineItem, Voice
from lti_tool.plans.frameworks.data import Framework, named


@dataclass(frozen=True, slots=True)
class AreaTargets:
    """The targets of one area; `name` is blank for those that name none."""

    key: str
    name: str
    targets: tuple[PlanTarget, ...]


def by_area(page: PlanPage) -> tuple[AreaTargets, ...]:
    """The framework's areas in their order, then what names none of them."""
    areas = [(area.key, shown(area.name)) for area in page.framework.areas]
    known = {key for key, _name in areas}
    found = [AreaTargets(key, name, _of(page.targets, {key})) for key, name in areas]
    rest = tuple(target for target in page.targets if target.words.area not in known)
    return tuple(area for area in (*found, AreaTargets("", "", rest)) if area.targets)


def _of(targets: Iterable[PlanTarget], keys: set[str]) -> tuple[PlanTarget, ...]:
    return tuple(target for target in targets if target.words.area in keys)


def ask_words(code: str, framework: Framework, target: PlanTarget) -> str:
    """A question of the SMART kind, or of the type's own field."""
    if code.startswith("field:"):
        kind = framework.target_type(target.words.type)
        field = named(kind.fields, code.removeprefix("field:")) if kind else None
        return shown(field.label) if field else ""
    return {
        "specific": _("What exactly? A few more words help."),
        "measurable": _("How will you know it is reached?"),
        "achievable": _("Where do you start from?"),
        "relevant": _("Which bigger goal does it lead to?"),
        "timed": _("Until when?"),
    }[code]


def habit_words(code: str) -> str:
    """What the FAST habit asks for now (003.5)."""
    return {
        "talk": _("Talk about it together soon."),
        "act": _("Choose one small step to do."),
        "say_more": _("Say it so that everybody knows what to do."),
        "soon": _("Choose a day that is not far away."),
    }[code]


def missing_words(code: str, framework: Framework) -> str:
    """What a complete plan has by the framework and this one has not."""
    if code.startswith("area:"):
        area = framework.area(code.removeprefix("area:"))
        return _("A target in this area: %(area)s") % {"area": shown(area.name) if area else ""}
    return {
        "career_goal": _("A goal for work or for planning what comes next"),
        "goals": _("A long-term goal"),
        "stepping_stones": _("A target for each goal"),
        "curriculum": _("Targets of the subjects for this year"),
        "signatures": _("Everybody’s signature under the plan as it is now"),
    }[code]


def who_does(voice: Voice) -> str:
    """Who does a step."""
    return {
        Voice.LEARNER: _("The student"),
        Voice.FAMILY: _("The family"),
        Voice.SCHOOL: _("School"),
        Voice.OTHERS: _("Somebody else"),
    }[voice]


def way_words(way: SignedBy) -> str:
    return {
        SignedBy.PAGE: _("on this page"),
        SignedBy.IN_PERSON: _("in person"),
        SignedBy.PAPER: _("on paper"),
    }[SignedBy(way)]


def story_words(item: TimelineItem) -> str:
    """What happened, in a few words."""
    words = {
        "target.new": _("A new target"),
        "target.proposed": _("A target was proposed"),
        "target.changed": _("A target changed"),
        "target.agreed": _("A proposed target was agreed"),
        "target.achieved": _("A target was reached"),
        "target.stopped": _("A target was stopped"),
        "target.checked": _("A target was checked"),
        "target.sent_back": _("A target was sent back to be worded anew"),
        "goal.new": _("A new goal"),
        "goal.changed": _("A goal changed"),
        "goal.ended": _("A goal was taken out"),
        "plan.new": _("The plan says something new"),
        "plan.changed": _("The plan changed"),
        "curriculum.new": _("A new subject target"),
        "curriculum.changed": _("A subject target changed"),
        "curriculum.ended": _("A subject target was taken out"),
        "need.said": _("Something new about the student"),
        "need.changed": _("Something about the student changed"),
        "need.taken_back": _("Something about the student was taken back"),
        "talk": _("A talk"),
        "review.started": _("A review began"),
        "review.closed": _("A review was agreed"),
        "signed": _("Somebody signed the plan"),
        "life": _("Something happened in the student’s life"),
    }
    return words.get(item.kind, _("The plan changed"))


# Which words of an item are shown, in this order; the rest are codes.
_TOLD = (
    "wording", "subject", "text", "about", "next_steps", "success", "next_step", "baseline", "steps", "note", "name",
)  # fmt: skip


def told(words: dict[str, str]) -> list[str]:
    """The words of an item that say something to people."""
    known = [words[key] for key in _TOLD if words.get(key)]
    return known + [text for key, text in words.items() if "." in key and key not in _TOLD and text]
