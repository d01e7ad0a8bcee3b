"""What the codes of a plan are called on its page, in words an eleven-year-old understands (T92)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lti_tool.plans.api import answer_words, shown
from lti_tool.plans.data import Job, PlanPage, PlanTarget, Setting, SignedBy, TimelineItem, Voice
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


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a target says, under the framework's name for it."""

    label: str
    text: str


_OWN_LABELS = {
    "success": gettext_lazy("I know I am there when"),
    "baseline": gettext_lazy("Where I start"),
    "support_inside": gettext_lazy("Help in class"),
    "support_outside": gettext_lazy("Help outside class"),
    "resources": gettext_lazy("Things that help"),
}


def facts(target: PlanTarget, page: PlanPage) -> list[Fact]:
    """What a target says besides its words, next step and steps, in the framework's order and words.

    What the framework no longer asks for comes last under the name it had, since it still stands.
    """
    framework, former = page.framework, page.former_labels
    said = {name: getattr(target.words, name) for name in _OWN_LABELS} | dict(target.words.details)
    kind = framework.target_type(target.words.type)
    found = [
        Fact(shown(field.label), answer_words(field, said.pop(field.key)))
        for field in (*framework.target_fields, *(kind.fields if kind else ()))
        if field.key in said
    ]
    found += [
        Fact(str(_OWN_LABELS.get(name) or former.get(name) or _("Said before")), text) for name, text in said.items()
    ]
    return [fact for fact in found if fact.text]


@dataclass(frozen=True, slots=True)
class Place:
    """A context a skill is to be shown in, or was (001.6). `count`: how many pieces of work show it there."""

    name: str
    count: int


def places(target: PlanTarget, page: PlanPage) -> list[Place]:
    """Where the target is to be shown, and where else it was."""
    wanted = [*target.words.contexts, *(key for key in target.shown_in if key not in target.words.contexts)]
    return [Place(context_called(page, key), target.shown_in.get(key, 0)) for key in wanted]


def context_called(page: PlanPage, key: str) -> str:
    return _called(page, "contexts", key)


def event_called(page: PlanPage, key: str) -> str:
    return _called(page, "life_events", key)


def area_called(page: PlanPage, key: str) -> str:
    return _called(page, "areas", key)


def _called(page: PlanPage, part: str, key: str) -> str:
    """The name of what stands in the plan: as its framework has it now, else as it had it then."""
    found = named(getattr(page.framework, part), key)
    return shown(found.name if found else page.former_labels.get(f"{part}.{key}", key))


def setting_words(setting: Setting) -> str:
    """Where a part of a programme is learned."""
    return {
        Setting.SCHOOL: _("In school"),
        Setting.PROVIDER: _("With another provider"),
        Setting.PLACEMENT: _("In a work placement"),
        Setting.PROJECT: _("In a project"),
        Setting.HOME: _("At home or online"),
    }[setting]


def day_words(text: str) -> str:
    """A day kept as ISO text, as days are written here; anything else as it is."""
    try:
        return formats.date_format(date.fromisoformat(text), "j F Y")
    except ValueError:
        return text


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
    if code.startswith("field:"):
        section, _dot, key = code.removeprefix("field:").partition(".")
        part = named(framework.plan_sections, section)
        field = named(part.fields, key) if part else None
        return _("An answer to this: %(question)s") % {"question": shown(field.label) if field else ""}
    return {
        "talk": _("A talk with everybody who writes the plan together, kept under “About”"),
        "career_goal": _("A goal for work or for planning what comes next"),
        "goals": _("A long-term goal"),
        "stepping_stones": _("A target for each goal"),
        "curriculum": _("Targets of the subjects for this year"),
        "needs": _("What the student is good at and needs"),
        "leads": _("The names of those who lead needs, plan and reviews"),
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


def job_words(job: Job) -> str:
    """What somebody does for a plan (002.21)."""
    return {
        Job.CONTACT: _("The adult to turn to"),
        Job.NEEDS: _("Finds out what is needed"),
        Job.PLAN: _("Makes the plan with the student"),
        Job.REVIEWS: _("Leads the reviews"),
        Job.SUPPORT: _("Helps as well"),
    }[Job(job)]


def way_words(way: SignedBy) -> str:
    return {
        SignedBy.PAGE: _("on this page"),
        SignedBy.IN_PERSON: _("in person"),
        SignedBy.PAPER: _("on paper"),
    }[SignedBy(way)]


def story_words(item: TimelineItem, own: bool = False) -> str:
    """What happened, in a few words; `own`: said to the learner."""
    if own and (said := _MY_STORY.get(item.kind)):
        return said()
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
        "programme.new": _("A new part of the programme"),
        "programme.changed": _("A part of the programme changed"),
        "programme.ended": _("A part of the programme was taken out"),
        "need.said": _("Something new about the student"),
        "need.changed": _("Something about the student changed"),
        "need.taken_back": _("Something about the student was taken back"),
        "talk": _("A talk"),
        "review.started": _("A review began"),
        "review.closed": _("A review was agreed"),
        "signed": _("Somebody signed the plan"),
        "not_signed": _("Somebody does not agree to the plan"),
        "life": _("Something happened in the student’s life"),
        "words.learner": _("The student’s own words for a review"),
        "words.learner.taken_back": _("The student took their words back"),
        "words.family": _("The family’s own words"),
        "words.school": _("Words from school for a review"),
        "words.school.taken_back": _("Words from school were taken back"),
        "words.others": _("Words from others"),
        "opinion": _("How somebody sees it"),
        "target.judged": _("A target was judged in a review"),
        "area.judged": _("An area was judged in a review"),
        "review.agreed": _("Somebody agreed to a review"),
        "review.seen_differently": _("Somebody sees a review differently"),
        "review.reopened": _("A review was opened again"),
        "outcome.reached": _("A review found a target reached"),
        "outcome.carried_on": _("A review carried a target on"),
        "outcome.dropped": _("A review dropped a target, and says why"),
    }
    return words.get(item.kind, _("The plan changed"))


# What the learner's own story says otherwise.
_MY_STORY = {
    "target.proposed": lambda: _("A target I suggested"),
    "target.agreed": lambda: _("The target I suggested was agreed"),
    "need.said": lambda: _("Something new about me"),
    "need.changed": lambda: _("Something about me changed"),
    "need.taken_back": lambda: _("Something about me was taken back"),
    "life": lambda: _("Something happened in my life"),
    "words.learner": lambda: _("My words for a review"),
    "words.learner.taken_back": lambda: _("I took my words back"),
    "words.family": lambda: _("My family’s own words"),
    "target.judged": lambda: _("We looked at a target in a review"),
    "area.judged": lambda: _("We looked at an area in a review"),
}

# Which words of an item are shown, in this order; the rest are codes.
_TOLD = (
    "wording", "area_name", "question", "subject", "title", "level", "about", "text", "comment", "next_steps",
    "success", "next_step", "baseline", "steps", "contexts", "strategies", "resources", "provider", "days_times",
    "qualification", "goals", "note", "name", "reason",
)  # fmt: skip


def told(words: dict[str, str]) -> list[str]:
    """The words of an item that say something to people."""
    known = [words[key] for key in _TOLD if words.get(key)]
    return known + [text for key, text in words.items() if "." in key and key not in _TOLD and text]
