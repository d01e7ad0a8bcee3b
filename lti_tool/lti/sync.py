"""A verified launch becomes rows: what is known already costs one SELECT, only what changed is written."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor
from lti_tool.rows import from_db, insert

from . import copies, mentors
from .claims import Launch
from .models import Context, Deployment, NoticeService, Platform, PlatformUser, ResourceLink
from .refusals import Refused
from .registration.documents import NOTICES

log = logging.getLogger(__name__)

RESOURCE_LINK = "LtiResourceLinkRequest"
REVIEW_CYCLE = "review_cycle"  # the view of a placement whose column says "review done"

_LOOK_UP = f"""
    SELECT d.id, d.school_id, c.id, c.course_id, c.title, c.lineitems_url, c.memberships_url, c.scopes,
           r.id, r.title, u.id, u.person_id, u.name_digest, d.messages, c.launched_on, n.url,
           c.groups_url, c.group_sets_url, r.lineitem_url, c.history, r.about
    FROM {Deployment._meta.db_table} d
    LEFT JOIN {Context._meta.db_table} c ON c.deployment_id = d.id AND c.id_on_platform = %s
    LEFT JOIN {ResourceLink._meta.db_table} r ON r.context_id = c.id AND r.id_on_platform = %s
    LEFT JOIN {PlatformUser._meta.db_table} u ON u.deployment_id = d.id AND u.sub = %s
    LEFT JOIN {NoticeService._meta.db_table} n ON n.deployment_id = d.id
    WHERE d.platform_id = %s AND d.deployment_id = %s
"""  # noqa: S608 (names of tables, no input)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a launch sits down: our rows for its claims."""

    school_id: UUID
    person_id: UUID
    course_id: int | None
    deployment_pk: int
    context_pk: int | None
    resource_link_pk: int | None
    platform_user_pk: int
    link_is_new: bool = False
    about: Mapping[str, object] = field(default_factory=dict)  # what is kept of the link (`placed`)


@dataclass(slots=True)
class _Known:
    deployment_pk: int = 0  # not stored yet
    school_id: UUID | None = None
    context_pk: int | None = None
    course_id: int | None = None
    context_title: str = ""
    lineitems_url: str = ""
    memberships_url: str = ""
    scopes: tuple[str, ...] = ()
    resource_link_pk: int | None = None
    resource_link_title: str = ""
    platform_user_pk: int | None = None
    person_id: UUID | None = None
    name_digest: str = ""
    messages: tuple[str, ...] = ()
    launched_on: date | None = None
    notices_url: str = ""
    groups_url: str = ""
    group_sets_url: str = ""
    lineitem_url: str = ""
    history: str = ""
    about: Mapping[str, object] = field(default_factory=dict)
    link_is_new: bool = False


def sync(launch: Launch, platform: Platform) -> Seat:
    """Bring our rows up to date with the launch, the person's role in the course included: it also demotes.

    Raises Refused when the deployment belongs to no school yet.
    """
    try:
        return _sync(launch, platform)
    except IntegrityError:
        # Somebody else's launch made the same row at the same moment; now it is there.
        return _sync(launch, platform)


def _sync(launch: Launch, platform: Platform) -> Seat:
    known = _look_up(launch)
    school_id = known.school_id or _claim(launch, platform, known)
    is_new = known.platform_user_pk is None
    if _differs(known, launch) or _family_is_news(platform, launch) or _notices_are_news(known, launch, platform):
        with transaction.atomic():
            _write_message(known, launch)
            _write_family(platform, launch)
            _write_notices(known, launch, platform)
            _write_context(known, launch, school_id)
            _write_user(known, launch, school_id)
    if known.person_id is None or known.platform_user_pk is None:
        raise AssertionError("written above")
    standing = Actor(known.person_id, school_id, launch.role, known.course_id)  # new people's is written with them
    if not is_new:
        standing = plans.actor_for(school_id, known.person_id, known.course_id)
        if known.course_id is not None and standing.role != launch.role:
            plans.set_enrolment(school_id, known.course_id, known.person_id, launch.role)
    mentors.tell(launch, known.deployment_pk, standing)
    return Seat(
        school_id=school_id,
        person_id=known.person_id,
        course_id=known.course_id,
        deployment_pk=known.deployment_pk,
        context_pk=known.context_pk,
        resource_link_pk=known.resource_link_pk,
        platform_user_pk=known.platform_user_pk,
        link_is_new=known.link_is_new,
        about=known.about,
    )


def _look_up(launch: Launch) -> _Known:
    """Everything we know of the launch's claims, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOK_UP,
            [launch.context_id, launch.resource_link_id, launch.sub, launch.platform_id, launch.deployment_id],
        )
        row = cursor.fetchone()
    if row is None:
        return _Known()
    known = _Known(deployment_pk=row[0], school_id=UUID(str(row[1])) if row[1] else None)
    known.messages = tuple(from_db(Deployment, "messages", row[13]))
    known.notices_url = row[15] or ""
    if row[2] is not None:
        known.context_pk, known.course_id, known.context_title, known.lineitems_url, known.memberships_url = row[2:7]
        known.scopes = tuple(from_db(Context, "scopes", row[7]))
        known.launched_on = from_db(Context, "launched_on", row[14])
        known.groups_url, known.group_sets_url = row[16:18]
        known.history = row[19]
    if row[8] is not None:
        known.resource_link_pk, known.resource_link_title = row[8:10]
        known.lineitem_url = row[18]
        known.about = from_db(ResourceLink, "about", row[20])
    if row[10] is not None:
        known.platform_user_pk, known.person_id, known.name_digest = row[10], UUID(str(row[11])), row[12]
    return known


def _claim(launch: Launch, platform: Platform, known: _Known) -> UUID:
    """The school of a deployment that has none yet: the one whose registration waits for its first deployment.

    Any other deployment is remembered as unclaimed and serves nobody.
    """
    with transaction.atomic():
        deployment, _ = Deployment.objects.get_or_create(platform=platform, deployment_id=launch.deployment_id)
        if deployment.held_for_id is not None:
            raise Refused("deployment_off", return_url=launch.return_url)
        waiting = Platform.objects.filter(pk=platform.pk, claim_for__isnull=False)
        school_id = waiting.values_list("claim_for_id", flat=True).first()
        if deployment.school_id is None and school_id is not None and waiting.update(claim_for=None):
            Deployment.objects.filter(pk=deployment.pk, school=None).update(school_id=school_id)
            deployment.school_id = school_id
            log.info("deployment %s of platform %s now belongs to school %s", deployment.pk, platform.pk, school_id)
    known.deployment_pk = deployment.pk
    if deployment.school_id is None:
        raise Refused("deployment_unclaimed", return_url=launch.return_url)
    school: UUID = deployment.school_id
    return school


def _differs(known: _Known, launch: Launch) -> bool:
    return (
        known.platform_user_pk is None
        or launch.message_type not in known.messages
        or bool(launch.name and known.name_digest != name_digest(launch.name))
        or bool(launch.context_id and (known.context_pk is None or _context_changes(known, launch)))
        or bool(launch.context_id and _link_is_news(known, launch))
    )


def _context_changes(known: _Known, launch: Launch) -> dict[str, object]:
    """What the launch tells of its course that we do not have. What it leaves out stays as it was.

    The granted scopes are those of the last resource link launch, none included: an administrator may have taken
    them away.
    """
    told: dict[str, tuple[object, object]] = {
        "title": (launch.context_title, known.context_title),
        "lineitems_url": (launch.lineitems_url, known.lineitems_url),
        "memberships_url": (launch.memberships_url, known.memberships_url),
        "scopes": (list(launch.scopes), list(known.scopes)),
        "launched_on": (timezone.now().date(), known.launched_on),
        "groups_url": (launch.groups_url, known.groups_url),
        "group_sets_url": (launch.group_sets_url, known.group_sets_url),
        "history": (copies.digest(launch.origins), known.history),
    }
    changes = {name: now for name, (now, before) in told.items() if now and now != before}
    if known.scopes and not launch.scopes and launch.message_type == RESOURCE_LINK:
        changes["scopes"] = []
        if not launch.lineitems_url:  # the gradebook was taken away: a token asked for it would be refused for all
            changes["lineitems_url"] = ""
    return changes


def _link_is_news(known: _Known, launch: Launch) -> bool:
    """Whether the placement is new or changed. A message about a whole course has none."""
    return bool(launch.resource_link_id) and (known.resource_link_pk is None or bool(_link_changes(known, launch)))


def _link_changes(known: _Known, launch: Launch) -> dict[str, object]:
    """What the launch tells of its placement that we do not have: its title and, where it is a review cycle that a
    teacher placed with a column, that column. Columns somebody else gave a placement are none of our business."""
    changes: dict[str, object] = {}
    if launch.resource_link_title and launch.resource_link_title != known.resource_link_title:
        changes["title"] = launch.resource_link_title
    view = launch.view or known.about.get("view")
    if view == REVIEW_CYCLE and launch.message_type == RESOURCE_LINK and _column_is_news(known, launch):
        changes["lineitem_url"] = launch.lineitem_url
        if not known.lineitem_url:
            changes["lineitem_since"] = timezone.now()
    return changes


def _column_is_news(known: _Known, launch: Launch) -> bool:
    return bool(launch.lineitem_url) and launch.lineitem_url != known.lineitem_url


def _notices_url(launch: Launch, platform: Platform) -> str:
    """Where we may ask for notices: not without our scope, which the launch names, or else the registration."""
    granted = launch.notices_scopes or platform.scopes
    return launch.notices_url if NOTICES in granted or not granted else ""


def _notices_are_news(known: _Known, launch: Launch, platform: Platform) -> bool:
    return bool(launch.notices_url) and _notices_url(launch, platform) != known.notices_url


def _write_notices(known: _Known, launch: Launch, platform: Platform) -> None:
    """Where notices can be asked for; a task does that. Another address has not been asked yet."""
    if not _notices_are_news(known, launch, platform):
        return
    url = _notices_url(launch, platform)
    if url:
        NoticeService.objects.update_or_create(
            deployment_id=known.deployment_pk, defaults={"url": url, "handler": "", "tried_at": None, "failure": ""}
        )
    else:
        NoticeService.objects.filter(deployment=known.deployment_pk).delete()


def _write_message(known: _Known, launch: Launch) -> None:
    """The kinds of message this deployment really sends, for whoever looks after it to see."""
    if launch.message_type not in known.messages:
        told = sorted({*known.messages, launch.message_type})
        Deployment.objects.filter(pk=known.deployment_pk).update(messages=told)


def _family_is_news(platform: Platform, launch: Launch) -> bool:
    return bool(launch.product_family) and not platform.product_family


def _write_family(platform: Platform, launch: Launch) -> None:
    """Which LMS it is, where its registration did not say: what it can and cannot do hangs on that."""
    if _family_is_news(platform, launch):
        platform.product_family = launch.product_family
        Platform.objects.filter(pk=platform.pk, product_family="").update(product_family=launch.product_family)


def _write_context(known: _Known, launch: Launch, school_id: UUID) -> None:
    if not launch.context_id:
        return
    changes = _context_changes(known, launch)
    if known.context_pk is None:
        known.course_id = plans.ensure_course(school_id, title=launch.context_title)
        context = Context.objects.create(
            deployment_id=known.deployment_pk,
            id_on_platform=launch.context_id,
            course_id=known.course_id,
            **changes,
        )
        known.context_pk = context.pk
    elif changes:
        Context.objects.filter(pk=known.context_pk).update(**changes)
        if "title" in changes and known.course_id is not None:
            plans.retitle_course(school_id, known.course_id, launch.context_title)
    if "history" in changes:
        copies.remember(known.deployment_pk, launch.context_id, launch.origins)
    if not _link_is_news(known, launch):
        return
    changes = _link_changes(known, launch)
    if known.resource_link_pk is None:
        link = ResourceLink.objects.create(
            context_id=known.context_pk, id_on_platform=launch.resource_link_id, **changes
        )
        known.resource_link_pk, known.link_is_new = link.pk, True
    else:
        ResourceLink.objects.filter(pk=known.resource_link_pk).update(**changes)


def _write_user(known: _Known, launch: Launch, school_id: UUID) -> None:
    """The account, by its `sub` alone: neither name nor e-mail ever finds a person (T61)."""
    digest = name_digest(launch.name)
    if known.platform_user_pk is None:
        known.person_id = plans.ensure_person(
            school_id, name=launch.name, course_id=known.course_id, role=launch.role
        )
        known.platform_user_pk = insert(
            PlatformUser,
            deployment_id=known.deployment_pk,
            sub=launch.sub,
            person_id=known.person_id,
            name_digest=digest,
            returning="id",
        )
    elif launch.name and known.name_digest != digest and known.person_id:
        PlatformUser.objects.filter(pk=known.platform_user_pk).update(name_digest=digest)
        plans.rename_person(school_id, known.person_id, launch.name)


def name_digest(name: str) -> str:
    """Tells whether a name changed or was not told today yet, and keeps no second copy of it. Blank for no name."""
    if not name:
        return ""
    told = f"{timezone.now().date()} {name}"
    return hmac.new(b"name" + settings.SECRET_KEY.encode(), told.encode(), hashlib.sha256).hexdigest()
