"""The portfolio: seven kinds of evidence and what comes from home, each serving many targets (001.10)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone

from . import audit
from .data import (
    Act,
    Actor,
    Audience,
    ItemChange,
    ItemView,
    NewFile,
    PortfolioPage,
    Role,
    TargetName,
    TargetState,
    Voice,
)
from .exceptions import Conflict, Invalid, NotFound
from .files import attach, delete_work, readable, room_left
from .frameworks.data import EvidenceKind, Framework, named
from .frameworks.keeping import framework_for
from .items import KINDS, visible
from .models import Person, PortfolioItem, PortfolioTarget, Target
from .models.base import SchoolQuerySet
from .naming import author_ref, student_ref
from .permissions import asking, changing
from .permissions import student as reach_student
from .reporting import report
from .work import check_words, file_view, found, opened_until, reader_of, row_of_form, seen

_SHOWN = 200  # items on the page, the newest


def portfolio(actor: Actor, student_id: UUID) -> PortfolioPage:
    """The items the actor may see, and what they may add. Constant SQL. Others' reading leaves an event (T43)."""
    with asking(actor, "portfolio.read", "person", student_id):
        student = reader_of(actor, student_id)
    own = student.id == actor.person_id
    if not own:
        audit.record_once(actor, "portfolio.read", "person", student.id, about_id=student.id)
    framework = framework_for(student)
    may_add = _may_add(actor, student_id)
    rows = _with_parts(actor, seen(actor, PortfolioItem).filter(owner=student)).order_by("-added_at", "id")[:_SHOWN]
    return PortfolioPage(
        student=student_ref(student.id, student.display_name),
        own=own,
        kinds=_kinds_for(actor, framework),
        contexts=framework.contexts,
        targets=_targets_of(actor, student),
        items=tuple(item_view(actor, row) for row in rows),
        room_left=room_left(student),
        may_add=may_add,
    )


def item(actor: Actor, item_id: UUID) -> ItemView:
    """One item."""
    with asking(actor, "item.read", "item", item_id):
        found(actor, PortfolioItem, item_id)
    row = _with_parts(actor, seen(actor, PortfolioItem)).get(id=item_id)
    if row.owner_id != actor.person_id:
        audit.record_once(actor, "item.read", "item", row.id, about_id=row.owner_id)
    return item_view(actor, row)


def add_item(
    actor: Actor, student_id: UUID, change: ItemChange, files: Sequence[NewFile] = (), *, once: UUID | None = None
) -> ItemView:
    """Put a piece of evidence into the portfolio. A learner's own is private until they share it.

    `once` names the form it is described in: sent again, as its answer got lost, it makes no second item (T83).

    Raises:
        Invalid: title "required"; kind, contexts, targets "unknown"; "too_long"; files as `attach` says.
    """
    with changing(actor, "item.add", "person", student_id):
        student = reach_student(actor, Act.ADD_EVIDENCE, student_id)
        row = PortfolioItem(
            school_id=actor.school_id, owner=student, added_by_id=actor.person_id, voice=_voice(actor, student)
        )
        row.id = row_of_form(actor, once) or row.id
        before = PortfolioItem.objects.of(actor.school_id).filter(id=row.id, owner=student).first()
        if before is not None:
            return change_item(actor, row.id, change, files, version=before.version)
        framework = framework_for(student)
        _check(actor, student, framework, change)
        _say(row, framework, change, actor)
        row.save(force_insert=True)
        _link(row, change.target_ids)
        attach(actor, student, row, files)
        audit.record(
            actor.school_id, "item.added", "item", row.id, actor=actor, about_id=student.id,
            detail={"kind": row.kind, "audience": str(row.audience), "files": len(files)},
        )  # fmt: skip
        return item(actor, row.id)


def change_item(
    actor: Actor, item_id: UUID, change: ItemChange, files: Sequence[NewFile] = (), *, version: int
) -> ItemView:
    """Change what is said of an item, and who sees it. The one who added it does.

    Raises:
        Conflict: changed after `version` (in another tab); `current` is an ItemView, `mine` the change.
        Invalid: as for `add_item`.
    """
    with changing(actor, "item.change", "item", item_id):
        row = found(actor, PortfolioItem, item_id)
        if row.added_by_id != actor.person_id:
            raise NotFound
        row = PortfolioItem.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=row.pk)
        student = Person.objects.of(actor.school_id).get(pk=row.owner_id)
        framework = framework_for(student)
        _check(actor, student, framework, change)
        if row.version != version:
            raise Conflict(current=item(actor, item_id), mine=change)
        _say(row, framework, change, actor)
        row.version += 1
        row.save()
        _link(row, change.target_ids)
        attach(actor, student, row, files)
        audit.record(
            actor.school_id, "item.changed", "item", row.id, actor=actor, about_id=row.owner_id,
            detail={"audience": str(row.audience), "version": row.version},
        )  # fmt: skip
        return item(actor, item_id)


def delete_item(actor: Actor, item_id: UUID) -> None:
    """Delete what one added oneself, with its files."""
    delete_work(actor, PortfolioItem, item_id)


def report_item(actor: Actor, item_id: UUID) -> None:
    """Hide an item until a second adult has looked."""
    report(actor, PortfolioItem, item_id)


def items_for(actor: Actor, target_ids: Sequence[UUID]) -> dict[UUID, tuple[ItemView, ...]]:
    """The portfolio evidence of each target that the actor may see: what a review has besides figures (001.13)."""
    links = PortfolioTarget.objects.of(actor.school_id).filter(target_id__in=target_ids)
    rows = _with_parts(actor, seen(actor, PortfolioItem).filter(id__in=links.values("item_id"))).order_by(
        "-added_at", "id"
    )
    by_target: dict[UUID, list[ItemView]] = {target_id: [] for target_id in target_ids}
    for row in rows:
        shown = item_view(actor, row)
        for target_id in shown.target_ids:
            if target_id in by_target:
                by_target[target_id].append(shown)
    return {target_id: tuple(items) for target_id, items in by_target.items()}


def item_view(actor: Actor, row: PortfolioItem) -> ItemView:
    """The row as pages see it, loaded by `_with_parts`: with those of its files the actor may open."""
    return ItemView(
        id=row.id,
        version=row.version,
        kind=row.kind,
        title=row.title,
        about=row.about,
        made_on=row.made_on,
        contexts=tuple(row.contexts),
        target_ids=tuple(link.target_id for link in row.serves.all()),
        audience=Audience(row.audience),
        added_by=author_ref(row.added_by),
        voice=Voice(row.voice),
        added_at=row.added_at,
        files=tuple(file_view(one) for one in row.files.all()),
        mine=row.added_by_id == actor.person_id,
        hidden=row.hidden_at is not None,
    )


def _with_parts(actor: Actor, rows: SchoolQuerySet[PortfolioItem]) -> SchoolQuerySet[PortfolioItem]:
    files = readable(actor).order_by("added_at")
    links = PortfolioTarget.objects.of(actor.school_id)
    return rows.select_related("added_by").prefetch_related(Prefetch("files", files), Prefetch("serves", links))


def _may_add(actor: Actor, student_id: UUID) -> bool:
    try:
        reach_student(actor, Act.ADD_EVIDENCE, student_id)
    except NotFound:
        return False
    return True


def _voice(actor: Actor, student: Person) -> Voice:
    if student.id == actor.person_id:
        return Voice.LEARNER
    if Role.FAMILY in actor.roles and actor.role in (Role.NONE, Role.FAMILY):
        return Voice.FAMILY
    return Voice.OTHERS if actor.roles <= {Role.PROVIDER, Role.NONE} else Voice.SCHOOL


def _kinds_for(actor: Actor, framework: Framework) -> tuple[EvidenceKind, ...]:
    """Families send what comes from home; everybody else any kind."""
    if actor.role in (Role.NONE, Role.FAMILY) and Role.FAMILY in actor.roles:
        return tuple(kind for kind in framework.evidence_kinds if kind.from_home)
    return framework.evidence_kinds


def _targets_of(actor: Actor, student: Person) -> tuple[TargetName, ...]:
    """The targets that evidence can serve, of those this reader may read: a family's are checked ones (001.15)."""
    live = [TargetState.AGREED, TargetState.DRAFT]
    rows = visible(actor, KINDS["target"], "target").filter(plan__student=student, state__in=live)
    return tuple(TargetName(row.id, row.wording) for row in rows.order_by("position", "created_at"))


def _check(actor: Actor, student: Person, framework: Framework, change: ItemChange) -> None:
    errors: dict[str, str] = {}
    if not change.title.strip():
        errors["title"] = "required"
    check_words(errors, title=change.title, about=change.about)
    if named(_kinds_for(actor, framework), change.kind) is None:
        errors["kind"] = "unknown"
    if any(named(framework.contexts, key) is None for key in change.contexts):
        errors["contexts"] = "unknown"
    if change.made_on and change.made_on > timezone.localdate():
        errors["made_on"] = "future"
    wanted = set(change.target_ids)
    known = Target.objects.of(actor.school_id).filter(plan__student=student, id__in=wanted).count()
    if known != len(wanted):
        errors["targets"] = "unknown"
    if errors:
        raise Invalid(errors)


def _say(row: PortfolioItem, framework: Framework, change: ItemChange, actor: Actor) -> None:
    row.kind, row.title, row.about = change.kind, change.title.strip(), change.about.strip()
    row.made_on, row.contexts = change.made_on, list(change.contexts)
    if row.owner_id == actor.person_id:
        row.audience = change.audience
        row.private_again_on = opened_until(framework, change.audience, row.school.year_starts_month)
    else:  # what others add is the school's; only the learner's own things can be theirs alone
        row.audience = Audience.NOT_FOR_HOME if change.audience is Audience.PRIVATE else change.audience
        if row.voice == Voice.FAMILY:
            row.audience = Audience.SHARED


def _link(row: PortfolioItem, target_ids: Sequence[UUID]) -> None:
    links = PortfolioTarget.objects.of(row.school_id).filter(item=row)
    links.exclude(target_id__in=target_ids).delete()
    PortfolioTarget.objects.bulk_create(
        [PortfolioTarget(school_id=row.school_id, item=row, target_id=target_id) for target_id in set(target_ids)],
        ignore_conflicts=True,
    )
