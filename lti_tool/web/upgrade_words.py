"""What moving a plan up would change, in the words of somebody who has never seen the text of a framework."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from lti_tool.plans.api import shown
from lti_tool.plans.data import Changed, Difference, Framework, UpgradeDifference

from .framework_words import rules

_SETTINGS = ("rules", "log", "school_year")  # what a framework has one of, not a list: told as sentences


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of one kind that came, went or changed: each one's name before, if it had another, and its name."""

    kind: str
    names: tuple[tuple[str, str], ...]
    kept: int = 0  # things of the plan that stand under them


def changes(difference: UpgradeDifference) -> list[tuple[str, list[Parts]]]:
    """What an upgrade changes, grouped as people would: what happened, and to which parts."""
    found = [
        (name, [*_parts(difference, what), *_settings(difference, what)])
        for what, name in (
            (Changed.ADDED, _("New")),
            (Changed.RENAMED, _("Called something else")),
            (Changed.CHANGED, _("Asked or told in another way")),
            (Changed.REMOVED, _("No longer there")),
        )
    ]
    return [(name, parts) for name, parts in found if parts]


def _parts(difference: UpgradeDifference, what: Changed) -> Iterator[Parts]:
    """Of the lists of a framework: all of one kind together."""
    kinds: dict[str, list[Difference]] = {}
    for each in difference.differences:
        if each.what is what and not (each.path[0] in _SETTINGS and len(each.path) == 2):
            kinds.setdefault(kind_of_part(each.path), []).append(each)
    for kind, found in kinds.items():
        names = tuple(dict.fromkeys((shown(each.before), shown(each.after or each.before)) for each in found))
        yield Parts(kind, names, sum(each.kept for each in found))


def _settings(difference: UpgradeDifference, what: Changed) -> Iterator[Parts]:
    """Of what a framework has one of: the sentences that were not there before, and those that are no longer."""
    before, after = _sentences(difference.before), _sentences(difference.after)
    told = {Changed.ADDED: (after, before), Changed.REMOVED: (before, after)}.get(what)
    for kind, sentences in told[0].items() if told else ():
        new = tuple(("", sentence) for sentence in sentences if sentence not in told[1][kind])
        if new:
            yield Parts(kind, new)


def _sentences(framework: Framework) -> dict[str, list[str]]:
    year, log = framework.school_year.starts, framework.log
    return {
        _("rule"): rules(framework),
        _("log"): [shown(words) for words in (log.name, log.about) if words],
        _("school year"): [_("It begins on %(day)s %(month)s.") % {"day": year.day, "month": MONTHS[year.month]}],
    }


def kind_of_part(path: tuple[str, ...]) -> str:
    """What kind of part a path leads to: lists and keys take turns in it."""
    kinds = {
        "areas": _("area"),
        "scales": _("scale"),
        "levels": _("level"),
        "target_types": _("kind of target"),
        "target_fields": _("question about a target"),
        "fields": _("question"),
        "questions": _("headline question"),
        "preparation": _("question to the learner"),
        "prompts": _("question in the log"),
        "forms": _("way to keep a log"),
        "sources": _("where something is known from"),
        "needs": _("part of what is found out first"),
        "plan_sections": _("part of the plan"),
        "sheets": _("sheet"),
        "review_kinds": _("kind of review"),
        "cadences": _("how often reviews come"),
        "terms": _("part of the school year"),
        "calendar": _("date"),
        "evidence_kinds": _("kind of evidence"),
        "contexts": _("place"),
        "signers": _("who signs up"),
        "life_events": _("key life event"),
        "year_bands": _("what comes first in some years"),
        "transitions": _("move to something new"),
        "focus": _("what comes first then"),
        "records": _("record"),
        "words": _("word"),
        "roles": _("role"),
        "oversight": _("look at quality"),
        "papers": _("printed form"),
        "library": _("document"),
        "indicators": _("sign that plans do good"),
    }
    if path[0] == "terms":  # the school's own words, one and many; the terms of its year stand deeper
        return kinds["words"]
    return kinds.get(path[-2], _("choice"))
