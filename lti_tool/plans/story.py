"""The plan's story: everything that happened to it, in order, for anyone who may read it (002.4).

It is told from what is kept anyway: revisions, statements, talks, reviews, checks, signatures and events. What a
reader may not see is not in their story. One query for each kind.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from . import audit
from .data import Act, Actor, PersonRef, ReviewState, TimelineItem
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import framework_for
from .framing import guarded_keys
from .guarding import ceiling, within
from .models import (
    Discussion,
    LifeEvent,
    Person,
    QualityCheck,
    Review,
    Revision,
    Signature,
    Statement,
)
from .naming import author_ref
from .permissions import asking
from .permissions import student as reach_student
from .policy import may_read

MOST = 300  # of each kind; older ones stay on record


def plan_story(actor: Actor, student_id: UUID) -> tuple[TimelineItem, ...]:
    """What happened, the newest first, over all the student's plans. Staff reading it leave an event."""
    with asking(actor, "story.read", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if actor.person_id != student_id:
        audit.record_once(actor, "story.read", "person", student.id, about_id=student.id)
    limit = ceiling(actor, student_id)
    kinds: list[Iterable[TimelineItem]] = [
        _revisions(student, framework_for(student), limit),
        _statements(actor, student, limit),
        _talks(student),
        _reviews(student),
        _checks(actor, student),
        _signatures(student),
        _events(actor, student, limit),
    ]
    return tuple(sorted((item for items in kinds for item in items), key=lambda item: item.at, reverse=True))


def _revisions(student: Person, framework: Framework, limit: Sensitivity) -> Iterator[TimelineItem]:
    """What the plan said before and says now; answers to guarded fields only for whoever may read those."""
    fields = {
        f"{section.key}.{field.key}": field.sensitivity
        for section in framework.plan_sections
        for field in section.fields
    }
    hidden = guarded_keys(framework, limit)
    rows = Revision.objects.of(student.school_id).filter(plan__student=student).select_related("author")
    for row in rows.order_by("-made_at")[:MOST]:
        before, after = row.before or {}, row.after
        if row.subject == "plan":
            seen = {key for key in after if key in fields and may_read(limit, fields[key])}
            before = {key: before.get(key, "") for key in seen}
            after = {key: after[key] for key in seen}
            if not seen:
                continue
        elif row.subject == "target":
            before, after = _open(before, hidden), _open(after, hidden)
        yield TimelineItem(
            at=row.made_at,
            kind=_kind(row),
            who=_who(row.author),
            before=_changed(before, after),
            after=_changed(after, before),
        )


def _open(said: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """A target's words without the guarded ones, which stand under their own keys or among its details."""
    shown = {key: words for key, words in said.items() if key not in hidden}
    if "details" in shown:
        shown["details"] = {key: words for key, words in shown["details"].items() if key not in hidden}
    return shown


def _kind(row: Revision) -> str:
    if row.before is None:
        return f"{row.subject}.new" if row.after.get("state") != "draft" else f"{row.subject}.proposed"
    if not row.after:
        return f"{row.subject}.ended"
    was, now = row.before.get("state"), row.after.get("state")
    return f"{row.subject}.{now}" if was != now and now else f"{row.subject}.changed"


def _changed(these: Mapping[str, Any], those: Mapping[str, Any]) -> dict[str, str]:
    """The words that differ. The wording itself always names what the item is about."""
    told = {}
    for key, said in these.items():
        if key in {"activity_ids", "state"} or (said == those.get(key) and key != "wording"):
            continue
        if key == "steps":
            said = "\n".join(step["what"] + (" ✓" if step.get("done_on") else "") for step in said)
        elif key == "details":
            told.update(_changed(said, those.get("details") or {}))
            continue
        elif isinstance(said, list):
            said = ", ".join(map(str, said))
        if said:
            told[key] = str(said)
    return told


def _statements(actor: Actor, student: Person, limit: Sensitivity) -> Iterator[TimelineItem]:
    rows = Statement.objects.of(student.school_id).filter(student=student).select_related("author")
    visible = rows.filter(Q(sensitivity__in=within(limit)) | Q(author_id=actor.person_id))
    for row in visible.order_by("-made_at")[:MOST]:
        after = {"field": f"{row.section}.{row.field}", "text": row.text}
        kind = "need.taken_back" if not row.text else "need.said" if row.version == 1 else "need.changed"
        yield TimelineItem(at=row.made_at, kind=kind, who=_who(row.author), after=after)


def _talks(student: Person) -> Iterator[TimelineItem]:
    rows = Discussion.objects.of(student.school_id).filter(student=student).select_related("recorded_by")
    for row in rows.order_by("-held_on")[:MOST]:
        noon = timezone.make_aware(datetime.combine(row.held_on, time(12)))
        at, who = min(noon, row.recorded_at), _who(row.recorded_by)
        yield TimelineItem(at=at, kind="talk", who=who, after={"about": row.about})


def _reviews(student: Person) -> Iterator[TimelineItem]:
    rows = Review.objects.of(student.school_id).filter(plan__student=student).select_related("opened_by", "closed_by")
    for row in rows.order_by("-opened_at")[:MOST]:
        number = {"number": str(row.number)}
        yield TimelineItem(at=row.opened_at, kind="review.started", who=_who(row.opened_by), after=number)
        if row.closed_at and row.state == ReviewState.CLOSED:
            after = number | ({"next_steps": row.next_steps} if row.next_steps else {})
            yield TimelineItem(
                at=row.closed_at, kind="review.closed", who=_who(row.closed_by), after=after, review_id=row.id
            )


def _checks(actor: Actor, student: Person) -> Iterator[TimelineItem]:
    """The notes are between staff: the learner reads that a target was checked."""
    rows = QualityCheck.objects.of(student.school_id).filter(target__plan__student=student)
    for row in rows.select_related("checked_by", "target").order_by("-checked_at")[:MOST]:
        after = {"wording": row.target.wording}
        if actor.person_id != student.id and row.note:
            after["note"] = row.note
        kind = "target.checked" if row.passed else "target.sent_back"
        yield TimelineItem(at=row.checked_at, kind=kind, who=_who(row.checked_by), after=after)


def _signatures(student: Person) -> Iterator[TimelineItem]:
    rows = Signature.objects.of(student.school_id).filter(plan__student=student)
    for row in rows.select_related("person", "recorded_by").order_by("-recorded_at")[:MOST]:
        name = author_ref(row.person).name if row.person else row.name
        yield TimelineItem(
            at=row.recorded_at, kind="signed", who=_who(row.recorded_by), after={"name": name, "way": row.way}
        )


def _events(actor: Actor, student: Person, limit: Sensitivity) -> Iterator[TimelineItem]:
    rows = LifeEvent.objects.of(student.school_id).filter(plan__student=student).select_related("recorded_by")
    visible = rows.filter(Q(sensitivity__in=within(limit)) | Q(recorded_by_id=actor.person_id))
    for row in visible.order_by("-recorded_at")[:MOST]:
        after = {name: said for name, said in (("event", row.kind), ("text", row.text)) if said}
        yield TimelineItem(at=row.recorded_at, kind="life", who=_who(row.recorded_by), after=after)


def _who(person: Person | None) -> PersonRef | None:
    return author_ref(person) if person else None
