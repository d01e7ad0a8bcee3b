"""One-time links by which a school's IT connects an LMS. Only a hash is stored; a used or expired one is refused."""

import secrets
from datetime import timedelta
from enum import Enum
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from lti_tool.lti.launch import digest
from lti_tool.lti.models import RegistrationLink

GOOD_FOR = timedelta(days=7)


class Unusable(Enum):
    UNKNOWN = "link_unknown"
    USED = "link_used"
    EXPIRED = "link_expired"


def create(school_id: UUID) -> str:
    """A new link for the school: the whole address, shown once."""
    token = secrets.token_urlsafe(32)
    RegistrationLink.objects.create(
        token_hash=digest(token), school_id=school_id, expires_at=timezone.now() + GOOD_FOR
    )
    return settings.ILP_BASE_URL + reverse("lti-register", settings.ROOT_URLCONF, args=[token])


def find(token: str) -> RegistrationLink | Unusable:
    link = RegistrationLink.objects.filter(token_hash=digest(token)).first()
    if link is None:
        return Unusable.UNKNOWN
    if link.used_at is not None:
        return Unusable.USED
    return link if link.expires_at > timezone.now() else Unusable.EXPIRED


def take(link: RegistrationLink) -> bool:
    """Use the link up. Of several browsers at once exactly one gets True."""
    now = timezone.now()
    return bool(RegistrationLink.objects.filter(Q(pk=link.pk, used_at=None, expires_at__gt=now)).update(used_at=now))


def give_back(link: RegistrationLink) -> None:
    """Nothing came of it: the link works again."""
    RegistrationLink.objects.filter(pk=link.pk).update(used_at=None)
