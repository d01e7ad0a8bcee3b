"""The addresses a platform sends browsers to: login, launch, key set (LTI Core 1.3; Security Framework 1.0)."""

import logging
import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from . import (
    browser,
    claim_pages,
    claiming,
    deep_linking,
    keys,
    launch,
    notices,
    pages,
    placed,
    platforms,
    ratelimit,
    sessions,
    sync,
)
from .claims import PRIVACY, Launch
from .launch import Consumed, LoginRequest
from .messages.entrance import entrance
from .models import Platform
from .refusals import Refused

log = logging.getLogger(__name__)

PROBE = "ilp_probe"  # in a login that was sent round once to see whether the browser keeps our cookie


class Again(HttpResponseRedirect):
    """The same request once more, body and all, at the address given."""

    status_code = 307


class SeeOther(HttpResponseRedirect):
    status_code = 303


def login(request: HttpRequest) -> HttpResponse:
    """Step 1, GET or POST: the platform asks us to start. Normally one redirect to its authentication address.

    In a frame, a browser that never sent us a cookie is sent round once with one. If it comes back without, the
    platform's own storage binds it (LTI Client Side postMessages 1.0), else the login starts in a tab of its own.
    """
    platform: Platform | None = None
    try:
        sent = request.POST if request.method == "POST" else request.GET
        if request.method not in {"GET", "POST"}:
            raise Refused("method")
        _within(request, "LOGIN")
        asked = launch.read_login(sent.dict())
        platform = asked.platform
        if not browser.may_be_framed(request) or browser.keeps_cookies(request):
            return _to_platform(request, asked)
        if PROBE not in request.GET:
            return _probe(request)
        if asked.storage_target:
            return _put_in_storage(request, asked)
        return _in_new_tab(request, platform, asked.parameters)
    except Refused as refused:
        return _refuse(request, "login", refused, platform, {})


def _to_platform(request: HttpRequest, asked: LoginRequest) -> HttpResponse:
    started = launch.start(asked, storage=False)
    response = HttpResponseRedirect(started.auth_url)
    browser.bind_login(request, response, started.state, started.binding)
    return response


def _probe(request: HttpRequest) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    response = Again(f"{reverse('lti-login')}?{query}{'&' if query else ''}{urlencode({PROBE: 1})}")
    browser.remember_kept(response)
    return response


def _put_in_storage(request: HttpRequest, asked: LoginRequest) -> HttpResponse:
    started = launch.start(asked, storage=True)
    talk = _talk(asked.platform, asked.storage_target, started.state) | {
        "subject": "lti.put_data",
        "value": started.binding,
        "go": started.auth_url,
    }
    context = {"talk": talk, "login_url": reverse("lti-login"), "parameters": asked.parameters}
    return pages.page(request, "storage.html", context, ancestors=_before(asked.platform, asked.parameters))


def consume(request: HttpRequest) -> HttpResponse:
    """Step 2, POST: the platform's signed message. Verified in full, then a new session and a redirect."""
    login_row: Consumed | None = None
    try:
        if request.method != "POST":
            raise Refused("method")
        _within(request, "LAUNCH")
        state, id_token = request.POST.get("state", ""), request.POST.get("id_token", "")
        if state:
            login_row = launch.consume(state)
        if "error" in request.POST:
            raise Refused("platform_declined")
        if login_row is None or not id_token:
            raise Refused("launch_incomplete")
        return _enter(request, state, id_token, login_row)
    except Refused as refused:
        platform = login_row.platform if login_row else None
        return _refuse(request, "launch", refused, platform, login_row.parameters if login_row else {})


def _enter(request: HttpRequest, state: str, id_token: str, login_row: Consumed) -> HttpResponse:
    platform = login_row.platform
    message = launch.verify(id_token, login_row)
    if message.message_type in PRIVACY:
        return _privacy(request, message, platform)
    bound = browser.is_bound(request, state, login_row.binding)
    if not bound and not login_row.storage_target:
        Refused("other_browser").record("launch", platform.pk)
        return _in_new_tab(request, platform, login_row.parameters, message, status=403)
    try:
        seat = sync.sync(message, platform)
    except Refused as refused:
        if refused.code != "deployment_unclaimed" or message.role not in claiming.MAY_TYPE_A_CODE:
            raise
        if not bound:  # whoever types a code is in the browser that was asked
            return _in_new_tab(request, platform, login_row.parameters, message)
        return claim_pages.ask(request, message, platform)
    message = placed.settle(message, seat)
    door = entrance(message, seat)
    secret = secrets.token_urlsafe(32)
    if bound:
        handle = _begin(message, seat, platform, secret, in_cookie=True)
        response = SeeOther(door.address(handle))
        browser.keep_session(request, response, handle, secret)
        browser.forget_login(response, state)
        return response
    # The session's secret is what this document says and what only the right browser finds in the platform's storage.
    handle = _begin(message, seat, platform, f"{secret}.{login_row.binding}", in_cookie=False)
    talk = _talk(platform, login_row.storage_target, state) | {"subject": "lti.get_data", "secret": secret}
    context = {
        "talk": talk,
        "page_url": door.address(handle),
        "login_url": reverse("lti-login"),
        "parameters": login_row.parameters,
    }
    ancestors = sessions.frame_ancestors(platform, message)
    return pages.page(request, "storage.html", context, ancestors=ancestors, locale=message.locale)


def _privacy(request: HttpRequest, message: Launch, platform: Platform) -> HttpResponse:
    """What is kept, why, for how long, whom to ask. It names nobody, so it needs no session and no row."""
    ancestors = sessions.frame_ancestors(platform, message)
    context = {"contact": settings.ILP_PRIVACY_CONTACT}
    return pages.page(request, "privacy.html", context, ancestors=ancestors, locale=message.locale)


def _begin(message: Launch, seat: sync.Seat, platform: Platform, secret: str, *, in_cookie: bool) -> str:
    handle = sessions.begin(message, seat, platform, secret, in_cookie=in_cookie)
    if message.deep_linking is not None:
        deep_linking.remember(handle, message)
    return handle


def take_notices(request: HttpRequest) -> JsonResponse:
    """What a platform tells by itself (Platform Notification Service 1.0). It gets codes, no pages."""
    try:
        if request.method != "POST":
            raise Refused("method")
        _within(request, "NOTICE")
        notices.take(request.body)
    except Refused as refused:
        refused.record("notice", None)
        response = JsonResponse({"error": refused.code, "reference": refused.reference}, status=refused.status)
        if refused.retry_after:
            response["Retry-After"] = str(refused.retry_after)
        return response
    return JsonResponse({})


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Our public keys. A platform may keep them ten minutes; a new key is published long before it signs."""
    response = JsonResponse(keys.jwks())
    response["Cache-Control"] = "public, max-age=600"
    return response


def _talk(platform: Platform, frame: str, state: str) -> dict[str, object]:
    """What the storage page's script needs: whom to talk to, and only at the origin of the authentication address."""
    return {
        "frame": frame,
        "origin": sessions.origin(platform.auth_url),
        "message_id": secrets.token_urlsafe(16),
        "key": "ilp_state_" + launch.digest(state)[:32],
        "milliseconds": 1000,
    }


def _in_new_tab(
    request: HttpRequest,
    platform: Platform,
    parameters: dict[str, str],
    message: Launch | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The browser keeps nothing for us inside the course page: start again in a tab, where we are nobody's guest."""
    context = {"login_url": reverse("lti-login"), "parameters": parameters}
    ancestors = sessions.frame_ancestors(platform, message) if message else _before(platform, parameters)
    locale = message.locale if message else ""
    return pages.page(request, "new_tab.html", context, ancestors=ancestors, status=status, locale=locale)


def _before(platform: Platform, parameters: dict[str, str]) -> list[str]:
    """Who may frame a page while no signed message has said where it is shown."""
    return sessions.known_ancestors(platform, parameters.get("lti_deployment_id", ""))


def _within(request: HttpRequest, kind: str) -> None:
    wait = ratelimit.wait_seconds(request, kind)
    if wait:
        raise Refused("rate", retry_after=wait)


def _asking(request: HttpRequest, refused: Refused) -> Platform | None:
    """Whom a refused request says it is from: its course pages may show the page that says so, which holds nothing.

    Else whoever opens a page twice would see an empty frame. For whoever asks too often nothing is
    looked up: only platforms that this process has in mind show it.
    """
    find = platforms.remembered if refused.code == "rate" else platforms.named
    sent = request.POST if request.method == "POST" else request.GET
    try:
        if sent.get("id_token"):
            return launch.sender(sent["id_token"], find)
        return find(sent.get("iss", ""), sent.get("client_id", ""), sent.get("lti_deployment_id", ""))
    except Refused:
        return None


def _refuse(
    request: HttpRequest, where: str, refused: Refused, platform: Platform | None, parameters: dict[str, str]
) -> HttpResponse:
    refused.record(where, platform.pk if platform else None)
    shown_by = platform or _asking(request, refused)
    ancestors: list[str] = []
    if shown_by:
        ancestors = sessions.frame_ancestors(shown_by) if refused.code == "rate" else _before(shown_by, parameters)
    response = pages.refusal(request, refused, ancestors=ancestors)
    if refused.code == "method":
        response["Allow"] = "POST" if where == "launch" else "GET, POST"
    return response
