"""Whose a deployment is, and who looks after a school's connections: proved by the school's one-time code (T61).

A signed launch from an unclaimed deployment serves nobody, but its teacher or administrator may type the code there
and then: the deployment becomes the school's, and their account its first administrator. Later ones type a code of
their own in a session. A role in a message makes nobody an administrator; without one no code is even asked for.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Role

from . import school_codes
from .claims import Launch
from .launch import digest
from .models import Appointment, ClaimVisit, Deployment, LaunchSession, Platform, PlatformUser
from .sessions import frame_ancestors

log = logging.getLogger(__name__)

MAY_TYPE_A_CODE = frozenset({Role.TEACHER, Role.ADMINISTRATOR})
VISIT = timedelta(minutes=20)


class WrongCode(Exception):
    """Not a code that works: mistyped, used or too old."""


class TooManyCodes(Exception):
    """So many wrong codes that another waits an hour."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody appointed to look after a school's connections."""

    id: int
    person_id: UUID
    platform: str  # its issuer
    appointed_at: datetime


def begin(launch: Launch, platform: Platform) -> str:
    """Let the person of this verified launch type a code; returns what only their document may know."""
    token = secrets.token_urlsafe(32)
    deployment = Deployment.objects.get(platform=platform, deployment_id=launch.deployment_id)
    ClaimVisit.objects.create(
        token_hash=digest(token),
        deployment=deployment,
        sub=launch.sub,
        locale=launch.locale,
        frame_ancestors=" ".join(frame_ancestors(platform, launch)),
        expires_at=timezone.now() + VISIT,
    )
    return token


def visit(token: str) -> ClaimVisit | None:
    """The visit of this token while it lasts and its deployment is nobody's."""
    return ClaimVisit.objects.filter(
        token_hash=digest(token),
        expires_at__gt=timezone.now(),
        deployment__school=None,
        deployment__held_for=None,
    ).first()


def claim(here: ClaimVisit, code: str) -> UUID:
    """The deployment becomes the school's whose code this is. Raises WrongCode, TooManyCodes."""
    _check_tries(here.deployment_id, here.sub)
    try:
        with transaction.atomic():
            return _claim(here, code)
    except WrongCode:
        school_codes.count_wrong(here.deployment_id, here.sub)
        raise


def _claim(here: ClaimVisit, code: str) -> UUID:
    school_id = school_codes.redeem(code)
    unclaimed = Deployment.objects.filter(pk=here.deployment_id, school=None, held_for=None)
    if school_id is None or not unclaimed.update(school_id=school_id):
        raise WrongCode
    ClaimVisit.objects.filter(deployment_id=here.deployment_id).delete()
    person_id = plans.ensure_person(school_id)
    user = PlatformUser.objects.create(deployment_id=here.deployment_id, sub=here.sub, person_id=person_id)
    actor = Actor(person_id, school_id, Role.ADMINISTRATOR, None)
    plans.record_event(school_id, "deployment.claimed", "deployment", here.deployment_id, actor=actor)
    _appoint(user.pk, actor)
    log.info("deployment %s now belongs to school %s", here.deployment_id, school_id)
    return school_id


def appoint(handle: str, actor: Actor, code: str) -> None:
    """The account of this session becomes an administrator of its school. Raises WrongCode, TooManyCodes."""
    user = PlatformUser.objects.get(pk=LaunchSession.objects.values_list("platform_user").get(handle=handle)[0])
    _check_tries(user.deployment_id, user.sub)
    try:
        with transaction.atomic():
            if school_codes.redeem(code, school_id=actor.school_id) is None:
                raise WrongCode
            _appoint(user.pk, actor)
    except WrongCode:
        school_codes.count_wrong(user.deployment_id, user.sub)
        raise


def is_administrator(handle: str, school_id: UUID) -> bool:
    """Whether the account of this session is appointed. One SELECT."""
    account = LaunchSession.objects.filter(handle=handle).values("platform_user")
    return Appointment.objects.filter(platform_user__in=account, school_id=school_id, ended_at=None).exists()


def administrators(school_id: UUID) -> list[Administrator]:
    """The school's administrators, the first appointed first."""
    standing = Appointment.objects.filter(school_id=school_id, ended_at=None).order_by("appointed_at", "pk")
    return [
        Administrator(row.pk, row.platform_user.person_id, row.platform_user.deployment.platform.issuer,
                      row.appointed_at)
        for row in standing.select_related("platform_user__deployment__platform")
    ]  # fmt: skip


def end_appointment(actor: Actor, appointment_id: int) -> bool:
    """Somebody of the actor's school is no administrator any more. Returns whether they were."""
    with transaction.atomic():
        standing = Appointment.objects.filter(pk=appointment_id, school_id=actor.school_id, ended_at=None)
        person_id = standing.values_list("platform_user__person_id", flat=True).first()
        if person_id is None or not standing.update(ended_at=timezone.now()):
            return False
        theirs = Appointment.objects.filter(platform_user__person_id=person_id, ended_at=None)
        if not theirs.exists():  # with no other account either
            plans.end_administrator(actor.school_id, person_id)
        plans.record_event(
            actor.school_id, "administrator.ended", "person", person_id, actor=actor, about_id=person_id
        )
        others = Appointment.objects.filter(platform_user__person_id=person_id, school_id=actor.school_id)
        if not others.filter(ended_at=None).exists():  # by no other account of theirs either
            plans.end_administrator(actor.school_id, person_id)
    return True


def _appoint(platform_user_pk: int, actor: Actor) -> None:
    _, new = Appointment.objects.get_or_create(
        platform_user_id=platform_user_pk,
        ended_at=None,
        defaults={"school_id": actor.school_id, "appointed_at": timezone.now()},
    )
    if new:
        person_id = actor.person_id
        plans.make_administrator(actor.school_id, person_id)
        plans.record_event(
            actor.school_id, "administrator.appointed", "person", person_id, actor=actor, about_id=person_id
        )
        plans.make_administrator(actor.school_id, person_id)


def _check_tries(deployment_pk: int, sub: str) -> None:
    if not school_codes.may_try(deployment_pk, sub):
        raise TooManyCodes
