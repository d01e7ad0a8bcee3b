"""Registered tools: finding them, and the one way to register one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ilp_xblock.models import CLIENT_ID_LENGTH, Tool

from .addresses import address
from .configuration import issuer, personal_data
from .fetch import FetchError, check_url
from .ports import ports
from .vocabulary import MESSAGES, RESOURCE_LINK, SCOPES

MAX_URL = 2000
MAX_REDIRECT_URIS = 20


class RefusedTool(Exception):
    """A tool whose registration is refused; `field` names the OAuth metadata it is about."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def find_tool(client_id: str) -> Tool | None:
    """The tool of exactly that client id; MySQL alone would compare it without case and trailing blanks."""
    if len(client_id) > CLIENT_ID_LENGTH:
        return None
    tool = Tool.objects.filter(client_id=client_id).first()
    return tool if tool is not None and tool.client_id == client_id else None


def course_tool(course_id: str) -> Tool | None:
    """The tool that a launch in this course is for when nothing names one: the oldest that is allowed there."""
    return next((tool for tool in Tool.objects.order_by("pk") if tool.allowed_in(course_id)), None)


def shared_with(tool: Tool) -> Collection[str]:
    """Which of "name", "email" this tool receives: what was set for it, else what the LMS's setting says (T74)."""
    return personal_data() if tool.personal_data is None else frozenset(tool.personal_data)


def origin(url: str) -> str:
    """Scheme, host and port in one form: the host in small letters, no default port."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def register(
    *,
    name: str,
    login_url: str,
    target_link_uri: str,
    redirect_uris: Iterable[str],
    jwks_url: str = "",
    jwks: dict[str, Any] | None = None,
    scopes: Iterable[str] = SCOPES,
    courses: Iterable[str] = (),
    custom: Mapping[str, str] | None = None,
    messages: Mapping[str, str] | None = None,
    domain: str = "",
) -> Tool:
    """Store a tool. Its addresses must be https and public (but in development); only reading scopes are granted.

    `messages`: what it takes besides the launch of a resource link, each at which address ("": the launch address).
    All these must be on `domain`, when one is given. RefusedTool names what is wrong.
    """
    taken = {
        kind: url or target_link_uri
        for kind, url in (messages or {}).items()
        if kind in MESSAGES and kind != RESOURCE_LINK
    }
    redirects = list(dict.fromkeys(redirect_uris))
    if not redirects or len(redirects) > MAX_REDIRECT_URIS:
        raise RefusedTool("redirect_uris", f"one to {MAX_REDIRECT_URIS} are needed")
    for field, url in [
        ("initiate_login_uri", login_url),
        *(("target_link_uri", url) for url in (target_link_uri, *taken.values())),
        *(("redirect_uris", uri) for uri in redirects),
        *([("jwks_uri", jwks_url)] if not jwks else []),
    ]:
        _check_address(field, url)
    if domain and not all(_on_domain(url, domain) for url in (target_link_uri, *taken.values())):
        raise RefusedTool("target_link_uri", "it is not on the tool's domain")
    return Tool.objects.create(
        name=name.strip()[:255] or (urlsplit(target_link_uri).hostname or ""),
        login_url=login_url,
        target_link_uri=target_link_uri,
        redirect_uris=redirects,
        jwks_url="" if jwks else jwks_url,
        jwks=jwks or None,
        scopes=[scope for scope in SCOPES if scope in set(scopes)],
        courses=list(dict.fromkeys(courses)),
        custom=dict(custom or {}),
        messages=taken,
    )


def warnings(tool: Tool) -> list[str]:
    """What an operator may have mistyped: the tool is stored all the same, since a course may come later."""
    return [
        f"This LMS has no course {course_id} now; ids look as in the course's address."
        for course_id in tool.courses
        if ports().courses.course(course_id) is None
    ]


def described(tool: Tool) -> dict[str, Any]:
    """What the tool's side must be told, as `register_tool` and `connect_tool` print it."""
    return {
        "client_id": tool.client_id,
        "deployment_id": tool.deployment_id,
        "issuer": issuer(),
        "openid_configuration_url": address("openid-configuration"),
        "auth_url": address("auth"),
        "token_url": address("token"),
        "jwks_url": address("jwks"),
        "scope": " ".join(tool.scopes),
    }


def _check_address(field: str, url: str) -> None:
    if len(url) > MAX_URL:
        raise RefusedTool(field, "the address is too long")
    try:
        check_url(url)
    except FetchError as error:
        raise RefusedTool(field, str(error)) from error


def _on_domain(url: str, domain: str) -> bool:
    """Whether the address is on the domain or below it; a port after the domain is passed over."""
    host = (urlsplit(url).hostname or "").lower()
    name = domain.lower().partition(":")[0]
    return host == name or host.endswith(f".{name}")
