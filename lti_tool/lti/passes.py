"""One-time passes to files on the media host (T68), where no cookie of the tool arrives.

The tool gives one to a session's browser as it asks for a file, and sends it on with it. Whoever brings the pass
first, within `GOOD_FOR`, is that browser; it gets a proof, and only with this the pass opens the same file again: a
player asks for one part after another. The proof is a keyed digest of the pass, so that nothing but hashes is stored.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from .models import LaunchSession, MediaPass
from .sessions import Session, going_on

GOOD_FOR = timedelta(seconds=30)  # until it is brought: a redirect takes no longer
PLAYS_FOR = timedelta(minutes=15)  # then, for whoever brought it


@dataclass(frozen=True, slots=True)
class Taken:
    """A pass that opens: whose session it is of, and for what. `proof` opens it again."""

    session: Session
    file_id: UUID
    proof: str


def give_pass(session: Session, file_id: UUID) -> str:
    """A new pass of this session for one file."""
    token = secrets.token_urlsafe(32)
    MediaPass.objects.create(
        token_hash=_hash(token),
        session=LaunchSession.objects.only("pk").get(handle=session.handle),
        file_id=file_id,
        expires_at=timezone.now() + GOOD_FOR,
    )
    return token


def take_pass(token: str, proof: str = "") -> Taken | None:
    """What the pass opens; None when it ran out, its session ended, or somebody else brought it before."""
    now = timezone.now()
    found = MediaPass.objects.filter(token_hash=_hash(token), expires_at__gt=now)
    row = found.select_related("session").only("file_id", "session__handle").first()
    session = going_on(row.session.handle) if row else None
    if row is None or session is None:
        return None
    first = found.filter(used_at=None).update(used_at=now, expires_at=now + PLAYS_FOR)
    again = hmac.compare_digest(_proof(token), proof.encode("utf-8", "replace"))
    return Taken(session, row.file_id, _proof(token).decode()) if first or again else None


def _proof(token: str) -> bytes:
    key = b"ilp-panel: media" + settings.SECRET_KEY.encode()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest().encode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
