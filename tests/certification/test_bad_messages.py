"""Messages that must not let anybody in, one test each, named by what is wrong with them.

A refused message ends in a friendly page with a reference number and a 4xx status; no session begins, no person or
course is written, nothing is redirected.
"""

import html
import re
import time
from datetime import timedelta
from urllib.parse import parse_qsl

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from lti_tool.lti import platform_keys
from lti_tool.lti.models import Context, LaunchSession, Platform, PlatformUser
from tests.factories import lti
from tests.factories.lti import CLAIM, REMOVE

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T60")]


@pytest.fixture
def platform():
    return lti.connected()


@pytest.fixture
def browser():
    return Client()


@pytest.fixture(autouse=True)
def _keys_cannot_be_fetched(monkeypatch):
    """A message that makes us look for another key finds none."""

    def unreachable(*args, **kwargs):
        raise platform_keys.http.Unreachable

    monkeypatch.setattr(platform_keys.http, "fetch", unreachable)


def refused(answer, status=None):
    assert 400 <= answer.status_code < 500, answer.status_code
    if status:
        assert answer.status_code == status
    assert re.search(r"Reference number: [0-9A-F]{8}", answer.content.decode())
    assert not LaunchSession.objects.exists()
    assert not PlatformUser.objects.exists()
    assert not Context.objects.exists()
    assert not any(name.startswith("__Host-ilp-") and "login" not in name for name in answer.cookies)


# The token and its signature


def test_no_kid(platform, browser):
    refused(platform.launch(browser, header={"kid": REMOVE}))


def test_a_kid_the_platform_does_not_publish(platform, browser):
    refused(platform.launch(browser, header={"kid": "unheard-of"}))


@pytest.mark.parametrize("kid", ["", "x" * 256, "../../keys", "key-1\x00"])
def test_a_kid_that_is_no_name(platform, browser, kid):
    refused(platform.launch(browser, header={"kid": kid}))


def test_a_signature_by_another_key_under_the_right_kid(platform, browser):
    refused(platform.launch(browser, header={"key": lti.rsa_key("forger")}))


def test_no_signature_at_all(platform, browser):
    asked = platform.begin(browser)
    token = lti.unsigned(platform.claims(asked["nonce"]), kid=platform.kid)
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_alg_none_under_the_right_kid(platform, browser, alg):
    asked = platform.begin(browser)
    token = lti.unsigned(platform.claims(asked["nonce"]), kid=platform.kid, alg=alg)
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


def test_a_public_key_used_as_an_hmac_secret(platform, browser):
    secret = str(platform.jwks()["keys"][0]["n"])
    refused(platform.launch(browser, header={"key": secret, "algorithm": "HS256"}))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_an_algorithm_we_do_not_take_though_the_key_is_right(platform, browser, algorithm):
    refused(platform.launch(browser, header={"algorithm": algorithm}))


def test_a_key_the_message_brings_itself(platform, browser):
    forger = lti.rsa_key("forger")
    refused(platform.launch(browser, header={"key": forger, "jwk": lti.public(forger, kid=platform.kid)}))


@pytest.mark.parametrize("member", ["jku", "x5u"])
def test_a_key_the_message_points_to(platform, browser, member):
    forger = lti.rsa_key("forger")
    refused(platform.launch(browser, header={"key": forger, member: "https://forger.example/jwks"}))


@pytest.mark.parametrize("member", [{"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": ["exp"]}])
def test_a_signature_over_something_else_than_the_payload(platform, browser, member):
    refused(platform.launch(browser, header=member))


@pytest.mark.parametrize("junk", ["=", "!", " ", "\n", "é", "."])
def test_a_right_token_with_something_behind_it(platform, browser, junk):
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token + junk}))


def test_a_payload_changed_after_signing(platform, browser):
    asked = platform.begin(browser)
    head, _, signature = platform.sign(platform.claims(asked["nonce"])).split(".")
    payload = platform.sign(platform.claims(asked["nonce"], sub="somebody-else")).split(".")[1]
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": f"{head}.{payload}.{signature}"}))


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "....", "é.é.é", "e30.e30.", "x" * 200_000])
def test_a_token_that_is_none(platform, browser, token):
    asked = platform.begin(browser)
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


@pytest.mark.parametrize("payload", [[], "text", 7, None, True, [[[]]]])
def test_a_signed_payload_that_is_no_object(platform, browser, payload):
    refused(platform.launch_raw(browser, payload))


def test_a_signed_payload_nested_beyond_reason(platform, browser):
    asked = platform.begin(browser)
    token = jwt.PyJWS().encode(b"[" * 30_000, platform.key, "RS256", {"kid": platform.kid})
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


def test_a_key_too_small_to_trust():
    small = lti.FakePlatform(key=lti.rsa_key("small", 1024))
    small.register(lti.school())
    with pytest.warns(match="key"):
        refused(small.launch(Client()))


# Issuer, audience, times


def test_another_issuer(platform, browser):
    refused(platform.launch(browser, iss="https://elsewhere.example"))


def test_no_issuer(platform, browser):
    refused(platform.launch(browser, iss=REMOVE))


@pytest.mark.parametrize(
    "aud", ["another-client", ["another-client"], [], "", None, 7, {}, [7], ["client-1", None], ["client-1", 7]]
)
def test_an_audience_that_is_not_us(platform, browser, aud):
    refused(platform.launch(browser, aud=aud))


def test_no_audience(platform, browser):
    refused(platform.launch(browser, aud=REMOVE))


def test_several_audiences_and_no_authorised_party(platform, browser):
    refused(platform.launch(browser, aud=["client-1", "another-client"]))


@pytest.mark.parametrize("azp", ["another-client", "", 7, ["client-1"], {}])
def test_another_authorised_party(platform, browser, azp):
    refused(platform.launch(browser, azp=azp))


def test_another_authorised_party_among_several_audiences(platform, browser):
    refused(platform.launch(browser, aud=["client-1", "another-client"], azp="another-client"))


def test_expired(platform, browser):
    now = int(time.time())
    refused(platform.launch(browser, iat=now - 300, exp=now - 120))


@pytest.mark.parametrize("exp", [REMOVE, None, "tomorrow", True, [], {}, -1, 1e400, "9999999999"])
def test_no_usable_expiry(platform, browser, exp):
    refused(platform.launch(browser, exp=exp))


@pytest.mark.parametrize("iat", [REMOVE, None, "now", True, [], {}, -1])
def test_no_usable_time_of_issue(platform, browser, iat):
    refused(platform.launch(browser, iat=iat))


def test_issued_long_ago_and_still_not_expired(platform, browser):
    now = int(time.time())
    refused(platform.launch(browser, iat=now - 3600, exp=now + 3600))


def test_issued_in_the_future(platform, browser):
    now = int(time.time())
    refused(platform.launch(browser, iat=now + 600, exp=now + 1200))


def test_not_to_be_used_yet(platform, browser):
    now = time.time()
    refused(platform.launch(browser, iat=now, nbf=now + 600, exp=now + 1200))


@pytest.mark.parametrize("nbf", ["now", True, [], {}, -1])
def test_no_usable_time_before_which_it_is_not_to_be_used(platform, browser, nbf):
    refused(platform.launch(browser, nbf=nbf))


# State, nonce, browser


def test_no_state(platform, browser):
    asked = platform.begin(browser)
    refused(browser.post("/lti/launch", {"id_token": platform.sign(platform.claims(asked["nonce"]))}))


def test_a_state_nobody_gave_out(platform, browser):
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": "made-up", "id_token": token}))


def test_a_state_used_before(platform, browser):
    asked = platform.begin(browser)
    browser.post("/lti/launch", {"state": asked["state"], "id_token": "not.a.token"})
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


def test_a_state_that_ran_out(platform, browser, time_machine):
    asked = platform.begin(browser)
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


@pytest.mark.parametrize("nonce", [REMOVE, None, "", 7, [], "x" * 300])
def test_no_usable_nonce(platform, browser, nonce):
    refused(platform.launch(browser, nonce=nonce))


def test_the_nonce_of_another_login_of_the_same_browser(platform, browser):
    first, second = platform.begin(browser), platform.begin(browser)
    token = platform.sign(platform.claims(first["nonce"]))
    refused(browser.post("/lti/launch", {"state": second["state"], "id_token": token}))


def test_a_right_message_in_a_browser_that_did_not_ask_for_it(platform, browser):
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    answer = Client().post("/lti/launch", {"state": asked["state"], "id_token": token})
    assert answer.status_code == 403
    assert "Open in a new tab" in answer.content.decode()
    assert not LaunchSession.objects.exists()


def test_a_message_of_another_platform_for_this_ones_state(platform, browser):
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    asked = platform.begin(browser)
    token = other.sign(other.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


def test_a_launch_by_get(platform, browser):
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.get("/lti/launch", {"state": asked["state"], "id_token": token}))


def test_an_error_instead_of_a_message(platform, browser):
    asked = platform.begin(browser)
    refused(browser.post("/lti/launch", {"state": asked["state"], "error": "login_required"}))


# What LTI demands


@pytest.mark.parametrize("version", [REMOVE, None, "", "1.1.0", "1.3", "LTI-1p0", 1.3, ["1.3.0"]])
def test_no_version_or_another(platform, browser, version):
    refused(platform.launch(browser, version=version))


@pytest.mark.parametrize("kind", [REMOVE, None, "", "LtiDeepLinking", "ltiresourcelinkrequest", 7, ["x"], {}])
def test_no_message_type_or_one_we_do_not_know(platform, browser, kind):
    refused(platform.launch(browser, message_type=kind))


@pytest.mark.parametrize("deployment", [REMOVE, None, "", 7, [], "x" * 256])
def test_no_usable_deployment(platform, browser, deployment):
    refused(platform.launch(browser, deployment_id=deployment))


def test_a_deployment_no_school_has_claimed(platform, browser):
    answer = platform.launch(browser, deployment_id="another")
    refused(answer, 403)
    assert "has not finished connecting" in answer.content.decode()


def test_another_deployment_than_the_login_said(platform, browser):
    answer = platform.login(browser, lti_deployment_id="another")
    query = dict(lti.parse_qsl(lti.urlsplit(answer["Location"]).query))
    token = platform.sign(platform.claims(query["nonce"]))
    refused(browser.post("/lti/launch", {"state": query["state"], "id_token": token}))


@pytest.mark.parametrize(
    "uri",
    [
        REMOVE,
        None,
        "",
        7,
        "https://elsewhere.example/",
        lti.LAUNCH_URL + "/other",
        lti.LAUNCH_URL + "#x",
        "javascript:1",
    ],
)
def test_no_target_or_another_than_the_login_said(platform, browser, uri):
    refused(platform.launch(browser, target_link_uri=uri))


@pytest.mark.parametrize("roles", [REMOVE, None, "", lti.INSTRUCTOR, 7, {}])
def test_no_list_of_roles(platform, browser, roles):
    refused(platform.launch(browser, roles=roles))


@pytest.mark.parametrize(
    "link", [REMOVE, None, {}, {"id": ""}, {"id": None}, {"id": 7}, "link-1", [], {"id": "x" * 256}]
)
def test_no_usable_resource_link(platform, browser, link):
    refused(platform.launch(browser, resource_link=link))


@pytest.mark.parametrize("sub", [REMOVE, None, ""])
def test_nobody_in_particular(platform, browser, sub):
    answer = platform.launch(browser, sub=sub)
    refused(answer, 403)
    assert "did not tell us who you are" in answer.content.decode()


@pytest.mark.parametrize("sub", [7, [], {}, "x" * 256, "a\x00b", "\ud800"])
def test_a_subject_that_is_no_identifier(platform, browser, sub):
    refused(platform.launch(browser, sub=sub))


@pytest.mark.parametrize("context", ["course-1", [], {}, {"id": ""}, {"id": 7}, {"id": "x" * 256}, {"id": "\x00"}])
def test_a_context_without_an_identifier(platform, browser, context):
    refused(platform.launch(browser, context=context))


# The login


def test_a_login_by_a_platform_nobody_registered(platform, browser):
    refused(platform.login(browser, iss="https://elsewhere.example"), 403)


def test_a_login_with_another_client(platform, browser):
    refused(platform.login(browser, client_id="another"), 403)


def test_a_login_without_a_client_where_there_are_two(platform, browser):
    lti.connected(client_id="client-2")
    refused(platform.login(browser, client_id=REMOVE), 400)


@pytest.mark.parametrize("parameter", ["iss", "login_hint", "target_link_uri"])
def test_a_login_without_a_required_parameter(platform, browser, parameter):
    refused(platform.login(browser, **{parameter: REMOVE}))
    refused(platform.login(browser, **{parameter: ""}))


@pytest.mark.parametrize(
    "uri",
    [
        "https://elsewhere.example/lti/launch",
        "http://testserver.elsewhere.example/lti/launch",
        "http://testserver@elsewhere.example/lti/launch",
        "http://testserver:8080/lti/launch",
        "http://testserver/lti/launcher",
        "http://testserver/lti/launch/../../admin",
        "http://testserver\\@elsewhere.example/lti/launch",
        "//elsewhere.example/lti/launch",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_a_login_for_an_address_that_is_not_ours(platform, browser, uri):
    refused(platform.login(browser, target_link_uri=uri))


@pytest.mark.parametrize("parameter", ["iss", "client_id", "login_hint", "lti_message_hint", "lti_deployment_id"])
@pytest.mark.parametrize("value", ["a\x00b", "x" * 20_000])
def test_a_login_with_a_parameter_no_platform_would_send(platform, browser, parameter, value):
    refused(platform.login(browser, method="post", **{parameter: value}))


def test_a_platform_removed_between_login_and_launch(platform, browser):
    asked = platform.begin(browser)
    Platform.objects.all().delete()
    token = platform.sign(platform.claims(asked["nonce"]))
    refused(browser.post("/lti/launch", {"state": asked["state"], "id_token": token}))


@pytest.mark.trust("T76")
def test_a_refusal_is_logged_once_by_its_code_and_never_by_its_address(platform, browser, caplog):
    browser.get("/lti/register/a-token-nobody-should-read", {"openid_configuration": "x"})
    assert "link_unknown" in caplog.text
    assert "a-token" not in caplog.text
    assert len(caplog.records) == 1


# What the page says and keeps to itself


def test_the_way_back_is_offered_only_after_the_signature_held(platform, browser):
    presentation = {"return_url": "https://lms.example/course/1"}
    signed = platform.launch(browser, version="1.1", launch_presentation=presentation)
    assert "https://lms.example/course/1" in signed.content.decode()
    forged = platform.launch(
        browser, header={"key": lti.rsa_key("forger")}, version="1.1", launch_presentation=presentation
    )
    assert "https://lms.example/course/1" not in forged.content.decode()


@pytest.mark.parametrize("url", ["https://lms.example/back", "https://lms.example/back?a=1&b=%2F#there"])
def test_the_way_back_tells_the_platform_what_happened_and_nothing_of_who(platform, browser, url):
    answer = platform.launch(browser, version="1.1", launch_presentation={"return_url": url, "locale": "mi"})
    page = answer.content.decode()
    href = html.unescape(re.search(r'<a class="button" href="([^"]+)"', page)[1])
    address, told = href.split("lti_errormsg=")
    assert address == (url.partition("#")[0] + "&" if "?" in url else url + "?")
    assert href.endswith("#there") == ("#" in url)
    told = dict(parse_qsl("lti_errormsg=" + told.partition("#")[0]))
    assert told["lti_errormsg"] in html.unescape(page)
    reference = re.search("[0-9A-F]{8}", page)[0]
    assert told["lti_errorlog"] == f"version, reference {reference}"
    assert not any(word in href for word in ("user-1", "Robin", "hint-1"))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example", 7, ["x"], "https://a b"]
)
def test_a_way_back_that_is_no_web_address_is_not_offered(platform, browser, url):
    answer = platform.launch(browser, version="1.1", launch_presentation={"return_url": url})
    refused(answer)
    assert "Back to my course" not in answer.content.decode()


@pytest.mark.trust("T76")
def test_the_log_holds_the_code_and_nothing_of_the_message(platform, browser, caplog):
    canary = "canary-7f3a"
    changes = dict.fromkeys(("sub", "name", "given_name", "family_name", "email", "picture"), canary)
    answer = platform.launch(browser, version="1.1", context={"id": canary, "title": canary}, **changes)
    reference = re.search(r"Reference number: ([0-9A-F]{8})", answer.content.decode())[1]
    assert "version" in caplog.text
    assert reference in caplog.text
    assert canary not in caplog.text
    assert canary not in answer.content.decode()


def test_every_refused_claim_has_its_own_code(platform, browser, caplog):
    platform.launch(browser, **{CLAIM + "roles": "x"})
    assert "claim_roles" in caplog.text
