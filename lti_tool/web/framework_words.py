"""What a framework's rules and days say, in sentences."""

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lti_tool.plans.api import shown
from lti_tool.plans.data import (
    After,
    CalendarItem,
    Changed,
    Difference,
    FieldKind,
    Framework,
    Happening,
    InTerm,
    OnDay,
    Sensitivity,
    UpgradeDifference,
    When,
)


def calendar(framework: Framework) -> list[tuple[CalendarItem, str]]:
    """Each thing the year brings round, and until when."""
    return [(item, due_words(item.due, framework)) for item in framework.calendar]


def due_words(rule: When, framework: Framework) -> str:
    """When something is due, as in "by the end of Autumn Term 1"."""
    match rule:
        case OnDay(month, day):
            return _("by %(day)s %(month)s") % {"day": day, "month": MONTHS[month]}
        case InTerm(key, edge):
            name = next((shown(term.name) for term in framework.school_year.terms if term.key == key), key)
            if edge == "start":
                return _("at the beginning: %(term)s") % {"term": name}
            return _("by the end: %(term)s") % {"term": name}
        case After(happening, days):
            since = _HAPPENINGS[happening]()
            if days == 0:
                return _("with %(event)s") % {"event": since}
            if days % 7 == 0:
                weeks = ngettext("%(count)s week", "%(count)s weeks", days // 7) % {"count": days // 7}
                return _("%(time)s after %(event)s") % {"time": weeks, "event": since}
            time = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
            return _("%(time)s after %(event)s") % {"time": time, "event": since}


_HAPPENINGS = {
    Happening.ENROLMENT: lambda: _("the first day at the school"),
    Happening.YEAR_START: lambda: _("the beginning of the school year"),
    Happening.PLAN_START: lambda: _("the beginning of the plan"),
    Happening.LAST_REVIEW: lambda: _("the last review"),
    Happening.TRANSITION: lambda: _("a transition"),
    Happening.LIFE_EVENT: lambda: _("a key life event"),
}


def kind_of_field(kind: FieldKind) -> str:
    """How a field is answered."""
    return {
        FieldKind.LINE: _("a line"),
        FieldKind.TEXT: _("words"),
        FieldKind.DATE: _("a date"),
        FieldKind.NUMBER: _("a number"),
        FieldKind.CHOICE: _("one choice"),
        FieldKind.CHOICES: _("choices"),
        FieldKind.STEPS: _("steps"),
        FieldKind.PEOPLE: _("people"),
    }[kind]


def sensitivity_words(sensitivity: Sensitivity) -> str:
    """How guarded a field is."""
    return {
        Sensitivity.ORDINARY: _("ordinary"),
        Sensitivity.PERSONAL: _("personal"),
        Sensitivity.SENSITIVE: _("sensitive"),
        Sensitivity.RESTRICTED: _("restricted"),
    }[sensitivity]


def rules(framework: Framework) -> list[str]:
    """What must hold, one sentence each."""
    held = framework.rules
    cadence = next((shown(each.name) for each in framework.cadences if each.key == held.cadence), "")
    sentences = (
        (held.career_goal_from_year, _("From Year %(count)s on, each plan has a career or planning goal.")),
        (held.quality_check_before_family, _checked(framework)),
        (held.both_evidence_kinds, _("A judgement asks for evidence in words and in numbers.")),
        (held.contract, _("The plan is an agreement that people sign up to.")),
        (held.goals_need_targets, _("Long-term goals have short-term targets as stepping stones.")),
        (held.annual_targets, _("The plan shows the curriculum targets of the year.")),
        (held.learner_grants_access, _("The learner says who else may look.")),
        (held.clone_warning, _("A warning is shown when targets repeat across a class.")),
        (held.carries_over, _("What one year ends with begins the next.")),
        (held.log_block_weeks, _("A block of the log covers %(count)s weeks.")),
        (held.needs_within_weeks, _("What a learner needs is known within %(count)s weeks of entry.")),
        (held.reviews_per_year, _("There are at least %(count)s reviews a year.")),
        (cadence, _("How often reviews come round: %(count)s.")),
    )
    return [words % {"count": value} for value, words in sentences if value is not None and value not in (False, "")]


def _checked(framework: Framework) -> str:
    checker = framework.rules.quality_checker_role
    role = next((shown(role.name) for role in framework.roles if role.key == checker), "")
    if not role:
        return _("Written targets are checked before a family receives them.")
    return _("Written targets are checked before a family receives them: %(role)s.") % {
        "role": role.replace("%", "%%")
    }


def changes(difference: UpgradeDifference) -> list[tuple[str, tuple[tuple[Difference, str], ...]]]:
    """What an upgrade changes, grouped as people would: each group's name, and its changes with what they are of."""
    names = {
        Changed.ADDED: _("New"),
        Changed.RENAMED: _("Called something else"),
        Changed.CHANGED: _("Asked or told in another way"),
        Changed.REMOVED: _("No longer there"),
    }
    grouped = [
        (name, tuple((each, part_words(each.path)) for each in difference.differences if each.what is what))
        for what, name in names.items()
    ]
    return [(name, found) for name, found in grouped if found]


def part_words(path: tuple[str, ...]) -> str:
    """What kind of part a path leads to."""
    kinds = {
        "areas": _("area"),
        "scales": _("scale"),
        "levels": _("level"),
        "target_types": _("kind of target"),
        "target_fields": _("question about a target"),
        "fields": _("question"),
        "preparation": _("question to the learner"),
        "needs": _("part of what is found out first"),
        "plan_sections": _("part of the plan"),
        "sheets": _("sheet"),
        "review_kinds": _("kind of review"),
        "calendar": _("date"),
        "rules": _("rule"),
        "evidence_kinds": _("kind of evidence"),
        "contexts": _("place"),
        "signers": _("who signs up"),
        "records": _("record"),
        "words": _("word"),
        "roles": _("role"),
    }
    nearest = next((step for step in reversed(path[:-1]) if step in kinds), "")
    return kinds.get(nearest, _("something else"))
