"""Names and Role Provisioning Services 2.0: who is in the course (2.2), paged (2.4), filtered by role and link (2.5),
and what changed since (2.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Required

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from lti_tool.http import Broken
from lti_tool.lti.claims import CLAIM
from lti_tool.lti.roles import role_of
from lti_tool.lti.shapes import tidy
from lti_tool.plans.data import Role

from .ags import NO_NUL, is_at
from .connector import Connector, with_query
from .course import MEMBERS_READ
from .paging import relation

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GONE = frozenset({"inactive", "deleted"})
LONGEST_LINK = 2_000


class Container(BaseModel):
    """A page of the membership container; its rows are judged one by one only where one is wrong."""

    members: list[Any]


class MemberRow(TypedDict, total=False):
    """One member (2.2). Only what is stored is read: no e-mail, no picture (T19)."""

    __pydantic_config__ = ConfigDict(coerce_numbers_to_str=True)  # type: ignore[misc]
    user_id: Required[Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]]
    roles: Required[list[str]]
    status: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    message: Any  # with `rlid`: what a launch of that link would tell of the member (2.3)
    group_enrollments: Any  # Course Groups Service 1.0, 5


class MembersPage(TypedDict):
    members: list[MemberRow]


PAGE = TypeAdapter(MembersPage)
MEMBER = TypeAdapter(MemberRow)


@dataclass(frozen=True, slots=True)
class Member:
    sub: str
    name: str  # empty where the platform withholds it
    role: Role
    group_ids: tuple[str, ...] | None = None  # None: the platform does not tell groups here
    custom: tuple[tuple[str, str], ...] = ()  # custom parameters of the member's launch, where a link was named


@dataclass(frozen=True, slots=True)
class Roster:
    """Members as one read tells them. Those who are gone are not among `members`."""

    members: tuple[Member, ...]
    pages: int
    refused: int  # rows that could not be read: then nobody may be taken for a leaver
    gone: tuple[str, ...] = ()  # accounts told to be inactive or deleted
    differences_url: str = ""  # where to ask what changed since, if the platform offers it


async def roster(
    connector: Connector, *, role: str | None = None, rlid: str | None = None, limit: int | None = None
) -> Roster:
    """Everybody in the course; or with this role; or who may open this resource link, with its message section.

    `limit` is how many come at once, not how many in all. Raises HttpError.
    """
    url = with_query(
        connector.services.memberships_url, role=role, rlid=rlid, limit=limit or connector.family.members_limit
    )
    return await _read(connector, url)


async def differences(connector: Connector, url: str) -> Roster:
    """Who came, changed or went since the read that gave this address (2.6). Raises HttpError."""
    return await _read(connector, url)


async def _read(connector: Connector, url: str) -> Roster:
    found: dict[str, Member] = {}
    gone: dict[str, None] = {}
    pages = refused = 0
    link = ""
    async for answer in connector.pages(url, MEMBERS_TYPE, "roster", (MEMBERS_READ,)):
        rows, bad = _rows(answer.body)
        pages += 1
        refused += bad
        link = relation(answer.headers.getall("Link", ()), url, "differences") or link
        for row in rows:
            if (row.get("status") or "active").lower() in GONE:
                gone[row["user_id"]] = None
                found.pop(row["user_id"], None)
            else:
                gone.pop(row["user_id"], None)
                found[row["user_id"]] = _member(row)
    usable = len(link) <= LONGEST_LINK and is_at(link, connector.services.memberships_url)
    return Roster(tuple(found.values()), pages, refused, tuple(gone), link if usable else "")


def _rows(body: bytes) -> tuple[list[MemberRow], int]:
    try:
        return PAGE.validate_json(body)["members"], 0
    except ValidationError:
        pass
    try:
        untyped = Container.model_validate_json(body).members
    except ValidationError:
        raise Broken("not a membership container") from None
    good: list[MemberRow] = []
    for value in untyped:
        try:
            good.append(MEMBER.validate_python(value))
        except ValidationError:
            continue  # counted below
    return good, len(untyped) - len(good)


def _name(row: MemberRow) -> str:
    given, family = row.get("given_name") or "", row.get("family_name") or ""
    return tidy(row.get("name")) or tidy(f"{given} {family}")


def _member(row: MemberRow) -> Member:
    groups, messages = row.get("group_enrollments"), row.get("message")
    return Member(
        sub=row["user_id"],
        name=_name(row),
        role=role_of(row["roles"]),
        group_ids=None if groups is None else _group_ids(groups),
        custom=_custom(messages) if messages else (),
    )


def _group_ids(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    ids = (item.get("group_id") for item in listed if isinstance(item, Mapping))
    return tuple(dict.fromkeys(str(one) for one in ids if isinstance(one, str | int) and 0 < len(str(one)) <= 255))


def _custom(messages: object) -> tuple[tuple[str, str], ...]:
    """The custom parameters of the member's resource link message, texts only. Anything else is left out."""
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, Mapping) and message.get(CLAIM + "message_type") == "LtiResourceLinkRequest":
            custom = message.get(CLAIM + "custom")
            if isinstance(custom, Mapping):
                return tuple((str(name), value) for name, value in custom.items() if isinstance(value, str))
    return ()
