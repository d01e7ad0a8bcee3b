"""LTI Dynamic Registration 1.0 from the tool's side: read the platform's configuration, register, remember.

A link is used up only when there is a client id to show for it.
"""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from lti_tool import http
from lti_tool.lti.models import Deployment, Platform, RegistrationLink
from lti_tool.lti.sessions import origin

from . import links
from .documents import SCOPES, PlatformConfiguration, RegistrationAnswer, client_metadata, host, scopes_to_ask

log = logging.getLogger(__name__)

LONGEST_TOKEN = 10_000


class Failed(Exception):
    """Nothing was registered. `code` names the sentence that says what to do, `shown_at` who may frame the page."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.shown_at: tuple[str, ...] = ()


def register(link: RegistrationLink, openid_configuration: str, registration_token: str) -> Platform:
    """Connect the platform behind `openid_configuration` to the link's school. Raises Failed."""
    bearer = _bearer(registration_token)
    configuration = _configuration(openid_configuration, bearer)
    if not links.take(link):
        raise Failed("link_used", 410)
    try:
        answer = _ask(configuration, bearer)
        return _store(link.school_id, configuration, answer)
    except Failed as failed:
        links.give_back(link)
        failed.shown_at = shown_at(configuration)
        raise


def shown_at(configuration: PlatformConfiguration) -> tuple[str, ...]:
    """The origins at which this platform shows us in a frame while it registers us.

    Canvas has one issuer and one authentication address for all schools, and registers a tool at the school's own.
    """
    addresses = (configuration.registration_endpoint, configuration.issuer)
    return tuple(dict.fromkeys(filter(None, map(origin, addresses))))


def _bearer(registration_token: str) -> dict[str, str]:
    if not registration_token:
        return {}  # Brightspace sends none
    if len(registration_token) > LONGEST_TOKEN or not registration_token.isascii() or " " in registration_token:
        raise Failed("token_malformed")
    if not registration_token.isprintable():
        raise Failed("token_malformed")
    return {"Authorization": f"Bearer {registration_token}"}


def _configuration(url: str, bearer: dict[str, str]) -> PlatformConfiguration:
    try:
        answer = http.fetch("GET", url, headers=bearer, purpose="registration")
        configuration = PlatformConfiguration.model_validate(answer.json())
    except http.HttpError as error:
        raise Failed(f"configuration_{error.code}", 400 if error.permanent else 424) from None
    except ValidationError as error:
        log.info("platform configuration without a usable %s", _where(error))
        raise Failed("configuration_shape") from None
    if host(configuration.issuer) != host(url):
        raise Failed("issuer_elsewhere")
    return configuration


def _ask(configuration: PlatformConfiguration, bearer: dict[str, str]) -> RegistrationAnswer:
    try:
        answer = http.fetch(
            "POST",
            configuration.registration_endpoint,
            headers=bearer,
            json=client_metadata(configuration),
            purpose="registration",
        )
        return RegistrationAnswer.model_validate(answer.json())
    except http.HttpError as error:
        raise Failed(f"registration_{error.code}", 400 if error.permanent else 424) from None
    except ValidationError as error:
        log.info("registration answer without a usable %s", _where(error))
        raise Failed("registration_shape") from None


@transaction.atomic
def _store(school_id: UUID, configuration: PlatformConfiguration, answer: RegistrationAnswer) -> Platform:
    values: dict[str, Any] = {
        "auth_url": configuration.authorization_endpoint,
        "token_url": configuration.token_endpoint,
        "token_audience": configuration.authorization_server,
        "jwks_url": configuration.jwks_uri,
        "product_family": configuration.platform.product_family_code[:64],
        "scopes": (sorted(set(answer.scope.split()) & set(SCOPES)) if answer.scope else scopes_to_ask(configuration)),
        "messages": sorted({message.type for message in answer.tool.messages if message.type})[:20],
        "frame_origins": list(shown_at(configuration)),
        "jwks": {},
        "jwks_fetched_at": None,
        "jwks_expires_at": None,
    }
    named = {"issuer": configuration.issuer, "client_id": answer.client_id}
    platform = Platform.objects.select_for_update().filter(**named).first()
    deployment_id = answer.tool.deployment_id
    if platform is None:
        platform = Platform.objects.create(**named, **values, claim_for_id=None if deployment_id else school_id)
    elif (
        platform.claim_for_id not in {None, school_id}
        or Deployment.objects.filter(platform=platform).exclude(school_id=school_id).exists()
    ):
        # One client of many schools: its addresses are not this link's to change.
        raise Failed("client_of_others", 409)
    else:
        for name, value in values.items():
            setattr(platform, name, value)
        platform.save()
    if deployment_id:
        deployment, _ = Deployment.objects.get_or_create(platform=platform, deployment_id=deployment_id)
        if deployment.school_id not in {None, school_id}:
            raise Failed("client_of_others", 409)
        Deployment.objects.filter(pk=deployment.pk).update(school_id=school_id)
    log.info("platform %s registered for school %s", platform.pk, school_id)
    return platform


def _where(error: ValidationError) -> str:
    """Which member was wrong, not what stood in it."""
    return ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
