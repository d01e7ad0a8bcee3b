"""The platform's endpoints that are not services: discovery, keys, registration, launch, authentication, tokens."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import content, keys, launch, message, registration, reviewing
from .configuration import MAX_BODY, MAX_PARAMETER, frame_ancestors
from .limits import limited
from .services import oauth_error
from .tokens import OAuthError, grant
from .tool_platform import InvalidMessage

JWKS_SECONDS = 600
logger = logging.getLogger(__name__)


@csrf_exempt  # nothing but reading: any other method is told so
@require_safe
def openid_configuration(request: HttpRequest) -> HttpResponse:
    return JsonResponse(registration.openid_configuration())


@csrf_exempt
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(keys.jwks())
    response["Cache-Control"] = f"public, max-age={JWKS_SECONDS}"
    return response


@limited("register")
@csrf_exempt  # a tool's server sends it, with a bearer token
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not token.strip():
            raise OAuthError("invalid_token", "A registration token is needed.", 401)
        if len(request.body) > MAX_BODY:
            raise OAuthError("invalid_client_metadata", "The metadata is too long.")
        response = JsonResponse(registration.register_tool(token.strip(), request.body))
    except OAuthError as error:
        return oauth_error(error)
    response["Cache-Control"] = "no-store"
    return response


@limited("token")
@csrf_exempt  # a tool's server sends it, with a signed assertion
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    try:
        response = JsonResponse(dict(grant(_once(request.POST), request.headers.get("Authorization", ""))))
    except OAuthError as error:
        return oauth_error(error)
    except keys.UnreadableKeys as error:
        logger.error("no token can be signed: %s", error)
        return oauth_error(OAuthError("temporarily_unavailable", "The platform can't sign just now.", 503))
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


@limited("launch")
@never_cache
@xframe_options_exempt
@csrf_exempt
@require_http_methods(["GET"])
def start_launch(request: HttpRequest) -> HttpResponseBase:
    """Start a launch for the person logged in: `block` or `course` says of what, `client_id` of which tool.

    `message=deep_linking` lets its author choose what the block shows; `message=review` with `for_user` opens that
    learner's work in `activity`.
    """
    try:
        response: HttpResponseBase = launch.start(
            request,
            launch.Wanted(
                block_id=request.GET.get("block", ""),
                course_id=request.GET.get("course", ""),
                client_id=request.GET.get("client_id", ""),
                message=request.GET.get("message", ""),
                for_user=request.GET.get("for_user", ""),
                activity_id=request.GET.get("activity", ""),
            ),
        )
    except launch.Refused as error:
        return _refused(request, error)
    return response


@limited("launch")
@never_cache
@xframe_options_exempt
@csrf_exempt
@require_safe
def choose_review(request: HttpRequest) -> HttpResponse:
    """The learners of a block's course, for a teacher who wants to open the review of one."""
    try:
        choice = reviewing.choice(request, _parameters(request.GET))
    except launch.Refused as error:
        return _refused(request, error)
    nonce = secrets.token_urlsafe(16)
    return _guarded(render(request, "ilp_xblock/platform/review.html", {"choice": choice, "nonce": nonce}), nonce)


@limited("auth")
@never_cache
@xframe_options_exempt
@csrf_exempt  # OpenID Connect lets a tool post it; the message hint ties it to a launch that this LMS started
@require_http_methods(["GET", "POST"])
def authenticate(request: HttpRequest) -> HttpResponse:
    """Answer a tool's authentication request by a form that posts itself to the tool."""
    try:
        form = message.answer(request, _parameters(request.POST if request.method == "POST" else request.GET))
    except launch.Refused as error:
        return _refused(request, error)
    except keys.UnreadableKeys as error:
        logger.error("no message can be signed: %s", error)
        words = _("Your learning plan could not be shown just now. The rest of this page works as usual.")
        return _refused(request, launch.Refused(words, 503))
    nonce = secrets.token_urlsafe(16)
    context = {"form": form, "nonce": nonce}
    response = render(request, "ilp_xblock/platform/launch.html", context, status=400 if form.failed else 200)
    return _guarded(response, nonce)


@limited("content")
@never_cache
@xframe_options_exempt
@csrf_exempt  # the tool's page posts it, signed; it changes no block before the author's own session takes it
@require_POST
def take_content(request: HttpRequest) -> HttpResponse:
    """Keep what an author chose at the tool (LTI Deep Linking 2.0), and say so."""
    try:
        answered = content.receive(str(request.POST.get("JWT", "")))
    except InvalidMessage as error:
        refusal = launch.Refused(_("The tool's answer can't be used. Choose again in Studio."))
        return _refused(request, refusal, why=str(error))
    nonce = secrets.token_urlsafe(16)
    response = render(request, "ilp_xblock/platform/chosen.html", {"answered": answered, "nonce": nonce})
    return _guarded(response, nonce)


def _refused(request: HttpRequest, error: launch.Refused, *, why: str = "") -> HttpResponse:
    logger.info("refused a message: %s %r", error.status, why or str(error))
    response = render(request, "ilp_xblock/platform/refused.html", {"reason": str(error)}, status=error.status)
    return _guarded(response, secrets.token_urlsafe(16))


def _guarded(response: HttpResponse, nonce: str) -> HttpResponse:
    """Scripts and styles of ours only; the course's pages, and no others, may frame it (T64, T65)."""
    ancestors = " ".join(frame_ancestors())
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _once(query: QueryDict) -> dict[str, str]:
    """Each parameter's one value (RFC 6749, section 3.2: none may be given twice)."""
    if any(len(values) > 1 for _name, values in query.lists()):
        raise OAuthError("invalid_request", "A parameter was given twice.")
    return {name: str(value) for name, value in query.items()}


def _parameters(query: QueryDict) -> dict[str, str]:
    try:
        parameters = _once(query)
    except OAuthError as error:
        raise launch.Refused(_("The tool's request can't be understood.")) from error
    if any(len(value) > MAX_PARAMETER for value in parameters.values()):
        raise launch.Refused(_("The tool's request is too long."))
    return parameters
