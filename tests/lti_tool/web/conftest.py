"""Visitors of the pages: a client that holds the session a launch would have given it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.lti import api as lti
from lti_tool.plans.data import Actor
from tests.factories import operators
from tests.factories.web import Door, open_door


class Visitor:
    """Somebody in front of a page. `get` and `post` take a route's name and its ids."""

    def __init__(self, door: Door, *, with_cookie: bool = True) -> None:
        self.door = door
        self.client = Client(raise_request_exception=True)
        if with_cookie:
            self.client.cookies[door.cookie] = door.secret

    def address(self, route: str, *ids: Any) -> str:
        return reverse(route, args=[self.door.handle, *ids])

    def get(self, route: str, *ids: Any, **extra: Any) -> HttpResponse:
        return self.client.get(self.address(route, *ids), **extra)

    def post(self, route: str, *ids: Any, data: dict[str, Any] | None = None, **extra: Any) -> HttpResponse:
        token = lti.csrf_token(self.door.handle, self.door.secret)
        return self.client.post(self.address(route, *ids), {"ilp_csrf": token} | (data or {}), **extra)


@pytest.fixture
def visitor(db: None) -> Callable[..., Visitor]:
    def visit(actor: Actor, **session: Any) -> Visitor:
        return Visitor(open_door(actor, **session), with_cookie=session.get("in_cookie", True))

    return visit


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch, db: None) -> TOTPDevice:
    """The authenticator of an operator whom the command made."""
    return operators.create(monkeypatch)[0]


@pytest.fixture
def operator(device: TOTPDevice) -> Client:
    """An operator who logged in with both factors."""
    client = operators.browser()
    assert operators.log_in(client, device).status_code == 302
    return client
