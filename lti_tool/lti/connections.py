"""What a school has connected, as its administrator looks at it: learning sites, courses, and what they let us see.

Addresses, codes and times only; no person, no plan, nothing that a service gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from .models import Context, Deployment, ServiceTry


@dataclass(frozen=True, slots=True)
class ConnectedCourse:
    course_id: int
    title: str  # as its LMS says
    launched_on: date | None


@dataclass(frozen=True, slots=True)
class Connection:
    """One installation of the tool in a learning site."""

    issuer: str
    client_id: str
    deployment_id: str
    product_family: str
    courses: tuple[ConnectedCourse, ...]


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
    deployments = Deployment.objects.filter(school_id=school_id).select_related("platform").order_by("pk")
    courses: dict[int, list[ConnectedCourse]] = {}
    contexts = Context.objects.filter(deployment__school_id=school_id)
    for context in contexts.order_by("-launched_on", "title", "pk"):
        courses.setdefault(context.deployment_id, []).append(_course(context))
    return [
        Connection(
            issuer=row.platform.issuer,
            client_id=row.platform.client_id,
            deployment_id=row.deployment_id,
            product_family=row.platform.product_family.lower(),
            courses=tuple(courses.get(row.pk, ())),
        )
        for row in deployments
    ]


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
        scopes_launched=tuple(context.scopes),
        messages_registered=tuple(platform.messages),
        messages_launched=tuple(context.deployment.messages),
        tried={row.service: Tried(row.outcome, row.tried_at) for row in tries},
    )


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
