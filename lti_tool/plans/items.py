"""Single items of a plan that can be shared or asked "who can see this?": one fetch for all of them (T1, T6).

A kind says, as conditions on its rows, what staff within reach read, what the learner reads of their own, and what is
for home. `visible` joins these with the policy; `who_can_see` asks the same conditions the other way round.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from lti_tool.privacy import class_of

from . import audit
from .data import (
    Act,
    Actor,
    Audience,
    FileView,
    Item,
    MediaUse,
    Piece,
    Reach,
    Reader,
    ReviewState,
    Role,
    Sensitivity,
    TargetState,
    Voice,
)
from .exceptions import NotFound
from .former import above, former_in, target_classes
from .frameworks.data import named
from .frameworks.keeping import framework_for
from .frameworks.wording import shown
from .framing import prompt_classes
from .guarding import ceiling, note_shown, readable
from .models import (
    Appointment,
    Contribution,
    Enrolment,
    GuardianNaming,
    LogEntry,
    PortfolioItem,
    Review,
    Share,
    Sheet,
    SheetAnswer,
    Statement,
    StoredFile,
    Target,
)
from .models import Person as PersonRow
from .models.base import SchoolQuerySet
from .models.sharing import ShareItem
from .naming import author_ref, student_ref
from .permissions import allows, asking, live_appointments, live_guardians, reaches
from .policy import CEILING, includes, may_read, reach
from .review_pieces import load_judged, review_piece, told
from .scales import plan_framework
from .work import file_view

_GUARDED = list(Sensitivity)
_NOBODY = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item. The conditions are functions, since some depend on the day."""

    model: Any
    student: str  # path from the row to the student
    to_staff: Callable[[], Q]
    to_learner: Callable[[], Q]
    to_home: Callable[[], Q]
    piece: Callable[[Any, Item], Piece]
    related: tuple[str, ...] = ()
    to_recipients: Callable[[], Q] = Q  # of what was shared with somebody by name, what they read
    load: Callable[[Sequence[Any], MediaUse, Actor | None], None] | None = None  # what pieces of many rows need
    key: str = "pk"  # what an item's id is to the row
    staff_act: Act = Act.READ_PLAN
    home_act: Act = Act.READ_SHARED
    shareable: bool = True  # by the learner
    author: str = (
        ""  # where rows have a class of their own: path to whoever wrote it and reads it, whatever its class
    )

    def pieces(
        self, name: str, rows: Iterable[Any], use: MediaUse = MediaUse.SHARE, reader: Actor | None = None
    ) -> tuple[Piece, ...]:
        """The rows as whoever may read them reads them, with their files that have this use and left the class.

        A reader who is a guardian learns of no other guardian (T28).
        """
        listed = list(rows)
        if self.load is not None and listed:
            self.load(listed, use, reader)
        return tuple(self.piece(row, Item(name, row.pk)) for row in listed)


def _opened(*audiences: Audience) -> Q:
    today = timezone.localdate()
    return Q(audience__in=audiences, hidden_at=None) & (Q(private_again_on=None) | Q(private_again_on__gt=today))


def _for_home() -> Q:
    """Words a family reads: its own, and what was said for home in a closed review (T30)."""
    theirs = Q(voice=Voice.FAMILY) | Q(review__state=ReviewState.CLOSED, audience=Audience.SHARED)
    return theirs & Q(hidden_at=None) & ~Q(text="")


def _newest_words() -> Q:
    """Words that were not written anew since: who changed them takes the former ones back from home."""
    same = {name: OuterRef(name) for name in ("plan", "voice", "author", "question", "review")}
    newer = Contribution.objects.filter(school_id=OuterRef("school_id"), **same, version__gt=OuterRef("version"))
    return ~Q(Exists(newer))


def _most(*classes: Sensitivity) -> Sensitivity:
    return max(list(classes), key=_GUARDED.index)


def _target(row: Any, item: Item) -> Piece:
    person = row.plan.student
    said = {"success": row.success, "next_step": row.next_step, "goal": row.goal.wording if row.goal else ""}
    lines = tuple((name, words) for name, words in said.items() if name not in row.hidden)
    guarded = _most(
        Sensitivity.PERSONAL, *(row.classes[name] for name, words in lines if words and name in row.classes)
    )
    student = student_ref(person.id, person.display_name)
    return Piece(item, student, row.wording, told(lines), guarded, row.created_at)


def _veil(rows: Sequence[Any], _use: MediaUse, reader: Actor | None) -> None:
    """Of each target its fields' `classes`, and those `hidden` from whoever reads it, or a share of it (T4)."""
    known: dict[UUID, tuple[frozenset[str], Mapping[str, Sensitivity]]] = {}
    for row in rows:
        if row.plan_id not in known:
            limit = ceiling(reader, row.plan.student_id) if reader else Sensitivity.PERSONAL
            former = former_in(row.school_id, [row.plan_id])
            classes = target_classes(plan_framework(row.school_id, row.plan), former)
            known[row.plan_id] = above(limit, classes), classes
        row.hidden, row.classes = known[row.plan_id]


def _words(row: Contribution, item: Item) -> Piece:
    person = row.plan.student
    lines = ((f"voice:{row.voice}", row.text),)
    student = student_ref(person.id, person.display_name)
    return Piece(item, student, "", told(lines), class_of(Contribution, "text"), row.written_at)


def _log(row: LogEntry, item: Item) -> Piece:
    hidden, classes = row.hidden, row.classes  # type: ignore[attr-defined]  # _entries put them there
    said = {key: str(words) for key, words in row.answers.items() if key not in hidden}
    guarded = [classes[key] for key, words in said.items() if words and key in classes]
    lines = [(f"prompt:{key}", words) for key, words in said.items()]
    student = student_ref(row.owner.id, row.owner.display_name)
    files: tuple[FileView, ...] = row.shown  # type: ignore[attr-defined]  # _with_files put them there
    return Piece(
        item, student, "", told(lines), _most(class_of(LogEntry, "answers"), *guarded), row.written_at, files
    )


def _evidence(row: PortfolioItem, item: Item) -> Piece:
    student = student_ref(row.owner.id, row.owner.display_name)
    files: tuple[FileView, ...] = row.shown  # type: ignore[attr-defined]  # _with_files put them there
    return Piece(item, student, row.title, told((("about", row.about),)), at=row.added_at, files=files)


def _with_files(rows: Sequence[Any], use: MediaUse, _reader: Actor | None) -> None:
    """The rows' files, as `shown` of each: those with this use that nobody else is in, or that staff looked at."""
    belongs = "entry" if isinstance(rows[0], LogEntry) else "item"
    files = StoredFile.objects.of(rows[0].school_id).filter(withdrawn_at=None, uses__contains=use)
    by_row = defaultdict(list)
    for one in files.filter(**{f"{belongs}__in": [row.pk for row in rows]}).order_by("added_at"):
        by_row[getattr(one, f"{belongs}_id")].append(file_view(one))
    for row in rows:
        row.shown = tuple(one for one in by_row[row.pk] if one.checked)


def _entries(rows: Sequence[Any], use: MediaUse, reader: Actor | None) -> None:
    """Entries of logs with their files; the `classes` of their prompts and those `hidden` from whoever reads (T4)."""
    _with_files(rows, use, reader)
    known: dict[UUID, tuple[frozenset[str], Mapping[str, Sensitivity]]] = {}
    for row in rows:
        if row.owner_id not in known:
            own = reader is not None and reader.person_id == row.owner_id
            limit = ceiling(reader, row.owner_id) if reader else Sensitivity.PERSONAL
            classes = prompt_classes(framework_for(row.owner))
            known[row.owner_id] = frozenset() if own else above(limit, classes), classes
        row.hidden, row.classes = known[row.owner_id]


def _sheet(row: Sheet, item: Item) -> Piece:
    form = named(framework_for(row.student).sheets, row.form)
    student = student_ref(row.student.id, row.student.display_name)
    guarded = class_of(SheetAnswer, "answers")
    return Piece(item, student, shown(form.title) if form else "", guarded=guarded, at=row.sent_at)


def _need(row: Statement, item: Item) -> Piece:
    student = student_ref(row.student.id, row.student.display_name)
    return Piece(item, student, row.text, guarded=Sensitivity(row.sensitivity), at=row.made_at)


KINDS: Mapping[str, Kind] = {
    "target": Kind(
        Target,
        "plan__student_id",
        to_staff=Q,
        to_learner=lambda: ~Q(state=TargetState.DRAFT),
        # words that wait for their quality check stay at school (001.15)
        to_home=lambda: Q(state__in=[TargetState.AGREED, TargetState.ACHIEVED], checked_version=F("version")),
        piece=_target,
        related=("plan__student", "plan__framework", "goal"),
        load=_veil,
    ),
    "review": Kind(
        Review,
        "plan__student_id",
        to_staff=lambda: Q(hidden_at=None),
        to_learner=lambda: Q(state=ReviewState.CLOSED, hidden_at=None),
        to_home=lambda: Q(state=ReviewState.CLOSED, hidden_at=None),
        to_recipients=lambda: Q(state=ReviewState.CLOSED, hidden_at=None),  # opened again, it is not agreed
        piece=review_piece,
        related=("plan__student", "plan__framework"),
        load=load_judged,
    ),
    "words": Kind(
        Contribution,
        "plan__student_id",
        to_staff=lambda: ~Q(audience=Audience.PRIVATE) & Q(hidden_at=None),
        to_learner=lambda: Q(author_id=F("plan__student_id")) | Q(review__state=ReviewState.CLOSED, hidden_at=None),
        to_home=lambda: _newest_words() & _for_home(),
        to_recipients=lambda: (
            (Q(author_id=F("plan__student_id")) | Q(review__state=ReviewState.CLOSED)) & Q(hidden_at=None)
        ),
        piece=_words,
        related=("plan__student",),
    ),
    "log": Kind(
        LogEntry,
        "owner_id",
        to_staff=lambda: _opened(Audience.NOT_FOR_HOME, Audience.SHARED),
        to_learner=Q,
        to_home=lambda: _opened(Audience.SHARED),
        piece=_log,
        related=("owner__school",),
        to_recipients=lambda: Q(hidden_at=None),
        load=_entries,
    ),
    "item": Kind(
        PortfolioItem,
        "owner_id",
        to_staff=lambda: _opened(Audience.NOT_FOR_HOME, Audience.SHARED),
        to_learner=Q,
        to_home=lambda: _opened(Audience.SHARED),
        piece=_evidence,
        related=("owner",),
        to_recipients=lambda: Q(hidden_at=None),
        load=_with_files,
    ),
    "sheet": Kind(
        Sheet,
        "student_id",
        to_staff=lambda: Q(taken_back_at=None),
        to_learner=lambda: _NOBODY,
        to_home=lambda: Q(taken_back_at=None, audience="family"),
        piece=_sheet,
        related=("student__school",),
        staff_act=Act.READ_SHEETS,
        home_act=Act.ANSWER_SHEET,
        shareable=False,
    ),
    "need": Kind(
        Statement,
        "student_id",
        to_staff=lambda: Q(latest=True, hidden_at=None),
        to_learner=lambda: Q(latest=True) & (Q(hidden_at=None) | Q(author_id=F("student_id"))),
        to_home=lambda: _NOBODY,
        piece=_need,
        related=("student",),
        key="statement_id",
        shareable=False,
        author="author_id",
    ),
}


def visible(actor: Actor, kind: Kind, name: str) -> SchoolQuerySet[Any]:
    """The rows of a kind the actor may read: by the policy, or because they were shared with them."""
    mine, ways = Q(**{kind.student: actor.person_id}), _NOBODY
    if kind.shareable:
        shared = live_items(actor.school_id).filter(
            kind=name, item_id=OuterRef("pk"), share__recipient_id=actor.person_id
        )
        ways = Q(Exists(shared)) & kind.to_recipients()
    if allows(actor, kind.staff_act):
        theirs = (mine & kind.to_learner()) | (~mine & kind.to_staff())
        ways |= reaches(actor, kind.staff_act, kind.student) & theirs
    if Role.FAMILY in actor.appointed:
        ways |= reaches(actor, kind.home_act, kind.student) & kind.to_home()
    rows: SchoolQuerySet[Any] = kind.model.objects.of(actor.school_id).filter(ways)
    return rows


def live_items(school_id: UUID) -> SchoolQuerySet[ShareItem]:
    """Items of shares that stand today, with people who are still the school's (T3)."""
    standing = Share.objects.of(school_id).filter(ended_at=None, ends_on__gte=timezone.localdate())
    return ShareItem.objects.of(school_id).filter(share__in=standing.filter(recipient__in=staff(school_id)))


def staff(school_id: UUID) -> SchoolQuerySet[PersonRow]:
    """Who teaches or helps in the school today or is appointed to anything but its office."""
    teaches = Enrolment.objects.of(school_id).filter(active=True, role__in=(Role.TEACHER, Role.ASSISTANT))
    appointed = live_appointments(school_id).exclude(role=Role.ADMINISTRATOR)
    people = PersonRow.objects.of(school_id).filter(erased_at=None, joined_into=None)
    return people.filter(Q(id__in=teaches.values("person_id")) | Q(id__in=appointed.values("person_id")))


def see(actor: Actor, item: Item) -> Piece:
    """One item as it is read by whoever may (T6). Readers but the student leave an event (T43)."""
    with asking(actor, "item.read", item.kind, item.id):
        row, kind = row_to_read(actor, item)
    (piece,) = kind.pieces(item.kind, [row], _use(actor), actor)
    if piece.student.id != actor.person_id:
        audit.record_once(actor, "item.read", item.kind, item.id, about_id=piece.student.id)
        note_shown(actor, piece.student.id, "item", [(item.kind, piece.guarded)])
    return piece


def _use(actor: Actor) -> MediaUse:
    """For what somebody reads who has no other part in the plan than being family."""
    return MediaUse.HOME if actor.roles <= {Role.FAMILY, Role.NONE} else MediaUse.SHARE


def row_to_read(actor: Actor, item: Item) -> tuple[Any, Kind]:
    """The row of an item the actor may read, and its kind. Raises NotFound."""
    kind = KINDS.get(item.kind)
    if kind is None:
        raise NotFound
    rows = visible(actor, kind, item.kind).select_related(*kind.related).filter(**{kind.key: item.id})
    row = rows.first()
    if row is not None and kind.author:
        row = rows.filter(readable(actor, ceiling(actor, row.student_id), kind.author)).first()
    if row is None:
        raise NotFound
    return row, kind


def who_can_see(actor: Actor, item: Item) -> tuple[Reader, ...]:
    """Everybody who can read this item now, and what lets them: the learner first, then by role and name (T6).

    A guardian is told of no other guardian (T28). Raises NotFound where the actor may not read the item themselves.
    """
    with asking(actor, "item.readers", item.kind, item.id):
        row, kind = row_to_read(actor, item)
    school_id = actor.school_id
    (piece,) = kind.pieces(item.kind, [row], _use(actor), actor)
    same = kind.model.objects.of(school_id).filter(pk=row.pk)
    found: list[tuple[UUID, Role, str]] = []
    if same.filter(kind.to_learner()).exists():
        found += [(person, role, "") for person, role in _learner(school_id, piece.student.id)]
    if same.filter(kind.to_staff()).exists():
        reaching = staff_who_reach(school_id, piece.student.id, kind.staff_act)
        found += [(person, role, "") for person, role in reaching]
    if same.filter(kind.to_home()).exists():
        at_home = guardians_who_reach(school_id, piece.student.id, kind.home_act)
        found += [(person, Role.FAMILY, "") for person in at_home]
    if kind.shareable and same.filter(kind.to_recipients()).exists():
        shares = live_items(school_id).filter(kind=item.kind, item_id=item.id)
        told = shares.values_list("share__recipient_id", "share__purpose")
        found += [(person, Role.NONE, purpose) for person, purpose in told]
    if kind.author:
        written_by, limit = getattr(row, kind.author), Sensitivity(row.sensitivity)
        found = [one for one in found if may_read(CEILING[one[1]], limit) or one[0] == written_by]
    if Role.FAMILY in actor.roles:
        found = [one for one in found if one[1] is not Role.FAMILY or one[0] == actor.person_id]
    people = {person.id: author_ref(person) for person in _people(school_id, {one[0] for one in found})}
    readers = [Reader(people[person], role, purpose) for person, role, purpose in found]
    return tuple(sorted(set(readers), key=lambda r: (list(Role).index(r.role), r.person.name.casefold(), r.purpose)))


def _people(school_id: UUID, ids: set[UUID]) -> SchoolQuerySet[PersonRow]:
    return PersonRow.objects.of(school_id).filter(id__in=ids)


def _courses(school_id: UUID, student_id: UUID) -> Any:
    learns = Enrolment.objects.of(school_id).filter(person_id=student_id, role=Role.LEARNER, active=True)
    return learns.values("course_id")


def _learner(school_id: UUID, student_id: UUID) -> list[tuple[UUID, Role]]:
    return [(student_id, Role.LEARNER)] if _courses(school_id, student_id).exists() else []


def staff_who_reach(school_id: UUID, student_id: UUID, act: Act) -> list[tuple[UUID, Role]]:
    """Everybody whom an enrolment or appointment gives this act on this student, whichever course they come from.

    Three queries.
    """
    told = [role for role in Role if reach(role, act) is Reach.COURSE]
    teaches = Enrolment.objects.of(school_id).filter(role__in=told, active=True)
    found = set(teaches.filter(course__in=_courses(school_id, student_id)).values_list("person_id", "role"))
    student = PersonRow.objects.of(school_id).get(pk=student_id)
    about = Q(student_id=student_id) | Q(course__in=_courses(school_id, student_id))
    about |= Q(student=None, course=None, phase__in=["", student.phase])
    appointed = [role for role in Role if includes(reach(role, act), Reach.APPOINTED)]
    for row in live_appointments(school_id).filter(about, role__in=appointed):
        if includes(reach(Role(row.role), act), width(row)):
            found.add((row.person_id, row.role))
    return sorted({(person, Role(role)) for person, role in found if person != student_id})


def width(row: Appointment) -> Reach:
    """How far an appointment goes by what it names."""
    if row.student_id is not None:
        return Reach.APPOINTED
    if row.course_id is not None:
        return Reach.COURSE
    return Reach.PHASE if row.phase else Reach.SCHOOL


def guardians_who_reach(school_id: UUID, student_id: UUID, act: Act = Act.READ_SHARED) -> list[UUID]:
    """The guardians who can open what is shared of this student, from one course or another; or do another act."""
    named = GuardianNaming.objects.of(school_id).filter(link=OuterRef("pk"))
    links = live_guardians(school_id).filter(child_id=student_id)
    if act is not Act.ANSWER_SHEET:
        links = links.filter(scope="shared")
    links = links.filter(Q(evidence="school") | Q(Exists(named)))
    return list(links.values_list("guardian_id", flat=True))
