"""Which gradebooks are told that a review is done: a whole school's, or single placements'. Off at first.

Reviews that closed before a switch was put on are never told.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Role

from .models import PlacementWish, ResourceLink, ReviewScore, ScorePassback, ScoreState
from .sync import Seat

WISHES_KEPT_FOR = timedelta(days=365)  # a link may stand hidden for most of a school year before anybody opens it


@dataclass(frozen=True, slots=True)
class ToldPlacement:
    """A review cycle's placement with a column of its own."""

    id: int
    title: str
    course_id: int
    course_title: str
    cycle_id: UUID | None
    since: datetime | None  # since when its own switch is on; None: it is off


def switch(school_id: UUID, *, on: bool, actor: Actor | None = None) -> bool:
    """Tell this school's gradebooks from now on, or no more; the trail says when and who. True: that is news.

    Switched off, placements with a switch of their own that is on stay on.
    """
    with transaction.atomic():
        standing = ScorePassback.objects.filter(school_id=school_id)
        if not on:
            news = bool(standing.filter(since__isnull=False).update(since=None))
            _drop_unwanted(school_id)
        elif standing.exists():
            news = bool(standing.filter(since=None).update(since=timezone.now()))
        else:
            _begin(school_id, since=timezone.now())
            news = True
        if news:
            plans.record_event(school_id, f"passback.{'on' if on else 'off'}", "school", school_id, actor=actor)
    return news


def switched_on(school_id: UUID) -> datetime | None:
    """Since when all of this school's gradebooks are told; None where at most some placements' are."""
    row = ScorePassback.objects.filter(school_id=school_id).first()
    return row.since if row else None


def switch_placement(
    school_id: UUID, placement_id: int, *, on: bool, actor: Actor | None = None, course_id: int | None = None
) -> bool:
    """Tell the column of this one placement from now on, or no more. True: that is news.

    `course_id` keeps a teacher to their own course. A placement that is not there, or of another school or course,
    is none: False.
    """
    with transaction.atomic():
        mine = _placements(school_id, course_id).filter(pk=placement_id)
        news = bool(mine.filter(told_since__isnull=on).update(told_since=timezone.now() if on else None))
        if news:
            if on:
                _begin(school_id, since=None)
            else:
                _drop_unwanted(school_id)
            verb = f"passback.placement_{'on' if on else 'off'}"
            plans.record_event(school_id, verb, "placement", placement_id, actor=actor)
    return news


def placements(school_id: UUID, *, course_id: int | None = None) -> list[ToldPlacement]:
    """The school's placements that have a column for a round of reviews, by course and title. One query."""
    rows = _placements(school_id, course_id).select_related("context").order_by("context__title", "title", "pk")
    return [
        ToldPlacement(row.pk, row.title, row.context.course_id, row.context.title, row.cycle_id, row.told_since)
        for row in rows
    ]


def keep_wish(context_pk: int, person_id: UUID) -> str:
    """That a placement about to be made is to be told of; the token its link carries. For its own course alone."""
    token = secrets.token_hex(16)
    PlacementWish.objects.create(context_id=context_pk, token=token, asked_at=timezone.now(), asked_by_id=person_id)
    return token


def take_up_wish(seat: Seat, link_pk: int, token: str) -> None:
    """The first launch of a placement whose column is to be told. A copy of it in another course has no wish."""
    with transaction.atomic():
        wishes = PlacementWish.objects.filter(token=token, context__pk=seat.context_pk or 0)
        wish = wishes.select_for_update().first()
        if wish is None:
            return
        wishes.delete()
        ResourceLink.objects.filter(pk=link_pk, told_since=None).update(told_since=wish.asked_at)
        _begin(seat.school_id, since=None)
        by = Actor(wish.asked_by_id, seat.school_id, Role.TEACHER, seat.course_id) if wish.asked_by_id else None
        plans.record_event(seat.school_id, "passback.placement_on", "placement", link_pk, actor=by)


def _placements(school_id: UUID, course_id: int | None) -> QuerySet[ResourceLink]:
    rows = ResourceLink.objects.filter(context__deployment__school_id=school_id).exclude(lineitem_url="")
    return rows if course_id is None else rows.filter(context__course_id=course_id)


def _begin(school_id: UUID, *, since: datetime | None) -> None:
    """From here on somebody looks which of the school's reviews close."""
    ScorePassback.objects.get_or_create(
        school_id=school_id, defaults={"since": since, "looked_until": timezone.now()}
    )


def _drop_unwanted(school_id: UUID) -> None:
    """What is still to be told where nobody wants it any more; and the school's row, once that is everywhere."""
    if switched_on(school_id) is not None:
        return
    theirs = ReviewScore.objects.filter(
        resource_link__context__deployment__school_id=school_id, resource_link__told_since=None
    )
    theirs.filter(state=ScoreState.DUE).delete()
    wanted = ResourceLink.objects.filter(context__deployment__school_id=school_id, told_since__isnull=False)
    if not wanted.exists():
        ScorePassback.objects.filter(school_id=school_id).delete()
