"""Dynamic registration (LTI Dynamic Registration 1.0): what the platform says of itself, and how a tool registers.

A registration needs a one-time token, which `connect_tool` puts into the tool's registration link.
"""

import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ilp_xblock.models import RegistrationToken, Tool, digest

from . import fetch
from .addresses import address
from .configuration import REGISTRATION_LIFETIME, issuer
from .tokens import OAuthError
from .tools import RefusedTool, register
from .vocabulary import MESSAGES, PLATFORM_CONFIGURATION, PRODUCT_FAMILY, SCOPES, TOOL_CONFIGURATION, VARIABLES

CONNECT_SECONDS = 30.0  # the tool reads the configuration and registers while the link is open
PERSONAL_CLAIMS = ("name", "given_name", "family_name", "email")  # as far as a tool is told them
URL = Annotated[str, Field(min_length=1, max_length=2000)]
Word = Annotated[str, Field(max_length=2000)]


class ToolMessage(BaseModel):
    """A message that the tool takes. What else is said of it is echoed, not read."""

    model_config = ConfigDict(extra="allow")

    type: Word = ""
    target_link_uri: URL | None = None


class ToolConfiguration(BaseModel):
    """The LTI part of a tool's metadata. What is not read here may be anything."""

    model_config = ConfigDict(extra="ignore")

    domain: Annotated[str, Field(min_length=1, max_length=255)]
    target_link_uri: URL | None = None
    custom_parameters: Annotated[dict[Annotated[str, Field(max_length=255)], Word], Field(max_length=50)] = {}
    claims: Annotated[list[Word], Field(max_length=100)] = []
    messages: Annotated[list[ToolMessage], Field(max_length=50)] = []


class ToolMetadata(BaseModel):
    """A tool's client metadata (OpenID Connect Dynamic Client Registration, with LTI's demands)."""

    model_config = ConfigDict(extra="ignore")

    application_type: Literal["web"] = "web"
    client_name: Annotated[str, Field(min_length=1, max_length=255)]
    response_types: Annotated[list[str], Field(max_length=10)]
    grant_types: Annotated[list[str], Field(max_length=10)]
    initiate_login_uri: URL
    redirect_uris: Annotated[list[URL], Field(min_length=1, max_length=20)]
    jwks_uri: URL
    token_endpoint_auth_method: Literal["private_key_jwt"]
    scope: Word = ""
    configuration: Annotated[ToolConfiguration, Field(alias=TOOL_CONFIGURATION)]

    @field_validator("response_types")
    @classmethod
    def _id_token(cls, value: list[str]) -> list[str]:
        if "id_token" not in value:
            raise ValueError("id_token is needed")
        return value

    @field_validator("grant_types")
    @classmethod
    def _grants(cls, value: list[str]) -> list[str]:
        if not {"implicit", "client_credentials"} <= set(value):
            raise ValueError("implicit and client_credentials are needed")
        return value


def openid_configuration() -> dict[str, Any]:
    """What a tool reads first (OpenID Connect Discovery 1.0; LTI Dynamic Registration 1.0, section 3.3)."""
    return {
        "issuer": issuer(),
        "authorization_endpoint": address("auth"),
        "token_endpoint": address("token"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": address("jwks"),
        "registration_endpoint": address("register"),
        "scopes_supported": ["openid", *SCOPES],
        "response_types_supported": ["id_token"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["implicit", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "aud", "sub", "locale", *PERSONAL_CLAIMS],
        PLATFORM_CONFIGURATION: {
            "product_family_code": PRODUCT_FAMILY,
            "version": "1",
            "messages_supported": [{"type": kind} for kind in MESSAGES],
            "variables": list(VARIABLES),
        },
    }


def make_token(courses: list[str] | None = None) -> str:
    """A token that lets one tool register within the hour; it will be allowed in these courses (none: in all)."""
    token = secrets.token_urlsafe(32)
    RegistrationToken.objects.create(
        token_hash=digest(token), expires=timezone.now() + REGISTRATION_LIFETIME, courses=courses or []
    )
    return token


def registered_by(token: str) -> Tool | None:
    """The tool that used this token."""
    row = RegistrationToken.objects.select_related("tool").filter(token_hash=digest(token)).first()
    return row.tool if row is not None else None


def register_tool(token: str, body: bytes) -> dict[str, Any]:
    """Register the tool whose metadata this is and answer with what was granted.

    A refused registration leaves the token usable, so that the tool may mend what was wrong. OAuthError otherwise.
    """
    now = timezone.now()
    row = RegistrationToken.objects.filter(token_hash=digest(token), expires__gt=now, used__isnull=True).first()
    if row is None:
        raise OAuthError("invalid_token", "The registration token is not valid, was used, or has expired.", 401)
    metadata = _read(body)
    try:
        with transaction.atomic():
            tool = _store(metadata, row.courses)
            _use(row.pk, tool, now)
    except RefusedTool as error:
        code = "invalid_redirect_uri" if error.field == "redirect_uris" else "invalid_client_metadata"
        raise OAuthError(code, str(error)) from error
    return _granted(tool, metadata)


def _read(body: bytes) -> ToolMetadata:
    try:
        return ToolMetadata.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        code = "invalid_redirect_uri" if place.startswith("redirect_uris") else "invalid_client_metadata"
        raise OAuthError(code, f"{place or 'body'}: {first['msg']}") from error


def _store(metadata: ToolMetadata, courses: list[str]) -> Tool:
    configuration = metadata.configuration
    return register(
        name=metadata.client_name,
        login_url=metadata.initiate_login_uri,
        target_link_uri=configuration.target_link_uri or metadata.redirect_uris[0],
        redirect_uris=metadata.redirect_uris,
        jwks_url=metadata.jwks_uri,
        scopes=metadata.scope.split(),
        courses=courses,
        custom=configuration.custom_parameters,
        messages={message.type: message.target_link_uri or "" for message in configuration.messages if message.type},
        domain=configuration.domain,
    )


def _use(token_id: int, tool: Tool, now: datetime) -> None:
    """Mark the token used; of two registrations at once one wins, the other's tool is rolled back."""
    if RegistrationToken.objects.filter(pk=token_id, used__isnull=True).update(used=now, tool=tool) != 1:
        raise OAuthError("invalid_token", "The registration token was used already.", 401)


def _granted(tool: Tool, metadata: ToolMetadata) -> dict[str, Any]:
    configuration = metadata.configuration
    return {
        "client_id": tool.client_id,
        "application_type": "web",
        "client_name": tool.name,
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": tool.redirect_uris,
        "jwks_uri": tool.jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(tool.scopes),
        TOOL_CONFIGURATION: {
            "version": "1.3.0",
            "deployment_id": tool.deployment_id,
            "domain": configuration.domain,
            "target_link_uri": tool.target_link_uri,
            "custom_parameters": tool.custom,
            "claims": [claim for claim in configuration.claims if claim in ("iss", "sub", *PERSONAL_CLAIMS)],
            "messages": [
                message.model_dump(exclude_none=True)
                for message in configuration.messages
                if message.type in MESSAGES
            ],
        },
    }


class Unconnected(Exception):
    """The tool's registration link did not end in a registration. The message says why, to an operator."""


def connect(link: str, *, courses: list[str]) -> Tool:
    """Open a tool's registration link as an administrator's browser does, and return the tool that registered.

    The tool reads `openid_configuration` and posts its metadata back to this platform, which must be running.
    """
    token = make_token(courses)
    parameters = {"openid_configuration": address("openid-configuration"), "registration_token": token}
    try:
        answered = fetch.get(link, params=parameters, timeout=CONNECT_SECONDS)
    except fetch.FetchError as error:
        raise Unconnected(f"The registration link could not be opened: {error}.") from error
    tool = registered_by(token)
    if tool is None:
        raise Unconnected(
            f"The tool answered with status {answered.status} but did not register. Make sure that the LMS is "
            f"running at {issuer()} and that the link is fresh; most links can be used once."
        )
    return tool
