"""Rows for a platform an operator describes by hand, where no registration or launch has told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lti_tool.lti import keys
from lti_tool.lti.models import Context, Deployment, Platform
from lti_tool.plans import api as plans


@dataclass(frozen=True, slots=True)
class DescribedCourse:
    context_id: str
    lineitems_url: str
    memberships_url: str


@dataclass(frozen=True, slots=True)
class DescribedPlatform:
    """What a registration would have told (LTI Core 1.3, 3.1.3), with the key pair the platform knows."""

    issuer: str
    client_id: str
    deployment_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    private_pem: bytes


def school_of(issuer: str, client_id: str, deployment_id: str) -> UUID | None:
    """The school a deployment belongs to, or None."""
    rows = Deployment.objects.filter(
        platform__issuer=issuer, platform__client_id=client_id, deployment_id=deployment_id
    )
    return rows.values_list("school_id", flat=True).first()


def describe(platform: DescribedPlatform, courses: Sequence[DescribedCourse]) -> tuple[UUID, list[int]]:
    """Bring the rows up to the description; returns the school and the courses in order. Idempotent.

    Raises ValueError where the private key is no RSA key.
    """
    with transaction.atomic():
        row, _ = Platform.objects.update_or_create(
            issuer=platform.issuer,
            client_id=platform.client_id,
            defaults={
                "auth_url": platform.auth_url, "token_url": platform.token_url, "jwks_url": platform.jwks_url,
            },
        )  # fmt: skip
        keys.import_key(row, platform.private_pem)
        deployment, _ = Deployment.objects.get_or_create(platform=row, deployment_id=platform.deployment_id)
        if deployment.school_id is None:
            deployment.school_id = plans.create_school(_school_name(platform))
            deployment.save(update_fields=["school"])
        return deployment.school_id, [_course(deployment, course) for course in courses]


def _course(deployment: Deployment, course: DescribedCourse) -> int:
    urls: dict[str, object] = {
        "lineitems_url": course.lineitems_url,
        "memberships_url": course.memberships_url,
        "launched_on": timezone.now().date(),  # that the operator names it stands for somebody opening it
    }
    context = Context.objects.filter(deployment=deployment, id_on_platform=course.context_id).first()
    if context is None:
        if deployment.school_id is None:
            raise AssertionError("the deployment was given a school above")
        course_id = plans.ensure_course(deployment.school_id)
        Context.objects.create(deployment=deployment, id_on_platform=course.context_id, course_id=course_id, **urls)
        return course_id
    if any(getattr(context, name) != url for name, url in urls.items()):
        Context.objects.filter(pk=context.pk).update(**urls)
    return int(context.course_id)


def _school_name(platform: DescribedPlatform) -> str:
    """A name that no other school of this database has: names are unique."""
    name = f"{urlsplit(platform.issuer).hostname or platform.issuer} ({platform.deployment_id})"[:180]
    taken = {known for _, known in plans.schools()}
    number = 1
    unique = name
    while unique in taken:
        number += 1
        unique = f"{name} {number}"
    return unique
