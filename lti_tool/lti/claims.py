"""The claims of an id_token, taken apart with suspicion: any JSON at all ends in a `Launch` or in `Refused`.

What the tool needs to let somebody in must be right (LTI Core 1.3, 5.3 and 5.4; Security Framework 1.0, 5.1.3).
What is only nice to have (a name, a title, a service address) is left out when it is malformed.
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote

from django.conf import settings
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from lti_tool.plans.data import Role

from .models import SPEC_ID
from .refusals import Refused
from .roles import may_place, role_of
from .shapes import Address, Flag, Id, Lenient, Locale, LongAddress, Named, Names, Storable, Time, WebUrl, Words

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
VERSION = "1.3.0"
MOST_ACTIVITIES = 500  # one placement can be about
LONGEST_DATA = 50_000
LONGEST_AREA = 64  # characters; no framework's key is longer
MOST_CHILDREN = 50  # one person can be a mentor of
MOST_ORIGINS = 50  # courses a history or notice names
DEEP_LINKING = "LtiDeepLinkingRequest"
PRIVACY = frozenset({"LtiDataPrivacyLaunchRequest", "DataPrivacyLaunchRequest"})  # drafts differ in the name
CONTEXT_COPY = "LtiContextCopyNotice"
NOT_A_COURSE = frozenset({"Account"})  # Canvas: the tool was opened from the pages of a whole school


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _ResourceLink(_Claims):
    id: Id
    title: Words = ""


class _Context(_Claims):
    id: Id
    title: Words = ""
    label: Words = ""
    type: Names = frozenset()


class _Presentation(_Claims):
    locale: Locale = ""
    return_url: WebUrl = ""


class _Platform(_Claims):
    url: WebUrl = ""
    product_family_code: Words = ""


class _Endpoint(_Claims):
    lineitem: WebUrl = ""
    lineitems: WebUrl = ""
    scope: Named = ()


class _Groups(_Claims):
    context_groups_url: WebUrl = ""
    context_group_sets_url: WebUrl = ""
    scope: Named = ()


class _NamesAndRoles(_Claims):
    context_memberships_url: WebUrl = ""


class _Custom(_Claims):
    ilp_activities: object = None
    ilp_view: Words = ""
    ilp_goal: Words = ""
    ilp_area: Words = ""
    ilp_cycle: Words = ""
    ilp_group: Words = ""
    ilp_group_id: Words = ""
    ilp_wish: Words = ""
    context_id_history: object = None
    resource_link_id_history: object = None


class _ForUser(_Claims):
    user_id: Id


class NoticeClaim(_Claims):
    """Where notices are asked for (Platform Notification Service 1.0, 3)."""

    platform_notification_service_url: Address
    scope: Named = ()
    notice_types_supported: Named = ()


class DeepLinkingSettings(_Claims):
    """What a platform takes back (Deep Linking 2.0, 3.1.7): where to, of what kinds, how many."""

    deep_link_return_url: LongAddress
    accept_types: Annotated[list[Storable], Field(min_length=1, max_length=50)]
    accept_presentation_document_targets: Annotated[list[Storable], Field(min_length=1, max_length=50)]
    accept_media_types: Words = ""
    accept_multiple: Flag = False
    accept_lineitem: Flag = False  # not said: line items would perhaps be dropped, so none is offered
    auto_create: Flag = False
    title: Words = ""
    text: Words = ""
    data: Annotated[Storable, Field(max_length=LONGEST_DATA)] | None = None  # goes back as it came


class Issued(_Claims):
    """What a platform signs says of itself, messages and notices alike. Required claims have no default."""

    iss: Id
    aud: Annotated[str, Field(strict=True)] | Annotated[list[Annotated[str, Field(strict=True)]], Field(min_length=1)]
    azp: object = None
    exp: Time
    iat: Time
    nbf: Time = 0  # RFC 7519, 4.1.5: not required, binding where it is there
    version: Annotated[str, Field(strict=True, alias=CLAIM + "version")]
    deployment_id: Annotated[Id, Field(alias=CLAIM + "deployment_id")]


class Message(Issued):
    """The claims of an LTI 1.3 message by their short names."""

    nonce: Id
    sub: Id | None = None
    message_type: Annotated[str, Field(strict=True, alias=CLAIM + "message_type")]
    target_link_uri: Annotated[str, Field(strict=True, alias=CLAIM + "target_link_uri")]
    roles: Annotated[list[object], Field(strict=True, alias=CLAIM + "roles")]

    name: Words = ""
    given_name: Words = ""
    family_name: Words = ""
    locale: Locale = ""
    # Only messages about a link need one, and check it (`messages`).
    resource_link: Annotated[_ResourceLink | None, Lenient, Field(alias=CLAIM + "resource_link")] = None
    context: Annotated[_Context | None, Field(alias=CLAIM + "context")] = None
    presentation: Annotated[_Presentation | None, Lenient, Field(alias=CLAIM + "launch_presentation")] = None
    platform: Annotated[_Platform | None, Lenient, Field(alias=CLAIM + "tool_platform")] = None
    custom: Annotated[_Custom | None, Lenient, Field(alias=CLAIM + "custom")] = None
    mentors_of: Annotated[Named, Field(alias=CLAIM + "role_scope_mentor")] = ()
    for_user: Annotated[_ForUser | None, Lenient, Field(alias=CLAIM + "for_user")] = None
    notices: Annotated[NoticeClaim | None, Lenient, Field(alias=CLAIM + "platformnotificationservice")] = None
    deep_linking: Annotated[
        object, Field(alias="https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings")
    ] = None
    endpoint: Annotated[
        _Endpoint | None, Lenient, Field(alias="https://purl.imsglobal.org/spec/lti-ags/claim/endpoint")
    ] = None
    names_and_roles: Annotated[
        _NamesAndRoles | None, Lenient, Field(alias="https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice")
    ] = None
    groups: Annotated[
        _Groups | None, Lenient, Field(alias="https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice")
    ] = None


@dataclass(frozen=True, slots=True)
class Launch:
    """A message that was verified in full: who, where, as what. Nothing in it is raw any more."""

    platform_id: int  # our row
    deployment_id: str
    message_type: str
    sub: str
    role: Role
    name: str  # blank where the platform withholds it
    context_id: str  # blank: not in a course
    context_title: str
    resource_link_id: str
    resource_link_title: str
    target_link_uri: str
    activity_ids: tuple[str, ...]  # external ids; empty: the whole course
    lineitems_url: str
    memberships_url: str
    scopes: tuple[str, ...]
    locale: str
    return_url: str
    platform_url: str
    product_family: str
    mentors_of: tuple[str, ...] = ()  # accounts of the children, of a Mentor
    for_user: str = ""  # the account a review is about: says whom, never that one may
    lineitem_url: str = ""  # the gradebook column it was launched from
    view: str = ""  # what our own deep link asked to show
    goal: str = ""
    area: str = ""  # key of the framework's area it is for, or what else stands there
    cycle: str = ""  # code of the round of reviews our own deep link is for
    group: str = ""  # key of the course group it is for
    group_id: str = ""  # that group's id in the course it was placed in
    wish: str = ""  # what was ticked when it was placed, by the token it was kept under
    link_origins: tuple[str, ...] = ()  # resource links this one was copied from, the nearest first
    origins: tuple[str, ...] = ()  # courses this one was copied from, the nearest first
    notices_url: str = ""
    notices_scopes: tuple[str, ...] = ()
    deep_linking: DeepLinkingSettings | None = None
    may_place: bool = False  # puts links into the course: teaches, leads or writes it
    groups_url: str = ""
    group_sets_url: str = ""


def read(body: bytes) -> tuple[Message, dict[str, Any]]:
    """The claims in a payload whose signature was verified. Raises Refused, with the claim's name as its code."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("payload_not_json") from None
    if not isinstance(raw, dict):
        raise Refused("payload_not_json")
    raw = {name: value for name, value in raw.items() if value is not None}
    if raw.get("sub") == "":
        del raw["sub"]  # some platforms leave it empty for visitors
    try:
        return Message.model_validate(raw), raw
    except ValidationError as error:
        claim = str(error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"][0])
        raise Refused("claim_" + claim.rpartition("/")[2]) from None


def check_issue(message: Issued, *, issuer: str, client_id: str) -> None:
    """Issuer, audience, authorised party and times (Security Framework 1.0, 5.1.3). Raises Refused."""
    audience = [message.aud] if isinstance(message.aud, str) else message.aud
    now = time.time()
    skew = settings.ILP_CLOCK_SKEW_SECONDS
    if message.iss != issuer:
        raise Refused("issuer")
    if client_id not in audience:
        raise Refused("audience")
    if message.azp != client_id and (message.azp is not None or len(audience) > 1):
        raise Refused("authorised_party")
    if message.exp <= now - skew:
        raise Refused("expired")
    if max(message.iat, message.nbf) > now + skew:
        raise Refused("issued_in_future")
    if message.iat < now - settings.ILP_ID_TOKEN_MAX_AGE_SECONDS - skew:
        raise Refused("too_old")


def to_launch(message: Message, platform_id: int) -> Launch:
    """What the rest of the tool works with."""
    presentation = message.presentation or _Presentation()
    endpoint = message.endpoint or _Endpoint()
    groups = message.groups or _Groups()
    platform = message.platform or _Platform()
    context, link = message.context, message.resource_link
    if message.version != VERSION:
        raise Refused("version", return_url=presentation.return_url)
    if message.sub is None and message.message_type not in PRIVACY:
        raise Refused("anonymous", return_url=presentation.return_url)
    if context and context.type & NOT_A_COURSE:
        context = None
    custom = message.custom or _Custom()
    return Launch(
        platform_id=platform_id,
        deployment_id=message.deployment_id,
        message_type=message.message_type,
        sub=message.sub or "",
        role=role_of(message.roles),
        name=message.name or " ".join(filter(None, (message.given_name, message.family_name)))[:255],
        context_id=context.id if context else "",
        context_title=(context.title or context.label) if context else "",
        resource_link_id=link.id if link else "",
        resource_link_title=link.title if link else "",
        target_link_uri=message.target_link_uri,
        activity_ids=_activities(custom.ilp_activities),
        lineitems_url=endpoint.lineitems,
        memberships_url=message.names_and_roles.context_memberships_url if message.names_and_roles else "",
        scopes=tuple(sorted({*endpoint.scope, *groups.scope}))[:20],
        locale=presentation.locale or message.locale,
        return_url=presentation.return_url,
        platform_url=platform.url,
        product_family=platform.product_family_code[:64],
        mentors_of=message.mentors_of[:MOST_CHILDREN],
        for_user=message.for_user.user_id if message.for_user else "",
        lineitem_url=endpoint.lineitem,
        view=custom.ilp_view,
        goal=_token(custom.ilp_goal),
        area=custom.ilp_area[:LONGEST_AREA],
        cycle=custom.ilp_cycle if re.fullmatch(r"[0-9]{4}-[a-z0-9-]{1,64}", custom.ilp_cycle) else "",
        group=_token(custom.ilp_group),
        group_id=custom.ilp_group_id,
        wish=_token(custom.ilp_wish),
        link_origins=_history(custom.resource_link_id_history, link.id if link else ""),
        origins=_history(custom.context_id_history, context.id if context else ""),
        notices_url=_notices_url(message.notices),
        notices_scopes=message.notices.scope if message.notices else (),
        deep_linking=_deep_linking(message, presentation.return_url),
        may_place=may_place(message.roles),
        groups_url=groups.context_groups_url,
        group_sets_url=groups.context_group_sets_url,
    )


def _deep_linking(message: Message, return_url: str) -> DeepLinkingSettings | None:
    if message.message_type != DEEP_LINKING:
        return None
    try:
        return DeepLinkingSettings.model_validate(message.deep_linking)
    except ValidationError:
        raise Refused("claim_deep_linking_settings", return_url=return_url) from None


def _notices_url(claim: NoticeClaim | None) -> str:
    tells = claim is not None and CONTEXT_COPY in claim.notice_types_supported
    return claim.platform_notification_service_url if claim and tells else ""


def _token(value: str) -> str:
    """A key or token of ours as it went out; anything else is none."""
    return value if re.fullmatch(r"[0-9a-f]{32}", value) else ""


def _history(value: object, here: str) -> tuple[str, ...]:
    """`$Context.id.history` as the platform filled it in: ids parted by commas, each perhaps percent-encoded."""
    if not isinstance(value, str) or value.startswith("$"):  # not filled in
        return ()
    named = (unquote(part.strip()) for part in value[: MOST_ORIGINS * SPEC_ID].split(",")[:MOST_ORIGINS])
    usable = (name for name in named if 0 < len(name) <= SPEC_ID and name.isprintable() and name != here)
    return tuple(dict.fromkeys(usable))


def _activities(value: object) -> tuple[str, ...]:
    """The activities our XBlock says the placement is about: a JSON array in a string. Anything else: all of them."""
    if not isinstance(value, str):
        return ()
    try:
        listed = json.loads(value)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(listed, list):
        return ()
    ids = (item for item in listed if isinstance(item, str) and 0 < len(item) <= SPEC_ID and item.isprintable())
    return tuple(dict.fromkeys(ids))[:MOST_ACTIVITIES]
