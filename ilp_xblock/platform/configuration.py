"""The platform's settings, read when used so that tests and operators may change them.

| setting | meaning | default |
|-|-|-|
| ILP_LTI_ISSUER | issuer and origin of every address | LMS_ROOT_URL |
| ILP_DEVELOPMENT | plain http and private addresses are allowed for tools | False |
| ILP_LTI_SECRET | encrypts the platform's private keys at rest | SECRET_KEY |
| ILP_LTI_PERSONAL_DATA | which of "name", "email" tools receive, unless the admin says so for one | ["name"] |
| ILP_LTI_RATE_LIMITS | requests a minute from one address, by endpoint (see `limits`); 0: no limit | see below |
| ILP_LTI_CLIENT_ADDRESS | dotted path of a function: a request's client address | Open edX's own |
| ILP_LTI_FRAME_ANCESTORS | CSP sources that may frame a launch | 'self' and the LMS's other front ends |
| ILP_LTI_PORTS | see `ports` | edx-platform's |
"""

from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ID_TOKEN_SECONDS = 120
LAUNCH_LIFETIME = timedelta(minutes=10)  # from the launch to the tool's authentication request
CONTENT_LIFETIME = timedelta(hours=1)  # from an author's question to the moment its answer is taken into the block
ACCESS_TOKEN_SECONDS = 3600
ASSERTION_SECONDS = 3600  # the longest life of a client assertion that is taken
CLOCK_SKEW_SECONDS = 60
REGISTRATION_LIFETIME = timedelta(hours=1)
RETIRED_KEY_LIFETIME = timedelta(days=7)
PAGE_SIZE = 1000  # of any list, at most; many tools read the first page only
MAX_PARAMETER = 4096  # characters of any one OIDC parameter
MAX_BODY = 100_000  # bytes of a registration


def issuer() -> str:
    """The issuer, which is also where every address of the platform begins."""
    value = str(getattr(settings, "ILP_LTI_ISSUER", "") or getattr(settings, "LMS_ROOT_URL", "") or "").rstrip("/")
    if not urlsplit(value).netloc:
        raise ImproperlyConfigured("ILP_LTI_ISSUER must be the LMS's own address, such as https://lms.example.org.")
    return value


def development() -> bool:
    return bool(getattr(settings, "ILP_DEVELOPMENT", False))


def secrets_at_rest() -> list[str]:
    """Secrets that private keys are encrypted by: the first encrypts, any decrypts."""
    own = getattr(settings, "ILP_LTI_SECRET", "") or ""
    return [str(secret) for secret in (own, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if secret]


def personal_data() -> Collection[str]:
    given = getattr(settings, "ILP_LTI_PERSONAL_DATA", ["name"]) or ()
    return frozenset([given] if isinstance(given, str) else given)


def frame_ancestors() -> list[str]:
    """CSP sources of the pages that may frame a launch."""
    given = getattr(settings, "ILP_LTI_FRAME_ANCESTORS", None)
    return list(given) if given is not None else ["'self'", *_front_ends()]


def _front_ends() -> list[str]:
    """Open edX's other front ends, which show a unit inside pages of their own."""
    names = ("LEARNING_MICROFRONTEND_URL", "COURSE_AUTHORING_MICROFRONTEND_URL", "CMS_ROOT_URL")
    urls = (str(getattr(settings, name, "") or "") for name in names)
    parts = [urlsplit(url) for url in urls]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.scheme and part.netloc})
