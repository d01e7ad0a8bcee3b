"""The people of a course (Names and Role Provisioning Services 2.0): who is enrolled now, and its staff; or, since a
state that an earlier answer told, who came, changed or went.

Names and addresses are sent as the operator set it for the tool (T74: by default names, no addresses).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from lti1p3platform.exceptions import LtiServiceException
from lti1p3platform.membership import Context, ContextMembership, Status
from lti1p3platform.service_connector import NamesRoleProvisioningService, TPage
from lti1p3platform.utils import dataclass_to_dict

from ilp_xblock.models import ID_LENGTH

from . import claims, differences
from .addresses import address
from .content import shown_by
from .ports import Member, MemberPage, Placement, ports
from .services import Call, Reply, paged, reading
from .tokens import OAuthError
from .tool_platform import ToolPlatform
from .tools import shared_with
from .vocabulary import CLAIM, GROUPS_READ, MEMBERS_MEDIA, MEMBERSHIP_READ, RESOURCE_LINK, asked_role, role_uris


class CourseRoster(NamesRoleProvisioningService):  # type: ignore[misc]  # the library is untyped
    """One course's roster, by the library's hooks; its request handling is not used (S7-S9)."""

    def __init__(self, call: Call) -> None:
        self.course = call.course
        self.link: Placement | None = None  # whose members are asked for
        self.everybody: Sequence[Member] | None = None  # where they were read already
        self.shared = shared_with(call.access.tool)
        # Course Groups 1.0 adds each member's groups to the roster for who may read groups, when asked.
        self.tool = call.access.tool
        self.with_groups = call.query.get("groups") == "true" and GROUPS_READ in call.access.scopes
        super().__init__(None, ToolPlatform(tool=call.access.tool), address("memberships", call.course.id))

    def get_member_data_page(
        self, page: str = "", limit: int = 100, role: str | None = None, since: str | None = None
    ) -> TPage:
        """Members with any of the role's forms; with `since`, a state of the roster, only who differs from it.

        `page` is a cursor of an earlier answer; ValueError for any other.
        """
        wanted = asked_role(role) if role else None
        if role and wanted is None:
            return {"content": [], "has_next": False, "next": ""}
        if since:
            told = differences.since(since, self.course.id, after=page, limit=limit, role=wanted)
            here = self._rows([each.member for each in told.found if each.member])
            rows = [here[each.sub] if each.member else _gone(each) for each in told.found]
            return {"content": rows, "has_next": bool(told.next), "next": told.next}
        if self.everybody is not None and wanted is None and len(self.everybody) <= limit:
            found = MemberPage(self.everybody)
        else:
            found = ports().roster.members(self.course.id, after=page, limit=limit, role=wanted)
        rows = list(self._rows(found.members).values())
        return {"content": rows, "has_next": bool(found.next), "next": found.next}

    def _rows(self, members: Sequence[Member]) -> dict[str, dict[str, Any]]:
        """What is told of each, by sub, in their order."""
        rows = {member.sub: _member(member, self.shared) for member in members}
        known = ports().groups
        if self.with_groups and known is not None:
            grouped = known.group_ids(self.course.id, list(rows))
            for sub, row in rows.items():
                row["group_enrollments"] = [{"group_id": group} for group in grouped.get(sub, ())]
        if self.link is not None:
            for member in members:
                rows[member.sub]["message"] = [self._message(self.link, member)]
        return rows

    def get_context_by_id(self) -> Context:
        return Context(id=self.course.id, label=self.course.label, title=self.course.title)

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        """Whether the link is a block of this course that shows the panel, or the course's own. It is kept."""
        self.link = _placement(context_id, resource_link_id)
        return self.link is not None

    def _message(self, link: Placement, member: Member) -> dict[str, Any]:
        """What a launch of that link would tell of the member beside who they are (NRPS 2.0, 2.3)."""
        message: dict[str, Any] = {CLAIM + "message_type": RESOURCE_LINK}
        custom = claims.custom(self.tool, self.course, link, member, shown_by(self.tool, link))
        return message | {CLAIM + "custom": custom} if custom else message


@reading(MEMBERSHIP_READ)
def memberships(call: Call) -> Reply:
    """The course's members, of one role or resource link if the tool asks so; with `since`, what changed of them.

    Each answer tells where the next differences are, but in a course too big for that.
    """
    roster = CourseRoster(call)
    link = call.query.get("rlid")
    if link and not roster.is_resource_link_valid(call.course.id, link):
        raise LtiServiceException("The resource link is not one of this course.", 403)
    since = call.query.get("since")
    if since and not differences.is_state(since, call.course.id):
        raise OAuthError("invalid_request", "These differences are not known any more. Read the whole roster.")
    call, state = _at_state(call, roster)
    url = address("memberships", call.course.id)
    fetch = partial(roster.get_member_data_page, role=call.query.get("role"), since=since)
    reply = paged(call, url, MEMBERS_MEDIA, fetch)
    container = dataclass_to_dict(ContextMembership(id=url, context=roster.get_context_by_id()))
    asked = {name: value for name, value in call.query.items() if name not in ("page", "state")}
    later = f"{url}?{urlencode(asked | {'since': state})}" if state else ""
    return Reply(container | {"members": reply.content}, reply.media, reply.next, later)


def _at_state(call: Call, roster: CourseRoster) -> tuple[Call, str]:
    """The state of the roster that a walk over its pages began at: told by its first page, and carried on."""
    if call.page:
        state = call.query.get("state", "")
        return call, state if differences.is_state(state, call.course.id) else ""
    now = differences.look(call.course.id)
    if now.people is not None:
        roster.everybody = list(now.people.values())
    query = {name: value for name, value in call.query.items() if name != "state"}
    return replace(call, query=query | ({"state": now.state} if now.state else {})), now.state


def _placement(course_id: str, link_id: str) -> Placement | None:
    if link_id == course_id:
        return Placement(block_id="", course_id=course_id)
    placement = ports().courses.placement(link_id) if len(link_id) <= ID_LENGTH else None
    return placement if placement is not None and placement.course_id == course_id else None


def _member(member: Member, shared: Collection[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "status": Status.ACTIVE.value,
        "user_id": member.sub,
        "roles": role_uris(member.roles),
    }
    if "name" in shared:
        row |= claims.names(member)
    if "email" in shared and member.email:
        row["email"] = member.email
    return row


def _gone(difference: differences.Difference) -> dict[str, Any]:
    """Who is not of the course any more: nothing is told of them but that."""
    return {
        "status": Status.DELETED.value,
        "user_id": difference.sub,
        "roles": role_uris(difference.roles),
    }
