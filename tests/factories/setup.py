"""Administrators of a school's connections, appointed as a code would have appointed them."""

from django.utils import timezone

from lti_tool.lti.models import Appointment, LaunchSession
from lti_tool.plans import api
from lti_tool.plans.data import Actor
from tests.factories.web import Door, open_door


def appoint(door: Door) -> Appointment:
    """Make the account of this session an administrator of its school."""
    session = LaunchSession.objects.get(handle=door.handle)
    appointment, _ = Appointment.objects.get_or_create(
        platform_user_id=session.platform_user_id,
        ended_at=None,
        defaults={"school_id": door.actor.school_id, "appointed_at": timezone.now()},
    )
    api.make_administrator(door.actor.school_id, door.actor.person_id)
    return appointment


def appointed(actor: Actor, **session: object) -> Door:
    """A session of an appointed administrator."""
    door = open_door(actor, **session)
    appoint(door)
    return door
