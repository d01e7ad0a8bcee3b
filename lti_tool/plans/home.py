"""What a family sees: of their own children, what is shared with home, and nothing else (T28, T30)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from . import audit
from .agreements import agreements_of, answered_by
from .data import (
    Act,
    Actor,
    HomePage,
    HomeReview,
    JudgedPart,
    MediaUse,
    Party,
    PersonRef,
    Piece,
    ReviewState,
)
from .exceptions import NotFound
from .frameworks.keeping import framework_of
from .guardians import my_children
from .items import KINDS
from .models import Person, Plan, Review
from .models.base import SchoolQuerySet
from .naming import student_ref
from .permissions import asking, reaches
from .permissions import review as reach_review
from .permissions import student as reach_student
from .readings import readings_of
from .scales import area_called, plan_framework
from .signing import parties

MOST = 20  # of each kind on the page
MOST_TOLD = 100  # of each kind in the story


def at_home(actor: Actor, child_id: UUID) -> HomePage:
    """One child's plan as its family reads it: agreed targets, agreed reviews, words for home. Constant SQL.

    Raises:
        NotFound: no live guardian link to this child, or none that was told of in the actor's course.
    """
    with asking(actor, "home.read", "person", child_id):
        child = reach_student(actor, Act.READ_SHARED, child_id)
    others = len(my_children(actor)) - 1
    page = replace(shared_with_home(actor, Act.READ_SHARED, child, actor), others=others)
    audit.record_once(actor, "home.read", "person", child_id, about_id=child_id)
    return page


def shared_with_home(actor: Actor, act: Act, child: Person, reader: Actor) -> HomePage:
    """What `reader`, who is family, reads of the child: the one choice for its page and for paper (T34).

    Fetched as far as `actor` reaches with `act`: the reader themselves, or staff who print it for them.
    """

    def pieces(name: str, *order: str) -> tuple[Piece, ...]:
        return _pieces(actor, act, child.id, reader, name, *order)

    return HomePage(
        student=student_ref(child.id, child.display_name),
        targets=pieces("target", "position", "created_at"),
        reviews=pieces("review", "-closed_at"),
        words=pieces("words", "-written_at"),
        work=(*pieces("log", "-written_at"), *pieces("item", "-added_at")),
        others=0,
        parties=_parties(reader, child),
        answered=answered_by(reader, child.id),
    )


def home_story(actor: Actor, child_id: UUID) -> tuple[PersonRef, tuple[Piece, ...]]:
    """The child, and the plan's story as the family may follow it: what is shared with home (002.4). Newest first.

    Raises:
        NotFound: as for `at_home`.
    """
    with asking(actor, "home.story", "person", child_id):
        child = reach_student(actor, Act.READ_SHARED, child_id)
    orders = {"target": "-created_at", "review": "-closed_at", "words": "-written_at", "log": "-written_at",
              "item": "-added_at"}  # fmt: skip
    told = [
        piece
        for name, order in orders.items()
        for piece in _pieces(actor, Act.READ_SHARED, child_id, actor, name, order, most=MOST_TOLD)
    ]
    audit.record_once(actor, "home.read", "person", child_id, about_id=child_id)
    dated = ((piece.at, piece) for piece in told if piece.at)
    newest_first = sorted(dated, key=lambda one: one[0], reverse=True)
    return student_ref(child.id, child.display_name), tuple(piece for _, piece in newest_first)


def home_review(actor: Actor, review_id: UUID) -> HomeReview:
    """One agreed review of a child as its family reads it. Reading it leaves an event that the school sees (T43).

    Raises:
        NotFound: it is not closed, or as for `at_home`.
    """
    with asking(actor, "review.read", "review", review_id):
        row = reach_review(actor, Act.READ_SHARED, review_id)
        if row.state != ReviewState.CLOSED:
            raise NotFound
    audit.record_once(actor, "review.read", "review", row.id, about_id=row.plan.student_id)
    return replace(review_for_home(actor, row), readings=readings_of(actor, row))


def review_for_home(reader: Actor, row: Review) -> HomeReview:
    """The same for callers that checked. Six queries."""
    shown: Any = row  # loading its piece puts what was judged on it
    kind, spoken = KINDS["review"], KINDS["words"]
    (piece,) = kind.pieces("review", [row], MediaUse.HOME, reader)
    rows = spoken.model.objects.of(row.school_id).filter(spoken.to_home(), review=row).exclude(text="")
    words = rows.select_related(*spoken.related).order_by("written_at")
    framework = plan_framework(row.school_id, row.plan)
    return HomeReview(
        id=row.id,
        student=piece.student,
        closed_at=row.closed_at or row.opened_at,
        review=piece,
        words=spoken.pieces("words", words, MediaUse.HOME, reader),
        agreements=agreements_of(reader, row),
        judged=tuple(
            (JudgedPart(one.target_id, one.area), wording or area_called(framework, one.area, row.plan))
            for one, wording, _said in shown.judged
        ),
    )


def _parties(actor: Actor, child: Person) -> tuple[Party, ...]:
    """Who signs up to the child's newest plan. None while there is no plan."""
    plan = Plan.objects.of(actor.school_id).filter(student=child).order_by("-year").first()
    return parties(actor, framework_of(actor.school_id, plan), plan) if plan else ()


def _pieces(
    actor: Actor, act: Act, child_id: UUID, reader: Actor, name: str, *order: str, most: int = MOST
) -> tuple[Piece, ...]:
    kind = KINDS[name]
    within = reaches(actor, act, kind.student)
    rows: SchoolQuerySet[Any] = kind.model.objects.of(actor.school_id).filter(within, kind.to_home())
    rows = rows.filter(**{kind.student: child_id}).select_related(*kind.related).order_by(*order)
    return kind.pieces(name, rows[:most], MediaUse.HOME, reader)
