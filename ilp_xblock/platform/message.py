"""Answering the tool's authentication request with a signed launch message (LTI Security Framework, 5.1.1.2-5.1.1.3).

Until the client and its exact redirect address are known, a refusal is a page of the LMS; after that it is an error
posted to that address, as OpenID Connect and the form_post response mode have it (S10, S11).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract

from ilp_xblock.models import LaunchRequest, Tool

from . import claims
from .addresses import address
from .configuration import ID_TOKEN_SECONDS
from .content import settings_claim, shown_by
from .launch import Refused, check, consume, placement_of, target_of, waiting
from .ports import Course, Member, Placement, ports
from .tool_platform import ToolPlatform
from .tools import find_tool, shared_with
from .vocabulary import CLAIM, DEEP_LINKING, MEMBERSHIP_READ, RESOURCE_LINK, SUBMISSION_REVIEW, role_uris

logger = logging.getLogger(__name__)
COURSE_TYPE = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"
# What an authentication request must say, and the error when it does not.
REQUIRED = (
    ("scope", "openid", "invalid_scope"),
    ("response_type", "id_token", "unsupported_response_type"),
    ("response_mode", "form_post", "invalid_request"),
    ("prompt", "none", "invalid_request"),
)


@dataclass(frozen=True, slots=True)
class FormPost:
    """A form that the browser posts to a registered address of the tool by itself."""

    action: str
    fields: Mapping[str, str]
    failed: bool = False


class AuthenticationError(Exception):
    """An error for the tool (OpenID Connect Core, 3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def answer(request: HttpRequest, parameters: Mapping[str, str]) -> FormPost:
    """The form that answers the authentication request. Raises Refused while nobody is known to answer to."""
    tool = find_tool(parameters.get("client_id", ""))
    if tool is None:
        raise Refused(_("This tool is not registered here."))
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in tool.redirect_uris:
        raise Refused(_("The tool asked for an answer at an address that is not registered for it."))
    try:
        form: FormPost = LaunchMessage(request, parameters, tool).lti_launch()
    except AuthenticationError as error:
        logger.info("refused a launch: %s %r", error.error, error.description)
        fields = {"error": error.error, "error_description": error.description}
        if parameters.get("state"):
            fields["state"] = parameters["state"]
        return FormPost(redirect_uri, fields, failed=True)
    return form


class LaunchMessage(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]  # the library is untyped
    """The library's message, built for a checked request only."""

    def __init__(self, request: HttpRequest, parameters: Mapping[str, str], tool: Tool) -> None:
        super().__init__(request, ToolPlatform(tool=tool))
        self.set_id_token_expiration(ID_TOKEN_SECONDS)
        self._parameters = parameters
        self._tool = tool

    def get_preflight_response(self) -> dict[str, Any]:
        return dict(self._parameters)

    def validate_preflight_response(self, preflight_response: dict[str, Any]) -> None:
        """Raises AuthenticationError unless the request is exactly what LTI asks for."""
        for name, value, error in REQUIRED:
            if preflight_response.get(name) != value:
                raise AuthenticationError(error, f"{name} must be {value}")
        for name in ("state", "nonce", "login_hint", "lti_message_hint"):
            if not preflight_response.get(name):
                raise AuthenticationError("invalid_request", f"{name} is missing")
        self._redirect_url = preflight_response["redirect_uri"]

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        """Use the launch up that was started for this person and tool, and gather what the message says."""
        row = self._waiting(preflight_response)
        course = ports().courses.course(row.course_id)
        placement = placement_of(row)
        member = ports().roster.member(row.course_id, row.sub)
        if course is None or placement is None or member is None or not self._tool.allowed_in(row.course_id):
            raise AuthenticationError("access_denied", "the person or the tool may not launch here")
        try:
            check(row, placement)
        except Refused as error:
            raise AuthenticationError("access_denied", "the person may not send this message") from error
        if not consume(row):
            raise AuthenticationError("invalid_request", "the launch was used already; start it again in the course")
        self._set_claims(row, course, placement, member)

    def render_launch_form(self, launch_data: dict[str, Any], **kwargs: Any) -> FormPost:
        fields = {"id_token": launch_data["id_token"], "state": launch_data["state"]}
        return FormPost(launch_data["launch_url"], fields)

    def _waiting(self, preflight_response: dict[str, Any]) -> LaunchRequest:
        row = waiting(preflight_response["lti_message_hint"])
        if row is None or row.tool_id != self._tool.pk:
            raise AuthenticationError("invalid_request", "the launch is not known any more; start it again")
        if preflight_response["login_hint"] != row.sub:
            raise AuthenticationError("invalid_request", "login_hint is not of this launch")
        if not ports().current_user.is_current(self._request, row.sub):
            raise AuthenticationError("login_required", "the person of this launch is not logged in here")
        return row

    def _set_claims(self, row: LaunchRequest, course: Course, placement: Placement, member: Member) -> None:
        shared = shared_with(self._tool)
        self.set_launch_url(target_of(row, placement))
        self.set_user_data(
            member.sub,
            role_uris(member.roles),
            email_address=member.email if "email" in shared else None,
        )
        self.set_extra_claims({"locale": claims.locale()} | (claims.names(member) if "name" in shared else {}))
        self.set_launch_context_claim(course.id, [COURSE_TYPE], course.title, course.label)
        mine = shown_by(self._tool, placement)
        self.set_extra_claims({CLAIM + "message_type": row.message})
        if row.message == DEEP_LINKING:
            mine = None  # the question is what to show in its place
            self.set_extra_claims(settings_claim(self._tool, row, course, placement))
        else:
            title = mine.title if mine else placement.title or course.title
            self.set_resource_link_claim(placement.block_id or course.id, title=title)
        if row.message == SUBMISSION_REVIEW:
            learner = ports().roster.member(course.id, row.for_user)
            self.set_extra_claims(claims.for_user(self._tool, learner) if learner else {})
        target = "iframe" if row.message == RESOURCE_LINK else "window"
        self.set_extra_claims(claims.surroundings(course, placement, target))
        custom = claims.custom(self._tool, course, placement, member, mine)
        if custom:
            self.set_custom_parameters_claim(custom)
        self.set_extra_claims(claims.gradebook(self._tool, course, row.activity_id))
        self.set_extra_claims(claims.groups(self._tool, course))
        if MEMBERSHIP_READ in self._tool.scopes:
            self.set_nrps(address("memberships", course.id))
