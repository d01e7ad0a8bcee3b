"""Files of the log and the portfolio: stored under random names, read through the permission check (T66, T68)."""

import hashlib
import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from . import audit
from .data import Act, Actor, FileContent, MediaUse, NewFile, Role
from .exceptions import Ended, Invalid, NotFound
from .items import live_items
from .media.checking import CleanFile, MediaLimits, MediaRefused, clean
from .models import Draft, LogEntry, Person, PortfolioItem, StoredFile
from .models.base import SchoolQuerySet
from .models.sharing import ShareItem
from .permissions import asking, changing, reaches
from .work import TEXT_LENGTH, Work, seen

log = logging.getLogger(__name__)
FILES_EACH = 10  # of one entry or item
_ORPHAN_AFTER = timedelta(days=1)


def file(actor: Actor, file_id: UUID) -> FileContent:
    """A file's bytes, if the actor may read what it belongs to. Staff and families leave an event (T43).

    A recording or picture that shows others stays with the class until staff looked (T16); a withdrawn one is gone.

    Raises:
        NotFound: not the actor's to open. Ended: it was shared with them, and is no more (T12).
    """
    row = _open(actor, file_id)
    if row.owner_id != actor.person_id:
        audit.record_once(actor, "file.read", "file", row.id, about_id=row.owner_id)
    try:
        with storages["files"].open(row.key) as stored:
            return FileContent(row.media_type, stored.read(), row.digest)
    except FileNotFoundError:
        log.error("file %s is gone from the store", row.id)  # the page around it stays whole
        raise NotFound from None


def find_file(actor: Actor, file_id: UUID) -> None:
    """Whether the actor may open it, before they are sent where files are handed out; `file` asks once more.

    Raises:
        NotFound, Ended: as `file`.
    """
    _open(actor, file_id)


def _open(actor: Actor, file_id: UUID) -> StoredFile:
    with asking(actor, "file.read", "file", file_id):
        row = readable(actor).filter(id=file_id, sound_gone_at=None).first()
        if row is None:
            rows = StoredFile.objects.of(actor.school_id).filter(_of_shared(actor, ended=True), id=file_id)
            raise Ended if rows.exists() else NotFound
        return row


def withdraw_file(actor: Actor, file_id: UUID) -> None:
    """Take a file back: whoever it is about, and whoever added it, at any time and at once (T16)."""
    with changing(actor, "file.withdraw", "file", file_id):
        rows = readable(actor).filter(Q(owner_id=actor.person_id) | Q(added_by_id=actor.person_id))
        row = rows.filter(id=file_id).first()
        if row is None:
            raise NotFound
        audit.record(actor.school_id, "file.withdrawn", "file", row.id, actor=actor, about_id=row.owner_id)
        drop([row])


def describe_file(actor: Actor, file_id: UUID, words: str) -> None:
    """Say what can be seen or heard (T84). The one who added it does.

    Raises:
        Invalid: words "too_long".
    """
    with changing(actor, "file.describe", "file", file_id):
        row = readable(actor).filter(id=file_id, added_by_id=actor.person_id).first()
        if row is None:
            raise NotFound
        if len(words) > TEXT_LENGTH:
            raise Invalid({"words": "too_long"})
        row.words = words.strip()
        row.words_at = timezone.now() if row.words else None
        row.save(update_fields=["words", "words_at"])
        audit.record(actor.school_id, "file.described", "file", row.id, actor=actor, about_id=row.owner_id)


def use_file(actor: Actor, file_id: UUID, uses: Collection[MediaUse]) -> None:
    """What a picture or recording may be used for, use by use: whoever it is about or added it says (T16)."""
    with changing(actor, "file.use", "file", file_id):
        rows = readable(actor).filter(Q(owner_id=actor.person_id) | Q(added_by_id=actor.person_id))
        row = rows.filter(id=file_id).first()
        if row is None:
            raise NotFound
        row.uses = _kept(uses)
        row.save(update_fields=["uses"])
        detail = {"uses": row.uses}
        audit.record(actor.school_id, "file.used", "file", row.id, actor=actor, about_id=row.owner_id, detail=detail)


def _kept(uses: Collection[MediaUse]) -> str:
    return " ".join(use for use in MediaUse if use in uses)


def check_others(actor: Actor, file_id: UUID) -> None:
    """Staff looked who else is in it and may be; from now on it can leave the class (T16)."""
    with changing(actor, "file.check", "file", file_id):
        within = reaches(actor, Act.CHECK_OTHERS, "owner_id")
        row = readable(actor).filter(within, id=file_id).first()
        if row is None:
            raise NotFound
        row.others_checked_by_id = actor.person_id
        row.save(update_fields=["others_checked_by"])
        audit.record(actor.school_id, "file.checked", "file", row.id, actor=actor, about_id=row.owner_id)


def attach(actor: Actor, owner: Person, to: LogEntry | PortfolioItem, new: Iterable[NewFile]) -> None:
    """Keep uploads with what they belong to, each made anew and once. Inside the caller's transaction.

    Raises:
        Invalid: files: the code of a MediaRefused, "too_many", "full" (the learner's room is used up).
    """
    rows = StoredFile.objects.of(actor.school_id).filter(sound_gone_at=None, **_belongs(to))
    there = list(rows.values_list("digest", flat=True))
    cleaned = [(one, made) for one, made in ((one, _clean(one)) for one in new) if _digest(made) not in there]
    if len(there) + len(cleaned) > FILES_EACH:
        raise Invalid({"files": "too_many"})
    if sum(len(made.data) for _, made in cleaned) > room_left(owner):
        raise Invalid({"files": "full"})
    for one, made in cleaned:
        row = StoredFile(
            school_id=actor.school_id,
            owner=owner,
            added_by_id=actor.person_id,
            kind=made.kind,
            media_type=made.media_type,
            size=len(made.data),
            width=made.width,
            height=made.height,
            seconds=made.seconds,
            digest=_digest(made),
            words=one.words.strip(),
            uses=_kept(one.uses),
            words_at=timezone.now() if one.words.strip() else None,
            shows_others=one.shows_others,
            **_belongs(to),
        )
        row.key = storages["files"].save(row.key, ContentFile(made.data))
        row.save(force_insert=True)


def room_left(owner: Person) -> int:
    """How many bytes of files this learner may still have."""
    used = StoredFile.objects.of(owner.school_id).filter(owner=owner).aggregate(size=Sum("size"))["size"] or 0
    return max(0, settings.ILP_FILES_EACH_LEARNER - used)


def drop(rows: Iterable[StoredFile]) -> None:
    """Delete files: their rows now, their bytes when the transaction is kept."""
    for row in rows:
        key = row.key
        row.delete()
        transaction.on_commit(lambda key=key: storages["files"].delete(key))  # type: ignore[misc]


def forget(row: LogEntry | PortfolioItem) -> None:
    """Delete an entry or item with its files, and what was typed over it and not saved."""
    subject = f"{'log' if isinstance(row, LogEntry) else 'item'}:{row.id}"
    Draft.objects.of(row.school_id).filter(subject=subject).delete()
    drop(StoredFile.objects.of(row.school_id).filter(**_belongs(row)))
    row.delete()


def sweep_files() -> int:
    """Delete stored bytes that no row names any more: an upload whose transaction was rolled back. How many."""
    store, swept = storages["files"], 0
    _, names = store.listdir("")
    known = set(StoredFile._base_manager.values_list("key", flat=True))
    for name in names:
        fresh = store.get_modified_time(name) > timezone.now() - _ORPHAN_AFTER
        if not fresh and name not in known:
            store.delete(name)
            swept += 1
    return swept


def delete_work(actor: Actor, model: type[Work], row_id: UUID) -> None:
    """Delete what the actor made, with its files (T50: mine is deletable now). Somebody else's is not found."""
    kind = "log" if model is LogEntry else "item"
    with changing(actor, f"{kind}.delete", kind, row_id):
        author = "owner_id" if model is LogEntry else "added_by_id"
        row = seen(actor, model).filter(**{"id": row_id, author: actor.person_id}).first()
        if row is None:
            raise NotFound
        audit.record(actor.school_id, f"{kind}.deleted", kind, row_id, actor=actor, about_id=row.owner_id)
        forget(row)


def readable(actor: Actor) -> SchoolQuerySet[StoredFile]:
    """The files the actor may open: what they belong to is theirs to read, and the file may be used for that (T16).

    What shows others stays with the class until staff looked; withdrawn ones are gone for everybody.
    """
    mine = Q(owner_id=actor.person_id) | Q(added_by_id=actor.person_id)
    checked = Q(shows_others=False) | Q(others_checked_by__isnull=False)
    ways = _of_shared(actor) & checked & Q(uses__contains=MediaUse.SHARE)
    with suppress(NotFound):
        of_log = Q(entry__in=seen(actor, LogEntry).values("id"))
        belongs = of_log | Q(item__in=seen(actor, PortfolioItem).values("id"))
        ways |= belongs & (mine | _by_reach(actor, checked))
    return StoredFile.objects.of(actor.school_id).filter(ways, withdrawn_at=None)


def _by_reach(actor: Actor, checked: Q) -> Q:
    """Which files of what the actor reads anyway: for staff, for families, for whoever settles reports."""
    found = Q(pk__in=())
    of_school = replace(actor, appointed=actor.appointed - {Role.PROVIDER})
    for one, act, where in (
        (actor, Act.READ_PLAN, checked & Q(uses__contains=MediaUse.SCHOOL)),
        (of_school, Act.READ_PLAN, Q(uses__contains=MediaUse.SCHOOL)),
        (actor, Act.READ_SHARED, checked & Q(uses__contains=MediaUse.HOME)),
        (actor, Act.SETTLE_REPORTS, Q(item__hidden_at__isnull=False) | Q(entry__hidden_at__isnull=False)),
    ):
        with suppress(NotFound):
            found |= reaches(one, act, "owner_id") & where
    return found


def _of_shared(actor: Actor, *, ended: bool = False) -> Q:
    """Files of what stands shared with the actor by name, or (`ended`) ever was."""
    items = ShareItem.objects.of(actor.school_id) if ended else live_items(actor.school_id)
    mine = items.filter(share__recipient_id=actor.person_id)
    found = Q(item__in=mine.filter(kind="item").values("item_id"))
    found |= Q(entry__in=mine.filter(kind="log").values("item_id"))
    return found if ended else found & Q(item__hidden_at=None, entry__hidden_at=None)


def _belongs(to: LogEntry | PortfolioItem) -> dict[str, LogEntry | PortfolioItem]:
    return {"entry" if isinstance(to, LogEntry) else "item": to}


def _digest(made: CleanFile) -> str:
    return hashlib.sha256(made.data).hexdigest()


def _clean(one: NewFile) -> CleanFile:
    if len(one.words) > TEXT_LENGTH:
        raise Invalid({"words": "too_long"})
    try:
        return clean(one.data, MediaLimits(bytes=settings.ILP_UPLOAD_BYTES))
    except MediaRefused as refused:
        raise Invalid({"files": refused.code}) from refused
