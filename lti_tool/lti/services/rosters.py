"""When a course's roster is read whole and when only what changed since (NRPS 2.0, 2.6).

A platform that offers differences gives an address with each answer. It is kept once what came with it was taken in,
and used until a day after the last whole read: a change the platform forgot to tell cannot stay hidden longer.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from lti_tool.http import Refused
from lti_tool.lti.models import Context

from . import nrps
from .ags import is_at
from .connector import Connector
from .course import Services

WHOLE_EVERY = timedelta(hours=23)  # reads are minutes apart, so that the next one comes within the day


def is_old(moment: datetime | None) -> bool:
    """Whether what was read whole then must be read again."""
    return moment is None or timezone.now() - moment > WHOLE_EVERY


async def changes(connector: Connector) -> nrps.Roster | None:
    """What changed in the course since the last read; None where it must be read whole. Raises HttpError.

    An address the platform no longer takes, or an answer with a row that cannot be read, means the latter.
    """
    services = connector.services
    url = services.differences_url
    if not url or is_old(services.roster_read_at) or not is_at(url, services.memberships_url):
        return None
    try:
        found = await nrps.differences(connector, url)
    except Refused:
        return None
    return None if found.refused else found


def keep(services: Services, found: nrps.Roster, *, whole: bool) -> None:
    """Remember where the next differences are, once `found` was taken in. Writes nothing where there are none."""
    told = found.differences_url if not found.refused else ""
    now: dict[str, object] = {}
    if told != services.differences_url:
        now["differences_url"] = told
    if whole and told:
        now["roster_read_at"] = timezone.now()
    if now:
        Context.objects.filter(pk=services.context_pk).update(**now)
