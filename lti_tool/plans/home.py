"""What a family sees: of their own children, what is shared with home, and nothing else (T28, T30)."""

from typing import Any
from uuid import UUID

from . import audit
from .data import Act, Actor, HomePage, Piece
from .guardians import my_children
from .items import KINDS
from .models.base import SchoolQuerySet
from .naming import student_ref
from .permissions import asking, reaches
from .permissions import student as reach_student

MOST = 20  # of each kind on the page


def at_home(actor: Actor, child_id: UUID) -> HomePage:
    """One child's plan as its family reads it: agreed targets, agreed reviews, words for home. Nine queries.

    Raises:
        NotFound: no live guardian link to this child, or none that was told of in the actor's course.
    """
    with asking(actor, "home.read", "person", child_id):
        child = reach_student(actor, Act.READ_SHARED, child_id)
    children = my_children(actor)
    page = HomePage(
        student=student_ref(child.id, child.display_name),
        targets=_pieces(actor, child_id, "target", "position", "created_at"),
        reviews=_pieces(actor, child_id, "review", "-closed_at"),
        words=_pieces(actor, child_id, "words", "-written_at"),
        work=(
            *_pieces(actor, child_id, "log", "-written_at"),
            *_pieces(actor, child_id, "item", "-added_at"),
        ),
        others=len(children) - 1,
    )
    audit.record_once(actor, "home.read", "person", child_id, about_id=child_id)
    return page


def _pieces(actor: Actor, child_id: UUID, name: str, *order: str) -> tuple[Piece, ...]:
    kind = KINDS[name]
    within = reaches(actor, Act.READ_SHARED, kind.student)
    rows: SchoolQuerySet[Any] = kind.model.objects.of(actor.school_id).filter(within, kind.to_home())
    rows = rows.filter(**{kind.student: child_id}).select_related(*kind.related).order_by(*order)
    return kind.pieces(name, rows[:MOST])
