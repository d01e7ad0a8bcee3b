"""What every service request goes through: bearer token, scope, course and paging; and how it is answered.

Each operation demands its own one scope (S7); a token opens only courses that its tool is allowed in (S5, S8);
whatever is wrong ends in a JSON error of status 400 to 405, never 500 (S9, S19). What the standards let a tool write
needs a scope that is never granted: 403. What they have no operation for is 405.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from lti1p3platform.exceptions import LineItemNotFoundException, LtiServiceException
from lti1p3platform.service_connector import TPage

from ilp_xblock.models import ID_LENGTH, digest

from .configuration import PAGE_SIZE
from .ports import Course, ports
from .tokens import Access, OAuthError, SecretOffered, read_token

MAX_CURSOR = 255
CURSOR = re.compile(r"([0-9]{1,9})(?:\.([0-9a-f]{16}))?")  # how many went before, and a mark of the last of them
REALM = "LTI services"
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
    """What a service answers; `next` is the address of the next page, `differences` of what will have changed."""

    content: Any
    media: str
    next: str = ""
    differences: str = ""


class NoCredentials(OAuthError):
    """The request says nothing of who asks."""

    def __init__(self) -> None:
        super().__init__("invalid_token", "A bearer token is needed.", 401)


class InsufficientScope(OAuthError):
    """The token is good and does not hold the scope that this needs."""

    def __init__(self, description: str, scope: str) -> None:
        super().__init__("insufficient_scope", description, 403)
        self.scope = scope


class NotAllowed(OAuthError):
    """There is no such operation at this address."""

    def __init__(self, allowed: str) -> None:
        super().__init__("invalid_request", f"Only {allowed} can be asked for here.", 405)
        self.allowed = allowed


class NotFound(OAuthError):
    """The address names nothing that this tool may see."""

    def __init__(self, description: str) -> None:
        super().__init__("not_found", description, 404)


logger = logging.getLogger(__name__)
Operation = Callable[..., Reply]


def reading(scope: str, **writes: str) -> Callable[[Operation], Callable[..., HttpResponse]]:
    """A view of a course's data that demands this scope. The operation gets a Call and the rest of the path.

    `writes` are what the standard lets a tool do here beside reading: each method with the scope it would need.
    """

    def decorate(operation: Operation) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(operation)
        def view(request: HttpRequest, course_id: str, **rest: str) -> HttpResponse:
            try:
                return _json(operation(_call(request, course_id, scope, writes), **rest))
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
    if isinstance(error, NotAllowed):
        response["Allow"] = error.allowed
    if isinstance(error, NoCredentials):
        response["WWW-Authenticate"] = f'Bearer realm="{REALM}"'  # no error is named to who named nobody
    elif isinstance(error, InsufficientScope):
        response["WWW-Authenticate"] = f'Bearer realm="{REALM}", error="{error.error}", scope="{error.scope}"'
    elif isinstance(error, SecretOffered) and error.basic:
        response["WWW-Authenticate"] = f'Basic realm="{REALM}"'  # RFC 6749, 5.2: the scheme that was tried
    elif error.status == 401:
        response["WWW-Authenticate"] = f'Bearer realm="{REALM}", error="{error.error}"'
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


def window(ids: Sequence[str], page: str, limit: int) -> tuple[slice, str]:
    """Which of a whole list are on the page, and the cursor of the next ("": none). ValueError for no cursor of ours.

    A cursor says how many went before and which was the last of them: what comes or goes before it meanwhile neither
    hides a thing nor shows it twice.
    """
    found = CURSOR.fullmatch(page or "0")
    if found is None:
        raise ValueError("no such page")
    first, last = int(found[1]), found[2]
    if last:
        marks = [_mark(each) for each in ids]
        first = marks.index(last) + 1 if last in marks else max(first - 1, 0)
    end = first + limit
    return slice(first, end), f"{end}.{_mark(ids[end - 1])}" if end < len(ids) else ""


def _mark(name: str) -> str:
    return digest(name)[:16]


def _call(request: HttpRequest, course_id: str, scope: str, writes: Mapping[str, str]) -> Call:
    access = _access(request)
    if len(course_id) > ID_LENGTH or not access.tool.allowed_in(course_id):
        raise OAuthError("access_denied", "This tool may not read this course.", 403)
    method = request.method or ""
    if method in writes:
        raise InsufficientScope(READ_ONLY, writes[method])
    if not scope or method not in ("GET", "HEAD"):
        raise NotAllowed("GET, HEAD" if scope else ", ".join(writes))
    if scope not in access.scopes:
        raise InsufficientScope(f"This needs the scope {scope}.", scope)
    course = ports().courses.course(course_id)
    if course is None:
        raise NotFound("There is no such course.")
    query = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    return Call(access, course, query, _limit(query.get("limit", "")), query.get("page", ""))


def _access(request: HttpRequest) -> Access:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoCredentials
    return read_token(token.strip())


def _limit(text: str) -> int:
    if not text:
        return PAGE_SIZE
    number = text.lstrip("0")
    if not (number.isascii() and number.isdigit()):
        raise OAuthError("invalid_request", "limit must be a whole number greater than zero.")
    return min(int(number[:9]), PAGE_SIZE)


def _json(reply: Reply) -> HttpResponse:
    body = json.dumps(reply.content, cls=DjangoJSONEncoder, separators=(",", ":"))
    response = HttpResponse(body, content_type=reply.media)
    response["Cache-Control"] = "no-store"
    links = {"next": reply.next, "differences": reply.differences}
    told = [f'<{url}>; rel="{relation}"' for relation, url in links.items() if url]
    if told:
        response["Link"] = ", ".join(told)
    return response
