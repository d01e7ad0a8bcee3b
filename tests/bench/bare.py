"""The yardstick: login and launch as bare Django views that check the same, upsert one row and render one page.

No ORM models, no templates, no sessions: what is left is the price of the checks themselves.
"""

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

import jwt
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import path

from tests.factories.lti import CLAIM, LAUNCH_URL

TABLES = (
    "CREATE TABLE bare_login (state TEXT PRIMARY KEY, nonce TEXT NOT NULL, target TEXT NOT NULL, ends REAL NOT NULL)",
    "CREATE TABLE bare_user (sub TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, seen REAL NOT NULL)",
)
PAGE = "<!doctype html><title>Plan</title><h1>Plan</h1><p>Hello</p>"
KEYS: dict[str, object] = {}  # by kid, loaded before
PLATFORM = {"iss": "https://lms.example", "client_id": "client-1", "deployment": "deployment-1"}


class OwnAddresses:
    """Lets these views answer beside the tool's in one process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = "tests.bench.bare"
        return self.get_response(request)


def login(request: HttpRequest) -> HttpResponse:
    sent = request.GET
    if sent.get("iss") != PLATFORM["iss"] or sent.get("client_id") != PLATFORM["client_id"]:
        return HttpResponseBadRequest()
    if sent.get("target_link_uri") != LAUNCH_URL or not sent.get("login_hint"):
        return HttpResponseBadRequest()
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_login VALUES (%s, %s, %s, %s)", [state, nonce, LAUNCH_URL, time.time() + 600]
        )
    asked = {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
        "client_id": PLATFORM["client_id"], "redirect_uri": LAUNCH_URL, "login_hint": sent["login_hint"],
        "state": state, "nonce": nonce,
    }  # fmt: skip
    response = HttpResponseRedirect("https://lms.example/auth?" + urlencode(asked))
    response.set_cookie(f"state-{state[:8]}", state, max_age=600, secure=True, httponly=True, samesite="None")
    return response


def launch(request: HttpRequest) -> HttpResponse:
    state, token = request.POST["state"], request.POST["id_token"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bare_login WHERE state = %s RETURNING nonce, target, ends", [state])
        row = cursor.fetchone()
        if row is None or row[2] < time.time() or request.COOKIES.get(f"state-{state[:8]}") != state:
            return HttpResponseBadRequest()
        claims = jwt.decode(
            token,
            KEYS[jwt.get_unverified_header(token)["kid"]],
            algorithms=["RS256"],
            audience=PLATFORM["client_id"],
            issuer=PLATFORM["iss"],
            leeway=60,
            options={"require": ["exp", "iat", "nonce", "sub", "aud", "iss"]},
        )
        right = (
            claims["nonce"] == row[0]
            and claims.get("azp", PLATFORM["client_id"]) == PLATFORM["client_id"]
            and claims["iat"] > time.time() - 660
            and claims[CLAIM + "deployment_id"] == PLATFORM["deployment"]
            and claims[CLAIM + "version"] == "1.3.0"
            and claims[CLAIM + "message_type"] == "LtiResourceLinkRequest"
            and claims[CLAIM + "target_link_uri"] == row[1]
            and isinstance(claims[CLAIM + "roles"], list)
            and claims[CLAIM + "resource_link"]["id"]
            and len(claims["sub"]) <= 255
        )
        if not right:
            return HttpResponseBadRequest()
        cursor.execute(
            "INSERT INTO bare_user VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (sub) DO UPDATE SET name = excluded.name, role = excluded.role, seen = excluded.seen",
            [claims["sub"], claims.get("name", ""), ",".join(claims[CLAIM + "roles"]), time.time()],
        )
    return HttpResponse(PAGE)


urlpatterns = [path("lti/login", login), path("lti/launch", launch)]
