"""The groups of a course, where the LMS has them (LTI Course Groups 1.0), to read only."""

from functools import partial
from typing import Any

from lti1p3platform.service_connector import TPage

from ilp_xblock.models import ID_LENGTH

from .addresses import address
from .ports import Group, Groups, ports
from .services import Call, NotFound, Reply, paged, reading, window
from .vocabulary import GROUPS_MEDIA, GROUPS_READ


@reading(GROUPS_READ)
def groups(call: Call) -> Reply:
    """The course's groups; those of one person with `user_id`."""
    sub = call.query.get("user_id") or None
    known = _known()
    found = known.groups(call.course.id, sub=sub) if sub is None or len(sub) <= ID_LENGTH else ()
    return _listed(call, "groups", [_group(group) for group in found])


@reading(GROUPS_READ)
def group_sets(call: Call) -> Reply:
    """The ways in which the course is divided."""
    return _listed(call, "group-sets", [{"id": one.id, "name": one.name} for one in _known().sets(call.course.id)])


def _known() -> Groups:
    known = ports().groups
    if known is None:
        raise NotFound("This platform has no groups.")
    return known


def _listed(call: Call, endpoint: str, rows: list[dict[str, str]]) -> Reply:
    url = address(endpoint, call.course.id)
    reply = paged(call, url, GROUPS_MEDIA, partial(_page, rows))
    content: dict[str, Any] = {"id": url, "sets" if endpoint == "group-sets" else "groups": reply.content}
    return Reply(content, reply.media, reply.next)


def _page(rows: list[dict[str, str]], *, page: str, limit: int) -> TPage:
    here, following = window([row["id"] for row in rows], page, limit)
    return {"content": rows[here], "has_next": bool(following), "next": following}


def _group(group: Group) -> dict[str, str]:
    row = {"id": group.id, "name": group.name}
    return row | {"set_id": group.set_id} if group.set_id else row
