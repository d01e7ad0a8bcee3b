"""The registered platforms, kept in the process for half a minute: every login and launch needs one.

Only what was found is kept, so a platform registered a moment ago is found at once; a change made in this process is
seen at once, one made in another within `KEPT_SECONDS`.
"""

import time
from typing import Any

from django.db.models.signals import post_delete, post_save

from . import platform_keys
from .models import SPEC_ID, Platform
from .refusals import Refused

KEPT_SECONDS = 30
MOST = 1_000

_by_pk: dict[int, tuple[Platform, float]] = {}
_by_name: dict[tuple[str, str], tuple[Platform, float]] = {}


def named(issuer: str, client_id: str, deployment_id: str = "") -> Platform:
    """The platform of that issuer; without a client id it must be the only one, or the only one with that deployment.

    Raises Refused.
    """
    kept = _by_name.get((issuer, client_id))
    if kept is not None and kept[1] > time.monotonic():
        return kept[0]
    if len(issuer) > SPEC_ID or len(client_id) > SPEC_ID or not (issuer + client_id).isprintable():
        raise Refused("platform_unknown")
    names = {"issuer": issuer, "client_id": client_id} if client_id else {"issuer": issuer}
    found = list(Platform.objects.filter(**names)[:2])
    if len(found) > 1 and 0 < len(deployment_id) <= SPEC_ID and deployment_id.isprintable():
        found = list(Platform.objects.filter(**names, deployments__deployment_id=deployment_id)[:2]) or found
    if len(found) != 1:
        raise Refused("platform_ambiguous" if found else "platform_unknown")
    if client_id:  # without one, another registration can make it ambiguous
        _by_name[issuer, client_id] = _keep(found[0])
    return found[0]


def remembered(issuer: str, client_id: str, deployment_id: str = "") -> Platform:
    """The same where it was found lately, however long ago: never a question to the database. Raises Refused."""
    found = _by_name.get((issuer, client_id))
    if found is None:
        raise Refused("platform_unknown")
    return found[0]


def get(pk: int) -> Platform:
    """The platform of a row that points at it."""
    kept = _by_pk.get(pk)
    if kept is not None and kept[1] > time.monotonic():
        return kept[0]
    platform = Platform.objects.get(pk=pk)
    _by_pk[pk] = _keep(platform)
    return platform


def forget(**_: Any) -> None:
    """Drop what this process keeps of platforms, their keys included."""
    _by_pk.clear()
    _by_name.clear()


def _keep(platform: Platform) -> tuple[Platform, float]:
    if len(_by_pk) + len(_by_name) > MOST:
        forget()
    return platform, time.monotonic() + KEPT_SECONDS


def _created_or_gone(*, instance: Platform, created: bool = True, **_: Any) -> None:
    forget()
    if created:
        platform_keys.forget(instance.pk)


post_save.connect(_created_or_gone, sender=Platform, dispatch_uid="ilp-platform-saved")
post_delete.connect(_created_or_gone, sender=Platform, dispatch_uid="ilp-platform-deleted")
