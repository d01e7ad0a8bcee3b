"""What a framework's rules and days say, in sentences."""

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lti_tool.plans.api import shown
from lti_tool.plans.data import (
    After,
    CalendarItem,
    FieldKind,
    Framework,
    Happening,
    InTerm,
    OnDay,
    Role,
    Sensitivity,
    Voice,
    When,
    Years,
)

from .wording import comma


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
        (held.named_leads, _("Each plan says by name who leads what.")),
        (held.reviews_per_year, _("There are at least %(count)s reviews a year.")),
        (cadence, _("How often reviews come round: %(count)s.")),
        (_sides(held.written_with), _("Before the year’s plan is whole, these talk about it: %(count)s.")),
        (_sides(held.agreed_by), _("A judgement is talked about before it is agreed, with: %(count)s.")),
        (held.linked_activities, _("Targets can be linked to activities of courses.")),
    )
    return [words % {"count": value} for value, words in sentences if value is not None and value not in (False, "")]


def _sides(voices: tuple[str, ...]) -> str:
    names = {
        Voice.LEARNER: _("the student"),
        Voice.FAMILY: _("the family"),
        Voice.SCHOOL: _("the school"),
        Voice.OTHERS: _("others"),
    }
    return comma().join(names[Voice(voice)] for voice in voices)


def _checked(framework: Framework) -> str:
    checker = framework.rules.quality_checker_role
    role = next((shown(role.name) for role in framework.roles if role.key == checker), "")
    if not role:
        return _("Written targets are checked before a family receives them.")
    return _("Written targets are checked before a family receives them: %(role)s.") % {
        "role": role.replace("%", "%%")
    }


def years_words(years: Years) -> str:
    """In which school years something is asked."""
    first, last = years.first, years.last
    if first is None or last is None:
        words = _("from Year %(first)s on") if last is None else _("to Year %(last)s")
        return words % {"first": first, "last": last}
    return _("Years %(first)s to %(last)s") % {"first": first, "last": last}


def right_words(acts_as: str) -> str:
    """What somebody in this role can do, in one line. The whole table is in docs/permissions.md."""
    rights = {
        Role.LEARNER: _("has the plan, writes in it and says who else may look"),
        Role.FAMILY: _("reads what is shared, answers sheets and sends evidence from home"),
        Role.TEACHER: _("writes and reviews the plans of the class"),
        Role.ASSISTANT: _("reads the plans of the class and adds evidence"),
        Role.KEY_WORKER: _("leads one student’s plan"),
        Role.SUBJECT_TEACHER: _("reads plans, speaks in reviews and adds evidence"),
        Role.PHASE_LEADER: _("reads the plans of a phase and checks written targets"),
        Role.LEADERSHIP: _("reads every plan of the school and checks written targets"),
        Role.ADMINISTRATOR: _("looks after people, frameworks and rules, and reads no plan"),
        Role.PROVIDER: _("reads one student’s plan and adds evidence"),
    }
    return rights[Role(acts_as)] if acts_as != Role.NONE else _("is named, and sees nothing of a plan")
