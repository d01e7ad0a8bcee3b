"""What every service request goes through: bearer token, scope, course and paging; and how it is answered.

Each operation demands its own one scope (S7); a token opens only courses that its tool is allowed in (S5, S8);
whatever is wrong ends in a JSON error of status 400 to 404, never 500 (S9, S19).
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from lti1p3platform.exceptions import LineItemNotFoundException, LtiServiceException
from lti1p3platform.service_connector import TPage

from ilp_xblock.models import ID_LENGTH

from .configuration import PAGE_SIZE
from .ports import Course, ports
from .tokens import Access, OAuthError, read_token

MAX_CURSOR = 255
READ_ONLY = "Grades belong to the course: this platform lets tools read line items and results, not change them."


@dataclass(frozen=True, slots=True)
class Call:
    """A checked service request."""

    access: Access
    course: Course
    query: Mapping[str, str]
    limit: int
    page: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answers; `next` is the address of the next page."""

    content: Any
    media: str
    next: str = ""


class NotFound(OAuthError):
    """The address names nothing that this tool may see."""

    def __init__(self, description: str) -> None:
        super().__init__("not_found", description, 404)


logger = logging.getLogger(__name__)
Operation = Callable[..., Reply]


def reading(scope: str) -> Callable[[Operation], Callable[..., HttpResponse]]:
    """A view of a course's data that demands this scope. The operation gets a Call and the rest of the path."""

    def decorate(operation: Operation) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(operation)
        def view(request: HttpRequest, course_id: str, **rest: str) -> HttpResponse:
            try:
                return _json(operation(_call(request, course_id, scope), **rest))
            except OAuthError as error:
                return oauth_error(error)
            except LineItemNotFoundException:
                return oauth_error(NotFound("The course has no such activity."))
            except LtiServiceException as error:
                return oauth_error(OAuthError("invalid_request", error.message, error.status_code))

        return view

    return decorate


def oauth_error(error: OAuthError) -> HttpResponse:
    """The JSON body of an error (RFC 6749, 5.2; RFC 6750, 3). What is wrong is logged, never what was sent (T76)."""
    logger.info("refused a tool's request: %s %r", error.status, error.description)
    response = JsonResponse({"error": error.error, "error_description": error.description}, status=error.status)
    response["Cache-Control"] = "no-store"
    if error.status == 401 or error.error == "insufficient_scope":
        response["WWW-Authenticate"] = f'Bearer error="{error.error}"'
    return response


def paged(call: Call, url: str, media: str, fetch: Callable[..., TPage]) -> Reply:
    """One page of a list, with the address of the next: the same question with another cursor."""
    try:
        if len(call.page) > MAX_CURSOR:
            raise ValueError("no cursor of ours is that long")
        found = fetch(page=call.page, limit=call.limit)
    except ValueError as error:
        raise OAuthError("invalid_request", "There is no such page.") from error
    following = f"{url}?{urlencode({**call.query, 'page': found['next']})}" if found["next"] else ""
    return Reply(found["content"], media, following)


def offset(page: str) -> int:
    """A cursor that is a number of things to pass over. ValueError for any other."""
    if page and not (page.isascii() and page.isdigit() and len(page) < 10):
        raise ValueError("no such page")
    return int(page or 0)


def _call(request: HttpRequest, course_id: str, scope: str) -> Call:
    access = _access(request)
    if len(course_id) > ID_LENGTH or not access.tool.allowed_in(course_id):
        raise OAuthError("access_denied", "This tool may not read this course.", 403)
    if request.method not in ("GET", "HEAD"):
        raise OAuthError("insufficient_scope", READ_ONLY, 403)
    if scope not in access.scopes:
        raise OAuthError("insufficient_scope", f"This needs the scope {scope}.", 403)
    course = ports().courses.course(course_id)
    if course is None:
        raise NotFound("There is no such course.")
    query = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    return Call(access, course, query, _limit(query.get("limit", "")), query.get("page", ""))


def _access(request: HttpRequest) -> Access:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise OAuthError("invalid_token", "A bearer token is needed.", 401)
    return read_token(token.strip())


def _limit(text: str) -> int:
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise OAuthError("invalid_request", "limit must be a whole number greater than zero.")
    return min(int(text[:9]), PAGE_SIZE)


def _json(reply: Reply) -> HttpResponse:
    body = json.dumps(reply.content, cls=DjangoJSONEncoder, separators=(",", ":"))
    response = HttpResponse(body, content_type=reply.media)
    response["Cache-Control"] = "no-store"
    if reply.next:
        response["Link"] = f'<{reply.next}>; rel="next"'
    return response
