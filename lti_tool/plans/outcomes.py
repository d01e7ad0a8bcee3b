"""What a review agrees for each target: reached, carried on, changed or dropped with a reason (002.15, 003.6).

It is said while the review is open and done when it closes, after the freeze: the review keeps the words it judged,
the plan goes on with what was agreed. Opened again and closed otherwise, the later word counts.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef
from django.utils import timezone

from lti_tool.nested import Nested

from . import audit
from .data import Act, Actor, Ending, Outcome, ReviewState, TargetState
from .exceptions import Conflict, Invalid, NotFound, Refused
from .models import Person, Plan, Review, Target, TargetOutcome
from .naming import author_ref
from .opening import LIVE, lock_plan
from .permissions import changing
from .permissions import review as reach_review
from .scales import of_review
from .targets import WORDING_LENGTH, settle

_STATES = {Ending.REACHED: TargetState.ACHIEVED, Ending.DROPPED: TargetState.STOPPED}


def set_outcome(actor: Actor, review_id: UUID, target_id: UUID, outcome: Outcome) -> None:
    """What shall become of a target once this review closes. The same again changes nothing.

    Raises:
        Conflict: somebody said otherwise after `outcome.version` (0: nothing was said); `current` is an Outcome.
        Refused: "closed"; "not_changed_here", this kind of review changes no targets.
        Invalid: text "why_dropped" (no reason), "required" (changed to no words), "too_long".
    """
    with changing(actor, "target.outcome", "target", target_id):
        reached = reach_review(actor, Act.REVIEW, review_id)
        plan = lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan", "school").get(pk=reached.pk)
        if review.state != ReviewState.OPEN:
            raise Refused("closed")
        if not Target.objects.of(actor.school_id).filter(pk=target_id, plan=plan).exists():
            raise NotFound
        rows = TargetOutcome.objects.of(actor.school_id).select_related("author")
        row, text = rows.filter(review=review, target=target_id).first(), outcome.text.strip()
        if row and (row.ending, row.text) == (outcome.ending, text):
            return
        if (row.version if row else 0) != outcome.version:
            raise Conflict(current=_view(row) if row else None, mine=outcome)
        _check(review, outcome.ending, text)
        review.version += 1
        review.save(update_fields=["version"])
        row = row or TargetOutcome(school_id=actor.school_id, review=review, target_id=target_id, version=0)
        row.ending, row.text, row.author_id, row.said_at = outcome.ending, text, actor.person_id, timezone.now()
        row.version, row.review_version = row.version + 1, review.version
        row.save()
        detail = {"review": str(review.id), "ending": str(outcome.ending)}
        audit.record(
            actor.school_id, "target.outcome_said", "target", target_id, actor=actor, about_id=plan.student_id,
            detail=detail,
        )  # fmt: skip


def _check(review: Review, ending: Ending, text: str) -> None:
    _, kind, _ = of_review(review)
    if ending is Ending.CHANGED and not kind.may_change_targets:
        raise Refused("not_changed_here")
    if not text and ending in (Ending.CHANGED, Ending.DROPPED):
        raise Invalid({"text": "required" if ending is Ending.CHANGED else "why_dropped"})
    if len(text) > WORDING_LENGTH:
        raise Invalid({"text": "too_long"})


def do_outcomes(review: Review, plan: Plan, actor: Actor) -> None:
    """Do what a closing review agreed for its targets. The plan must be locked, the review frozen."""
    for row in TargetOutcome.objects.of(review.school_id).filter(review=review).select_related("target"):
        if row.target.plan_id != plan.id or row.target.state not in (*LIVE, row.put):
            continue  # somebody ended it otherwise meanwhile
        ending = Ending(row.ending)
        state = _STATES.get(ending, TargetState.AGREED)
        settle(plan, row.target_id, state, wording=row.text if ending is Ending.CHANGED else "", actor=actor)
        row.put = state
        row.save(update_fields=["put"])


def nested_outcomes(school_id: UUID, review_id: UUID) -> Nested:
    """What the review says of each target, in a column of a query of targets; `outcome_in` reads it."""
    rows = TargetOutcome.objects.of(school_id).filter(review=review_id, target=OuterRef("pk"))
    rows = rows.annotate(name=F("author__display_name"))
    return Nested(rows, "ending", "text", "version", "author_id", "name")


def outcome_in(rows: Iterable[Mapping[str, Any]]) -> Outcome | None:
    """The outcome such a column holds, if one was said."""
    for row in rows:
        author = author_ref(Person(id=UUID(str(row["author_id"])), display_name=row["name"]))
        return Outcome(Ending(row["ending"]), row["text"], author, row["version"])
    return None


def _view(row: TargetOutcome) -> Outcome:
    return Outcome(Ending(row.ending), row.text, author_ref(row.author), row.version)
