"""Takes back the marks "review done" we wrote into gradebooks, when their person is erased or a site retired (T55).

What this needs is noted before the person's rows go: the column's address and the account, until it is settled. Only
what we know to be ours goes: a full mark that we sent and that still stands as we sent it. A grade somebody gave
since is theirs. Taken back is what the results no longer show; everything else is named to the school's office,
with where it stands, to be done by hand.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from lti_tool.http import Forbidden, HttpError, Outbound, Refused, Unauthorised
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor

from .models import MarkState, PlatformUser, ReviewScore, ScoreState, ScoreTime, Withdrawal
from .services import ags, scores
from .services.ags import ResultRow
from .services.connector import Connector
from .services.course import RESULTS_READ, SCORE, Services, course_services

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=5)  # doubled with each failure
LONGEST_RETRY = timedelta(days=1)
ATTEMPTS = 20  # about two weeks
STANDS = "stands"  # the platform took our word and shows the mark all the same: some are slow to do as told
LOOKS = 3
UNREADABLE = "unreadable"
TOLD_FOR = timedelta(days=90)  # how long the office's page says that it is done; it names nobody
BY_HAND_FOR = timedelta(days=365)

# Ours for certain, and what may have reached the gradebook in a try whose end we never heard of.
_SENT = Q(state=ScoreState.SENT)
_PERHAPS = Q(state__in=[ScoreState.DUE, ScoreState.GIVEN_UP], attempts__gt=0) | Q(
    state=ScoreState.KEPT, attempts__gt=1
)


@dataclass(frozen=True, slots=True)
class MarkByHand:
    """A mark that somebody has to delete in the gradebook, and where it stands. `why` is a code."""

    id: int
    issuer: str
    course: str
    column: str
    account: str  # the learning site's own id of them: there is no name here any more
    why: str


@dataclass(frozen=True, slots=True)
class Marks:
    """How far taking back marks came, for the office. Numbers by course."""

    waiting: tuple[tuple[str, int], ...]
    taken: tuple[tuple[str, int], ...]
    left: tuple[tuple[str, int], ...]  # another grade was given since
    by_hand: tuple[MarkByHand, ...]

    @property
    def any(self) -> bool:
        return bool(self.waiting or self.taken or self.left or self.by_hand)


def note(person_id: UUID) -> None:
    """Before the person's rows go: what of theirs is to be taken back."""
    _note(ReviewScore.objects.filter(student_id=person_id))


def take_back_site(school_id: UUID, deployment_pk: int) -> int:
    """A learning site is to be retired: take back every mark in its gradebooks. Returns how many come in question."""
    with transaction.atomic():
        theirs = ReviewScore.objects.filter(
            resource_link__context__deployment_id=deployment_pk,
            resource_link__context__deployment__school_id=school_id,
        )
        number = _note(theirs)
        theirs.update(state=ScoreState.UNFIT, next_try_at=None)  # told no more; closed once, it is never found again
        return number


def _note(told: QuerySet[ReviewScore]) -> int:
    now = timezone.now()
    rows = list(
        told.filter(_SENT | _PERHAPS).select_related("resource_link__context").select_for_update(of=("self",))
    )
    accounts = _accounts(rows)
    found: dict[tuple[int, str, str], Withdrawal] = {}
    for row in sorted(rows, key=lambda one: one.state != ScoreState.SENT):
        link = row.resource_link
        for sub in accounts.get((link.context.deployment_id, row.student_id), ()):
            key = link.context_id, link.lineitem_url, sub
            if not link.lineitem_url or key in found:
                continue
            found[key] = Withdrawal(
                context=link.context,
                title=link.title,
                line_item_url=link.lineitem_url,
                sub=sub,
                sure=row.state == ScoreState.SENT,
                given_at=_last_given(link.context.deployment_id, link.lineitem_url, sub),
                # A worker may be telling it just now: its lease has to end first.
                next_try_at=now + LEASE if row.state == ScoreState.DUE else now,
            )
    Withdrawal.objects.bulk_create(found.values())
    return len(found)


def _accounts(rows: Iterable[ReviewScore]) -> dict[tuple[int, UUID], list[str]]:
    people = {row.student_id for row in rows}
    found: dict[tuple[int, UUID], list[str]] = {}
    users = PlatformUser.objects.filter(person_id__in=people).order_by("pk")
    for deployment_pk, person_id, sub in users.values_list("deployment_id", "person_id", "sub"):
        found.setdefault((deployment_pk, person_id), []).append(sub)
    return found


def _last_given(deployment_pk: int, line_item: str, sub: str) -> datetime | None:
    digest = hashlib.sha256(line_item.encode()).hexdigest()
    times = ScoreTime.objects.filter(deployment_id=deployment_pk, line_item_hash=digest, sub=sub)
    return times.values_list("given_at", flat=True).first()


def due(limit: int = 100) -> list[int]:
    """Ids of what is to be taken back now and nobody is at."""
    rows = Withdrawal.objects.filter(state=MarkState.DUE, next_try_at__lte=timezone.now())
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:limit])


def take_back(pk: int) -> MarkState | None:
    """Take one back, and note how it went. None: it is not due, or another worker is at it."""
    now = timezone.now()
    mine = Withdrawal.objects.filter(pk=pk, state=MarkState.DUE, next_try_at__lte=now)
    if not mine.update(next_try_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    row = Withdrawal.objects.select_related("context__deployment").get(pk=pk)
    retry_after = 0.0
    try:
        state, failure = _take_back(row)
    except HttpError as error:
        log.warning("mark %d could not be taken back: %s", pk, error)
        state, failure, retry_after = MarkState.DUE, error.code, error.retry_after or 0.0
        if row.attempts >= ATTEMPTS or _is_final(error):
            state = MarkState.BY_HAND
    _settle(row, state, failure, retry_after)
    return state


def _settle(row: Withdrawal, state: MarkState, failure: str, retry_after: float) -> None:
    changed: dict[str, Any] = {"state": state, "failure": failure}
    if state is MarkState.DUE:
        doubled = FIRST_RETRY * (1 << min(row.attempts - 1, 16))
        wait = min(max(doubled, timedelta(seconds=retry_after)), LONGEST_RETRY)
        changed |= {"next_try_at": timezone.now() + wait}
    else:
        changed |= {"next_try_at": None, "settled_at": timezone.now()}
    if state in {MarkState.TAKEN, MarkState.LEFT}:
        changed |= {"sub": "", "line_item_url": "", "given_at": None}
    with transaction.atomic():
        Withdrawal.objects.filter(pk=row.pk).update(**changed)
        school_id = row.context.deployment.school_id
        if state is not MarkState.DUE and school_id is not None:
            plans.record_event(school_id, f"mark.{state}", "mark", row.pk)


def _is_final(error: HttpError) -> bool:
    """Whether the platform will never take it. A right or a course that is missing may come back."""
    return (
        isinstance(error, Refused) and not isinstance(error, (Forbidden, Unauthorised)) and error.status is not None
    )


def _take_back(row: Withdrawal) -> tuple[MarkState, str]:
    services = course_services(row.context.course_id)
    if services is None:
        raise Forbidden("the learning site is switched off")
    return async_to_sync(_on_platform)(services, row)


async def _on_platform(services: Services, row: Withdrawal) -> tuple[MarkState, str]:
    scopes = services.granted_of(RESULTS_READ, SCORE)
    if services.lineitems_url and not ags.is_at(row.line_item_url, services.lineitems_url):
        return MarkState.BY_HAND, "moved"
    async with Outbound() as out:
        connector = Connector(out, services, scopes)
        if not connector.family.takes_back:
            return MarkState.BY_HAND, "not_there"
        if len(scopes) < 2:
            raise Forbidden("not granted")  # without a look at what stands there, nothing is sent
        try:
            standing = await _standing(connector, row)
        except Refused as refused:
            if refused.status in {404, 410}:
                return MarkState.TAKEN, ""  # the column is gone, and with it the mark
            raise
        if standing is not MarkState.DUE:
            return standing, UNREADABLE if standing is MarkState.BY_HAND else ""
        if not row.sure:
            return MarkState.BY_HAND, "unsure"
        told = await scores.take_back(connector, row.line_item_url, row.sub, await sync_to_async(_next_moment)(row))
        standing = await _standing(connector, row)
    if standing is not MarkState.DUE:
        return standing, UNREADABLE if standing is MarkState.BY_HAND else ""
    if told is scores.Told.SUPERSEDED or row.attempts >= LOOKS:
        return MarkState.BY_HAND, STANDS
    return MarkState.DUE, STANDS


async def _standing(connector: Connector, row: Withdrawal) -> MarkState:
    """What is there: a mark as we write them (DUE), another grade (LEFT), none (TAKEN) or nobody knows (BY_HAND)."""
    found: list[ResultRow] = []
    async for rows, refused in ags.results(connector, row.line_item_url, user_id=row.sub):
        if refused:
            return MarkState.BY_HAND  # it cannot be read, so it is not known to be ours
        found += [one for one in rows if one.get("resultScore") is not None]
    if not found:
        return MarkState.TAKEN
    return MarkState.DUE if all(map(_is_full, found)) else MarkState.LEFT


def _is_full(result: ResultRow) -> bool:
    """One of one, in whatever numbers: what we write and nothing else."""
    maximum = result.get("resultMaximum")
    return result.get("resultScore") == (maximum if maximum and maximum > 0 else 1)


def _next_moment(row: Withdrawal) -> datetime:
    """A time later than any given to them there; remembered in this row, and where their account still has one."""
    now = timezone.now().replace(microsecond=0)
    moment = max(now, row.given_at + scores.STEP) if row.given_at else now
    Withdrawal.objects.filter(pk=row.pk).update(given_at=moment)
    row.given_at = moment
    digest = hashlib.sha256(row.line_item_url.encode()).hexdigest()
    times = ScoreTime.objects.filter(deployment=row.context.deployment, line_item_hash=digest, sub=row.sub)
    times.filter(given_at__lt=moment).update(given_at=moment)
    return moment


def marks(school_id: UUID) -> Marks:
    """How far it came, and what somebody has to do by hand. One query."""
    rows = list(_of(school_id).select_related("context__deployment__platform").order_by("context__title", "pk"))

    def by_course(state: MarkState) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(Counter(row.context.title for row in rows if row.state == state).items()))

    by_hand = tuple(
        MarkByHand(row.pk, row.context.deployment.platform.issuer, row.context.title, row.title, row.sub, row.failure)
        for row in rows
        if row.state == MarkState.BY_HAND
    )
    return Marks(by_course(MarkState.DUE), by_course(MarkState.TAKEN), by_course(MarkState.LEFT), by_hand)


def done_by_hand(actor: Actor, pk: int) -> bool:
    """Somebody deleted the mark in the gradebook: nothing of it is kept. False: it is none of the school's."""
    with transaction.atomic():
        gone, _ = _of(actor.school_id).filter(pk=pk, state=MarkState.BY_HAND).delete()
        if gone:
            plans.record_event(actor.school_id, "mark.done_by_hand", "mark", pk, actor=actor)
    return bool(gone)


def settled_long_ago() -> QuerySet[Withdrawal]:
    """What the office's page need not tell any more."""
    now = timezone.now()
    return Withdrawal.objects.filter(
        Q(state=MarkState.BY_HAND, settled_at__lte=now - BY_HAND_FOR)
        | Q(state__in=[MarkState.TAKEN, MarkState.LEFT], settled_at__lte=now - TOLD_FOR)
    )


def _of(school_id: UUID) -> QuerySet[Withdrawal]:
    ours = Q(context__deployment__school_id=school_id) | Q(context__deployment__held_for=school_id)
    return Withdrawal.objects.filter(ours)
