"""Headers every answer carries, whichever view gave it (T23, T65, T80)."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse

# The log takes a photo or a voice after a press, and says while it listens (T23). Nothing else of the device.
PERMISSIONS = ", ".join(
    [
        "camera=(self)",
        "microphone=(self)",
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer", "autoplay", "display-capture", "geolocation", "gyroscope", "magnetometer", "midi",
                "payment", "usb",
            )
        ),
    ]
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
