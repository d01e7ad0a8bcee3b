"""What a review rested on, kept as it stood when the review closed.

The snapshot is the page's own value in JSON: wording, links, evidence, arithmetic and judgements. Names are
left out and looked up when the page is shown, so that a corrected name shows and an erased one is gone.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from pydantic import TypeAdapter

from .data import JudgementView, PersonRef, ReviewTarget
from .models import FrozenTarget, Person, Review
from .naming import author_ref

_SNAPSHOT: TypeAdapter[ReviewTarget] = TypeAdapter(ReviewTarget)


def freeze(review: Review, targets: Sequence[ReviewTarget]) -> None:
    """Write down what the review shows. The review's plan must be locked."""
    FrozenTarget.objects.bulk_create(
        FrozenTarget(
            school_id=review.school_id,
            review=review,
            target_id=target.card.id,
            snapshot=_SNAPSHOT.dump_python(_with_authors(target, {}), mode="json"),
        )
        for target in targets
    )


def thaw(review: Review) -> tuple[ReviewTarget, ...]:
    """What a closed review rested on, in the order its page showed. Two queries."""
    rows = FrozenTarget.objects.of(review.school_id).filter(review=review).order_by("id")
    targets = [_SNAPSHOT.validate_python(row.snapshot) for row in rows]
    authors = {judgement.author.id for target in targets for judgement in _judgements(target)}
    people = Person.objects.of(review.school_id).filter(pk__in=authors)
    named = {person.id: author_ref(person) for person in people}
    return tuple(_with_authors(target, named) for target in targets)


def _judgements(target: ReviewTarget) -> list[JudgementView]:
    views = (target.judgement, target.last_judgement, target.card.judgement)
    return [view for view in views if view]


def _with_authors(target: ReviewTarget, named: dict[UUID, PersonRef]) -> ReviewTarget:
    def signed(view: JudgementView | None) -> JudgementView | None:
        if view is None:
            return None
        return replace(view, author=named.get(view.author.id, PersonRef(view.author.id, "")))

    return replace(
        target,
        card=replace(target.card, judgement=signed(target.card.judgement)),
        last_judgement=signed(target.last_judgement),
        judgement=signed(target.judgement),
    )
