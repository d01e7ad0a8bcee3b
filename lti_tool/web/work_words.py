"""Words of the log and the portfolio."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lti_tool.plans.api import shown
from lti_tool.plans.data import Audience
from lti_tool.plans.frameworks.data import EvidenceKind, LogRules, named


def audience_words(audience: Audience, own: bool) -> str:
    """Who may read it, said to its owner or to somebody else (T6)."""
    if own:
        return {
            Audience.PRIVATE: _("Only you can see this."),
            Audience.NOT_FOR_HOME: _("You and your teachers can see this."),
            Audience.SHARED: _("You, your teachers and your family can see this."),
        }[audience]
    return {
        Audience.PRIVATE: _("Only the student can see this."),
        Audience.NOT_FOR_HOME: _("The student and their teachers can see this."),
        Audience.SHARED: _("The student, their teachers and their family can see this."),
    }[audience]


def feeling_words(feeling: str) -> str:
    return {"great": _("Great"), "good": _("Good"), "unsure": _("Not sure"), "hard": _("Hard")}.get(feeling, "")


def kind_words(kind: str, kinds: Iterable[EvidenceKind]) -> str:
    """The name of a kind of evidence; one the framework no longer has is just evidence."""
    found = named(tuple(kinds), kind)
    return shown(found.name) if found else _("Evidence")


def prompt_label(rules: LogRules, key: str) -> str:
    found = named(rules.prompts, key)
    return shown(found.label) if found else ""


def work_error(code: str) -> str:
    """What to do about words or a file that cannot be taken."""
    sentences = {
        "required": _("Write a line, choose a face, or add a picture or your voice."),
        "too_long": _("This is too long. Please make it shorter."),
        "future": _("Choose a day that is not still to come."),
        "empty": _("The file is empty. Choose it again."),
        "too_large": _("The file is too big. Make a shorter recording or a smaller picture."),
        "unknown": _("This kind of file cannot be kept. Pictures, recordings, short videos and PDF papers can."),
        "broken": _("The file could not be read. It may be damaged. Try another."),
        "too_many_pixels": _("The picture is too big. Choose a smaller one."),
        "too_long_recording": _("The recording is too long. Ten minutes is the most."),
        "too_many_pages": _("The paper has too many pages. A hundred is the most."),
        "locked": _("The paper asks for a password. Save it without one and try again."),
        "too_many": _("There are too many files here. Take one back first."),
        "full": _("There is no room left for files. Take back some you no longer need."),
    }
    return sentences.get(code, _("Please check this."))
