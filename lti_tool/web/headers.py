"""Headers every answer carries, whichever view gave it (T23, T65, T80)."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse

# A panel needs none of the device; asking for a camera or a place is for later pages that say why (T23).
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "usb",
    )
)  # fmt: skip


class PrivacyHeaders:
    """Nothing is cached and no device feature is offered, unless a view says otherwise (a key set may be cached)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class ContentPolicy(CSPMiddleware):
    """django-csp, but the policy of a redirect, which nothing ever changes, is written once in a process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.plain = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if 300 <= response.status_code < 400 and not any(name.startswith("_csp") for name in vars(response)):
            response.setdefault(HEADER, self.plain)
            return response
        return super().process_response(request, response)
