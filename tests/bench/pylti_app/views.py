"""Login and launch, as the README of PyLTI1p3 2.0.0 has them for Django."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pylti1p3.contrib.django import DjangoCacheDataStorage, DjangoDbToolConf, DjangoMessageLaunch, DjangoOIDCLogin
from pylti1p3.exception import LtiException, OIDCException

from .models import Context, Membership, ResourceLink, User

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
KEYS_KEPT_SECONDS = 7200
tool_conf = DjangoDbToolConf()


def storage() -> DjangoCacheDataStorage | None:
    return None if settings.STORAGE == "session" else DjangoCacheDataStorage()


@csrf_exempt
def login(request: HttpRequest) -> HttpResponse:
    oidc_login = DjangoOIDCLogin(request, tool_conf, launch_data_storage=storage())
    try:
        return oidc_login.redirect(request.GET.get("target_link_uri") or request.POST.get("target_link_uri"))
    except OIDCException as error:
        return HttpResponseForbidden(str(error))


@csrf_exempt
@require_POST
def launch(request: HttpRequest) -> HttpResponse:
    message = DjangoMessageLaunch(request, tool_conf, launch_data_storage=storage())
    if settings.TUNED:
        message.set_public_key_caching(DjangoCacheDataStorage("keys"), cache_lifetime=KEYS_KEPT_SECONDS)
    try:
        claims = message.get_launch_data()
    except LtiException as error:
        return HttpResponseForbidden(str(error))
    with transaction.atomic() if settings.TUNED else nullcontext():
        membership, link = remember(claims)
    return render(request, "page.html", {"membership": membership, "link": link})


def remember(claims: Mapping[str, Any]) -> tuple[Membership, ResourceLink]:
    told, placed = claims[CLAIM + "context"], claims[CLAIM + "resource_link"]
    user, _ = User.objects.update_or_create(
        issuer=claims["iss"], sub=claims["sub"], defaults={"name": claims.get("name", "")}
    )
    context, _ = Context.objects.update_or_create(
        issuer=claims["iss"],
        deployment_id=claims[CLAIM + "deployment_id"],
        context_id=told["id"],
        defaults={"title": told.get("title", "")},
    )
    membership, _ = Membership.objects.update_or_create(
        user=user, context=context, defaults={"roles": claims[CLAIM + "roles"]}
    )
    link, _ = ResourceLink.objects.update_or_create(
        context=context, resource_link_id=placed["id"], defaults={"title": placed.get("title", "")}
    )
    return membership, link
