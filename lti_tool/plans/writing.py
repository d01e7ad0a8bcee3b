"""What a kind of review writes down besides judgements: support until then, next steps in each area (001.22)."""

from collections.abc import Mapping
from uuid import UUID

from . import audit
from .answering import misfits
from .data import Act, Actor, ReviewState, Voice
from .exceptions import Conflict, Invalid, Refused
from .former import former_in, review_hidden
from .frameworks.data import Field, ReviewKind
from .guarding import ceiling
from .models import Review
from .opening import lock_plan
from .permissions import changing
from .permissions import review as reach_review
from .policy import may_read
from .scales import of_review

TEXT_LENGTH = 5000


def asked(kind: ReviewKind) -> tuple[Field, ...]:
    """The kind's fields but the next steps, which every review has a place of its own for."""
    return tuple(field for field in kind.fields if field.key != "next_steps")


def write_review(actor: Actor, review_id: UUID, told: Mapping[str, str], *, shown: Mapping[str, str]) -> None:
    """Fill in fields of this kind of review. `shown` is what the page showed in them; others stay as they are.

    Raises:
        Refused: "closed".
        Invalid: by field, "unknown" (none of this kind's, or not the school's to fill in) "too_long", or as
            `answering.misfit` says.
        Conflict: somebody changed one of them meanwhile; `current` holds what stands, `mine` what was sent.
    """
    with changing(actor, "review.write", "review", review_id):
        reached = reach_review(actor, Act.REVIEW, review_id)
        lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        if review.state != ReviewState.OPEN:
            raise Refused("closed")
        _, kind, _ = of_review(review)
        limit = ceiling(actor, review.plan.student_id)
        hidden = review_hidden(former_in(actor.school_id, [review.plan_id]), kind.key, limit)
        mine = {
            f.key: f for f in asked(kind)
            if Voice.SCHOOL in f.filled_by and may_read(limit, f.sensitivity) and f.key not in hidden
        }  # fmt: skip
        said = {key: text.strip() for key, text in told.items()}
        errors = dict.fromkeys(said.keys() - mine.keys(), "unknown")
        errors |= {key: "too_long" for key, text in said.items() if len(text) > TEXT_LENGTH}
        if errors:
            raise Invalid(errors)
        stands = {key: review.details.get(key, "") for key in said}
        if unfit := misfits(mine, said, stands):
            raise Invalid(unfit)
        changed = {key: text for key, text in said.items() if text != stands[key]}
        if any(stands[key] != shown.get(key, "").strip() for key in changed):
            raise Conflict(current=stands, mine=said)
        if not changed:
            return
        review.details = {key: text for key, text in (review.details | changed).items() if text}
        review.version += 1
        review.save(update_fields=["details", "version"])
        audit.record(
            actor.school_id, "review.written", "review", review.id, actor=actor, about_id=review.plan.student_id,
            detail={"fields": sorted(changed)},
        )  # fmt: skip
