"""Courses made from others: told by `$Context.id.history` in a launch or by a notice, carried over by a task.

Nothing is carried while somebody waits for a page: the new course's activities and students are not known yet when
a copy is first heard of. A copy is followed for half a year, so that whoever joins later is served too.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from lti_tool.plans import api as plans

from .models import Context, ContextCopy

FOLLOWED_FOR = timedelta(days=180)


def digest(origins: Sequence[str]) -> str:
    """Tells whether a course's history is news. Blank for none."""
    return hashlib.sha256("\n".join(origins).encode()).hexdigest() if origins else ""


def courses_of(deployment_pk: int, origins: Sequence[str]) -> list[int]:
    """The courses of this history that this deployment has, the nearest first."""
    rows = Context.objects.filter(deployment_id=deployment_pk, id_on_platform__in=origins)
    known = dict(rows.values_list("id_on_platform", "course_id"))
    return [known[name] for name in origins if name in known]


def is_copy(deployment_pk: int, id_on_platform: str) -> bool:
    """Whether this course was made from another that we know."""
    copies = ContextCopy.objects.filter(origin__deployment_id=deployment_pk, id_on_platform=id_on_platform)
    return copies.exists()


def remember(deployment_pk: int, id_on_platform: str, origins: Sequence[str]) -> bool:
    """Note that a course was made from the nearest of these that we know. Returns whether that was news."""
    known = dict(
        Context.objects.filter(deployment_id=deployment_pk, id_on_platform__in=origins).values_list(
            "id_on_platform", "pk"
        )
    )
    nearest = next((known[name] for name in origins if name in known and name != id_on_platform), None)
    if nearest is None:
        return False
    _, new = ContextCopy.objects.get_or_create(
        origin_id=nearest, id_on_platform=id_on_platform, defaults={"told_at": timezone.now()}
    )
    return new


def carry_over() -> int:
    """Carry targets into every copy that is open by now. Safe to run at any time; returns how many links it made."""
    here = Context.objects.filter(
        deployment=OuterRef("origin__deployment"), id_on_platform=OuterRef("id_on_platform")
    )
    copies = ContextCopy.objects.filter(
        told_at__gt=timezone.now() - FOLLOWED_FOR, origin__deployment__school__isnull=False
    ).annotate(course_id=Subquery(here.values("course_id")[:1]))
    opened = copies.filter(course_id__isnull=False).order_by("told_at", "pk")
    rows = opened.values_list("origin__deployment__school_id", "origin__course_id", "course_id")
    return sum(plans.carry_over(school_id, origin, copy) for school_id, origin, copy in rows)
