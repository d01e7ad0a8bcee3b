"""Keeps the operator's pages and everybody else's apart by host name (T71).

On `ILP_OPERATOR_HOST` there are only the operator's pages, with sessions, log-in and second factor; on every other
host none of them exists, and no request there touches a session or a user table.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import translation
from django_otp.middleware import OTPMiddleware

from ..pages import holds_nul

URLS = "lti_tool.web.operators.urls"


class OperatorHost:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.others = get_response
        self.operators = SessionMiddleware(AuthenticationMiddleware(OTPMiddleware(get_response)))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _ = split_domain_port(request.get_host().lower())
        if host != settings.ILP_OPERATOR_HOST:
            return self.others(request)
        request.urlconf = URLS
        with translation.override(translation.get_language_from_request(request)):
            response = HttpResponse(status=400) if holds_nul(request) else self.operators(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        # The check against forged requests compares origins, which `no-referrer` would hide from us.
        response["Referrer-Policy"] = "same-origin"
        return response
