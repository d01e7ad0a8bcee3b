"""An operator at the operator's pages: log-in with both factors, forms with their proof."""

import io
import re
import time

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.web.operators.host import URLS

HOST = "operator.testserver"
PASSWORD = "a long enough pass phrase"


def create(patch: pytest.MonkeyPatch, name: str = "robin") -> tuple[TOTPDevice, list[str]]:
    """The command, typed by whoever runs the server: the authenticator and the backup codes."""
    out = io.StringIO()
    patch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    call_command("create_operator", name, stdout=out)
    return TOTPDevice.objects.get(user__username=name), codes_in(out.getvalue())


def codes_in(text: str) -> list[str]:
    return re.findall(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", text)


def browser(**options) -> Client:
    return Client(headers={"host": HOST, "origin": f"https://{HOST}"}, enforce_csrf_checks=True, **options)


def address(name: str, *ids: object) -> str:
    return reverse(name, urlconf=URLS, args=ids)


def send(client: Client, where: str, **data: str):
    """A form of the pages, with the proof the page gave."""
    page = client.get(address("operator-schools"), secure=True, follow=True).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    return client.post(where, {"csrfmiddlewaretoken": token} | data, secure=True)


def code_of(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06d}"


def log_in(client: Client, device: TOTPDevice, **changes: str):
    given = {"username": "robin", "password": PASSWORD, "otp_token": code_of(device)} | changes
    return send(client, address("operator-log-in"), **given)
