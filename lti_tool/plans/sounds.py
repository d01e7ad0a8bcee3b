"""Recordings do not outlive their words: once somebody wrote down what is said, the voice goes some days later (T27).

A voice says more of a child than its words do. So the words stay and the bytes go, unless the child keeps them.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from . import audit
from .data import Act, Actor
from .exceptions import NotFound
from .media.checking import MediaKind
from .models import StoredFile
from .permissions import changing, reaches


def keep_sound(actor: Actor, file_id: UUID, *, keep: bool) -> None:
    """The learner keeps a recording of theirs although its words are written down; or lets it go after all.

    Raises:
        NotFound: it is not a recording of the actor's own, or it is gone.
    """
    with changing(actor, "file.keep", "file", file_id):
        rows = StoredFile.objects.of(actor.school_id).filter(reaches(actor, Act.KEEP_LOG, "owner_id"))
        rows = rows.filter(owner_id=actor.person_id, kind=MediaKind.SOUND, withdrawn_at=None, sound_gone_at=None)
        row = rows.select_for_update(of=("self",), no_key=True).filter(id=file_id).first()
        if row is None:
            raise NotFound
        row.kept = keep
        row.save(update_fields=["kept"])
        verb = "file.kept" if keep else "file.let_go"
        audit.record(actor.school_id, verb, "file", row.id, actor=actor, about_id=row.owner_id)


def sound_goes_at(row: StoredFile) -> datetime | None:
    """When the bytes of a recording go. None: it stays, or is no recording."""
    if row.kind != MediaKind.SOUND or row.kept or row.words_at is None or row.sound_gone_at:
        return None
    return row.words_at + timedelta(days=settings.ILP_SOUND_DAYS)


def forget_sounds() -> int:
    """Delete the bytes of every recording whose words have stood long enough; the words stay. How many went."""
    ends = timezone.now() - timedelta(days=settings.ILP_SOUND_DAYS)
    due = StoredFile._base_manager.filter(
        kind=MediaKind.SOUND, kept=False, words_at__lte=ends, sound_gone_at=None, withdrawn_at=None
    )
    gone = 0
    for row_id in list(due.values_list("id", flat=True)):
        with transaction.atomic():
            row = due.select_for_update(no_key=True).filter(id=row_id).first()
            if row is None:  # kept, or taken back, in the meantime
                continue
            row.sound_gone_at, row.size = timezone.now(), 0
            row.save(update_fields=["sound_gone_at", "size"])
            audit.record(row.school_id, "file.sound_forgotten", "file", row.id, about_id=row.owner_id)
            transaction.on_commit(lambda key=row.key: storages["files"].delete(key))  # type: ignore[misc]
            gone += 1
    return gone
