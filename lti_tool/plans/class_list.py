"""The class list to take along: what a teacher with thirty reviews ahead asks of each learner at a glance (T93).

Whoever sees the class's list takes it, by the same fetch, and each learner sees that it was taken.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Max, Q
from django.utils import timezone

from lti_tool.privacy import class_of

from . import audit
from .data import Act, Actor, Audience, ClassList, ClassListRow, ReviewState, Voice
from .guarding import columns_shown, note_shown
from .models import Contribution, Person, Review, Sheet
from .panels import class_panel
from .permissions import allows
from .policy import CEILING, may_read


def take_class_list(actor: Actor, *, only: Collection[UUID] | None = None) -> ClassList:
    """The learners of the actor's course, by name; `only` narrows it. Leaves an event about each learner.

    Names are those the learners use; no other name and nothing restricted is in it. Six queries more than the panel.

    Raises:
        NotFound: as for `class_panel`.
    """
    rows = class_panel(actor, activity_external_ids=(), only=only).rows
    ids = [row.student.id for row in rows]
    tells_pronouns = may_read(CEILING[actor.role], class_of(Person, "pronouns"))
    tells_home = allows(actor, Act.READ_SHEETS)
    pronouns = _pronouns(actor, ids) if tells_pronouns else {}
    reviewed, written = _reviewed(actor, ids), _written(actor, ids)
    sheets = _sheets(actor, ids) if tells_home else {}
    about: list[UUID | None] = [*ids] or [None]
    taken = (audit.Entry("class.exported", "course", actor.course_id, about_id=one) for one in about)
    audit.record_all(actor.school_id, taken, actor=actor)
    listed = []
    for row in rows:
        one = row.student.id
        asked_on, answered_on = sheets.get(one, (None, None))
        listed.append(
            ClassListRow(
                row, pronouns.get(one, ""), reviewed.get(one), written.get(one), asked_on, answered_on
            )
        )  # fmt: skip
    note_shown(actor, None, "class", columns_shown(Person, listed, "pronouns"))
    return ClassList(tuple(listed), tells_pronouns, tells_home)


def _pronouns(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(Person.objects.of(actor.school_id).filter(pk__in=ids).values_list("id", "pronouns"))


def _reviewed(actor: Actor, ids: Collection[UUID]) -> dict[UUID, date]:
    """When each one's last review was agreed, whichever year's plan it was of."""
    closed = Review.objects.of(actor.school_id).filter(state=ReviewState.CLOSED, hidden_at=None)
    last = closed.filter(plan__student__in=ids).values("plan__student_id").annotate(last=Max("closed_at"))
    return {row["plan__student_id"]: timezone.localdate(row["last"]) for row in last}


def _written(actor: Actor, ids: Collection[UUID]) -> dict[UUID, date]:
    """When each one last wrote for the coming review what staff may read."""
    coming = Q(review=None) | Q(review__state=ReviewState.OPEN)
    words = Contribution.objects.of(actor.school_id).filter(coming, plan__student__in=ids, voice=Voice.LEARNER)
    newest = {(one.plan.student_id, one.plan_id, one.question, one.review_id): one
              for one in words.select_related("plan").order_by("version")}  # fmt: skip
    found: dict[UUID, date] = {}
    for (student_id, *_), one in newest.items():
        if one.text and one.audience != Audience.PRIVATE and one.hidden_at is None:
            day = timezone.localdate(one.written_at)
            found[student_id] = max(day, found.get(student_id, day))
    return found


def _sheets(actor: Actor, ids: Collection[UUID]) -> dict[UUID, tuple[date, date | None]]:
    """When each one's family was asked last, and when it answered that."""
    rows = Sheet.objects.of(actor.school_id).filter(student__in=ids, audience="family", taken_back_at=None)
    asked = rows.order_by("sent_at").values_list("student_id", "sent_at", "answered_at")
    return {
        student_id: (timezone.localdate(sent), timezone.localdate(answered) if answered else None)
        for student_id, sent, answered in asked
    }
