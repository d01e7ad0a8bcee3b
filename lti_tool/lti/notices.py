"""Notices a platform sends by itself (Platform Notification Service 1.0): taken, checked, done once.

We ask for one kind, that a course was copied. Any other is answered politely and changes nothing.
"""

import json
import logging
from datetime import datetime, timedelta
from typing import Annotated

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lti_tool.http import HttpError, Outbound, Unauthorised

from . import copies
from .claims import CLAIM, CONTEXT_COPY, MOST_ORIGINS, VERSION, Issued, check_issue
from .launch import LONGEST_TOKEN, sender, signed_payload
from .models import Deployment, Notice, NoticeService, Platform
from .refusals import Refused
from .registration.documents import NOTICES
from .services.tokens import Tokens
from .shapes import Id

log = logging.getLogger(__name__)

MOST_NOTICES = 100  # in one request
KEPT_FOR = timedelta(days=7)  # a notice's own token ends long before
TRY_AGAIN = timedelta(hours=1)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _About(_Part):
    id: Id
    type: Id
    timestamp: Annotated[datetime, Field(strict=False)]


class _Context(_Part):
    id: Id


class NoticeMessage(Issued):
    """The claims of a notice. `sub` and `nonce` may be missing: nobody launched anything."""

    notice: Annotated[_About, Field(alias=CLAIM + "notice")]
    context: Annotated[_Context | None, Field(alias=CLAIM + "context")] = None
    origin_contexts: Annotated[tuple[Id, ...], Field(alias=CLAIM + "origin_contexts", max_length=MOST_ORIGINS)] = ()


class _Envelope(_Part):
    jwt: Annotated[str, Field(strict=True, max_length=LONGEST_TOKEN)]


class _Batch(_Part):
    notices: Annotated[list[_Envelope], Field(max_length=MOST_NOTICES)]


def take(body: bytes) -> None:
    """Every notice of a request. One that is refused does not keep the others from being taken. Raises Refused."""
    try:
        batch = _Batch.model_validate_json(body)
    except ValidationError:
        raise Refused("notices_malformed") from None
    refusals = []
    for envelope in batch.notices:
        try:
            _take(envelope.jwt)
        except Refused as refused:
            refusals.append(refused)
    if refusals:
        raise refusals[0]


def _take(token: str) -> None:
    platform = sender(token)
    message = verify(token, platform)
    deployment = Deployment.objects.filter(
        platform=platform, deployment_id=message.deployment_id, school__isnull=False
    ).first()
    if deployment is None:
        return  # nobody's deployment: there is nothing a notice could change
    with transaction.atomic():
        _, new = Notice.objects.get_or_create(
            deployment=deployment, notice_id=message.notice.id, defaults={"received_at": timezone.now()}
        )
        if new and message.notice.type == CONTEXT_COPY and message.context is not None:
            copies.remember(deployment.pk, message.context.id, message.origin_contexts)


def verify(token: str, platform: Platform) -> NoticeMessage:
    """The whole notice, or Refused: the rules of a launch, but for state and nonce, which a notice has not."""
    body = signed_payload(token, platform)
    try:
        told = json.loads(body)
        if isinstance(told, dict):  # as in a launch, a claim that is null says nothing
            told = {name: value for name, value in told.items() if value is not None}
        message = NoticeMessage.model_validate(told)
    except (ValueError, RecursionError):
        raise Refused("notice_malformed") from None
    check_issue(message, issuer=platform.issuer, client_id=platform.client_id)
    if message.version != VERSION:
        raise Refused("version")
    return message


def handler_url() -> str:
    return settings.ILP_BASE_URL + reverse("lti-notices")


def due() -> list[int]:
    """Services that have not been given our address yet, or another one; those that failed wait an hour."""
    rows = NoticeService.objects.filter(deployment__school__isnull=False).exclude(handler=handler_url())
    rested = Q(tried_at=None) | Q(tried_at__lte=timezone.now() - TRY_AGAIN)
    return list(rows.filter(rested).order_by("pk").values_list("pk", flat=True))


def ask_for_notices(service_pk: int) -> str:
    """Give one platform the address of our endpoint. Returns a code where that failed, else nothing."""
    service = NoticeService.objects.select_related("deployment__platform").get(pk=service_pk)
    failure = ""
    try:
        async_to_sync(_register)(service)
        service.handler = handler_url()
    except HttpError as error:
        failure = error.code
        log.warning("notices of deployment %s could not be asked for: %s", service.deployment_id, failure)
    service.failure, service.tried_at = failure, timezone.now()
    service.save(update_fields=["handler", "failure", "tried_at"])
    return failure


async def _register(service: NoticeService) -> None:
    asked = {"notice_type": CONTEXT_COPY, "handler": handler_url()}
    async with Outbound() as out:
        tokens = Tokens(out, _Client(service.deployment.platform))
        token = await tokens.current()
        try:
            await _put(out, service.url, token, asked)
        except Unauthorised:
            await _put(out, service.url, await tokens.current(refused=token), asked)


async def _put(out: Outbound, url: str, token: str, asked: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    await out.request("PUT", url, headers=headers, json=asked, purpose="notices")


class _Client:
    """Our side of the platform's token endpoint, for this one scope."""

    scopes = (NOTICES,)

    def __init__(self, platform: Platform) -> None:
        self.platform_pk = platform.pk
        self.client_id = platform.client_id
        self.token_url = platform.token_url
        self.token_audience = platform.token_audience or platform.token_url
