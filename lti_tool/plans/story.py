"""The plan's story: everything that happened to it, in order, for anyone who may read it (002.4).

It is told from what is kept anyway: revisions, statements, talks, reviews, checks, signatures and events here,
people's voices in `story_voices`. What a reader may not see is not in their story. One query for each kind.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.utils import timezone

from . import audit
from .answering import answer_words
from .data import Act, Actor, Ending, PersonRef, ReviewState, TimelineItem
from .former import Parts, above, former_in, gone_names, plan_keys, target_classes
from .frameworks.data import Field, Framework, Sensitivity, named
from .frameworks.keeping import framework_for
from .frameworks.wording import shown
from .guarding import Told, ceiling, columns_shown, note_shown, readable, readable_columns
from .models import (
    Discussion,
    LifeEvent,
    Person,
    Plan,
    QualityCheck,
    Review,
    Revision,
    Signature,
    Statement,
    TargetOutcome,
)
from .naming import author_ref
from .permissions import allows, asking
from .permissions import student as reach_student
from .policy import may_read
from .story_voices import told_by_voices

MOST = 300  # of each kind; older ones stay on record


def plan_story(actor: Actor, student_id: UUID) -> tuple[TimelineItem, ...]:
    """What happened, the newest first, over all the student's plans. Staff reading it leave an event."""
    with asking(actor, "story.read", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if actor.person_id != student_id:
        audit.record_once(actor, "story.read", "person", student.id, about_id=student.id)
    limit = ceiling(actor, student_id)
    framework = framework_for(student)
    reviews, revisions = _reviews_of(student), _revisions_of(student)
    if not allows(actor, Act.SETTLE_REPORTS):
        reviews = [row for row in reviews if row.hidden_at is None]  # reported (T41)
    moved = _moved(revisions)
    plans = Plan.objects.of(student.school_id).filter(pk__in=moved) if moved else ()
    gone = {key: name for plan in plans for key, name in gone_names(plan).items()}
    told: Told = []  # which fields stand in it, of which class
    kinds: list[Iterable[TimelineItem]] = [
        _revisions(revisions, framework, limit, former_in(student.school_id, moved), gone, told),
        _statements(actor, student, framework, limit, told),
        _talks(actor, student, limit, told),
        _reviews(reviews),
        _outcomes(reviews),
        _checks(actor, student),
        _signatures(student),
        _events(actor, student, framework, limit, gone, told),
        told_by_voices(actor, student, limit, reviews, revisions, told),
    ]
    items = sorted((item for items in kinds for item in items), key=lambda item: item.at, reverse=True)
    note_shown(actor, student.id, "story", told)
    return tuple(items)


def _reviews_of(student: Person) -> list[Review]:
    rows = Review.objects.of(student.school_id).filter(plan__student=student).select_related("opened_by", "closed_by")
    return list(rows.order_by("-opened_at")[:MOST])


def _revisions_of(student: Person) -> list[Revision]:
    rows = Revision.objects.of(student.school_id).filter(plan__student=student).select_related("author")
    return list(rows.order_by("-made_at")[:MOST])


def _moved(revisions: Iterable[Revision]) -> list[UUID]:
    """The plans that moved up to a newer version of their framework."""
    return list({row.plan_id for row in revisions if row.subject == "framework"})


def _revisions(
    rows: Iterable[Revision],
    framework: Framework,
    limit: Sensitivity,
    former: Parts,
    gone: Mapping[str, str],
    told: Told,
) -> Iterator[TimelineItem]:
    """What the plan said before and says now; answers to guarded fields only for whoever may read those."""
    fields = {f"{section.key}.{field.key}": field for section in framework.plan_sections for field in section.fields}
    guarded = {key: field.sensitivity for key, field in fields.items()} | plan_keys(former)
    classes = target_classes(framework, former)
    hidden = above(limit, classes)
    for row in rows:
        before, after = row.before or {}, row.after
        if row.subject == "framework":
            continue
        if row.subject == "plan":
            seen = {key for key in after if key in guarded and may_read(limit, guarded[key])}
            before = {key: before.get(key, "") for key in seen}
            after = {key: after[key] for key in seen}
            if not seen:
                continue
            told += [(key, guarded[key]) for key in seen]
            before, after = (_answered(fields, said) for said in (before, after))
        elif row.subject == "target":
            said = [key for side in (before, after) for key in (*side, *side.get("details", ())) if key in classes]
            told += [(f"target.{key}", classes[key]) for key in said if key not in hidden]
            before, after = (_named(framework, _open(said, hidden), gone) for said in (before, after))
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


def _answered(fields: Mapping[str, Field], said: Mapping[str, str]) -> dict[str, str]:
    return {key: answer_words(fields[key], text) if key in fields else text for key, text in said.items()}


def _named(framework: Framework, said: Mapping[str, Any], gone: Mapping[str, str]) -> dict[str, Any]:
    """A target's words with what it points at called by the framework's names, or as they were then; its details
    as "detail.<key>"."""
    named_so = dict(said)
    for key, part in (("area", "areas"), ("type", "target_types")):
        if said.get(key):
            named_so[key] = _called(framework, part, said[key], gone)
    named_so["contexts"] = [_called(framework, "contexts", key, gone) for key in said.get("contexts", ())]
    kind = framework.target_type(said.get("type", ""))
    fields = {field.key: field for field in (*framework.target_fields, *(kind.fields if kind else ()))}
    details = named_so.pop("details", None) or {}
    known = {key: text for key, text in details.items() if key in fields}
    answered = details | _answered(fields, known)
    return named_so | {f"detail.{key}": text for key, text in answered.items()}


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
        elif isinstance(said, list):
            said = ", ".join(map(str, said))
        if said:
            told[key] = str(said)
    return told


def _outcomes(reviews: Iterable[Review]) -> Iterator[TimelineItem]:
    """Why a closed review dropped a target or what it noted of one; that it was reached or changed stands apart."""
    closed = {row.id: row for row in reviews if row.state == ReviewState.CLOSED}
    if not closed:
        return
    school_id = next(iter(closed.values())).school_id
    rows = (
        TargetOutcome.objects.of(school_id).filter(review__in=closed).exclude(text="").exclude(ending=Ending.CHANGED)
    )
    for row in rows.select_related("author", "target").order_by("-said_at")[:MOST]:
        at, after = closed[row.review_id].closed_at or row.said_at, {"wording": row.target.wording, "text": row.text}
        yield TimelineItem(at, f"outcome.{row.ending}", _who(row.author), after=after, review_id=row.review_id)


def _statements(
    actor: Actor, student: Person, framework: Framework, limit: Sensitivity, told: Told
) -> Iterator[TimelineItem]:
    fields = {(section.key, field.key): field for section in framework.needs for field in section.fields}
    rows = Statement.objects.of(student.school_id).filter(student=student).select_related("author")
    visible = rows.filter(readable(actor, limit, "author_id"), hidden_at=None)  # not reported (T41)
    for row in visible.order_by("-made_at")[:MOST]:
        field = fields.get((row.section, row.field))
        text = answer_words(field, row.text) if field else row.text
        after = {"field": f"{row.section}.{row.field}", "text": text}
        told.append((after["field"], Sensitivity(row.sensitivity)))
        kind = "need.taken_back" if not row.text else "need.said" if row.version == 1 else "need.changed"
        yield TimelineItem(at=row.made_at, kind=kind, who=_who(row.author), after=after)


def _talks(actor: Actor, student: Person, limit: Sensitivity, told: Told) -> Iterator[TimelineItem]:
    open_to_all = "about" in readable_columns(Discussion, limit)
    rows = Discussion.objects.of(student.school_id).filter(student=student, hidden_at=None)
    rows = rows.select_related("recorded_by")
    for row in rows.order_by("-held_on")[:MOST]:
        noon = timezone.make_aware(datetime.combine(row.held_on, time(12)))
        at, who = min(noon, row.recorded_at), _who(row.recorded_by)
        about = row.about if open_to_all or row.recorded_by_id == actor.person_id else ""
        told += columns_shown(Discussion, [row] if about else [], "about")
        yield TimelineItem(at=at, kind="talk", who=who, after={"about": about})


def _reviews(rows: Iterable[Review]) -> Iterator[TimelineItem]:
    for row in rows:
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


def _called(framework: Framework, part: str, key: str, gone: Mapping[str, str]) -> str:
    found = named(getattr(framework, part), key)
    return shown(found.name if found else gone.get(f"{part}.{key}", key))


def _signatures(student: Person) -> Iterator[TimelineItem]:
    rows = Signature.objects.of(student.school_id).filter(plan__student=student)
    for row in rows.select_related("person", "recorded_by").order_by("-recorded_at")[:MOST]:
        name = author_ref(row.person).name if row.person else row.name
        kind = "signed" if row.agrees else "not_signed"
        after = {"name": name, "way": row.way, "text": row.text}
        yield TimelineItem(at=row.recorded_at, kind=kind, who=_who(row.recorded_by), after=after)


def _events(
    actor: Actor,
    student: Person,
    framework: Framework,
    limit: Sensitivity,
    gone: Mapping[str, str],
    told: Told,
) -> Iterator[TimelineItem]:
    rows = LifeEvent.objects.of(student.school_id).filter(plan__student=student).select_related("recorded_by")
    visible = rows.filter(readable(actor, limit, "recorded_by_id"))
    for row in visible.order_by("-recorded_at")[:MOST]:
        about = _called(framework, "life_events", row.kind, gone) if row.kind else ""
        parts = (("event", row.kind), ("about", about), ("text", row.text))
        after = {name: said for name, said in parts if said}
        told.append(("life_event", Sensitivity(row.sensitivity)))
        yield TimelineItem(at=row.recorded_at, kind="life", who=_who(row.recorded_by), after=after)


def _who(person: Person | None) -> PersonRef | None:
    return author_ref(person) if person else None
