"""System checks: an unsafe or missing setting is an error that names the mend (T69). `ilp-tool check` shows them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

from lti_tool import logs

SHORTEST_SECRET = 50
COMMON_SECRETS = ("django-insecure-", "changeme", "change-me", "secret", "default", "example")
MAKE_ONE = (
    "Set ILP_SECRET_KEY to a long random text, for example what this prints: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
)


@register
def secret_key(**kwargs: Any) -> Iterable[CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's own word for an empty one
        key = ""
    if not key:
        yield Error("ILP_SECRET_KEY is not set.", hint=MAKE_ONE, id="ilp.E001")
    elif key.lower().startswith(COMMON_SECRETS):
        yield Error("ILP_SECRET_KEY is an example, known to everybody.", hint=MAKE_ONE, id="ilp.E002")
    elif len(key) < SHORTEST_SECRET or len(set(key)) < 5:
        yield Error("ILP_SECRET_KEY is too short to be safe.", hint=MAKE_ONE, id="ilp.E003")


@register
def earlier_keys(**kwargs: Any) -> Iterable[CheckMessage]:
    if settings.SECRET_KEY_FALLBACKS:
        yield Caution(
            "ILP_SECRET_KEYS_BEFORE still opens what is sealed.",
            hint="Run `ilp-tool seal`. When it says that everything is sealed, take the setting away.",
            id="ilp.W002",
        )


@register
def allowed_hosts(**kwargs: Any) -> Iterable[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ILP_ALLOWED_HOSTS lets every host name in.",
            hint="Name the host of ILP_BASE_URL instead, or leave ILP_ALLOWED_HOSTS out.",
            id="ilp.E004",
        )


@register
def base_url(**kwargs: Any) -> Iterable[CheckMessage]:
    url = settings.ILP_BASE_URL
    parts = urlsplit(url)
    if not url:
        yield Error(
            "ILP_BASE_URL is not set.",
            hint="Set it to the address browsers use for this tool, for example: https://ilp.example.org",
            id="ilp.E005",
        )
    elif parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        yield Error(
            "ILP_BASE_URL is not a web address without a path.",
            hint="For example: https://ilp.example.org",
            id="ilp.E006",
        )
    elif parts.scheme != "https" and not settings.ILP_DEVELOPMENT:
        yield Error(
            "ILP_BASE_URL does not begin with https://.",
            hint="LMSs and browsers need https. On your own machine only, set ILP_DEVELOPMENT=1.",
            id="ilp.E007",
        )


@register
def debug(**kwargs: Any) -> Iterable[CheckMessage]:
    if settings.DEBUG:
        yield Error("DEBUG is on: error pages would show what is stored.", hint="Leave it off.", id="ilp.E008")


@register
def development(**kwargs: Any) -> Iterable[CheckMessage]:
    host = urlsplit(settings.ILP_BASE_URL).hostname or ""
    if settings.ILP_DEVELOPMENT and host not in {"", "localhost", "127.0.0.1", "::1", "testserver"}:
        yield Caution(
            "ILP_DEVELOPMENT is on for a tool that others can reach.",
            hint="Unset it: it lets messages and services run over plain http.",
            id="ilp.W001",
        )


@register
def operator_host(**kwargs: Any) -> Iterable[CheckMessage]:
    host = settings.ILP_OPERATOR_HOST
    if host and host == (urlsplit(settings.ILP_BASE_URL).hostname or "").lower():
        yield Error(
            "ILP_OPERATOR_HOST is the host of ILP_BASE_URL.",
            hint="Give the operator's pages a host name of their own, for example: operator.ilp.example.org",
            id="ilp.E009",
        )


@register
def media_url(**kwargs: Any) -> Iterable[CheckMessage]:
    url = settings.ILP_MEDIA_URL
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not url:
        return
    if parts.scheme not in {"http", "https"} or not host or parts.path or parts.query:
        yield Error(
            "ILP_MEDIA_URL is not a web address without a path.",
            hint="For example: https://files.ilp-example.org",
            id="ilp.E011",
        )
    elif parts.scheme != "https" and not settings.ILP_DEVELOPMENT:
        yield Error(
            "ILP_MEDIA_URL does not begin with https://.",
            hint="Pages of the tool could not show what comes from there.",
            id="ilp.E012",
        )
    elif host in {(urlsplit(settings.ILP_BASE_URL).hostname or "").lower(), settings.ILP_OPERATOR_HOST}:
        yield Error(
            "ILP_MEDIA_URL has the host of other pages.",
            hint="Give files a host name of their own that leads to the same service.",
            id="ilp.E013",
        )


@register(deploy=True)
def media_apart(**kwargs: Any) -> Iterable[CheckMessage]:
    if not settings.ILP_MEDIA_URL:
        yield Caution(
            "ILP_MEDIA_URL is not set: pictures, recordings and papers come from the host of the pages.",
            hint="Let a second host name lead to the same service, and set ILP_MEDIA_URL to it.",
            id="ilp.W002",
        )


@register
def log_sinks(**kwargs: Any) -> Iterable[CheckMessage]:
    for name in logs.unlisted(settings.LOGGING):
        yield Error(
            f"The log sink {name} is not in the log inventory, or does not scrub what it writes.",
            hint="Name it in lti_tool/logs.py, with the formatter `line` and the filter `scrub`.",
            id="ilp.E010",
        )


def refuse_to_start() -> None:
    """Stop a server from starting with unsafe settings: one line for each, with its mend (T69). Raises SystemExit."""
    errors = [message for message in run_checks() if message.is_serious() and not message.is_silenced()]
    if errors:
        raise SystemExit("\n".join(f"{error.id}: {error.msg} {error.hint or ''}".strip() for error in errors))
