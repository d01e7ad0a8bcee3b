"""Codes of the domain as words an eleven-year-old understands (T92). English is the source; gettext the rest."""

from datetime import datetime
from typing import Protocol, cast

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lti_tool.plans.data import Ending, EvidenceView, Outcome, Suggestion, SyncProblem, Track, Voice
from lti_tool.plans.frameworks.data import LevelDef
from lti_tool.plans.frameworks.wording import shown


def number(value: float) -> str:
    """A score as people write it: 7, 7.5, never 7.0."""
    shown = round(value, 1) or 0.0  # never -0
    return formats.number_format(shown, decimal_pos=None if shown % 1 else 0, use_l10n=True)


def score_words(evidence: EvidenceView) -> str:
    if evidence.score_given is None:
        return _("No score was given")
    return _("%(given)s out of %(maximum)s") % {
        "given": number(evidence.score_given),
        "maximum": number(evidence.score_maximum),
    }


def percent_words(percent: float) -> str:
    return _("%(number)s %%") % {"number": number(round(percent))}


# The three everybody begins with have pictures and colours of their own; the others their shape.
_PICTURES = {"seed": "emerging", "leaf": "expected", "star": "exceeded"}


class _Levelled(Protocol):
    @property
    def said(self) -> LevelDef | None: ...
    @property
    def level(self) -> str: ...


def level_words(level: LevelDef | _Levelled) -> str:
    """What the framework calls the level, in the reader's language; its key where nothing knows it any more."""
    said = level if isinstance(level, LevelDef) else level.said
    return shown(said.name) if said else cast(_Levelled, level).level


def level_meaning(level: LevelDef | _Levelled) -> str:
    said = level if isinstance(level, LevelDef) else level.said
    return shown(said.meaning) if said and said.meaning else ""


def level_picture(level: LevelDef | _Levelled) -> str:
    """The icon beside a level's words, so that it is never told by colour alone."""
    said = level if isinstance(level, LevelDef) else level.said
    shape = said.shape if said else "circle"
    return _PICTURES.get(shape, f"shape-{shape}")


def ending_words(ending: Ending) -> str:
    """What becomes of a target after a review."""
    return {
        Ending.REACHED: _("Reached"),
        Ending.CARRIED_ON: _("Carry on"),
        Ending.CHANGED: _("Change it"),
        Ending.DROPPED: _("Drop it"),
    }[ending]


def ended_words(outcome: Outcome) -> str:
    """The same, once the review has closed."""
    return {
        Ending.REACHED: _("Reached, and ended"),
        Ending.CARRIED_ON: _("Goes on"),
        Ending.CHANGED: _("Goes on in new words"),
        Ending.DROPPED: _("Dropped"),
    }[outcome.ending]


def ending_picture(ending: Ending) -> str:
    """Its picture."""
    pictures = {
        Ending.REACHED: "shape-star",
        Ending.CARRIED_ON: "step",
        Ending.CHANGED: "pen",
        Ending.DROPPED: "no_evidence",
    }
    return pictures[ending]


def about_percent(tens: int | None) -> str:
    """A share told so that it shows no single child: never that something holds for everybody or nobody."""
    if tens is None:
        return _("too few to tell")
    if tens <= 10:
        return _("about %(share)s %% or less") % {"share": number(10)}
    told = _("about %(share)s %% or more") if tens >= 90 else _("about %(share)s %%")
    return told % {"share": number(min(tens, 90))}


def track_words(track: Track) -> str:
    return {
        Track.ON_TRACK: _("On track"),
        Track.NEEDS_ATTENTION: _("Worth a look"),
        Track.NO_EVIDENCE: _("No scores yet"),
    }[track]


def voice_words(voice: Voice, *, own: bool = False) -> str:
    """Whose words something is in; `own`: said to the learner."""
    return {
        Voice.LEARNER: _("In my own words") if own else _("In the student’s own words"),
        Voice.FAMILY: _("From the family"),
        Voice.SCHOOL: _("From school"),
        Voice.OTHERS: _("From others"),
    }[voice]


def source_words(source: str) -> str:
    return {"ags": _("the course gradebook")}.get(source, _("the course"))


def moment(when: datetime, now: datetime | None = None) -> str:
    """`today at 14:05`, `yesterday at 9:30`, else the date; the school's time."""
    local, today = timezone.localtime(when), timezone.localtime(now)
    clock = formats.time_format(local, "H:i")
    days = (today.date() - local.date()).days
    if days == 0:
        return _("today at %(time)s") % {"time": clock}
    if days == 1:
        return _("yesterday at %(time)s") % {"time": clock}
    day = formats.date_format(local, "j M" if local.year == today.year else "j M Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": clock}


def problem_sentence(problem: SyncProblem, now: datetime | None = None) -> str:
    """Why scores could not be read and since when; never to be mistaken for having none."""
    local = timezone.localtime(problem.since)
    since = formats.time_format(local, "H:i")
    if local.date() != timezone.localtime(now).date():
        since = formats.date_format(local, "j M, H:i")
    return _("New scores could not be read since %(time)s, because %(reason)s.") % {
        "time": since,
        "reason": problem_reason(problem.code),
    }


def problem_reason(code: str) -> str:
    reasons = {
        "unreachable": _("the course’s gradebook does not answer"),
        "slow": _("the course’s gradebook takes too long to answer"),
        "refused": _("the course’s gradebook no longer lets this page read scores"),
        "throttled": _("the course’s gradebook asked us to wait"),
        "broken": _("the course’s gradebook gave an answer that makes no sense"),
        "too_large": _("the course’s gradebook gave an answer that is too long"),
        "unauthorised": _("the course’s gradebook no longer knows this page"),
        "forbidden": _("the course’s gradebook no longer lets this page read scores"),
        "failing": _("the course’s gradebook is out of order"),
        "redirected": _("the course’s gradebook is not where it was"),
        "certificate": _("the course’s gradebook could not prove who it is"),
        "private_address": _("the address of the course’s gradebook is not allowed"),
        "dormant": _("nobody opened this page for a while; they are being read again now"),
        "not_connected": _("this course is not connected to its gradebook"),
    }
    return reasons.get(code, _("something went wrong while reading the gradebook"))


def refusal_sentence(code: str) -> str:
    sentences = {
        "csrf": _("This page is too old to save from. Reload it and try again; what you wrote is kept."),
        "unreadable": _("Please check this."),
        "placed_before": _("This was answered already. To add something else, begin again in your course."),
        "ended": _("This was shared with you for a time. It is not shared any more."),
        "sharing_off": _("Your school has switched sharing off. Ask a teacher if you would like to share something."),
        "ending_off": _("Your school decides about this. Tell a teacher what you would like."),
        "both_under_review": _("Both have an open review, or one of the same round. Close one first."),
        "asked": _("You asked already. The school has not answered yet."),
        "decided": _("This was answered already."),
        "closed": _("This review is closed. What it says stays as it is."),
        "review_closed": _("This review is closed. What it says stays as it is."),
        "another_open": _("Another review of this student is open. Close that one first."),
        "learners_own": _("Only the student can say this, on their own page."),
        "not_yours": _("These are somebody else’s words."),
        "links_not_printed": _("Your school does not print links. Give the family the link in another way."),
        "not_checked": _("Some targets wait for their check. They go home after it."),
        "stopped": _("Nobody works on this target any more."),
        "nothing_judged": _("Judge at least one target before you close the review."),
        "not_judged": _("Judge every target before you close the review."),
        "old_address": _("This address is no longer good. Open the page again."),
        "reason_first": _("Write why first. The student asked that this is not for home."),
        "record": _("A review stays on record. Open it again and change what is not right."),
        "second_adult": _("Somebody else has to look at this: you wrote or reported it."),
        "no_targets": _("Add a target first. A review looks at targets."),
        "unchanged": _("This says what the last version says. There is nothing new to publish."),
        "up_to_date": _("This plan has the newest version already."),
    }
    return sentences.get(code, _("Your school’s rules do not allow this."))


def error_sentence(code: str) -> str:
    """What to do about a field that cannot be taken as it is."""
    sentences = {
        "required": _("Please fill this in."),
        "too_long": _("This is too long. Please make it shorter."),
        "reason_required": _("Say in a few words why you change this judgement. The first one stays on record."),
        "future": _("Choose a day that is not still to come."),
        "day": _("Choose a day."),
        "number": _("Write a number here."),
        "choice": _("Choose one of the answers."),
        "too_many": _("These are too many at once. Please write fewer."),
        "both_kinds": _("Say what you saw and what you counted, or why only one of them."),
        "past": _("Choose a day that is still to come."),
        "whose": _("Say whose view it is: write the name."),
        "new_words": _("Write the target’s new words. The old ones stay on record."),
        "why_dropped": _("Say in a few words why this target is dropped."),
        "level_first": _("Choose a level too. Your comment is kept."),
        "unknown": _("One of the activities is no longer in this course. Choose again."),
        "invalid": _("Please check this."),
    }
    return sentences.get(code, sentences["invalid"])


def comma() -> str:
    """What stands between two things of a list, as the reader's language writes it."""
    return "، " if (get_language() or "").startswith("ar") else ", "


def arithmetic(suggestion: Suggestion) -> str:
    """How the figures come to a level, so that anyone can do the sum again (T25)."""
    figures = comma().join(
        f"{number(e.score_given)}/{number(e.score_maximum)} = {percent_words(e.percent)}"
        for e in suggestion.figures
        if e.score_given is not None and e.percent is not None
    )
    return _("%(figures)s. Average %(mean)s: %(level)s. A suggestion; you decide.") % {
        "figures": figures,
        "mean": percent_words(suggestion.mean_percent),
        "level": level_words(suggestion),
    }


def scale(suggestion: Suggestion) -> str:
    """Where the levels begin that figures suggest."""
    if len(suggestion.steps) < 2:
        return ""
    (low, _first), *_middle, (high, last) = suggestion.steps
    return _("Below %(low)s is %(lowest)s, from %(high)s on is %(highest)s.") % {
        "low": percent_words(suggestion.emerging_below),
        "lowest": level_words(low),
        "high": percent_words(last),
        "highest": level_words(high),
    }
