"""What a review rested on, kept as it stood when the review closed.

The snapshot is the page's own value in JSON: wording, links, evidence, arithmetic, judgements and opinions. Names are
left out and looked up when the page is shown, so that a corrected name shows and an erased one is gone. A review that
was opened again and closed once more has a snapshot of each closing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from .data import AreaView, ReviewTarget
from .models import FrozenTarget, Person, Review
from .naming import author_ref

_TARGET: TypeAdapter[ReviewTarget] = TypeAdapter(ReviewTarget)
_AREAS: TypeAdapter[tuple[AreaView, ...]] = TypeAdapter(tuple[AreaView, ...])
# The keys of a PersonRef, before and since it tells pronouns, and of nothing else in a snapshot.
_PERSON = ({"id", "name"}, {"id", "name", "pronouns"})


def freeze(review: Review, targets: Sequence[ReviewTarget], *, closing: int = 1) -> None:
    """Write down what the review shows. The review's plan must be locked."""
    FrozenTarget.objects.bulk_create(
        FrozenTarget(
            school_id=review.school_id,
            review=review,
            closing=closing,
            target_id=target.card.id,
            snapshot=_nameless(_TARGET.dump_python(target, mode="json")),
        )
        for target in targets
    )


def thaw(review: Review, *, closing: int | None = None) -> tuple[ReviewTarget, ...]:
    """What a closed review rested on (at its last closing), in the order its page showed. Two queries."""
    rows = FrozenTarget.objects.of(review.school_id).filter(review=review, closing=closing or max(review.closings, 1))
    snapshots = [row.snapshot for row in rows.order_by("id")]
    return tuple(_TARGET.validate_python(snapshot) for snapshot in _named(review.school_id, snapshots))


def frozen_areas(areas: Sequence[AreaView]) -> Any:
    """The areas as a closing keeps them."""
    return _nameless(_AREAS.dump_python(tuple(areas), mode="json"))


def thawed_areas(school_id: UUID, snapshot: Any) -> tuple[AreaView, ...]:
    """The areas of a closing. One query where somebody judged one."""
    return _AREAS.validate_python(_named(school_id, snapshot or []))


def _people(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.keys() in _PERSON:
            yield value
        for part in value.values():
            yield from _people(part)
    elif isinstance(value, list):
        for part in value:
            yield from _people(part)


def _nameless(value: Any) -> Any:
    _call(value, lambda person_id: "")
    return value


def _named(school_id: UUID, value: Any) -> Any:
    ids = {UUID(person["id"]) for person in _people(value)}
    known = Person.objects.of(school_id).filter(pk__in=ids) if ids else []
    names = {person.id: author_ref(person).name for person in known}
    _call(value, lambda person_id: names.get(person_id, ""))
    return value


def _call(value: Any, name: Callable[[UUID], str]) -> None:
    for person in _people(value):
        person["name"] = name(UUID(person["id"]))
        person.pop("pronouns", None)
