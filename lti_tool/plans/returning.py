"""Where was I: the form somebody left in the middle, found again by what was kept of it (T86)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from lti_tool.prepared import Prepared

from .data import Act, Actor, Begun, Left, ReviewState, Role
from .exceptions import NotFound
from .models import Draft
from .naming import student_ref
from .permissions import allows
from .permissions import review as reach_review

REMEMBERED = timedelta(days=14)
SCREEN = "one"  # the field of a review's draft that says which target was on the screen
_OWN = ("preparation", "log:new")
_BEGUN: Prepared[tuple[str, str, str, datetime]] = Prepared(
    lambda school_id, author_id, subject: (
        Draft.objects.of(school_id)
        .filter(Q(subject=subject) | Q(subject__in=_OWN), author_id=author_id)
        .values_list("subject", "field", "text", "saved_at")
    ),
    "school_id", "author_id", "subject",
)  # fmt: skip


def where_was_i(actor: Actor) -> Left | None:
    """What the actor began last and did not finish, in the last two weeks. At most three queries.

    Of a review: whose it is and which target was on the screen. Closed or out of reach since, it is no more.
    """
    if not allows(actor, Act.KEEP_DRAFTS):
        return None
    if actor.role is Role.LEARNER:
        return begun(actor, "").left
    mine = Draft.objects.of(actor.school_id).filter(
        subject__startswith="review:", author_id=actor.person_id, saved_at__gte=timezone.now() - REMEMBERED
    )
    newest = mine.order_by("-saved_at").first()
    if newest is None:
        return None
    try:
        review = reach_review(actor, Act.REVIEW, UUID(newest.subject.partition(":")[2]))
    except (NotFound, ValueError):
        return None
    if review.state != ReviewState.OPEN:
        return None
    student = student_ref(review.plan.student.id, review.plan.student.display_name)
    fields = dict(mine.filter(subject=newest.subject).values_list("field", "text"))
    return Left("review", newest.saved_at, review.id, student, *place_in(fields, newest.field))


def begun(actor: Actor, subject: str) -> Begun:
    """A learner's unsaved words of one form, by field, and where they were. One query, as every panel asks it."""
    if actor.role is not Role.LEARNER or not allows(actor, Act.KEEP_DRAFTS):
        return Begun({}, None)
    rows = _BEGUN(school_id=actor.school_id, author_id=actor.person_id, subject=subject)
    since = timezone.now() - REMEMBERED
    left = [row for row in rows if row[0] in _OWN and row[3] >= since]
    newest = max(left, key=lambda row: row[3], default=None)
    return Begun(
        {field: text for told, field, text, _ in rows if told == subject},
        Left(newest[0].partition(":")[0], newest[3]) if newest else None,
    )


def place_in(fields: dict[str, str], newest: str = "") -> tuple[int, str]:
    """Which screen (0: everything on one page) and which target a review's drafts say somebody was at."""
    screen = fields.get(SCREEN, "")
    typed = newest if ":" in newest else next((name for name in fields if ":" in name), "")
    return int(screen) if screen.isdecimal() and len(screen) < 4 else 0, typed.rpartition(":")[2]
