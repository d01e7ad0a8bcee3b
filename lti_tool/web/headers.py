"""Headers every answer carries, whichever view gave it (T23, T65, T80)."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

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
    """django-csp, but a policy is written once in a process for all pages that differ only in their nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        asked = {name: value for name, value in vars(response).items() if name.startswith("_csp")}
        update, replace = asked.pop("_csp_update", None), asked.pop("_csp_replace", None)
        if asked:
            return super().process_response(request, response)
        nonce = getattr(request, "_csp_nonce", None)
        policy = _policy(_told(update), _told(replace), nonce is not None)
        response.setdefault(HEADER, policy.replace(_NONCE, nonce) if nonce else policy)
        return response


_Told = tuple[tuple[str, tuple[str, ...]], ...]
_NONCE = "its-own-nonce"


def _told(directives: Mapping[str, Sequence[str]] | None) -> _Told:
    return tuple((name, tuple(values)) for name, values in (directives or {}).items())


@lru_cache(maxsize=256)  # a platform's origins are all that differs
def _policy(update: _Told, replace: _Told, with_nonce: bool) -> str:
    directives = [{name: list(values) for name, values in told} for told in (update, replace)]
    return build_policy(update=directives[0], replace=directives[1], nonce=_NONCE if with_nonce else None)
