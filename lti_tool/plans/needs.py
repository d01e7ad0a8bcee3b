"""Stage 1: what is known of a learner, in whose words, where it came from, and the talks behind it (002.9, 002.11).

What there is to say is the framework's: its sections and their fields. Statements are append-only; a change is a new
version, and a blank one takes the statement back. A field above a reader's ceiling is left out, not blanked (T4).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils import timezone

from . import audit
from .answering import misfit
from .data import (
    Act,
    Actor,
    Discussion,
    DiscussionEntry,
    NeedChange,
    NeedField,
    NeedSection,
    NeedsPage,
    Participant,
    Statement,
    Voice,
)
from .exceptions import Conflict, Invalid, NotFound, Refused
from .frameworks.data import Framework, Sensitivity, Stage, named
from .frameworks.keeping import framework_for
from .frameworks.years import in_year
from .guarding import ceiling, columns_shown, note_shown, readable, readable_columns, restricted_waits
from .models import Discussion as DiscussionRow
from .models import DiscussionPart, Goal, Person, Target
from .models import Statement as StatementRow
from .models.base import SchoolQuerySet
from .naming import author_ref, student_ref
from .permissions import asking, changing
from .permissions import student as reach_student
from .policy import may_read

TEXT_LENGTH = 10_000  # characters
PEOPLE = 30  # in one talk
_GUARDED = list(Sensitivity)


def needs(actor: Actor, student_id: UUID) -> NeedsPage:
    """Everything the actor may see of what is known of this learner. Constant SQL. Staff leave an event (T43)."""
    with asking(actor, "needs.read", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if not _is_own(actor, student_id):
        audit.record_once(actor, "needs.read", "person", student.id, about_id=student.id)
    limit = ceiling(actor, student_id)
    said = defaultdict(list)
    for row in (
        _visible(actor, student_id).filter(latest=True).exclude(text="").select_related("author").order_by("id")
    ):
        said[row.section, row.field].append(_view(row))
    shown = [(f"{section}.{field}", one.sensitivity) for (section, field), some in said.items() for one in some]
    framework = in_year(framework_for(student), student.year_group, answered=[f"{key}." for key, _ in said])
    sections = []
    for section in framework.needs:
        fields = [
            NeedField(field, tuple(said.pop((section.key, field.key), ())))
            for field in section.fields
            if may_read(limit, field.sensitivity) or (section.key, field.key) in said
        ]
        # The section as this reader knows it: a field they may not read is not even named (T4).
        sections.append(NeedSection(replace(section, fields=tuple(one.field for one in fields)), tuple(fields)))
    talks = _discussions(actor, student, limit)
    shown += columns_shown(DiscussionRow, talks, "about", "note")
    note_shown(actor, student.id, "needs", shown)
    return NeedsPage(
        student=student_ref(student.id, student.display_name, student.pronouns),
        questions=tuple(question for question in framework.questions if question.stage is Stage.NEEDS),
        sections=tuple(section for section in sections if section.fields),
        sources=framework.sources,
        earlier=tuple(statement for statements in said.values() for statement in statements),
        discussions=talks,
        may_write=_may_write(actor, student_id),
        withheld=restricted_waits(actor, student_id),
    )


def say_need(actor: Actor, student_id: UUID, change: NeedChange) -> Statement:
    """A new statement. Learners speak for themselves; staff for the school, or write down what others told them.

    Raises:
        Refused: "prove_again": a restricted field, in a session that is not fresh (T63).
        Invalid: text "required", "too_long" or as `answering.misfit` says; field, source "unknown"; voice
            "not_yours"; source_note "too_long".
    """
    with changing(actor, "needs.write", "person", student_id):
        student = reach_student(actor, Act.CONTRIBUTE, student_id)
        if not change.text.strip():
            raise Invalid({"text": "required"})
        row = _new(actor, student, change, statement_id=uuid4(), version=1)
        return _keep(actor, row)


def change_need(actor: Actor, statement_id: UUID, change: NeedChange, *, version: int) -> Statement:
    """The statement's next version; blank text takes it back. The former stays. Nothing changed, nothing written.

    Section and field stay what they are.

    Raises:
        Refused: "not_yours": somebody else's own words.
        Conflict: changed after `version`; `current` is a Statement, `mine` the change.
        Invalid: as for `say_need`.
    """
    with changing(actor, "needs.write", "statement", statement_id):
        before = _standing(actor, statement_id)
        student = reach_student(actor, Act.CONTRIBUTE, before.student_id)
        Person.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=student.id)
        before = _standing(actor, statement_id)
        if before.author_id != actor.person_id and (before.own_hand or _is_own(actor, student.id)):
            raise Refused("not_yours")
        row = _new(
            actor,
            student,
            NeedChange(
                before.section, before.field, change.text, change.voice, change.source, change.source_note,
                change.sensitivity or Sensitivity(before.sensitivity),
            ),
            statement_id=statement_id,
            version=before.version + 1,
        )  # fmt: skip
        if all(getattr(row, name) == getattr(before, name) for name in _SAID):
            return _view(before)
        if version != before.version:
            raise Conflict(current=_view(before), mine=change)
        StatementRow.objects.of(actor.school_id).filter(pk=before.pk).update(latest=False)
        _guard_former(row)
        return _keep(actor, row)


def need_history(actor: Actor, statement_id: UUID) -> tuple[Statement, ...]:
    """Every version, the first first."""
    with asking(actor, "needs.history", "statement", statement_id):
        before = _standing(actor, statement_id)
        reach_student(actor, Act.READ_PLAN, before.student_id)
    rows = _visible(actor, before.student_id).filter(statement_id=statement_id).select_related("author")
    versions = tuple(_view(row) for row in rows.order_by("version"))
    shown = [(f"{one.section}.{one.field}", one.sensitivity) for one in versions]
    note_shown(actor, before.student_id, "needs", shown)
    return versions


def record_discussion(actor: Actor, student_id: UUID, entry: DiscussionEntry) -> UUID:
    """Keep that a talk was held, with whom and about what. Staff record it; it is never changed afterwards.

    Raises:
        Invalid: about, people "required"; held_on "future" or "unknown"; people "unknown" or "too_many"; "too_long";
            goal_id, target_id "unknown".
    """
    with changing(actor, "discussion.record", "person", student_id):
        student = reach_student(actor, Act.CONTRIBUTE, student_id)
        if _is_own(actor, student_id):
            raise NotFound
        errors = _entry_errors(actor, entry) | _subject_errors(student, entry)
        if errors:
            raise Invalid(errors)
        row = DiscussionRow.objects.create(
            school_id=actor.school_id,
            student=student,
            held_on=entry.held_on,
            about=entry.about.strip(),
            note=entry.note.strip(),
            goal_id=entry.goal_id,
            target_id=entry.target_id,
            recorded_by_id=actor.person_id,
            recorded_at=timezone.now(),
        )
        DiscussionPart.objects.bulk_create(
            DiscussionPart(
                school_id=actor.school_id,
                discussion=row,
                person_id=part.person_id,
                name="" if part.person_id else part.name.strip(),
                voice=part.voice,
            )
            for part in entry.people
        )
        audit.record(
            actor.school_id, "discussion.recorded", "discussion", row.id, actor=actor, about_id=student_id,
            detail={"people": len(entry.people)},
        )  # fmt: skip
        return row.id


_SAID = ("text", "voice", "source", "source_note", "sensitivity")


def _is_own(actor: Actor, student_id: UUID) -> bool:
    return actor.person_id == student_id


def _visible(actor: Actor, student_id: UUID) -> SchoolQuerySet[StatementRow]:
    """Statements within the actor's ceiling, and their own. What was reported only its writer reads (T41)."""
    rows = StatementRow.objects.of(actor.school_id).filter(student_id=student_id)
    rows = rows.filter(Q(hidden_at=None) | Q(author_id=actor.person_id))
    return rows.filter(readable(actor, ceiling(actor, student_id), "author_id"))


def _standing(actor: Actor, statement_id: UUID) -> StatementRow:
    row = StatementRow.objects.of(actor.school_id).filter(statement_id=statement_id, latest=True).first()
    if row is None:
        raise NotFound
    visible = _visible(actor, row.student_id).select_related("author").filter(pk=row.pk).first()
    if visible is None:
        raise NotFound
    return visible


def _new(actor: Actor, student: Person, change: NeedChange, *, statement_id: UUID, version: int) -> StatementRow:
    """The row as it would be written. Raises Invalid for what cannot be taken."""
    framework = framework_for(student)
    section = named(framework.needs, change.section)
    field = named(section.fields, change.field) if section else None
    errors = _errors(framework, change, own=_is_own(actor, student.id))
    if field and field.sensitivity is Sensitivity.RESTRICTED and restricted_waits(actor, student.id):
        raise Refused("prove_again")
    if field is None or not may_read(ceiling(actor, student.id), field.sensitivity):
        errors["field"] = "unknown"  # also one the writer could not even see: an ignored field, not a hint (T4)
    elif change.voice not in field.filled_by:
        errors.setdefault("voice", "unknown")
    elif unfit := misfit(field, change.text):
        errors["text"] = unfit
    if field is None or errors:
        raise Invalid(errors)
    asked = change.sensitivity or field.sensitivity
    return StatementRow(
        school_id=actor.school_id,
        statement_id=statement_id,
        version=version,
        student=student,
        section=change.section,
        field=change.field,
        text=change.text.strip(),
        voice=change.voice,
        author_id=actor.person_id,
        own_hand=change.voice == (Voice.LEARNER if _is_own(actor, student.id) else Voice.SCHOOL),
        source=change.source,
        source_note=change.source_note.strip(),
        sensitivity=max(asked, field.sensitivity, key=_GUARDED.index),
        made_at=timezone.now(),
    )


def _errors(framework: Framework, change: NeedChange, *, own: bool) -> dict[str, str]:
    errors = {}
    for name in ("text", "source_note"):
        if len(getattr(change, name)) > TEXT_LENGTH:
            errors[name] = "too_long"
    if change.source and named(framework.sources, change.source) is None:
        errors["source"] = "unknown"
    if own and change.voice != Voice.LEARNER:
        errors["voice"] = "not_yours"
    return errors


def _guard_former(row: StatementRow) -> None:
    """Whoever guards a statement more means the words it had before too: nobody reads them in its story (T4)."""
    less = [one for one in Sensitivity if not may_read(one, Sensitivity(row.sensitivity))]
    former = StatementRow.objects.of(row.school_id).filter(statement_id=row.statement_id, sensitivity__in=less)
    former.update(sensitivity=row.sensitivity)


def _keep(actor: Actor, row: StatementRow) -> Statement:
    row.save(force_insert=True)
    audit.record(
        actor.school_id, "needs.written", "statement", row.statement_id, actor=actor, about_id=row.student_id,
        detail={"version": row.version, "voice": str(row.voice), "sensitivity": str(row.sensitivity)},
    )  # fmt: skip
    return _view(row)


def _view(row: StatementRow) -> Statement:
    return Statement(
        id=row.statement_id,
        version=row.version,
        section=row.section,
        field=row.field,
        text=row.text,
        voice=Voice(row.voice),
        author=author_ref(row.author),
        source=row.source,
        source_note=row.source_note,
        sensitivity=Sensitivity(row.sensitivity),
        made_at=row.made_at,
        own_hand=row.own_hand,
        hidden=row.hidden_at is not None,
    )


def _may_write(actor: Actor, student_id: UUID) -> bool:
    try:
        reach_student(actor, Act.CONTRIBUTE, student_id)
    except NotFound:
        return False
    return True


def _discussions(actor: Actor, student: Person, limit: Sensitivity) -> tuple[Discussion, ...]:
    """The talks on record. What was said in them is for whoever may read it, and whoever wrote it down (T4)."""
    open_to = readable_columns(DiscussionRow, limit)
    rows = DiscussionRow.objects.of(student.school_id).filter(student=student, hidden_at=None)
    rows = rows.select_related("recorded_by")
    parts = defaultdict(list)
    took_part = DiscussionPart.objects.of(student.school_id).filter(discussion__student=student)
    for part in took_part.select_related("person").order_by("id"):
        name = author_ref(part.person).name if part.person else part.name
        parts[part.discussion_id].append(Participant(name, Voice(part.voice), part.person_id))
    return tuple(
        Discussion(
            id=row.id,
            held_on=row.held_on,
            about=row.about if "about" in open_to or row.recorded_by_id == actor.person_id else "",
            note=row.note if "note" in open_to or row.recorded_by_id == actor.person_id else "",
            people=tuple(parts[row.id]),
            recorded_by=author_ref(row.recorded_by),
            recorded_at=row.recorded_at,
        )
        for row in rows.order_by("-held_on", "-recorded_at")
    )


def _entry_errors(actor: Actor, entry: DiscussionEntry) -> dict[str, str]:
    errors = {}
    if not entry.about.strip():
        errors["about"] = "required"
    for name in ("about", "note"):
        if len(getattr(entry, name)) > TEXT_LENGTH:
            errors[name] = "too_long"
    if entry.held_on > timezone.localdate():
        errors["held_on"] = "future"
    elif entry.held_on < timezone.localdate() - timedelta(days=366 * 20):
        errors["held_on"] = "unknown"
    errors.update(_people_errors(actor, entry.people))
    return errors


def _subject_errors(student: Person, entry: DiscussionEntry) -> dict[str, str]:
    """What it is about must be the student's, of whatever school year."""
    named_rows: tuple[tuple[str, type[Goal] | type[Target], UUID | None], ...] = (
        ("goal_id", Goal, entry.goal_id),
        ("target_id", Target, entry.target_id),
    )
    return {
        name: "unknown"
        for name, table, row_id in named_rows
        if row_id and not table.objects.of(student.school_id).filter(pk=row_id, plan__student=student).exists()
    }


def _people_errors(actor: Actor, people: Sequence[Participant]) -> dict[str, str]:
    if not people:
        return {"people": "required"}
    if len(people) > PEOPLE:
        return {"people": "too_many"}
    known = {part.person_id for part in people if part.person_id}
    if Person.objects.of(actor.school_id).filter(pk__in=known).count() != len(known):
        return {"people": "unknown"}
    if any(not part.person_id and not 0 < len(part.name.strip()) <= 255 for part in people):
        return {"people": "required"}
    return {}
