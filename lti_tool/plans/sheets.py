"""Sheets that go home and come back: on the page, by a one-time link, or on paper that staff key in (001.23-24).

Answers are the family's voice, kept by version. Each side sees that the other has read them, and when: from the
trail of readings, so that nothing can be claimed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from . import audit
from .answering import misfits
from .data import Act, Actor, Role, SheetReading, SheetsPage, SheetView, SheetWay
from .exceptions import Conflict, Invalid, NotFound, Refused
from .frameworks.data import Form, Framework, Sensitivity, named
from .frameworks.keeping import framework_for, framework_version_for, kept_framework
from .guarding import ceiling, note_shown
from .models import AuditEvent, Person, Sheet, SheetAnswer, SheetLink
from .models.base import SchoolQuerySet
from .naming import author_ref, student_ref
from .permissions import allows, asking, changing, reaches
from .permissions import student as reach_student
from .policy import may_read

TEXT_LENGTH = 10_000  # characters
NAME_LENGTH = 200
_SHOWN = 50
_AUDIENCES = {"family": Act.ANSWER_SHEET, "provider": Act.ANSWER_FORM}  # who answers, by the right to


def sheets(actor: Actor, student_id: UUID) -> SheetsPage:
    """What went home for this learner, and what came back. Families see their own child's. Constant SQL."""
    with asking(actor, "sheets.read", "person", student_id):
        student, _ = _side(actor, student_id)
    framework = framework_for(student)
    rows = list(_seen(actor).filter(student=student).order_by("-sent_at", "id")[:_SHOWN])
    shown = _views(actor, rows)
    out = {sheet.form.key for sheet in shown if sheet.way is None}
    may_send = _may(actor, Act.SEND_SHEET, student_id)
    return SheetsPage(
        student=student_ref(student.id, student.display_name),
        may_send=may_send,
        to_send=tuple(form for form in forms_to_send(framework) if form.key not in out) if may_send else (),
        sheets=shown,
    )


def sheet(actor: Actor, sheet_id: UUID) -> SheetView:
    """One sheet. Reading answers of the other side leaves an event that it sees (T43, T44)."""
    with asking(actor, "sheet.read", "sheet", sheet_id):
        row = _found(actor, sheet_id)
    if row.version and row.answered_by_id != actor.person_id:
        audit.record_once(actor, "sheet.read", "sheet", row.id, about_id=row.student_id)
    return _views(actor, [row])[0]


def sheets_at_home(actor: Actor, student: Person) -> tuple[SheetView, ...]:
    """What went home for this learner, as the family's page lists it: for staff who reached the student."""
    rows = _seen(actor).filter(student=student, audience="family").order_by("-sent_at", "id")
    return _views(actor, rows[:_SHOWN])


def forms_to_send(framework: Framework) -> tuple[Form, ...]:
    """The framework's sheets for families, then those for other providers (002.20)."""
    return tuple(form for audience in _AUDIENCES for form in framework.sheets if form.audience == audience)


def send_sheet(actor: Actor, student_id: UUID, form: str, *, language: str = "", due_on: date | None = None) -> UUID:
    """Ask the family, or the provider whose form it is. Sent again while it is open, it is the same sheet.

    Raises:
        Invalid: form "unknown"; due_on "past".
    """
    with changing(actor, "sheet.send", "person", student_id):
        student = reach_student(actor, Act.SEND_SHEET, student_id)
        asked = named(forms_to_send(framework_for(student)), form)
        if asked is None:
            raise Invalid({"form": "unknown"})
        if due_on and due_on < timezone.localdate():
            raise Invalid({"due_on": "past"})
        Person.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=student.pk)
        open_ones = Sheet.objects.of(actor.school_id).filter(student=student, form=form)
        row = open_ones.filter(answered_at=None, taken_back_at=None).first()
        if row is None:
            row = Sheet.objects.create(
                school_id=actor.school_id,
                student=student,
                form=form,
                audience=asked.audience,
                framework=framework_version_for(student),
                language=language[:16],
                sent_by_id=actor.person_id,
                due_on=due_on,
            )
            audit.record(
                actor.school_id,
                "sheet.sent",
                "sheet",
                row.id,
                actor=actor,
                about_id=student.id,
                detail={"form": form},
            )
        return row.id


def take_back_sheet(actor: Actor, sheet_id: UUID) -> None:
    """A sheet nobody answered is no longer asked; its links are dead.

    Raises:
        Refused: "answered".
    """
    with changing(actor, "sheet.take_back", "sheet", sheet_id):
        row = _found(actor, sheet_id)
        reach_student(actor, Act.SEND_SHEET, row.student_id)
        if row.version:
            raise Refused("answered")
        row.taken_back_at = timezone.now()
        row.save(update_fields=["taken_back_at"])
        SheetLink.objects.of(actor.school_id).filter(sheet=row).delete()
        audit.record(actor.school_id, "sheet.taken_back", "sheet", row.id, actor=actor, about_id=row.student_id)


def answer_sheet(
    actor: Actor, sheet_id: UUID, answers: Mapping[str, str], *, version: int, name: str = ""
) -> SheetView:
    """The family's or provider's answer on the page, or the paper's, keyed in by staff with the name of who wrote it.

    Raises:
        Conflict: answered after `version`; `current` is a SheetView, `mine` the answers.
        Invalid: answers "required", "unknown", "too_long", "unfit" (see `answering.misfit`); name "required" for
            paper; answers "answered" for paper over answers that whoever keys it in may not all read (T4).
    """
    with changing(actor, "sheet.answer", "sheet", sheet_id):
        row = _found(actor, sheet_id)
        own = _may(actor, _AUDIENCES[row.audience], row.student_id)
        if not own:
            reach_student(actor, Act.SEND_SHEET, row.student_id)
            if not name.strip():
                raise Invalid({"name": "required"})
        row = Sheet.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=row.pk)
        if row.version != version:
            raise Conflict(current=_views(actor, [row])[0], mine=dict(answers))
        if not own and _withheld(actor, row):
            raise Invalid({"answers": "answered"})
        keep_answer(
            row, answers, SheetWay.PAGE if own else SheetWay.PAPER,
            name="" if own else name.strip(), by=actor,
        )  # fmt: skip
        return _views(actor, [row])[0]


def reach_to_answer(actor: Actor, sheet_id: UUID) -> None:
    """Raises NotFound unless the actor could send this sheet: a family or provider theirs, staff the paper."""
    row = _found(actor, sheet_id)
    if not _may(actor, _AUDIENCES[row.audience], row.student_id):
        reach_student(actor, Act.SEND_SHEET, row.student_id)


def keep_answer(
    row: Sheet, answers: Mapping[str, str], way: SheetWay, *, name: str = "", by: Actor | None = None
) -> None:
    """Write the next version of a locked sheet's answers. Inside the caller's transaction."""
    said = _said(form_of(row), answers)
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": "too_long"})
    paper = way is SheetWay.PAPER
    row.version += 1
    row.way, row.answered_at, row.answered_name = way, timezone.now(), name
    row.answered_by_id = by.person_id if by and not paper else None
    row.keyed_by_id = by.person_id if by and paper else None
    row.save()
    SheetAnswer.objects.create(
        school_id=row.school_id, sheet=row, version=row.version, answers=said, by_id=by.person_id if by else None
    )
    SheetLink.objects.of(row.school_id).filter(sheet=row).delete()  # with the address (T13)
    audit.record(
        row.school_id, "sheet.answered", "sheet", row.id, actor=by, about_id=row.student_id,
        detail={"way": str(way), "version": row.version},
    )  # fmt: skip


def form_of(row: Sheet) -> Form:
    """The form as it was when it was sent."""
    framework = kept_framework(row.school_id, row.framework_id) if row.framework_id else framework_for(row.student)
    return named(framework.sheets, row.form) or Form(key=row.form, title=row.form)


def provider_answers(student: Person) -> tuple[tuple[Form, Mapping[str, str], date], ...]:
    """What other providers answered last: each form once, with its words and its day, the newest first. One query.

    For callers that reached the student's plan.
    """
    said = SheetAnswer.objects.of(student.school_id).filter(sheet=OuterRef("pk"), version=OuterRef("version"))
    said = said.filter(hidden_at=None)  # not reported (T41)
    rows = Sheet.objects.of(student.school_id).filter(student=student, audience="provider", version__gt=0)
    found: dict[str, tuple[Form, Mapping[str, str], date]] = {}
    for row in rows.annotate(answered=Subquery(said.values("answers")[:1])).order_by("-answered_at"):
        if row.answered is not None:
            found.setdefault(row.form, (form_of(row), row.answered, timezone.localdate(row.answered_at)))
    return tuple(found.values())


def _said(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    known = {field.key for field in form.fields}
    if not set(answers) <= known:
        raise Invalid({"answers": "unknown"})
    if any(len(text) > TEXT_LENGTH for text in answers.values()):
        raise Invalid({"answers": "too_long"})
    said = {key: text.strip() for key, text in answers.items() if text.strip()}
    if misfits({field.key: field for field in form.fields}, said, {}):
        raise Invalid({"answers": "unfit"})
    if not said:
        raise Invalid({"answers": "required"})
    return said


def _side(actor: Actor, student_id: UUID) -> tuple[Person, Act]:
    """The student, and as what the actor reads: staff of the plan, a provider, or family."""
    for act in (Act.READ_SHEETS, Act.ANSWER_FORM):
        if allows(actor, act):
            with suppress(NotFound):
                return reach_student(actor, act, student_id), act
    return reach_student(actor, Act.ANSWER_SHEET, student_id), Act.ANSWER_SHEET


def _may(actor: Actor, act: Act, student_id: UUID) -> bool:
    try:
        reach_student(actor, act, student_id)
    except NotFound:
        return False
    return True


def _seen(actor: Actor) -> SchoolQuerySet[Sheet]:
    ways = [reaches(actor, Act.READ_SHEETS, "student_id")] if allows(actor, Act.READ_SHEETS) else []
    ways += [
        reaches(actor, act, "student_id") & Q(audience=audience)
        for audience, act in _AUDIENCES.items()
        if allows(actor, act)
    ]
    if not ways:
        raise NotFound
    condition = ways[0]
    for way in ways[1:]:
        condition |= way
    rows = Sheet.objects.of(actor.school_id).filter(condition, taken_back_at=None)
    return rows.select_related("student", "sent_by", "answered_by", "keyed_by", "school")


def _found(actor: Actor, sheet_id: UUID) -> Sheet:
    row = _seen(actor).filter(id=sheet_id).first()
    if row is None:
        raise NotFound
    return row


def _views(actor: Actor, rows: Iterable[Sheet]) -> tuple[SheetView, ...]:
    listed = list(rows)
    ids = [row.id for row in listed]
    said = {
        (answer.sheet_id, answer.version): answer
        for answer in SheetAnswer.objects.of(actor.school_id).filter(sheet__in=ids)
    }
    links = SheetLink.objects.of(actor.school_id).filter(sheet__in=ids, used_at=None, expires_at__gt=timezone.now())
    until = dict(links.order_by("expires_at").values_list("sheet_id", "expires_at"))
    student_ids = {row.student_id for row in listed}
    readings = _readings(actor, ids, student_ids)
    found = [
        _view(
            actor,
            row,
            said.get((row.id, row.version)),
            readings[row.id],
            until.get(row.id),
        )
        for row in listed
    ]
    for student_id in student_ids:
        shown = [one for view in found if view.student.id == student_id for one in _shown(view)]
        note_shown(actor, student_id, "sheet", shown)
    return tuple(found)


def _shown(view: SheetView) -> Iterator[tuple[str, Sensitivity]]:
    said = dict(view.answers)
    return ((f"{view.form.key}.{one.key}", one.sensitivity) for one in view.form.fields if one.key in said)


def _view(
    actor: Actor,
    row: Sheet,
    answer: SheetAnswer | None,
    readings: list[SheetReading],
    link_until: object,
) -> SheetView:
    form = form_of(row)
    own = answer is not None and answer.by_id == actor.person_id
    hidden = answer is not None and answer.hidden_at is not None
    said: Mapping[str, str] = answer.answers if answer and (own or not hidden) else {}
    if answer and not own:
        form = _as_read(actor, row, form)
    return SheetView(
        id=row.id,
        form=form,
        student=student_ref(row.student.id, row.student.display_name),
        language=row.language,
        sent_at=row.sent_at,
        sent_by=author_ref(row.sent_by) if row.sent_by else None,
        due_on=row.due_on,
        version=row.version,
        way=SheetWay(row.way) if row.way else None,
        answered_at=row.answered_at,
        answered_by=author_ref(row.answered_by).name if row.answered_by else row.answered_name,
        keyed_by=author_ref(row.keyed_by) if row.keyed_by else None,
        answers=tuple((field.key, said[field.key]) for field in form.fields if field.key in said),
        readings=tuple(readings),
        link_until=link_until,  # type: ignore[arg-type]
        hidden=hidden,
        may_report=answer is not None and not hidden and not own,
    )


def _withheld(actor: Actor, row: Sheet) -> bool:
    """Whether the sheet, as somebody else answered it, has fields above this reader's ceiling (T4)."""
    answer = SheetAnswer.objects.of(row.school_id).filter(sheet=row, version=row.version).first()
    if answer is None or answer.by_id == actor.person_id:
        return False
    form = form_of(row)
    return _as_read(actor, row, form) != form


def _as_read(actor: Actor, row: Sheet, form: Form) -> Form:
    """The answered form without the fields above the reader's ceiling (T4). Whoever it asks reads it whole."""
    if all(may_read(Sensitivity.SENSITIVE, field.sensitivity) for field in form.fields):  # as all readers may
        return form
    if _may(actor, _AUDIENCES[row.audience], row.student_id):
        return form
    limit = ceiling(actor, row.student_id)
    return replace(form, fields=tuple(field for field in form.fields if may_read(limit, field.sensitivity)))


def _readings(actor: Actor, ids: list[UUID], student_ids: set[UUID]) -> Mapping[UUID, list[SheetReading]]:
    """Who read each sheet's answers, the last time of each."""
    events = AuditEvent.objects.of(actor.school_id).filter(
        about_id__in=student_ids, subject="sheet", subject_id__in=[str(one) for one in ids], verb="sheet.read"
    )
    last = {(UUID(event.subject_id), event.actor_id): event for event in events.order_by("number")}
    people = Person.objects.of(actor.school_id).in_bulk({who for _, who in last if who})
    found = defaultdict(list)
    for (sheet_id, who), event in last.items():
        if who in people:
            found[sheet_id].append(SheetReading(author_ref(people[who]), Role(event.role), event.at))
    return found
