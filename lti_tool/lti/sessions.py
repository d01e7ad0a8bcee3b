"""Sessions (T62): a row on the server, found by the handle in the address, opened only by its secret.

Every launch makes a new one. It ends after `ILP_IDLE_MINUTES` without being used and `ILP_SESSION_MINUTES` after the
launch; words typed until then can still be put away for a day.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from lti_tool.plans.data import Role
from lti_tool.prepared import Prepared
from lti_tool.rows import insert

from .claims import Launch
from .models import Deployment, LaunchSession, Platform
from .sync import Seat

TOUCH_EVERY = timedelta(minutes=1)
WORDS_KEPT_FOR = timedelta(hours=24)
MOST_ORIGINS = 8  # of one site that may frame us
LONGEST_ORIGINS = 1_000  # characters of them all
LONGEST_HOST = 253  # characters (RFC 1035, 2.3.4)
MOST_SITES = 30  # origins of one platform's sites, where a page does not know which of them shows it


@dataclass(frozen=True, slots=True)
class Session:
    """An open session, or one that ended: it shows nothing, and `may_keep_words` says whether it still stores."""

    handle: str
    school_id: UUID
    person_id: UUID
    course_id: int | None
    role: Role  # as the launch said; what counts is the live enrolment
    activity_ids: tuple[str, ...]  # external ids; empty: the whole course
    locale: str
    return_url: str
    frame_ancestors: tuple[str, ...]  # origins
    in_cookie: bool  # False: the secret lives in the document only
    context_title: str
    started_at: datetime
    ended: bool = False
    may_keep_words: bool = False
    goal: str = ""  # key of the one goal this placement is about
    area: str = ""  # key of the one area it is about, as its link says it
    terms: str = ""  # what the school calls things (`glossary.written`)


def begin(launch: Launch, seat: Seat, platform: Platform, secret: str, *, in_cookie: bool) -> str:
    """A new session for a launch; returns its handle. One INSERT."""
    now = timezone.now()
    # The time in front lets a browser's oldest cookies be found without a look into the database.
    handle = f"{int(time.time()):08x}{secrets.token_hex(12)}"
    insert(
        LaunchSession,
        handle=handle,
        secret_hash=_hash(secret),
        in_cookie=in_cookie,
        deployment_id=seat.deployment_pk,
        context_id=seat.context_pk,
        resource_link_id=seat.resource_link_pk,
        platform_user_id=seat.platform_user_pk,
        role=launch.role.value,
        activity_ids=list(launch.activity_ids),
        locale=launch.locale,
        return_url=launch.return_url,
        goal=launch.goal,
        area=launch.area,
        frame_ancestors=" ".join(frame_ancestors(platform, launch)),
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(minutes=settings.ILP_SESSION_MINUTES),
    )
    return handle


_BY_HANDLE: Prepared[Any] = Prepared(
    lambda handle: LaunchSession.objects.filter(handle=handle).values_list(
        "pk", "handle", "secret_hash", "in_cookie", "role", "activity_ids", "locale", "return_url", "frame_ancestors",
        "goal", "area", "created_at", "last_seen_at", "expires_at", "ended_at", "deployment__school_id",
        "deployment__school__terms",
        "context__course_id", "context__title", "platform_user__person_id",
        named=True,
    ),
    "handle",
)  # fmt: skip


def open_session(handle: str, secret: str, *, used: bool = True) -> Session | None:
    """The session of this handle, when the secret is the right one. One SELECT; an UPDATE at most once a minute.

    `used` False: the page asks by itself, which does not keep the session of an unattended screen alive (T62).
    """
    row = _BY_HANDLE.first(handle=handle) if handle.isalnum() and len(handle) <= 32 else None
    if row is None or not hmac.compare_digest(row.secret_hash, _hash(secret)) or row.deployment__school_id is None:
        return None
    now = timezone.now()
    session = _told(row, now)
    if used and not session.ended and row.last_seen_at <= now - TOUCH_EVERY:
        LaunchSession.objects.filter(pk=row.pk).update(last_seen_at=now)
    return session


def going_on(handle: str) -> Session | None:
    """The session of this handle while it has not ended, for whoever holds a pass it gave (see `passes`)."""
    row = _BY_HANDLE.first(handle=handle)
    if row is None or row.deployment__school_id is None:
        return None
    session = _told(row, timezone.now())
    return None if session.ended else session


def _told(row: Any, now: datetime) -> Session:
    ran_out = min(row.expires_at, row.last_seen_at + timedelta(minutes=settings.ILP_IDLE_MINUTES))
    ended = row.ended_at is not None or ran_out <= now
    return Session(
        handle=row.handle,
        school_id=row.deployment__school_id,
        person_id=row.platform_user__person_id,
        course_id=row.context__course_id,
        role=Role(row.role),
        activity_ids=tuple(row.activity_ids),
        locale=row.locale,
        return_url=row.return_url,
        frame_ancestors=tuple(row.frame_ancestors.split()),
        in_cookie=row.in_cookie,
        context_title=row.context__title or "",
        started_at=row.created_at,
        ended=ended,
        goal=row.goal,
        area=row.area,
        terms=row.deployment__school__terms,
        may_keep_words=ended and row.ended_at is None and now < ran_out + WORDS_KEPT_FOR,
    )


def ancestors_of(handle: str) -> tuple[str, ...]:
    """The origins that may frame this session's pages, told without its secret: for the page that says "closed"."""
    rows = LaunchSession.objects.filter(handle=handle) if handle.isalnum() and len(handle) <= 32 else ()
    return next((tuple(row.frame_ancestors.split()) for row in rows), ())


def end_session(handle: str, secret: str) -> bool:
    """ "I'm done": nothing opens it again. True when there was one to end."""
    if not handle.isalnum():
        return False
    mine = LaunchSession.objects.filter(handle=handle, secret_hash=_hash(secret), ended_at=None)
    return bool(mine.update(ended_at=timezone.now()))


def end_sessions(school_id: UUID, course_id: int, person_ids: Collection[UUID]) -> int:
    """End what people who left a course, or lost their role there, have open in it (T3). Returns how many."""
    theirs = LaunchSession.objects.filter(
        deployment__school_id=school_id, context__course_id=course_id, ended_at=None
    )
    now = timezone.now()
    return sum(
        theirs.filter(platform_user__person_id__in=chunk).update(ended_at=now)
        for chunk in (list(person_ids)[start : start + 500] for start in range(0, len(person_ids), 500))
    )


def locales(school_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The language each of these people last opened a page in, while that session is remembered. One query."""
    opened = LaunchSession.objects.filter(deployment__school_id=school_id, platform_user__person_id__in=person_ids)
    newest = opened.exclude(locale="").order_by("created_at", "pk")
    return dict(newest.values_list("platform_user__person_id", "locale"))


def csrf_token(handle: str, secret: str) -> str:
    """What a form of this session's pages carries (T65); worthless for any other session."""
    key = b"ilp-panel: csrf" + settings.SECRET_KEY.encode()
    return hmac.new(key, f"{handle}:{secret}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def check_csrf(handle: str, secret: str, token: str) -> bool:
    return hmac.compare_digest(csrf_token(handle, secret).encode(), token.encode("utf-8", "replace"))


def frame_ancestors(platform: Platform, launch: Launch | None = None) -> list[str]:
    """The only origins that may show us in a frame (T64): the platform's, and those its signed message names.

    An LMS may sign in one place and show its courses in another (Canvas does), hence the message's addresses.
    """
    addresses = [platform.issuer, platform.auth_url]
    if launch is not None:
        addresses += [launch.return_url, launch.platform_url]
    addresses += platform.frame_origins
    origins = list(dict.fromkeys(filter(None, map(origin, addresses))))[:MOST_ORIGINS]
    while len(" ".join(origins)) > LONGEST_ORIGINS:
        origins.pop()
    return origins


def known_ancestors(platform: Platform, deployment_id: str = "") -> list[str]:
    """The same for a page that comes before any signed message: with the origins that earlier messages named.

    Schools of one Canvas or Blackboard cloud share issuer and authentication address, and show their courses at
    addresses of their own. Such a page holds nothing of anybody.
    """
    deployments = Deployment.objects.filter(platform=platform)
    if deployment_id:
        deployments = deployments.filter(deployment_id=deployment_id)
    rows = LaunchSession.objects.filter(deployment__in=deployments).order_by("-pk")
    told = [" ".join(row) for row in deployments.order_by("-pk").values_list("frame_origins", flat=True)[:MOST_SITES]]
    lately = rows.values_list("frame_ancestors", flat=True)[:MOST_SITES]
    origins = [*frame_ancestors(platform), *" ".join([*lately, *told]).split()]
    return list(dict.fromkeys(origins))[:MOST_SITES]


def keep_ancestors() -> None:
    """Remember where launches were shown: their sessions go, and the next may begin after a holiday."""
    seen: dict[int, list[str]] = {}
    rows = LaunchSession.objects.order_by("-pk").values_list("deployment_id", "frame_ancestors")
    for deployment_pk, told in rows.iterator(chunk_size=2_000):
        seen[deployment_pk] = list(dict.fromkeys([*seen.get(deployment_pk, []), *told.split()]))[:MOST_ORIGINS]
    for deployment in Deployment.objects.filter(pk__in=seen):
        origins = list(dict.fromkeys([*seen[deployment.pk], *deployment.frame_origins]))[:MOST_ORIGINS]
        if set(origins) != set(deployment.frame_origins):
            deployment.frame_origins = origins
            deployment.save(update_fields=["frame_origins"])


@lru_cache(maxsize=1_000)  # a launch asks for the same few again and again
def origin(url: str) -> str:
    """`scheme://host[:port]` of a web address as browsers write it, else an empty string."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    if (
        parts.scheme not in {"http", "https"}
        or not 0 < len(host) <= LONGEST_HOST
        or not host.isascii()
        or not all(c.isalnum() or c in ".-_:" for c in host)
    ):
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" if port in {None, usual} else f"{parts.scheme}://{host}:{port}"


def address(page: str, handle: str, *ids: Any) -> str:
    """Where a page of a session is, by the page's name in `web`."""
    if ids:
        return reverse(page, args=[handle, *ids])
    before, after = _around_handle(page)
    return f"{before}{handle}{after}"


@cache
def _around_handle(page: str) -> tuple[str, str]:
    """All that Django would work out anew for each launch and each link."""
    before, _, after = reverse(page, args=["HANDLE"]).partition("HANDLE")
    return before, after


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
