"""Starting a launch: the LMS sends the browser to the tool's login address (third-party-initiated login).

LTI Security Framework 1.0, section 5.1.1.1. What is launched, and by whom, is stored; the *message hint* names that
row. The hint is signed, holds for ten minutes and one use, and is bound to the person, tool, course, block and
message, and to whose work is reviewed (S12). Whoever may not send a message is refused here and once more when it is
about to be signed.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from lti1p3platform.oidc_login import OIDCLoginAbstract

from ilp_xblock.models import ID_LENGTH, LaunchRequest, Tool

from .configuration import LAUNCH_LIFETIME
from .content import shown_by, teaches, tool_of
from .forgetting import forget_expired
from .ports import Placement, Role, ports
from .tool_platform import ToolPlatform
from .tools import find_tool
from .vocabulary import DEEP_LINKING, RESOURCE_LINK, SUBMISSION_REVIEW

STORAGE_FRAME = "_parent"  # the page that holds the panel answers the LTI storage messages
# What a launch's address calls the messages.
NAMES = {"": RESOURCE_LINK, "deep_linking": DEEP_LINKING, "review": SUBMISSION_REVIEW}
_signer = Signer(salt="ilp_xblock.launch")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a launch's address asks for. `for_user` and `activity_id` say whose work is reviewed, and where."""

    block_id: str = ""
    course_id: str = ""
    client_id: str = ""
    message: str = ""
    for_user: str = ""
    activity_id: str = ""


class Refused(Exception):
    """A launch that ends on a page of the LMS. The message is for the person at the browser."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Login(OIDCLoginAbstract):  # type: ignore[misc]  # the library is untyped
    """The library's login redirect, keeping a query that the login address has already (S18)."""

    def set_lti_message_hint(self, *, hint: str) -> None:
        self._lti_message_hint = hint

    def prepare_preflight_url(self, user_id: str) -> str:
        registration = self._registration
        parts = urlsplit(registration.get_oidc_login_url())
        query = QueryDict(parts.query, mutable=True)
        # `set` semantics: the platform's own parameters are never doubled by the address's.
        query["iss"] = registration.get_iss()
        query["login_hint"] = user_id
        query["target_link_uri"] = self.get_launch_url()
        query["lti_message_hint"] = self.get_lti_message_hint()
        query["client_id"] = registration.get_client_id()
        query["lti_deployment_id"] = registration.get_deployment_id()
        query["lti_storage_target"] = STORAGE_FRAME
        return str(urlunsplit(parts._replace(query=query.urlencode())))

    def get_redirect(self, url: str) -> HttpResponseRedirect:
        return HttpResponseRedirect(url)


def start(request: HttpRequest, wanted: Wanted) -> HttpResponseRedirect:
    """Begin a launch from a block, or from a course as a whole, for the person logged in. Raises Refused."""
    if max(map(len, (wanted.block_id, wanted.course_id, wanted.for_user, wanted.activity_id))) > ID_LENGTH:
        raise Refused(_("This course was not found."), 404)
    if wanted.message not in NAMES:
        raise Refused(_("This can't be opened here."))
    placement = _placement(wanted)
    sub = ports().current_user.launching(request)
    if sub is None:
        raise Refused(_("Please log in first."), 401)
    tool = _tool(wanted.client_id, placement)
    row = LaunchRequest(
        tool=tool,
        sub=sub,
        course_id=placement.course_id,
        block_id=wanted.block_id,
        message=NAMES[wanted.message],
        for_user=wanted.for_user,
        expires=timezone.now() + LAUNCH_LIFETIME,
    )
    check(row, placement)
    if row.message == SUBMISSION_REVIEW:
        row.activity_id = _reviewed(placement, wanted.activity_id)
    forget_expired()
    row.save()
    login = Login(request, ToolPlatform(tool=tool))
    login.set_launch_url(target_of(row, placement))
    login.set_lti_message_hint(hint=_signer.sign(row.handle))
    response: HttpResponseRedirect = login.initiate_login(sub)
    return response


def check(row: LaunchRequest, placement: Placement) -> None:
    """Raise Refused unless its person may send this message from here now.

    Everyone of the course may open the panel; only its instructors may choose what a block shows, or open the work
    of another, who must be a learner of the same course (T61).
    """
    member = ports().roster.member(row.course_id, row.sub)
    if member is None:
        raise Refused(_("Only people of this course can open this."), 403)
    if row.message == RESOURCE_LINK:
        return
    if not teaches(member):
        raise Refused(_("Only teachers of this course can open this."), 403)
    if row.message not in row.tool.messages:
        raise Refused(_("The tool of this course does not offer this."), 404)
    if row.message == DEEP_LINKING and not placement.block_id:
        raise Refused(_("This part of the course was not found."), 404)
    if row.message == SUBMISSION_REVIEW:
        learner = ports().roster.member(row.course_id, row.for_user) if row.for_user else None
        if learner is None or Role.LEARNER not in learner.roles:
            raise Refused(_("This student is not in this course."), 404)


def target_of(row: LaunchRequest, placement: Placement) -> str:
    """The target_link_uri of the message: the chosen content's, the one of the message's kind, or the launch's."""
    chosen = shown_by(row.tool, placement)
    if row.message == RESOURCE_LINK and chosen is not None:
        return chosen.url
    return str(row.tool.messages.get(row.message, row.tool.target_link_uri))


def waiting(hint: str) -> LaunchRequest | None:
    """The started launch of a message hint; None when the hint is forged, used up or too old."""
    try:
        handle = _signer.unsign(hint)
    except BadSignature:
        return None
    return LaunchRequest.objects.filter(handle=handle, expires__gt=timezone.now()).first()


def consume(row: LaunchRequest) -> bool:
    """Use the launch up; True for exactly one caller."""
    deleted, _by_model = LaunchRequest.objects.filter(pk=row.pk).delete()
    return deleted == 1


def placement_of(row: LaunchRequest) -> Placement | None:
    """What a started launch shows, as it is now."""
    if not row.block_id:
        return Placement(block_id="", course_id=row.course_id)
    placement = ports().courses.placement(row.block_id, draft=row.message == DEEP_LINKING)
    return placement if placement is not None and placement.course_id == row.course_id else None


def _placement(wanted: Wanted) -> Placement:
    if not wanted.block_id:
        return Placement(block_id="", course_id=wanted.course_id)
    # An author may choose for a block that is not published yet.
    placement = ports().courses.placement(wanted.block_id, draft=NAMES[wanted.message] == DEEP_LINKING)
    if placement is None or wanted.course_id not in ("", placement.course_id):
        raise Refused(_("This part of the course was not found."), 404)
    return placement


def _reviewed(placement: Placement, activity_id: str) -> str:
    """The activity whose line item a review names: the one asked for, else the block's first, else the course's."""
    known = [activity.id for activity in ports().grades.activities(placement.course_id)]
    if activity_id:
        known = [known_id for known_id in known if known_id == activity_id]
    found = next((known_id for known_id in known if known_id in placement.activity_ids), next(iter(known), ""))
    if not found:
        raise Refused(_("This activity is not in this course."), 404)
    return found


def _tool(client_id: str, placement: Placement) -> Tool:
    course_id = placement.course_id
    tool = find_tool(client_id) if client_id else tool_of(placement)
    if tool is None:
        raise Refused(_("No tool for learning plans is set up here yet. An administrator can register one."), 404)
    if not tool.allowed_in(course_id):
        raise Refused(_("This tool may not be used in this course."), 403)
    return tool
