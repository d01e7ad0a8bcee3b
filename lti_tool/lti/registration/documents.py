"""The documents of LTI Dynamic Registration 1.0: what a platform says of itself, what we ask, what it answers."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lti_tool.lti.launch import launch_url
from lti_tool.lti.services.course import GROUPS_READ
from lti_tool.lti.shapes import Id, tidy, web_url

from . import placements

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
SCOPES = (
    AGS + "lineitem",
    AGS + "lineitem.readonly",
    AGS + "result.readonly",
    AGS + "score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    NOTICES,
    GROUPS_READ,
)
ONLY_WHERE_KNOWN = frozenset({NOTICES, GROUPS_READ})  # asked for where a platform says that it has them
NAME = "Individual Learning Plans"
DESCRIPTION = "Each student's targets beside the coursework, with its grades as evidence."
# Where the platform substitutes them, a copied course finds its activities again by its history.
CUSTOM = {"context_id_history": "$Context.id.history", "resource_link_id_history": "$ResourceLink.id.history"}


def is_address(value: str) -> bool:
    """Whether this is an absolute address, https unless this is a development set-up."""
    return bool(web_url(value)) and (value.startswith("https://") or settings.ILP_DEVELOPMENT)


def _address(value: str) -> str:
    if not is_address(value):
        raise ValueError("not an https address")
    return value


Address = Annotated[str, Field(strict=True), AfterValidator(_address)]


def _texts(value: object) -> tuple[str, ...]:
    """The texts in a list; nothing where it is no list. What is only nice to have never ends a registration."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _objects(value: object) -> list[object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _as_text(value: object) -> object:
    """A deployment's number, which some platforms write as one: it is text in every message."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _scopes(value: object) -> str | None:
    """Scopes as OAuth writes them, also where a platform writes them as a list; None where it says nothing."""
    if isinstance(value, list):
        return " ".join(_texts(value))
    return value if isinstance(value, str) else None


def _server(value: object) -> str:
    """An authorization server's name is an address (RFC 8414, 2).

    Canvas writes a bare host there, and takes assertions for its token endpoint only.
    """
    return web_url(value)


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Offered(_Document):
    """A kind of message the platform sends, and where its people may place it (3.4)."""

    type: Annotated[str, BeforeValidator(tidy)] = ""
    placements: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()


class _PlatformPart(_Document):
    product_family_code: Annotated[str, BeforeValidator(tidy)] = ""
    messages_supported: Annotated[tuple[Offered, ...], BeforeValidator(_objects)] = ()


class PlatformConfiguration(_Document):
    """OpenID Connect Discovery with the LTI part (Dynamic Registration 1.0, 3.4)."""

    issuer: Annotated[Id, AfterValidator(_address)]
    authorization_endpoint: Address
    token_endpoint: Address
    jwks_uri: Address
    registration_endpoint: Address
    # Brightspace: its token endpoint wants another audience than its own address.
    authorization_server: Annotated[str, BeforeValidator(_server)] = ""
    scopes_supported: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    platform: Annotated[_PlatformPart, BeforeValidator(_object), Field(alias=PLATFORM)] = _PlatformPart()


class _ToolPart(_Document):
    deployment_id: Annotated[Id | None, BeforeValidator(_as_text)] = None
    messages: Annotated[tuple[Offered, ...], BeforeValidator(_objects)] = ()


class RegistrationAnswer(_Document):
    """What the platform made of our request (Dynamic Registration 1.0, 3.6)."""

    client_id: Id
    scope: Annotated[str | None, BeforeValidator(_scopes)] = None
    tool: Annotated[_ToolPart, BeforeValidator(_object), Field(alias=TOOL)] = _ToolPart()


def host(url: str) -> tuple[str, int | None]:
    """Host and port, for comparing an issuer with where its configuration stands."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def scopes_to_ask(configuration: PlatformConfiguration) -> list[str]:
    """The scopes we use among those the platform has; all of ours where it does not say which it has."""
    known = configuration.scopes_supported
    return [scope for scope in SCOPES if scope in known or (not known and scope not in ONLY_WHERE_KNOWN)]


def client_metadata(configuration: PlatformConfiguration) -> dict[str, Any]:
    """How the tool registers itself there: OpenID Connect client metadata with the LTI part (3.5)."""
    base, launch = settings.ILP_BASE_URL, launch_url()
    tool = {
        "domain": urlsplit(base).netloc,  # Moodle compares it with the host of target_link_uri
        "description": DESCRIPTION,
        "target_link_uri": launch,
        "custom_parameters": CUSTOM,
        "claims": ["iss", "sub", "name", "given_name", "family_name"],
        "messages": placements.messages(configuration.platform.messages_supported, launch),
    }
    if configuration.platform.product_family_code.lower() == "canvas":
        tool |= placements.CANVAS_TOOL
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": base + reverse("lti-login"),
        "redirect_uris": [launch],
        "client_name": NAME,
        "jwks_uri": base + reverse("lti-jwks"),
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes_to_ask(configuration)),
        TOOL: tool,
    }


def canvas_configuration() -> dict[str, Any]:
    """The same for Canvas's developer keys, which take a JSON document by its address."""
    base, launch = settings.ILP_BASE_URL, launch_url()
    return {
        "title": NAME,
        "description": DESCRIPTION,
        "target_link_uri": launch,
        "oidc_initiation_url": base + reverse("lti-login"),
        "public_jwk_url": base + reverse("lti-jwks"),
        "scopes": [scope for scope in SCOPES if scope != GROUPS_READ],  # Canvas refuses one it does not have
        "custom_fields": CUSTOM,
        "extensions": [
            {
                "domain": urlsplit(base).netloc,
                "tool_id": placements.TOOL_ID,
                "platform": "canvas.instructure.com",
                "privacy_level": placements.PRIVACY_LEVEL,
                "settings": {"text": NAME, "placements": placements.canvas_settings(launch)},
            }
        ],
    }
