"""Tells gradebooks that a review is done, where that is wanted (`passback_switches`). Off until somebody says so.

Done is one out of one: that the review took place, never how anybody was judged (T9, T25). Only a placement that a
teacher made with a column for it gets anything, and only for reviews of its own round that closed after both were
there. A grade that stands in the column already is left alone.

Nothing is lost: what is to be told is found by looking at which reviews closed, and stands in a row until it was
told. Nothing is told twice: a row is one review in one placement, and whoever tells looks first at what stands there.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lti_tool.http import Forbidden, HttpError, Outbound, Refused
from lti_tool.plans import api as plans
from lti_tool.plans.data import ClosedReview

from .models import ResourceLink, ReviewScore, ScorePassback, ScoreState
from .services import ags, columns, scores
from .services.connector import Connector
from .services.course import LINE_ITEMS, LINE_ITEMS_READ, RESULTS_READ, SCORE, Services, course_services
from .services.people import subs_of

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=1)  # a review's closing is seen only once its transaction is through
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=5)  # doubled with each failure
LONGEST_RETRY = timedelta(days=1)
ATTEMPTS = 20  # about two weeks


def find() -> int:
    """Note what is to be told, for every school that wants it. Returns how many reviews came in question."""
    number = 0
    for wish in ScorePassback.objects.all():
        began = timezone.now()
        closed = plans.closed_reviews(wish.school_id, since=wish.looked_until - LOOK_BACK)
        _note(wish, closed, began)
        ScorePassback.objects.filter(pk=wish.pk).update(looked_until=began)
        number += len(closed)
    return number


def _note(wish: ScorePassback, closed: list[ClosedReview], now: datetime) -> None:
    courses = {course_id for review in closed for course_id in review.course_ids}
    links = ResourceLink.objects.filter(
        context__deployment__school_id=wish.school_id, context__course_id__in=courses
    ).exclude(lineitem_url="")
    rows = [
        ReviewScore(
            review_id=review.id,
            student_id=review.student_id,
            resource_link_id=link.pk,
            closed_at=review.closed_at,
            next_try_at=now,
        )
        for link in links.select_related("context")
        for review in closed
        if link.context.course_id in review.course_ids and _is_told(link, wish, review)
    ]
    ReviewScore.objects.bulk_create(rows, ignore_conflicts=True)


def _is_told(link: ResourceLink, wish: ScorePassback, review: ClosedReview) -> bool:
    """Whether this review goes into this column: one of its own round, closed since both were there."""
    since = _wanted_since(link, wish)
    if since is None or link.lineitem_since is None or max(since, link.lineitem_since) > review.closed_at:
        return False
    return link.cycle_id is None or (review.cycle is not None and review.cycle.id == link.cycle_id)


def _wanted_since(link: ResourceLink, wish: ScorePassback) -> datetime | None:
    """Since when the column is told, by the school's switch or by its own; None: it is not."""
    return min((moment for moment in (wish.since, link.told_since) if moment), default=None)


def due(limit: int = 100) -> list[int]:
    """Ids of what is to be told now and nobody is at."""
    rows = ReviewScore.objects.filter(state=ScoreState.DUE, next_try_at__lte=timezone.now())
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:limit])


def tell(pk: int) -> ScoreState | None:
    """Tell one, and note how it went. None: it is not due, or another worker is at it."""
    now = timezone.now()
    mine = ReviewScore.objects.filter(pk=pk, state=ScoreState.DUE, next_try_at__lte=now)
    if not mine.update(next_try_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    row = ReviewScore.objects.select_related("resource_link__context__deployment").get(pk=pk)
    failure, retry_after = "", 0.0
    try:
        state = _tell(row)
    except HttpError as error:
        log.warning("review score %d could not be told: %s", pk, error)
        state, failure, retry_after = ScoreState.DUE, error.code, error.retry_after or 0.0
        if row.attempts >= ATTEMPTS:
            state = ScoreState.GIVEN_UP
    next_try_at = timezone.now() + _wait(row.attempts, retry_after) if state is ScoreState.DUE else None
    with transaction.atomic():
        ReviewScore.objects.filter(pk=pk).update(state=state, failure=failure, next_try_at=next_try_at)
        school_id = row.resource_link.context.deployment.school_id
        if state is ScoreState.SENT and school_id is not None:
            plans.record_event(school_id, "review.told", "review", row.review_id, about_id=row.student_id)
    return state


def _wait(attempts: int, retry_after: float) -> timedelta:
    doubled = FIRST_RETRY * (1 << min(attempts - 1, 16))
    return min(max(doubled, timedelta(seconds=retry_after)), LONGEST_RETRY)


def _tell(row: ReviewScore) -> ScoreState:
    context = row.resource_link.context
    services = course_services(context.course_id)
    subs = subs_of(context.deployment_id, row.student_id)
    if services is None or not subs:
        return ScoreState.UNFIT
    wish = ScorePassback.objects.filter(school_id=services.school_id).first()
    if wish is None or _wanted_since(row.resource_link, wish) is None:
        return ScoreState.UNFIT
    # A round's own review is its own however late it closed; a column we know no round of goes by its dates.
    within = None if row.resource_link.cycle_id else row.closed_at
    return async_to_sync(_tell_platform)(services, row.resource_link.lineitem_url, subs, within)


async def _tell_platform(services: Services, column: str, subs: list[str], closed_at: datetime | None) -> ScoreState:
    scopes = services.granted_of(LINE_ITEMS_READ, RESULTS_READ, SCORE)
    if LINE_ITEMS_READ not in scopes:
        scopes = services.granted_of(LINE_ITEMS, RESULTS_READ, SCORE)
    if SCORE not in scopes or RESULTS_READ not in scopes:
        raise Forbidden("not granted")  # without a look at what stands there, nothing is sent
    if services.lineitems_url and not ags.is_at(column, services.lineitems_url):
        raise Refused("the column is on another server")
    async with Outbound() as out:
        connector = Connector(out, services, scopes)
        if closed_at and len(scopes) > 2 and not _within(await columns.read(connector, column), closed_at):
            return ScoreState.UNFIT
        sent = [await _tell_account(connector, column, sub) for sub in subs]
    return ScoreState.SENT if any(sent) else ScoreState.KEPT


async def _tell_account(connector: Connector, column: str, sub: str) -> bool:
    """Whether the platform was told; not where a grade stands already."""
    async for rows, refused in ags.results(connector, column, user_id=sub):
        if refused or any(row.get("resultScore") is not None for row in rows):
            return False
    score = scores.Score(
        user_id=sub,
        activity_progress=scores.ActivityProgress.COMPLETED,
        grading_progress=scores.GradingProgress.FULLY_GRADED,
        score_given=1,
        score_maximum=1,
    )
    return await scores.post(connector, column, score) is scores.Told.TAKEN


def _within(column: dict[str, Any], moment: datetime) -> bool:
    """Whether the column is of that time: a cycle's review does not fill in the cycles before and after."""
    start, end = (_moment(column.get(name)) for name in ("startDateTime", "endDateTime"))
    return (start is None or start <= moment) and (end is None or moment <= end)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else timezone.make_aware(moment)
