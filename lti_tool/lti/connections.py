"""What a school has connected, as its administrator looks at it: learning sites, courses, and what they let us see.

Addresses, codes and times only; no person, no plan, nothing that a service gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from .models import Context, Deployment, NoticeService, ServiceTry
from .registration.documents import NOTICES


@dataclass(frozen=True, slots=True)
class ConnectedCourse:
    course_id: int
    title: str  # as its LMS says
    launched_on: date | None


@dataclass(frozen=True, slots=True)
class Connection:
    """One installation of the tool in a learning site. One that is switched off serves nobody."""

    pk: int
    issuer: str
    client_id: str
    deployment_id: str
    product_family: str
    courses: tuple[ConnectedCourse, ...]
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CourseView:
    """What one course's LMS granted, and how trying it went."""

    course: ConnectedCourse
    product_family: str
    issuer: str
    addresses: tuple[str, ...]  # of its services, as far as it told any
    scopes_registered: tuple[str, ...]
    scopes_launched: tuple[str, ...]  # as the last launch said
    messages_registered: tuple[str, ...]
    messages_launched: tuple[str, ...]
    tried: Mapping[str, Tried]  # by service


def connections(school_id: UUID) -> list[Connection]:
    """The school's learning sites with their courses, the last used first. Two SELECTs."""
    deployments = _of(school_id).select_related("platform").order_by("pk")
    courses: dict[int, list[ConnectedCourse]] = {}
    contexts = Context.objects.filter(deployment__in=_of(school_id))
    for context in contexts.order_by("-launched_on", "title", "pk"):
        courses.setdefault(context.deployment_id, []).append(_course(context))
    return [
        Connection(
            pk=row.pk,
            issuer=row.platform.issuer,
            client_id=row.platform.client_id,
            deployment_id=row.deployment_id,
            product_family=row.platform.product_family.lower(),
            courses=tuple(courses.get(row.pk, ())),
            is_on=row.school_id is not None,
        )
        for row in deployments
    ]


def numbers() -> dict[UUID, int]:
    """How many learning sites each school has that are switched on. One SELECT."""
    counted = Deployment.objects.exclude(school=None).values_list("school_id").annotate(number=Count("pk"))
    return dict(counted.order_by())


def switch(school_id: UUID, deployment_pk: int, *, on: bool) -> bool:
    """Let a learning site of the school in again, or shut it out at once: launches, open pages, readings, notices.

    Nothing is deleted. False: it is not the school's, or it was so already.
    """
    sites = Deployment.objects.filter(pk=deployment_pk)
    if on:
        changed = sites.filter(held_for=school_id).update(school_id=school_id, held_for=None)
    else:
        changed = sites.filter(school_id=school_id).update(school_id=None, held_for=school_id)
    return bool(changed)


def _of(school_id: UUID) -> QuerySet[Deployment]:
    return Deployment.objects.filter(Q(school_id=school_id) | Q(held_for=school_id))


def course_view(school_id: UUID, course_id: int) -> CourseView | None:
    """One course of the school, or None where it is not the school's."""
    context = _context(school_id, course_id)
    if context is None:
        return None
    platform = context.deployment.platform
    tries = ServiceTry.objects.filter(context=context)
    return CourseView(
        course=_course(context),
        product_family=platform.product_family.lower(),
        issuer=platform.issuer,
        addresses=tuple(url for url in (context.lineitems_url, context.memberships_url, platform.jwks_url) if url),
        scopes_registered=tuple(platform.scopes),
        scopes_launched=(*context.scopes, *_notices_of(context.deployment_id)),
        messages_registered=tuple(platform.messages),
        messages_launched=tuple(context.deployment.messages),
        tried={row.service: Tried(row.outcome, row.tried_at) for row in tries},
    )


def _notices_of(deployment_pk: int) -> tuple[str, ...]:
    """The right to be told by itself: a launch names it with the service, not among the gradebook's rights."""
    return (NOTICES,) if NoticeService.objects.filter(deployment=deployment_pk).exists() else ()


def is_placed(course_id: int) -> bool:
    """Whether somebody opened the tool in the course within ILP_PLACED_DAYS: no other course is ever asked (T73).

    A row from before the day was written down counts as placed until its next launch.
    """
    since = timezone.now().date() - timedelta(days=settings.ILP_PLACED_DAYS)
    recent = Q(launched_on=None) | Q(launched_on__gte=since)
    return Context.objects.filter(recent, course_id=course_id).exists()


def record_tries(school_id: UUID, course_id: int, outcomes: Mapping[str, str]) -> bool:
    """Keep how trying the services ended, in place of what was known. False: not a course of the school."""
    context = _context(school_id, course_id)
    if context is None:
        return False
    now = timezone.now()
    for service, outcome in outcomes.items():
        ServiceTry.objects.update_or_create(
            context=context, service=service, defaults={"outcome": outcome, "tried_at": now}
        )
    return True


def _context(school_id: UUID, course_id: int) -> Context | None:
    contexts = Context.objects.select_related("deployment__platform")
    return contexts.filter(course_id=course_id, deployment__school_id=school_id).first()


def _course(context: Context) -> ConnectedCourse:
    return ConnectedCourse(context.course_id, context.title, context.launched_on)
