"""Something that should not be there: whoever sees it reports it, it is hidden, a second adult looks (T41)."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from lti_tool.privacy import class_of

from . import audit
from .data import Act, Actor, Item, Piece, Reported, Sensitivity
from .exceptions import NotFound, Refused
from .files import forget
from .guarding import Told, ceiling, columns_shown, note_shown
from .items import KINDS, row_to_read, visible
from .models import (
    Contribution,
    Discussion,
    LogEntry,
    PortfolioItem,
    Report,
    Review,
    SheetAnswer,
    Statement,
    StoredFile,
)
from .naming import student_ref
from .permissions import allows, asking, changing, reaches
from .policy import may_read
from .review_pieces import told
from .sheets import form_of
from .work import Work, found

# What can be reported, by the column of the report: the paths to its student and to whoever wrote it.
_STUDENT = {
    "item": "item__owner_id",
    "entry": "entry__owner_id",
    "words": "words__plan__student_id",
    "review": "review__plan__student_id",
    "need": "need__student_id",
    "talk": "talk__student_id",
    "answers": "answers__sheet__student_id",
}
_LISTED = 100
_Row = PortfolioItem | LogEntry | Contribution | Review | Statement | Discussion | SheetAnswer
_COLUMN: dict[type[Any], str] = {
    PortfolioItem: "item", LogEntry: "entry", Contribution: "words", Review: "review",
    Statement: "need", Discussion: "talk", SheetAnswer: "answers",
}  # fmt: skip
_KIND = {"entry": "log", "answers": "sheet"}  # of the item, where it is not called like the column


def report(actor: Actor, model: type[Work], row_id: UUID) -> None:
    """Hide an entry or item at once. Reported again, it stays hidden; nothing of what it says is kept here."""
    with changing(actor, "work.report", "work", row_id):
        row = found(actor, model, row_id)
        _hide(actor, row, row.owner_id)


def report_words(actor: Actor, words_id: UUID) -> None:
    """Hide what somebody said in a review, at once. Whoever can read it can report it; nobody reports themselves."""
    with changing(actor, "work.report", "work", words_id):
        rows = visible(actor, KINDS["words"], "words").exclude(author_id=actor.person_id)
        words = rows.select_related("plan").filter(pk=words_id).first()
        if words is None:
            raise NotFound
        _hide(actor, words, words.plan.student_id)


def report_review(actor: Actor, review_id: UUID) -> None:
    """Hide a review with everything people judged and said in it, at once. Whoever can read it can report it."""
    with changing(actor, "work.report", "work", review_id):
        rows = visible(actor, KINDS["review"], "review").exclude(closed_by_id=actor.person_id)
        review = rows.select_related("plan").filter(pk=review_id).first()
        if review is None:
            raise NotFound
        _hide(actor, review, review.plan.student_id)


def report_need(actor: Actor, statement_id: UUID) -> None:
    """Hide one statement about a learner, at once. Whoever can read it can report it, but for its writer."""
    with changing(actor, "work.report", "work", statement_id):
        row, _ = row_to_read(actor, Item("need", statement_id))
        if row.author_id == actor.person_id:
            raise NotFound
        _hide(actor, row, row.student_id)


def report_talk(actor: Actor, talk_id: UUID) -> None:
    """Hide what is kept of a talk, at once. Whoever can read it can report it, but for who wrote it down."""
    with changing(actor, "work.report", "work", talk_id):
        rows = Discussion.objects.of(actor.school_id).filter(reaches(actor, Act.READ_PLAN, "student_id"))
        row = rows.exclude(recorded_by_id=actor.person_id).filter(pk=talk_id).first()
        if row is None:
            raise NotFound
        _hide(actor, row, row.student_id)


def report_answers(actor: Actor, sheet_id: UUID) -> None:
    """Hide what was answered on a sheet, at once. Whoever can read it can report it, but for who answered."""
    with changing(actor, "work.report", "work", sheet_id):
        sheet, _ = row_to_read(actor, Item("sheet", sheet_id))
        said = SheetAnswer.objects.of(actor.school_id).filter(sheet=sheet, version=sheet.version)
        row = said.exclude(by_id=actor.person_id).first()
        if row is None:
            raise NotFound
        _hide(actor, row, sheet.student_id)


def _hide(actor: Actor, row: Any, student_id: UUID) -> None:
    made = Report(school_id=actor.school_id, by_id=actor.person_id, **{_COLUMN[type(row)]: row})
    Report.objects.bulk_create([made], ignore_conflicts=True)
    type(row).objects.of(actor.school_id).filter(pk=row.pk, hidden_at=None).update(hidden_at=timezone.now())
    audit.record(actor.school_id, "work.reported", "work", row.pk, actor=actor, about_id=student_id)


def reported(actor: Actor) -> tuple[Reported, ...]:
    """What was reported of students within reach and nobody has settled, the oldest first. Seven queries at most.

    Raises:
        NotFound: the actor settles no reports.
    """
    with asking(actor, "reports.list", "school", actor.school_id):
        mine = _within_reach(actor)
    rows = Report.objects.of(actor.school_id).filter(mine, settled_at=None).order_by("at")[:_LISTED]
    listed = list(
        rows.select_related(
            "item__owner",
            "entry__owner",
            "words__plan__student",
            "words__author",
            "review__plan__student",
            "review__plan__framework",
            "need__student",
            "talk__student",
            "answers__sheet__student__school",
        )
    )
    counts = Counter(
        StoredFile.objects.of(actor.school_id)
        .filter(Q(item__in=[one.item_id for one in listed]) | Q(entry__in=[one.entry_id for one in listed]))
        .filter(withdrawn_at=None)
        .values_list(Coalesce("item_id", "entry_id"), flat=True)
    )
    found = []
    for one in listed:
        name, row = _reported(one)
        wrote, student_id = _writer(row)
        if not _may_read(actor, row, student_id):
            continue
        piece = _piece(name, row)
        audit.record_once(actor, f"{name}.read", name, row.pk, about_id=student_id)
        note_shown(actor, student_id, name, _fields(row))
        settles = actor.person_id not in (wrote, one.by_id)
        found.append(Reported(replace(piece, files=()), one.at, counts[row.pk], settles))
    return tuple(found)


def _piece(name: str, row: _Row) -> Piece:
    """The row as the second adult reads it."""
    if isinstance(row, Statement):
        return KINDS[name].piece(row, Item(name, row.statement_id))
    if isinstance(row, Discussion):
        student = student_ref(row.student.id, row.student.display_name)
        return Piece(
            Item(name, row.pk),
            student,
            row.about,
            told((("note", row.note),)),
            class_of(Discussion, "about"),
            row.recorded_at,
        )
    if isinstance(row, SheetAnswer):
        sheet = KINDS[name].piece(row.sheet, Item(name, row.sheet_id))
        return replace(sheet, lines=told((key, str(words)) for key, words in row.answers.items()))
    (piece,) = KINDS[name].pieces(name, [row])
    return piece


def _may_read(actor: Actor, row: _Row, student_id: UUID) -> bool:
    """Whether it is within what this adult may read at all (T4): somebody else settles what is guarded more."""
    fields = _fields(row)
    limit = ceiling(actor, student_id) if fields else Sensitivity.RESTRICTED
    return all(may_read(limit, guarded) for _, guarded in fields)


def _fields(row: _Row) -> Told:
    """Which fields it answers or is, where they have a class of their own."""
    if isinstance(row, Statement):
        return [(f"{row.section}.{row.field}", Sensitivity(row.sensitivity))]
    if isinstance(row, Discussion):
        return columns_shown(Discussion, [row], "about", "note")
    if isinstance(row, SheetAnswer):
        form = form_of(row.sheet)
        return [(f"{form.key}.{one.key}", one.sensitivity) for one in form.fields if one.key in row.answers]
    return []


def _reported(one: Report) -> tuple[str, _Row]:
    """What a report is of, by the name of its kind."""
    for column in _STUDENT:
        row = getattr(one, column)
        if row is not None:
            return _KIND.get(column, column), row
    raise NotFound  # the table's constraint: a report is of one of them


def _within_reach(actor: Actor) -> Q:
    found = Q(pk__in=())
    for column, student in _STUDENT.items():
        reached = reaches(actor, Act.SETTLE_REPORTS, student)
        if column == "answers":  # leadership reads no sheets
            reached &= reaches(actor, Act.READ_SHEETS, student) if allows(actor, Act.READ_SHEETS) else Q(pk__in=())
        found |= Q(**{f"{column}__isnull": False}) & reached
    return found


def settle_report(actor: Actor, row_id: UUID, *, keep: bool) -> None:
    """Show it again, or delete it. Somebody else than its writer and its reporter looks.

    Raises:
        Refused: "second_adult": the one who wrote or reported it cannot settle it; "record": a review is opened again
            with a reason, and never deleted.
    """
    with changing(actor, "work.settle", "work", row_id):
        named = Q(item_id=row_id) | Q(entry_id=row_id) | Q(words_id=row_id) | Q(review_id=row_id)
        named |= Q(need__statement_id=row_id) | Q(talk_id=row_id) | Q(answers__sheet_id=row_id)
        open_ones = Report.objects.of(actor.school_id).filter(_within_reach(actor), named, settled_at=None)
        rows = "item", "entry", "words__plan", "review__plan", "need", "talk", "answers__sheet"
        one = open_ones.select_related(*rows).first()
        if one is None:
            raise NotFound
        _, row = _reported(one)
        wrote, student_id = _writer(row)
        if not _may_read(actor, row, student_id):
            raise NotFound
        if actor.person_id in (wrote, one.by_id):
            raise Refused("second_adult")
        if isinstance(row, Review) and not keep:
            raise Refused("record")
        audit.record(
            actor.school_id, "work.settled", "work", row_id, actor=actor, about_id=student_id,
            detail={"kept": keep},
        )  # fmt: skip
        if not keep:
            _delete(row)
            return
        one.settled_by_id, one.settled_at, one.kept = actor.person_id, timezone.now(), True
        one.save(update_fields=["settled_by", "settled_at", "kept"])
        model: Any = type(row)
        model.objects.of(actor.school_id).filter(pk=row.pk).update(hidden_at=None)


def _delete(row: _Row) -> None:
    if isinstance(row, (PortfolioItem, LogEntry)):
        forget(row)
    elif isinstance(row, (Statement, SheetAnswer)):
        # The version stays without its words: those before and after it are numbered, and a sheet was answered.
        emptied: dict[str, Any] = {"answers": {}}
        if isinstance(row, Statement):
            emptied = {"text": "", "source_note": ""}
        model: Any = type(row)
        model.objects.of(row.school_id).filter(pk=row.pk).update(**emptied, hidden_at=None)
        Report.objects.of(row.school_id).filter(**{_COLUMN[type(row)]: row}).delete()
    else:
        row.delete()


def _writer(row: _Row) -> tuple[UUID | None, UUID]:
    """Who wrote it, and about whom."""
    if isinstance(row, Statement):
        return row.author_id, row.student_id
    if isinstance(row, Discussion):
        return row.recorded_by_id, row.student_id
    if isinstance(row, SheetAnswer):
        return row.by_id, row.sheet.student_id
    if isinstance(row, Contribution):
        return row.author_id, row.plan.student_id
    if isinstance(row, Review):
        return row.closed_by_id or row.opened_by_id, row.plan.student_id
    return row.added_by_id if isinstance(row, PortfolioItem) else row.owner_id, row.owner_id
