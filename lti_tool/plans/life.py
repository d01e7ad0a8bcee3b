"""Key life events: what happened, and that somebody looked at the plan because of it (001.5)."""

from uuid import UUID

from django.utils import timezone

from . import audit
from .aims import writer
from .data import Actor, LifeEventEntry, LifeEventView
from .exceptions import Invalid, NotFound
from .frameworks.data import Sensitivity, named
from .frameworks.keeping import framework_for
from .guarding import ceiling, readable
from .models import LifeEvent, Plan
from .models.base import SchoolQuerySet
from .naming import author_ref
from .opening import lock_plan, plan_of
from .permissions import changing

TEXT_LENGTH = 5000


def record_life_event(actor: Actor, student_id: UUID, entry: LifeEventEntry) -> UUID:
    """Something happened: the plan asks to be looked at, and its next review is due now.

    Raises:
        Invalid: kind "unknown"; text "required" where no kind says it, or "too_long"; happened_on "future".
    """
    with changing(actor, "life.record", "person", student_id):
        student = writer(actor, student_id)
        errors = {}
        if entry.kind and named(framework_for(student).life_events, entry.kind) is None:
            errors["kind"] = "unknown"
        if not entry.kind and not entry.text.strip():
            errors["text"] = "required"
        if len(entry.text) > TEXT_LENGTH:
            errors["text"] = "too_long"
        if entry.happened_on > timezone.localdate():
            errors["happened_on"] = "future"
        if errors:
            raise Invalid(errors)
        plan = plan_of(student, actor=actor)
        row = LifeEvent.objects.create(
            school_id=plan.school_id,
            plan=plan,
            kind=entry.kind,
            text=entry.text.strip(),
            happened_on=entry.happened_on,
            sensitivity=entry.sensitivity,
            recorded_by_id=actor.person_id,
            recorded_at=timezone.now(),
        )
        plan.review_due_on = min(filter(None, (plan.review_due_on, timezone.localdate())))
        plan.save(update_fields=["review_due_on"])
        audit.record(plan.school_id, "life.recorded", "life_event", row.id, actor=actor, about_id=student.id)
        return row.id


def answer_life_event(actor: Actor, event_id: UUID, *, answer: str) -> None:
    """Somebody looked at the plan and nothing has to change, because of `answer`. Answered events stay as they are.

    A review begun for the event answers it too. Raises Invalid: answer "required" or "too_long".
    """
    with changing(actor, "life.answer", "life_event", event_id):
        row = LifeEvent.objects.of(actor.school_id).select_related("plan").filter(pk=event_id).first()
        if row is None or row.plan.student_id == actor.person_id:
            raise NotFound
        writer(actor, row.plan.student_id)
        if row.id not in set(_visible(actor, row.plan).values_list("id", flat=True)):
            raise NotFound
        if not 0 < len(answer.strip()) <= TEXT_LENGTH:
            raise Invalid({"answer": "too_long" if answer.strip() else "required"})
        plan = lock_plan(actor.school_id, row.plan_id)
        answered(actor, plan, [row.id], answer=answer.strip())


def answered(actor: Actor, plan: Plan, event_ids: list[UUID], *, answer: str = "") -> None:
    """Mark events as looked at. The plan must be locked."""
    rows = LifeEvent.objects.of(plan.school_id).filter(plan=plan, pk__in=event_ids, answered_at=None)
    rows.update(answered_at=timezone.now(), answered_by_id=actor.person_id, answer=answer)
    for event_id in event_ids:
        audit.record(plan.school_id, "life.answered", "life_event", event_id, actor=actor, about_id=plan.student_id)


def open_events(actor: Actor, plan: Plan) -> tuple[LifeEventView, ...]:
    """Events nobody answered yet, that the actor may read of; the newest first. One query."""
    rows = _visible(actor, plan).filter(answered_at=None).select_related("recorded_by")
    return tuple(view(row) for row in rows.order_by("-happened_on", "-recorded_at"))


def view(row: LifeEvent) -> LifeEventView:
    return LifeEventView(
        id=row.id,
        kind=row.kind,
        text=row.text,
        happened_on=row.happened_on,
        sensitivity=Sensitivity(row.sensitivity),
        recorded_by=author_ref(row.recorded_by),
        recorded_at=row.recorded_at,
        answered_at=row.answered_at,
    )


def _visible(actor: Actor, plan: Plan) -> SchoolQuerySet[LifeEvent]:
    rows = LifeEvent.objects.of(plan.school_id).filter(plan=plan)
    return rows.filter(readable(actor, ceiling(actor, plan.student_id), "recorded_by_id"))
