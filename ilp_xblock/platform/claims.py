"""The claims of a message: what it says of the course, the people, the services, beside LTI Core's bare bones."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import get_language

from ilp_xblock.models import Tool

from .addresses import address, lineitem_address
from .configuration import issuer
from .content import Chosen
from .ports import Course, Member, Placement, ports
from .tools import shared_with
from .vocabulary import (
    AGS_CLAIM,
    FOR_USER_CLAIM,
    GROUPS_CLAIM,
    GROUPS_READ,
    LINEITEM_READ,
    PRESENTATION_CLAIM,
    PRODUCT_FAMILY,
    RESULT_READ,
    TOOL_PLATFORM_CLAIM,
    role_uris,
)

HISTORIES = {"$Context.id.history", "$ResourceLink.id.history"}


def surroundings(course: Course, placement: Placement, target: str) -> dict[str, Any]:
    """The platform, and how the tool is shown: in which `target`, in which language, where to come back to."""
    shown = {"document_target": target, "locale": locale(), "return_url": placement.url or course.url}
    return {
        PRESENTATION_CLAIM: {name: value for name, value in shown.items() if value},
        TOOL_PLATFORM_CLAIM: {
            "guid": hashlib.sha256(issuer().encode()).hexdigest()[:32],
            "name": str(getattr(settings, "PLATFORM_NAME", "") or "Open edX"),
            "product_family_code": PRODUCT_FAMILY,
        },
    }


def custom(tool: Tool, course: Course, placement: Placement, member: Member, chosen: Chosen | None) -> dict[str, str]:
    """The tool's parameters, the activities of the block, and what came with the chosen content, in rising weight."""
    variables = {
        "$User.id": member.sub,
        "$Context.id": course.id,
        "$Context.title": course.title,
        "$Context.label": course.label,
        "$ResourceLink.id": placement.block_id or course.id,
        "$ResourceLink.title": placement.title or course.title,
        "$Message.locale": locale(),
    }
    given: dict[str, str] = dict(tool.custom)
    if placement.activity_ids:
        given["ilp_activities"] = json.dumps(list(placement.activity_ids))
    given |= chosen.custom if chosen else {}
    if HISTORIES & set(given.values()):
        variables |= _histories(course, placement)
    return {name: variables.get(value, value) for name, value in given.items()}


def _histories(course: Course, placement: Placement) -> dict[str, str]:
    """Where a copied course and its link come from, as LTI Core 1.3 (appendix B) has it: encoded ids, by commas."""
    origins = ports().courses.origins(course.id, placement.block_id)
    named = [origin.block_id for origin in origins] if placement.block_id else [o.course_id for o in origins]
    return {
        "$Context.id.history": ",".join(quote(origin.course_id, safe="") for origin in origins),
        "$ResourceLink.id.history": ",".join(quote(name, safe="") for name in named if name),
    }


def gradebook(tool: Tool, course: Course, activity_id: str) -> dict[str, Any]:
    """AGS, where the tool was granted a scope of it; `activity_id` names the line item of the message, if any."""
    scopes = [scope for scope in (LINEITEM_READ, RESULT_READ) if scope in tool.scopes]
    if not scopes and not activity_id:
        return {}
    endpoint: dict[str, Any] = {"scope": scopes, "lineitems": address("lineitems", course.id)}
    if activity_id:
        endpoint["lineitem"] = lineitem_address(course.id, activity_id)
    return {AGS_CLAIM: endpoint}


def groups(tool: Tool, course: Course) -> dict[str, Any]:
    """Course Groups 1.0: where the LMS has groups and the tool was granted to read them."""
    if ports().groups is None or GROUPS_READ not in tool.scopes:
        return {}
    service = {
        "scope": [GROUPS_READ],
        "context_groups_url": address("groups", course.id),
        "context_group_sets_url": address("group-sets", course.id),
        "service_versions": ["1.0"],
    }
    return {GROUPS_CLAIM: service}


def names(person: Member) -> dict[str, str]:
    """A person's name and its parts, as far as the LMS knows them."""
    said = {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    return {claim: value for claim, value in said.items() if value}


def for_user(tool: Tool, person: Member) -> dict[str, Mapping[str, Any]]:
    """Whose work is reviewed (LTI Submission Review 1.0)."""
    shared = shared_with(tool)
    said: dict[str, Any] = {"user_id": person.sub, "roles": role_uris(person.roles)}
    if "name" in shared:
        said |= names(person)
    if "email" in shared and person.email:
        said["email"] = person.email
    return {FOR_USER_CLAIM: said}


def locale() -> str:
    return get_language() or str(settings.LANGUAGE_CODE)
