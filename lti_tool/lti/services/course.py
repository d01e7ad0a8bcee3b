"""What the tool needs to ask one course of one platform, read from the rows of launches and registration."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lti_tool.lti.models import Context, Platform

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEMS_READ = AGS + "lineitem.readonly"
LINE_ITEMS = AGS + "lineitem"
LISTING = (LINE_ITEMS, LINE_ITEMS_READ)  # either lets us see the columns
RESULTS_READ = AGS + "result.readonly"
SCORE = AGS + "score"
GROUPS_READ = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
MEMBERS_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@dataclass(frozen=True, slots=True)
class Access:
    """What a token is asked for with."""

    platform_pk: int
    client_id: str
    token_url: str
    token_audience: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """The service side of one course. Reading asks for no scope to write (AGS 2.0, 3; NRPS 2.0, 2)."""

    school_id: UUID
    course_id: int
    context_pk: int
    deployment_pk: int
    platform_pk: int
    client_id: str
    token_url: str
    token_audience: str
    product_family: str
    granted: frozenset[str]  # empty: the platform never said
    lineitems_url: str
    memberships_url: str
    groups_url: str = ""
    group_sets_url: str = ""
    groups_read_at: datetime | None = None
    differences_url: str = ""
    roster_read_at: datetime | None = None

    def granted_of(self, *scopes: str) -> tuple[str, ...]:
        """Those of the scopes the platform granted, or all where it never said."""
        return tuple(sorted(scope for scope in scopes if not self.granted or scope in self.granted))

    def access(self, scopes: tuple[str, ...]) -> Access:
        """What to ask for a token with, for these scopes."""
        return Access(self.platform_pk, self.client_id, self.token_url, self.token_audience, scopes)

    @property
    def scopes(self) -> tuple[str, ...]:
        """One set for all calls of the course, so that one token serves them."""
        wanted: list[str] = []
        if self.lineitems_url:
            writes_only = LINE_ITEMS in self.granted and LINE_ITEMS_READ not in self.granted
            wanted += [LINE_ITEMS if writes_only else LINE_ITEMS_READ, RESULTS_READ]
        if self.memberships_url:
            wanted.append(MEMBERS_READ)
        return self.granted_of(*wanted)


def course_services(course_id: int) -> Services | None:
    """How to ask the platform about this course; None where no platform offers it. One SQL statement."""
    context = (
        Context.objects.select_related("deployment__platform")
        .filter(course_id=course_id, deployment__school__isnull=False)
        .first()
    )
    if context is None or context.deployment.school_id is None:
        return None
    platform = context.deployment.platform
    return Services(
        school_id=context.deployment.school_id,
        course_id=course_id,
        context_pk=context.pk,
        deployment_pk=context.deployment_id,
        platform_pk=platform.pk,
        client_id=platform.client_id,
        token_url=platform.token_url,
        token_audience=platform.token_audience or platform.token_url,
        product_family=platform.product_family.lower(),
        granted=_granted(platform, context),
        lineitems_url=context.lineitems_url,
        memberships_url=context.memberships_url,
        groups_url=context.groups_url,
        group_sets_url=context.group_sets_url,
        groups_read_at=context.groups_read_at,
        differences_url=context.differences_url,
        roster_read_at=context.roster_read_at,
    )


def _granted(platform: Platform, context: Context) -> frozenset[str]:
    """What this course's platform lets us ask for now; empty where it never said.

    A launch lists the scopes of its gradebook and groups (AGS 2.0, 3.1), so of these the registration's count only
    until somebody launched: an administrator may have taken some away, and one that is gone refuses a token for all.
    """
    here, once = set(context.scopes), set(platform.scopes)
    if not here and not once:
        return frozenset()
    if context.launched_on is not None and once:
        once = {scope for scope in once if not scope.startswith(AGS) and scope != GROUPS_READ}
    # A roster's claim names no scope: who sends it lets us read it (NRPS 2.0, 3.6.1.1). Without this, a platform
    # registered by hand would seem to have granted only what its gradebook's claim names.
    roster = {MEMBERS_READ} if context.memberships_url else set()
    return frozenset(here | once | roster) or frozenset({"openid"})


def find_services(*, issuer: str, client_id: str, deployment_id: str, context_id: str) -> Services | None:
    """The same, found by the names the platform gives; None until somebody launched from that course."""
    course_id = (
        Context.objects.filter(
            deployment__platform__issuer=issuer,
            deployment__platform__client_id=client_id,
            deployment__deployment_id=deployment_id,
            id_on_platform=context_id,
        )
        .values_list("course_id", flat=True)
        .first()
    )
    return None if course_id is None else course_services(course_id)
