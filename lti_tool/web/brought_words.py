"""Words for what was brought from another school: what kind of thing each is, and what its fields say."""

from django.utils import formats
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _


def brought_table(name: str) -> str:
    """A kind of thing, for whoever reads the history of a student."""
    return {
        "Statement": _("What was known"),
        "Discussion": _("Talks"),
        "Goal": _("Long-term goals"),
        "ProgrammePart": _("What was learned, and where"),
        "Target": _("Targets"),
        "TargetStep": _("Steps towards targets"),
        "CurriculumTarget": _("Targets in subjects"),
        "Review": _("Reviews"),
        "Judgement": _("What was judged"),
        "Opinion": _("How people saw it"),
        "Contribution": _("What people wrote for reviews"),
        "Agreement": _("Who agreed, and who saw it differently"),
        "LifeEvent": _("Things that happened"),
        "LogEntry": _("The student’s log"),
        "SheetAnswer": _("What the family answered"),
    }.get(name, name)


def brought_words(field: str) -> str:
    """What a field of another school's history says."""
    if field == "at" or field.endswith("_at") or field in ("held_on", "happened_on"):
        return _("When")
    return field_words(field)


def field_words(field: str) -> str:
    """What a stored field says, for whoever reads their own record; its name where nothing better is known."""
    return {
        "text": _("In words"),
        "comment": _("In words"),
        "answers": _("In words"),
        "source_note": _("Where this comes from"),
        "voice": _("Whose words"),
        "about": _("About"),
        "wording": _("Wording"),
        "success": _("How we will know"),
        "baseline": _("Where it began"),
        "next_step": _("Next step"),
        "next_steps": _("Next steps"),
        "next_review_on": _("Next review"),
        "title": _("What is it?"),
        "provider": _("At which place, with whom?"),
        "days_times": _("On which days, at what times?"),
        "qualification": _("Which certificate does it lead to?"),
        "strategies": _("What makes it work"),
        "resources": _("Things that help"),
        "support_inside": _("Help in class"),
        "support_outside": _("Help outside class"),
        "state": _("How it stood"),
        "due_on": _("Until when"),
        "by_on": _("Until when"),
        "done_on": _("Done on"),
        "target": _("Target"),
        "what": _("Step"),
        "subject": _("Subject"),
        "strand": _("Part of the subject"),
        "progress": _("Progress"),
        "number": _("Review"),
        "review": _("Review"),
        "why": _("Why"),
        "reason": _("Why"),
        "level": _("Level"),
        "qualitative": _("What was seen"),
        "quantitative": _("What was counted"),
        "author": _("Who"),
        "name": _("Who"),
        "agrees": _("Agrees"),
        "answer": _("Answer"),
    }.get(field, field.replace("_", " "))


def brought_text(text: str, field: str) -> str:
    """A value as people read it: days and choices in the reader’s language, words as they were written."""
    if field == "at" or field.endswith(("_at", "_on")):
        return _day(text)
    return {
        ("agrees", "yes"): _("Yes"),
        ("agrees", "no"): _("No"),
        ("voice", "learner"): _("The student"),
        ("voice", "family"): _("Family"),
        ("voice", "school"): _("School"),
        ("voice", "others"): _("Others"),
        ("state", "draft"): _("Not agreed yet"),
        ("state", "agreed"): _("Agreed"),
        ("state", "achieved"): _("Achieved"),
        ("state", "stopped"): _("Stopped"),
    }.get((field, text), text)


def _day(text: str) -> str:
    try:
        when = parse_datetime(text) or parse_date(text)
    except ValueError:
        when = None
    return formats.date_format(when, "j F Y") if when else text
