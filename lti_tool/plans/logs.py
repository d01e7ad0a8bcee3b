"""The learner's own log, in blocks of some weeks: what they learned, how, where to use it again (002.29, 002.6)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone

from . import audit
from .data import Act, ActivityView, Actor, Audience, LogBlock, LogChange, LogPage, LogView, NewFile
from .exceptions import Conflict, Invalid, NotFound
from .files import attach, delete_work, readable
from .former import above
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import framework_for
from .framing import prompt_classes
from .guarding import Told, ceiling, note_shown
from .models import Activity, Enrolment, LogEntry, StoredFile
from .models.base import SchoolQuerySet
from .naming import student_ref
from .permissions import allows, asking, changing
from .permissions import student as reach_student
from .reporting import report
from .words import drafts
from .work import TEXT_LENGTH, file_view, found, opened_until, reader_of, row_of_form, seen

WEEKS = 6  # of a block, where the framework says nothing
FEELINGS = ("great", "good", "unsure", "hard")  # symbols, for whoever would rather not write (T27)
FREE = "text"  # the key of words that answer no prompt
_SHOWN = 200


def log(actor: Actor, student_id: UUID) -> LogPage:
    """The entries the actor may read, by block. Constant SQL. Others' reading leaves an event (T43)."""
    with asking(actor, "log.read", "person", student_id):
        student = reader_of(actor, student_id)
    own = student.id == actor.person_id
    if not own:
        audit.record_once(actor, "log.read", "person", student.id, about_id=student.id)
    framework = framework_for(student)
    classes = prompt_classes(framework)
    hidden = above(ceiling(actor, student.id), classes) if not own else frozenset()
    rows = list(
        _with_files(actor, seen(actor, LogEntry).filter(owner=student)).order_by("-written_at", "id")[:_SHOWN]
    )
    note_shown(actor, student.id, "log", _shown(rows, classes, hidden))
    weeks = framework.rules.log_block_weeks or WEEKS
    starts_month = student.school.year_starts_month
    return LogPage(
        student=student_ref(student.id, student.display_name),
        own=own,
        rules=framework.log,
        blocks=_blocks(rows, weeks, starts_month, hidden, empty=own),
        weeks=weeks,
        drafts=drafts(actor, "log:new") if own and allows(actor, Act.KEEP_DRAFTS) else {},
        activities=_choices(actor) if own else (),
    )


def log_entry(actor: Actor, entry_id: UUID) -> LogView:
    """One entry."""
    with asking(actor, "log.read", "log", entry_id):
        found(actor, LogEntry, entry_id)
    row = _with_files(actor, seen(actor, LogEntry)).get(id=entry_id)
    if row.owner_id == actor.person_id:
        return _view(row)
    audit.record_once(actor, "log.read", "log", row.id, about_id=row.owner_id)
    classes = prompt_classes(framework_for(row.owner))
    hidden = above(ceiling(actor, row.owner_id), classes)
    note_shown(actor, row.owner_id, "log", _shown([row], classes, hidden))
    return _view(row, hidden)


def write_log(actor: Actor, change: LogChange, files: Sequence[NewFile] = (), *, once: UUID | None = None) -> LogView:
    """A new entry in one's own log; nobody writes in another's. Private until its writer shares it (T5).

    `once` names the form it is written in: sent again, as its answer got lost, it makes no second entry (T83).

    Raises:
        Invalid: text "required" (neither words, nor a symbol, nor a file), "too_long"; answers, feeling, activity
            "unknown"; files as `attach` says.
    """
    with changing(actor, "log.write", "person", actor.person_id):
        student = reach_student(actor, Act.KEEP_LOG, actor.person_id)
        row = LogEntry(school_id=actor.school_id, owner=student)
        row.id = row_of_form(actor, once) or row.id
        before = LogEntry.objects.of(actor.school_id).filter(id=row.id, owner=student).first()
        if before is not None:
            return change_log(actor, row.id, change, files, version=before.version)
        framework = framework_for(student)
        _check(actor, framework, change, has_file=bool(files))
        _say(row, framework, change)
        row.save(force_insert=True)
        attach(actor, student, row, files)
        audit.record(
            actor.school_id, "log.written", "log", row.id, actor=actor, about_id=student.id,
            detail={"audience": str(row.audience), "files": len(files)},
        )  # fmt: skip
        return log_entry(actor, row.id)


def change_log(
    actor: Actor, entry_id: UUID, change: LogChange, files: Sequence[NewFile] = (), *, version: int
) -> LogView:
    """Change one's own entry, or who may read it.

    Raises:
        Conflict: changed after `version` (in another tab); `current` is a LogView, `mine` the change.
        Invalid: as for `write_log`.
    """
    with changing(actor, "log.change", "log", entry_id):
        student = reach_student(actor, Act.KEEP_LOG, actor.person_id)
        rows = LogEntry.objects.of(actor.school_id).filter(owner_id=actor.person_id, id=entry_id)
        row = rows.select_for_update(no_key=True).first()
        if row is None:
            raise NotFound
        framework = framework_for(student)
        kept = StoredFile.objects.of(actor.school_id).filter(entry=row).exists()
        _check(actor, framework, change, has_file=bool(files) or kept)
        if row.version != version:
            raise Conflict(current=log_entry(actor, entry_id), mine=change)
        _say(row, framework, change)
        row.version += 1
        row.changed_at = timezone.now()
        row.save()
        attach(actor, student, row, files)
        audit.record(
            actor.school_id, "log.changed", "log", row.id, actor=actor, about_id=student.id,
            detail={"audience": str(row.audience), "version": row.version},
        )  # fmt: skip
        return log_entry(actor, entry_id)


def delete_log(actor: Actor, entry_id: UUID) -> None:
    """Delete one's own entry with its files."""
    delete_work(actor, LogEntry, entry_id)


def report_log(actor: Actor, entry_id: UUID) -> None:
    """Hide an entry until a second adult has looked."""
    report(actor, LogEntry, entry_id)


def block_of(day: date, weeks: int, starts_month: int) -> tuple[int, date, date]:
    """The block a day is in: its number in the school year, its first and its last day."""
    begun = date(day.year if day.month >= starts_month else day.year - 1, starts_month, 1)
    begun -= timedelta(days=begun.weekday())  # blocks are of whole weeks
    number = (day - begun).days // (7 * weeks)
    first = begun + timedelta(weeks=weeks * number)
    return number + 1, first, first + timedelta(days=7 * weeks - 1)


def _blocks(
    rows: list[LogEntry], weeks: int, starts_month: int, hidden: Collection[str], *, empty: bool
) -> tuple[LogBlock, ...]:
    """The entries by block, the newest first; for the learner this block is there also while it is empty."""
    today = timezone.localdate()
    by_day = [(block_of(timezone.localdate(row.written_at), weeks, starts_month), row) for row in rows]
    by_day.sort(key=lambda pair: pair[0][1], reverse=True)
    blocks = [
        LogBlock(number, first, last, first <= today <= last, tuple(_view(row, hidden) for _, row in pairs))
        for (number, first, last), pairs in groupby(by_day, key=lambda pair: pair[0])
    ]
    if empty and not any(block.current for block in blocks):
        number, first, last = block_of(today, weeks, starts_month)
        blocks.insert(0, LogBlock(number, first, last, True, ()))
    return tuple(blocks)


def _check(actor: Actor, framework: Framework, change: LogChange, *, has_file: bool) -> None:
    errors: dict[str, str] = {}
    known = {FREE, *(prompt.key for prompt in framework.log.prompts)}
    if not set(change.answers) <= known:
        errors["answers"] = "unknown"
    if any(len(text) > TEXT_LENGTH for text in change.answers.values()):
        errors["text"] = "too_long"
    if change.feeling and change.feeling not in FEELINGS:
        errors["feeling"] = "unknown"
    if not (any(text.strip() for text in change.answers.values()) or change.feeling or has_file):
        errors["text"] = "required"
    if change.activity_id is not None and not _my_activities(actor).filter(id=change.activity_id).exists():
        errors["activity"] = "unknown"
    if errors:
        raise Invalid(errors)


def _my_activities(actor: Actor) -> SchoolQuerySet[Activity]:
    mine = Enrolment.objects.of(actor.school_id).filter(person_id=actor.person_id, active=True)
    return Activity.objects.of(actor.school_id).filter(course__in=mine.values("course_id"))


def _choices(actor: Actor) -> tuple[ActivityView, ...]:
    """What an entry can be about: the activities of the course the learner came from, by name. One query."""
    if actor.course_id is None:
        return ()
    rows = _my_activities(actor).filter(course_id=actor.course_id, removed_at=None).order_by("label", "id")
    return tuple(ActivityView(one.id, one.external_id, one.label, one.score_maximum, one.url) for one in rows)


def _say(row: LogEntry, framework: Framework, change: LogChange) -> None:
    row.answers = {key: text.strip() for key, text in change.answers.items() if text.strip()}
    row.feeling, row.activity_id = change.feeling, change.activity_id
    row.audience = change.audience
    row.private_again_on = opened_until(framework, Audience(change.audience), row.school.year_starts_month)


def _with_files(actor: Actor, rows: SchoolQuerySet[LogEntry]) -> SchoolQuerySet[LogEntry]:
    files = readable(actor).order_by("added_at")
    return rows.select_related("activity").prefetch_related(Prefetch("files", files))


def _shown(rows: Sequence[LogEntry], classes: Mapping[str, Sensitivity], hidden: Collection[str]) -> Told:
    """Which prompts' answers somebody reads, each with its class."""
    said = {key for row in rows for key, words in row.answers.items() if words and key not in hidden}
    return [(f"log.{key}", classes[key]) for key in said if key in classes]


def _view(row: LogEntry, hidden: Collection[str] = ()) -> LogView:
    """The entry, without the answers to prompts its reader may not read."""
    return LogView(
        id=row.id,
        version=row.version,
        answers={key: text for key, text in row.answers.items() if key not in hidden},
        feeling=row.feeling,
        activity=row.activity.label if row.activity else "",
        activity_id=row.activity_id,
        audience=Audience(row.audience),
        written_at=row.written_at,
        files=tuple(file_view(one) for one in row.files.all()),
        hidden=row.hidden_at is not None,
    )
