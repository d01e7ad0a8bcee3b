"""Deleting what has expired: launches never finished, answers never taken, ids of assertions past their time."""

import time
from datetime import timedelta

from django.utils import timezone

from ilp_xblock.models import ContentRequest, LaunchRequest, RegistrationToken, UsedAssertion

EVERY_SECONDS = 300
KEEP_REGISTRATIONS = timedelta(days=30)

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
