"""What a block shows, chosen by its author at the tool (LTI Deep Linking 2.0).

The tool's answer is not believed for being signed (S14): it must answer a question that this author asked for this
block, once, and hold one link to the tool's own launch. It changes nothing by itself: it waits until the same
author's own session in Studio takes it into the block (`take`), so no cookie has to come along with the tool's post.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ilp_xblock.models import ContentRequest, LaunchRequest, Tool, UsedAssertion, digest

from .addresses import address
from .configuration import CLOCK_SKEW_SECONDS, CONTENT_LIFETIME
from .fetch import FetchError, check_url
from .ports import Course, Member, Placement, Role, ports
from .tool_platform import InvalidMessage, ToolPlatform, unverified_issuer
from .tools import MAX_URL, course_tool, find_tool, origin
from .vocabulary import CLAIM, DL_CLAIM

MAX_TITLE = 255
MAX_TEXT = 2000
MAX_CUSTOM = 50
RESOURCE_LINK_ITEM = "ltiResourceLink"
_signer = Signer(salt="ilp_xblock.content")


def plain(text: str) -> str:
    """One line of plain text: no control, formatting or surrogate characters; it is escaped where it is shown."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join("".join(kept).split())


Plain = Annotated[str, AfterValidator(plain)]
Custom = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=255)], Annotated[str, Field(max_length=MAX_TEXT)]],
    Field(max_length=MAX_CUSTOM),
]


class _Item(BaseModel):
    """A content item that a block can show. Pictures, sizes, line items and the like are passed over.

    Some tools write what they have not to say as null.
    """

    model_config = ConfigDict(strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {name: said for name, said in value.items() if said is not None} if isinstance(value, dict) else value

    type: Literal["ltiResourceLink"]
    title: Annotated[Plain, Field(max_length=MAX_TITLE)] = ""
    text: Annotated[Plain, Field(max_length=MAX_TEXT)] = ""
    url: Annotated[str, Field(max_length=MAX_URL)] = ""
    custom: Custom = {}


class _Response(BaseModel):
    """The claims of an answer (LTI Deep Linking 2.0, section 4.5.2)."""

    model_config = ConfigDict(strict=True, extra="ignore")

    nonce: Annotated[str, Field(min_length=1, max_length=255)]
    message_type: Annotated[Literal["LtiDeepLinkingResponse"], Field(alias=CLAIM + "message_type")]
    version: Annotated[Literal["1.3.0"], Field(alias=CLAIM + "version")]
    deployment_id: Annotated[str, Field(alias=CLAIM + "deployment_id")]
    data: Annotated[str, Field(max_length=255, alias=DL_CLAIM + "data")]
    items: Annotated[list[_Item], Field(max_length=1, alias=DL_CLAIM + "content_items")] = []
    said: Annotated[Plain, Field(max_length=MAX_TEXT, alias=DL_CLAIM + "msg")] = ""
    trouble: Annotated[Plain, Field(max_length=MAX_TEXT, alias=DL_CLAIM + "errormsg")] = ""


class Chosen(BaseModel):
    """What a block holds of its author's choice. A block's fields come from course files too, so they are checked."""

    model_config = ConfigDict(strict=True, extra="ignore")

    client_id: str
    title: Annotated[Plain, Field(max_length=MAX_TITLE)]
    text: Annotated[Plain, Field(max_length=MAX_TEXT)] = ""
    url: Annotated[str, Field(min_length=1, max_length=MAX_URL)]
    custom: Custom = {}


@dataclass(frozen=True, slots=True)
class Answered:
    """How the question ended. `title` of what was chosen; "": nothing. `said` and `trouble` are the tool's words."""

    title: str
    said: str = ""
    trouble: str = ""


def settings_claim(tool: Tool, started: LaunchRequest, course: Course, placement: Placement) -> dict[str, Any]:
    """Ask the question: the claim that tells the tool what may be answered, and where."""
    row = ContentRequest.objects.create(
        tool=tool,
        sub=started.sub,
        course_id=course.id,
        block_id=started.block_id,
        block_hash=digest(started.block_id),
        expires=timezone.now() + CONTENT_LIFETIME,
    )
    settings = {
        "deep_link_return_url": address("content"),
        "accept_types": [RESOURCE_LINK_ITEM],
        "accept_presentation_document_targets": ["iframe"],
        "accept_multiple": False,
        "accept_lineitem": False,
        "auto_create": False,
        "title": placement.title or course.title,
        "data": _signer.sign(row.handle),
    }
    return {DL_CLAIM + "deep_linking_settings": settings}


def receive(token: str) -> Answered:
    """Keep a tool's signed answer for the author who asked. InvalidMessage for anything but a good first answer."""
    tool = find_tool(unverified_issuer(token))
    if tool is None:
        raise InvalidMessage("the tool is not registered here")
    claims = ToolPlatform(tool=tool).validate_deeplinking_resp({"JWT": token})
    try:
        response = _Response.model_validate(claims)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = str(first["loc"][0]).rpartition("/")[2]  # the rest of the path may hold the tool's own words (T76)
        raise InvalidMessage(f"the answer can't be used: {place}") from error
    if response.deployment_id != tool.deployment_id:
        raise InvalidMessage("the answer is of another deployment")
    row = _question(tool, response.data)
    chosen = _chosen(tool, response.items[0], row) if response.items else None
    expires = datetime.fromtimestamp(claims["exp"] + CLOCK_SKEW_SECONDS, UTC)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(tool=tool, jti_hash=digest(f"nonce {response.nonce}"), expires=expires)
            kept = ContentRequest.objects.filter(pk=row.pk, answered__isnull=True)
            if kept.update(answered=timezone.now(), content=chosen.model_dump() if chosen else None) != 1:
                raise InvalidMessage("the question was answered already")
    except IntegrityError as error:
        raise InvalidMessage("the answer was sent before") from error
    return Answered(chosen.title if chosen else "", response.said, response.trouble)


def take(block_id: str, sub: str) -> dict[str, Any] | None:
    """The newest answer that this author got for this block, once; older ones are dropped. None: there is none."""
    mine = ContentRequest.objects.filter(
        block_hash=digest(block_id), answered__isnull=False, expires__gt=timezone.now()
    )
    rows = [row for row in mine.order_by("-answered", "-pk") if row.sub == sub and row.block_id == block_id]
    newest = next((row for row in rows if row.content and teaches(_member(row))), None)
    deleted, _by_model = ContentRequest.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return newest.content if newest is not None and deleted else None


def chosen_at(placement: Placement) -> tuple[Tool, Chosen] | None:
    """What the block shows and whose it is; None: the panel as the course's tool shows it.

    So it is too where the tool has gone, may not be used in the course, or never answered with that address.
    """
    try:
        chosen = Chosen.model_validate(dict(placement.content))
    except ValidationError:
        return None
    tool = find_tool(chosen.client_id)
    if tool is None or not tool.allowed_in(placement.course_id) or not _launchable(tool, chosen.url):
        return None
    return tool, chosen


def shown_by(tool: Tool, placement: Placement) -> Chosen | None:
    """What the block shows of this tool; None: the tool's own panel."""
    found = chosen_at(placement)
    return found[1] if found is not None and found[0].pk == tool.pk else None


def tool_of(placement: Placement) -> Tool | None:
    """The tool that a launch from the block is for when nothing names one."""
    found = chosen_at(placement)
    return found[0] if found else course_tool(placement.course_id)


def teaches(member: Member | None) -> bool:
    return member is not None and Role.INSTRUCTOR in member.roles


def _question(tool: Tool, data: str) -> ContentRequest:
    """The open question of this `data`, whose author still teaches the course."""
    try:
        handle = _signer.unsign(data)
    except BadSignature as error:
        raise InvalidMessage("the answer is to no question of this platform") from error
    row = ContentRequest.objects.filter(handle=handle, tool=tool, expires__gt=timezone.now()).first()
    if row is None or row.answered is not None:
        raise InvalidMessage("the question was answered already, or is too old")
    if not teaches(_member(row)) or not tool.allowed_in(row.course_id):
        raise InvalidMessage("the person who asked may not change this course any more")
    return row


def _member(row: ContentRequest) -> Member | None:
    return ports().roster.member(row.course_id, row.sub)


def _chosen(tool: Tool, item: _Item, row: ContentRequest) -> Chosen:
    url = item.url or tool.target_link_uri
    if not _launchable(tool, url):
        raise InvalidMessage("the answer's link leads away from the tool")
    return Chosen(
        client_id=tool.client_id, title=item.title or tool.name, text=item.text, url=url, custom=item.custom
    )


def _launchable(tool: Tool, url: str) -> bool:
    """Whether the address is on the origin that the tool is launched at."""
    try:
        check_url(url)
        return origin(url) == origin(tool.target_link_uri)
    except (FetchError, ValueError):
        return False
