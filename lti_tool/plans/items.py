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

from . import audit
from .data import (
    Act,
    Actor,
    Audience,
    Item,
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
from .frameworks.data import Framework
from .frameworks.wording import shown
from .models import (
    Contribution,
    Enrolment,
    FrozenTarget,
    GuardianNaming,
    Judgement,
    LogEntry,
    PortfolioItem,
    Review,
    Share,
    Target,
)
from .models import Person as PersonRow
from .models.base import SchoolQuerySet
from .models.sharing import ShareItem
from .naming import author_ref, student_ref
from .permissions import allows, asking, live_appointments, live_guardians, reaches
from .policy import includes, reach
from .scales import plan_framework, said


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
    load: Callable[[UUID, Sequence[Any]], None] | None = None  # what pieces of many rows need, in one query

    def pieces(self, name: str, rows: Iterable[Any]) -> tuple[Piece, ...]:
        """The rows as whoever may read them reads them."""
        listed = list(rows)
        if self.load is not None and listed:
            self.load(listed[0].school_id, listed)
        return tuple(self.piece(row, Item(name, row.pk)) for row in listed)


def _opened(*audiences: Audience) -> Q:
    today = timezone.localdate()
    return Q(audience__in=audiences, hidden_at=None) & (Q(private_again_on=None) | Q(private_again_on__gt=today))


def _target(row: Target, item: Item) -> Piece:
    person = row.plan.student
    lines = (("success", row.success), ("next_step", row.next_step), ("goal", row.goal.wording if row.goal else ""))
    return Piece(item, student_ref(person.id, person.display_name), row.wording, _said(lines), at=row.created_at)


def _review(row: Any, item: Item) -> Piece:
    person = row.plan.student
    framework = plan_framework(row.school_id, row.plan)
    lines = [(f"level:{_level(framework, one)}", wording or _area(framework, one)) for one, wording in row.judged]
    lines.append(("next_steps", row.next_steps))
    student = student_ref(person.id, person.display_name)
    return Piece(item, student, str(row.number), _said(lines), at=row.closed_at or row.opened_at)


def _level(framework: Framework, judgement: Judgement) -> str:
    level = said(framework, judgement.level)
    return shown(level.name) if level else judgement.level


def _area(framework: Framework, judgement: Judgement) -> str:
    """What an area that was judged as a whole is called."""
    area = framework.area(judgement.area)
    return shown(area.name) if area else judgement.area


def _judged(school_id: UUID, rows: Sequence[Any]) -> None:
    """What stands judged in these reviews, as `judged` of each: in the words a closed one froze, not later ones."""
    frozen = FrozenTarget.objects.of(school_id).filter(review__in=[row.pk for row in rows]).order_by("closing")
    words = {(one.review_id, one.target_id): str(one.snapshot["card"]["wording"]) for one in frozen}
    by_review = defaultdict(list)
    latest = Judgement.objects.of(school_id).filter(review__in=[row.pk for row in rows], latest=True)
    for judgement in latest.select_related("target").order_by("area", "target__position", "made_at"):
        target = judgement.target  # none: an area as a whole
        wording = words.get((judgement.review_id, target.id), target.wording) if target else ""
        by_review[judgement.review_id].append((judgement, wording))
    for row in rows:
        row.judged = by_review[row.pk]


def _words(row: Contribution, item: Item) -> Piece:
    person = row.plan.student
    lines = ((f"voice:{row.voice}", row.text),)
    student = student_ref(person.id, person.display_name)
    return Piece(item, student, "", _said(lines), Sensitivity.SENSITIVE, row.written_at)


def _log(row: LogEntry, item: Item) -> Piece:
    lines = [(f"prompt:{key}", str(words)) for key, words in row.answers.items()]
    student = student_ref(row.owner.id, row.owner.display_name)
    return Piece(item, student, "", _said(lines), Sensitivity.SENSITIVE, row.written_at)


def _evidence(row: PortfolioItem, item: Item) -> Piece:
    student = student_ref(row.owner.id, row.owner.display_name)
    return Piece(item, student, row.title, _said((("about", row.about),)), at=row.added_at)


def _said(lines: Any) -> tuple[tuple[str, str], ...]:
    return tuple((label, words) for label, words in lines if words)


KINDS: Mapping[str, Kind] = {
    "target": Kind(
        Target,
        "plan__student_id",
        to_staff=Q,
        to_learner=lambda: ~Q(state=TargetState.DRAFT),
        # words that wait for their quality check stay at school (001.15)
        to_home=lambda: Q(state__in=[TargetState.AGREED, TargetState.ACHIEVED], checked_version=F("version")),
        piece=_target,
        related=("plan__student", "goal"),
    ),
    "review": Kind(
        Review,
        "plan__student_id",
        to_staff=Q,
        to_learner=lambda: Q(state=ReviewState.CLOSED),
        to_home=lambda: Q(state=ReviewState.CLOSED),
        to_recipients=lambda: Q(state=ReviewState.CLOSED),  # opened again, it is not agreed
        piece=_review,
        related=("plan__student", "plan__framework"),
        load=_judged,
    ),
    "words": Kind(
        Contribution,
        "plan__student_id",
        to_staff=lambda: ~Q(audience=Audience.PRIVATE),
        to_learner=lambda: Q(author_id=F("plan__student_id")) | Q(review__state=ReviewState.CLOSED),
        to_home=lambda: Q(voice=Voice.FAMILY) | Q(review__state=ReviewState.CLOSED, audience=Audience.SHARED),
        to_recipients=lambda: Q(author_id=F("plan__student_id")) | Q(review__state=ReviewState.CLOSED),
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
        related=("owner",),
        to_recipients=lambda: Q(hidden_at=None),
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
    ),
}


def visible(actor: Actor, kind: Kind, name: str) -> SchoolQuerySet[Any]:
    """The rows of a kind the actor may read: by the policy, or because they were shared with them."""
    mine = Q(**{kind.student: actor.person_id})
    shared = live_items(actor.school_id).filter(
        kind=name, item_id=OuterRef("pk"), share__recipient_id=actor.person_id
    )
    ways = Q(Exists(shared)) & kind.to_recipients()
    if allows(actor, Act.READ_PLAN):
        theirs = (mine & kind.to_learner()) | (~mine & kind.to_staff())
        ways |= reaches(actor, Act.READ_PLAN, kind.student) & theirs
    if Role.FAMILY in actor.appointed:
        ways |= reaches(actor, Act.READ_SHARED, kind.student) & kind.to_home()
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
        row, kind = _found(actor, item)
    (piece,) = kind.pieces(item.kind, [row])
    if piece.student.id != actor.person_id:
        audit.record_once(actor, "item.read", item.kind, item.id, about_id=piece.student.id)
    return piece


def _found(actor: Actor, item: Item) -> tuple[Any, Kind]:
    kind = KINDS.get(item.kind)
    row = kind and visible(actor, kind, item.kind).select_related(*kind.related).filter(pk=item.id).first()
    if kind is None or row is None:
        raise NotFound
    return row, kind


def who_can_see(actor: Actor, item: Item) -> tuple[Reader, ...]:
    """Everybody who can read this item now, and what lets them: the learner first, then by role and name (T6).

    A guardian is told of no other guardian (T28). Raises NotFound where the actor may not read the item themselves.
    """
    with asking(actor, "item.readers", item.kind, item.id):
        row, kind = _found(actor, item)
    school_id = actor.school_id
    (piece,) = kind.pieces(item.kind, [row])
    same = kind.model.objects.of(school_id).filter(pk=row.pk)
    found: list[tuple[UUID, Role, str]] = []
    if same.filter(kind.to_learner()).exists():
        found += [(person, role, "") for person, role in _learner(school_id, piece.student.id)]
    if same.filter(kind.to_staff()).exists():
        found += [(person, role, "") for person, role in staff_who_reach(school_id, piece.student.id, Act.READ_PLAN)]
    if same.filter(kind.to_home()).exists():
        found += [(person, Role.FAMILY, "") for person in guardians_who_reach(school_id, piece.student.id)]
    if same.filter(kind.to_recipients()).exists():
        shares = live_items(school_id).filter(kind=item.kind, item_id=item.id)
        told = shares.values_list("share__recipient_id", "share__purpose")
        found += [(person, Role.NONE, purpose) for person, purpose in told]
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
    """Everybody whom an enrolment or appointment gives this act on this student, whichever course they come from."""
    told = [role for role in Role if reach(role, act) is Reach.COURSE]
    teaches = Enrolment.objects.of(school_id).filter(role__in=told, active=True)
    found = list(teaches.filter(course__in=_courses(school_id, student_id)).values_list("person_id", "role"))
    student = PersonRow.objects.of(school_id).get(pk=student_id)
    for role in Role:
        cell = reach(role, act)
        if not includes(cell, Reach.APPOINTED):
            continue
        covered = Q(student_id=student_id)
        if includes(cell, Reach.COURSE):
            covered |= Q(course__in=_courses(school_id, student_id))
        if includes(cell, Reach.PHASE) and student.phase:
            covered |= Q(phase=student.phase)
        if includes(cell, Reach.SCHOOL):
            covered |= Q(student=None, course=None, phase="")
        rows = live_appointments(school_id).filter(covered, role=role)
        found += list(rows.values_list("person_id", "role"))
    return sorted({(person, Role(role)) for person, role in found if person != student_id})


def guardians_who_reach(school_id: UUID, student_id: UUID) -> list[UUID]:
    """The guardians who can open what is shared of this student, from one course or another."""
    named = GuardianNaming.objects.of(school_id).filter(link=OuterRef("pk"))
    links = live_guardians(school_id).filter(child_id=student_id, scope="shared")
    links = links.filter(Q(evidence="school") | Q(Exists(named)))
    return list(links.values_list("guardian_id", flat=True))
