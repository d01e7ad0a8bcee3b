"""The rules a school settles for itself: its administrator reads and sets them, and the trail has each change."""

from collections.abc import Mapping
from dataclasses import asdict

from lti_tool.privacy import HANDLING

from . import audit
from .data import Act, Actor, SchoolRules
from .exceptions import Invalid
from .models import School
from .permissions import asking, changing, office
from .retention import people_over

_LIMITS = {
    "share_days": (1, 366),
    **{handling.rule: (1, handling.most_years) for handling in HANDLING.values()},
    "review_every_days": (1, 366),
    "year_starts_month": (1, 12),
    "emerging_below": (0, 100),
    "exceeded_from": (0, 100),
}
_FIELDS = tuple(SchoolRules.__dataclass_fields__)


def rule_limits() -> Mapping[str, tuple[int, int]]:
    """The least and the most of each rule that is a number."""
    return _LIMITS


def school_rules(actor: Actor) -> SchoolRules:
    """The rules that hold now.

    Raises:
        NotFound: the actor is not in the school's office.
    """
    with asking(actor, "rules.read", "school", actor.school_id):
        office(actor, Act.SET_RULES)
    return _rules(School.objects.get(pk=actor.school_id))


def set_school_rules(actor: Actor, rules: SchoolRules, *, sure: bool = False) -> None:
    """These rules hold from now on; shares made before keep their last day.

    Raises:
        NotFound: the actor is not in the school's office.
        Invalid: by field, "range"; emerging_below "order" (above exceeded_from); keep_years,
            keep_restricted_years "deletes": what is kept of people who left would be over at once, and the actor has
            not said to be `sure`.
    """
    with changing(actor, "rules.set", "school", actor.school_id):
        office(actor, Act.SET_RULES)
        school = School.objects.select_for_update(no_key=True).get(pk=actor.school_id)
        wanted = asdict(rules)
        errors = {name: "range" for name, (least, most) in _LIMITS.items() if not least <= wanted[name] <= most}
        if not errors and rules.emerging_below > rules.exceeded_from:
            errors["emerging_below"] = "order"
        if not errors and not sure:
            shorter = {one.rule for one in HANDLING.values() if wanted[one.rule] < getattr(school, one.rule)}
            over = {name for name in shorter if people_over(actor.school_id, wanted[name]).exists()}
            errors |= dict.fromkeys(sorted(over), "deletes")
        if errors:
            raise Invalid(errors)
        changed = {name: wanted[name] for name in _FIELDS if wanted[name] != getattr(school, name)}
        if changed:
            School.objects.filter(pk=school.pk).update(**changed)
            audit.record(actor.school_id, "rules.set", "school", school.pk, actor=actor, detail=changed)


def _rules(school: School) -> SchoolRules:
    return SchoolRules(**{name: getattr(school, name) for name in _FIELDS})
