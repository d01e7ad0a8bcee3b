"""Deleting what has expired: launches never finished, answers never taken, ids of assertions past their time, and who
left a course long ago."""

import time
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from ilp_xblock.models import (
    ContentRequest,
    LaunchRequest,
    RegistrationToken,
    RosterMember,
    RosterState,
    UsedAssertion,
)

EVERY_SECONDS = 300
KEEP_REGISTRATIONS = timedelta(days=30)
KEEP_LEAVERS = timedelta(days=30)  # how long a roster's differences tell that somebody left

_last = -float(EVERY_SECONDS)


def forget_expired() -> None:
    """Delete expired rows, at most once in five minutes in a process; called where such rows are made."""
    global _last
    if time.monotonic() - _last < EVERY_SECONDS:
        return
    _last = time.monotonic()
    now = timezone.now()
    LaunchRequest.objects.filter(expires__lt=now).delete()
    ContentRequest.objects.filter(expires__lt=now).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    RegistrationToken.objects.filter(expires__lt=now - KEEP_REGISTRATIONS).delete()
    _forget_leavers(now)


def _forget_leavers(now: datetime) -> None:
    """With them go the states from before: what changed since those is not wholly known any more."""
    gone = RosterMember.objects.filter(left__lt=now - KEEP_LEAVERS)
    courses = list(gone.values_list("state_id", flat=True).distinct())
    if courses:
        RosterState.objects.filter(pk__in=courses).update(floor=F("version"))
        gone.delete()
