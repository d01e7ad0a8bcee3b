"""An operator's own log-in (T71): lockout, backup codes, a new authenticator, a new password, the way back in."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.web.operators import factors
from tests.factories.operators import PASSWORD, address, browser, code_of, codes_in, create, log_in, send

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T71")]
NEW = "another long pass phrase"


def wait(device: TOTPDevice, seconds: float) -> None:
    """So much time goes by for the account."""
    device.refresh_from_db()
    if device.throttling_failure_timestamp is not None:
        device.throttling_failure_timestamp -= timedelta(seconds=seconds)
        device.save()


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"otp_token": "000000"}, {"otp_token": "AAAAA-AAAAA"}])
def test_each_wrong_try_doubles_the_wait_and_nobody_is_shut_out_for_good(
    device: TOTPDevice, wrong: dict, settings
) -> None:
    settings.ILP_RATE_OPERATOR_PER_MINUTE = 0
    for _ in range(factors.MOST_FAILURES + 4):
        assert log_in(browser(), device, **wrong).status_code == 403
        wait(device, factors.LONGEST_WAIT + 1)
    assert log_in(browser(), device, **wrong).status_code == 403
    assert log_in(browser(), device).status_code == 403, "both right, but too soon"
    wait(device, factors.LONGEST_WAIT / 2)
    assert log_in(browser(), device).status_code == 403
    wait(device, factors.LONGEST_WAIT / 2 + 1)
    assert log_in(browser(), device).status_code == 302


def test_a_backup_code_opens_once_and_leads_to_a_new_authenticator(monkeypatch: pytest.MonkeyPatch) -> None:
    device, codes = create(monkeypatch)
    assert len(codes) == len(set(codes)) == factors.CODES
    client = browser()
    answer = log_in(client, device, otp_token=codes[0].lower().replace("-", " "))
    assert (answer.status_code, answer["Location"]) == (302, address("operator-account"))
    assert "9 backup codes left" in client.get(address("operator-account"), secure=True).content.decode()
    assert log_in(browser(), device, otp_token=codes[0]).status_code == 403
    wait(device, 5)
    assert log_in(browser(), device, otp_token=codes[1]).status_code == 302


def test_backup_codes_are_stored_as_hashes_and_belong_to_their_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = create(monkeypatch)
    other, _ = create(monkeypatch, "sam")
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert stored.isdisjoint({*codes, *(code.replace("-", "") for code in codes)})
    assert log_in(browser(), other, username="sam", otp_token=codes[0]).status_code == 403


def test_new_backup_codes_end_the_old_ones_and_ask_for_the_password(
    operator: Client, device: TOTPDevice, settings
) -> None:
    settings.ILP_RATE_OPERATOR_PER_MINUTE = 0
    assert send(operator, address("operator-backup-codes"), password="wrong").status_code == 403
    wait(device, 5)
    first = codes_in(send(operator, address("operator-backup-codes"), password=PASSWORD).content.decode())
    second = codes_in(send(operator, address("operator-backup-codes"), password=PASSWORD).content.decode())
    assert len(first) == len(second) == factors.CODES
    assert codes_in(operator.get(address("operator-account"), secure=True).content.decode()) == []
    assert log_in(browser(), device, otp_token=first[0]).status_code == 403
    wait(device, 5)
    assert log_in(browser(), device, otp_token=second[0]).status_code == 302


def test_a_new_authenticator_counts_only_once_it_gave_a_code(operator: Client, device: TOTPDevice) -> None:
    where = address("operator-authenticator")
    assert "not your password" in send(operator, where, password="wrong").content.decode()
    assert "Wait a little" in send(operator, where, password=PASSWORD).content.decode(), "guessing is slow"
    wait(device, 5)
    page = send(operator, where, password=PASSWORD).content.decode()
    offered = TOTPDevice.objects.get(confirmed=False)
    assert factors.secret_of(offered) in page
    assert send(operator, where, otp_token="000000").status_code == 422
    assert TOTPDevice.objects.get(confirmed=True) == device
    assert log_in(browser(), device, otp_token=code_of(offered)).status_code == 403
    wait(offered, 5)
    assert "new authenticator is in force" in send(operator, where, otp_token=code_of(offered)).content.decode()
    assert not TOTPDevice.objects.filter(pk=device.pk).exists()
    assert operator.get(address("operator-schools"), secure=True).status_code == 200, "the session goes on"


def test_the_password_is_changed_and_other_sessions_end(operator: Client, device: TOTPDevice) -> None:
    elsewhere = browser()
    device.refresh_from_db()
    device.last_t = -1  # so that the same half minute's code is good again
    device.save()
    assert log_in(elsewhere, device).status_code == 302
    where = address("operator-password")
    refused = [
        ({"password": "wrong", "new_password": NEW, "once_more": NEW}, 403, "not your password"),
        ({"password": PASSWORD, "new_password": NEW, "once_more": "x"}, 422, "differ"),
        ({"password": PASSWORD, "new_password": "short", "once_more": "short"}, 422, "too short"),
    ]
    for form, status, words in refused:
        answer = send(operator, where, **form)
        assert answer.status_code == status
        assert words in answer.content.decode()
        wait(device, 5)
    changed = send(operator, where, password=PASSWORD, new_password=NEW, once_more=NEW)
    assert "Your password is changed." in changed.content.decode()
    assert operator.get(address("operator-schools"), secure=True).status_code == 200
    assert elsewhere.get(address("operator-schools"), secure=True).status_code == 302
    assert get_user_model().objects.get().check_password(NEW)


def test_who_lost_everything_gets_a_new_authenticator_from_the_server_and_open_pages_end(
    operator: Client, device: TOTPDevice
) -> None:
    out = io.StringIO()
    call_command("new_authenticator", "robin", stdout=out)
    fresh = TOTPDevice.objects.get()
    assert fresh.pk != device.pk
    assert re.search(r"Secret: [A-Z2-7]{32}", out.getvalue())
    assert operator.get(address("operator-schools"), secure=True).status_code == 302
    assert log_in(browser(), device).status_code == 403
    wait(fresh, 5)
    assert log_in(browser(), fresh).status_code == 302
    assert len(codes_in(out.getvalue())) == factors.CODES
    with pytest.raises(CommandError, match="no operator of that name"):
        call_command("new_authenticator", "nobody")


def test_a_refused_log_in_keeps_the_name_and_never_the_password(device: TOTPDevice) -> None:
    page = log_in(browser(), device, password="canary-of-a-password").content.decode()
    assert 'value="robin"' in page
    assert "canary" not in page


def test_pages_speak_the_browsers_language_and_a_wrong_address_has_a_page(operator: Client) -> None:
    page = operator.get(address("operator-account"), secure=True, headers={"accept-language": "ar"})
    assert '<html lang="ar" dir="rtl">' in page.content.decode()
    assert page["Content-Language"] == "ar"
    missing = operator.get("/schools/00000000-0000-4000-8000-000000000000", secure=True)
    assert missing.status_code == 404
    assert "<h1>" in missing.content.decode()
