"""Each weakness of lti1p3platform 0.1.8, shown in the library as it comes and closed in the platform.

The numbers are those of the review that found them. Where a test shows the library accepting what must be refused,
the same thing is then sent to the platform's own endpoint.
"""

import importlib.resources
import json
import threading
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jinja2
import jwt
import pytest
from django.test import Client, RequestFactory
from lti1p3platform.ags import LtiAgs
from lti1p3platform.deep_linking import LtiDeepLinking
from lti1p3platform.exceptions import LtiException
from lti1p3platform.framework.django.request import DjangoRequest
from lti1p3platform.registration import Registration
from lti1p3platform.response import generate_next_link

from ilp_xblock.platform import fetch, keys
from ilp_xblock.platform.addresses import segment
from ilp_xblock.platform.content import receive
from ilp_xblock.platform.tool_platform import InvalidMessage, ToolPlatform, ToolRegistration
from ilp_xblock.platform.vocabulary import MEMBERSHIP_READ, RESULT_READ
from tests.factories import platform as factories
from tests.factories.platform import ACTIVITY, BLOCK, COURSE, ISSUER, ToolSide

from .bare import CLIENT, BareGradebook, BareLogin, BarePlatform, BareRoster, bare_launch

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LINEITEMS = f"/ilp/courses/{COURSE}/lineitems"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def refused(answer: Any, error: str = "invalid_client") -> bool:
    return answer.status_code in (400, 401, 403) and answer.json()["error"] == error


def test_s1_an_assertion_meant_for_another_server_is_refused(tool: ToolSide) -> None:
    elsewhere = tool.sign(tool.assertion_claims(aud="https://elsewhere.example/token"))
    assert BarePlatform().ask_token(elsewhere)["access_token"]
    assert refused(tool.ask_token(client_assertion=elsewhere))


@pytest.mark.parametrize(
    "claims", [{"foo": "bar"}, {"iss": "x", "sub": "y", "exp": 4_000_000_000}], ids=["nothing", "somebody"]
)
def test_s2_an_assertion_must_say_who_it_is_from_for_whom_and_until_when(
    tool: ToolSide, claims: dict[str, Any]
) -> None:
    assert BarePlatform().ask_token(tool.sign(claims))["access_token"]
    assert refused(tool.ask_token(client_assertion=tool.sign(claims)))


def test_s2_an_assertion_is_not_taken_twice(tool: ToolSide) -> None:
    assertion = tool.sign(tool.assertion_claims())
    assert all(BarePlatform().ask_token(assertion)["access_token"] for _ in range(2))
    assert tool.ask_token(client_assertion=assertion).status_code == 200
    assert refused(tool.ask_token(client_assertion=assertion))


def test_s3_the_kind_of_assertion_is_checked(tool: ToolSide) -> None:
    assertion = tool.sign(tool.assertion_claims())
    assert BarePlatform().ask_token(assertion, client_assertion_type="anything")["access_token"]
    assert refused(tool.ask_token(client_assertion_type="anything"), "invalid_request")


def test_s4_a_scope_is_granted_only_to_a_tool_that_has_it() -> None:
    side = factories.make_tool(scopes=[RESULT_READ])
    assert BarePlatform().ask_token(side.sign(side.assertion_claims()), scope=SCORE)["scope"] == SCORE
    assert BarePlatform().ask_token(side.sign(side.assertion_claims()), scope="nonsense")["access_token"]
    assert refused(side.ask_token(scope=SCORE), "invalid_scope")
    assert refused(side.ask_token(scope=MEMBERSHIP_READ), "invalid_scope")
    assert refused(side.ask_token(scope="nonsense"), "invalid_scope")


def test_s5_an_access_token_is_bound_to_its_audience_and_has_an_id_and_a_key(tool: ToolSide) -> None:
    def parts(token: str) -> set[str]:
        return jwt.get_unverified_header(token).keys() | jwt.decode(token, options={"verify_signature": False}).keys()

    needed = {"kid", "aud", "jti", "client_id", "exp"}
    assert not needed <= parts(BarePlatform().ask_token(tool.sign(tool.assertion_claims()))["access_token"])
    assert needed <= parts(tool.token())


def test_s6_a_token_of_another_client_or_without_an_end_opens_nothing(tool: ToolSide) -> None:
    claims = {"iss": ISSUER, "sub": "another-client", "scopes": RESULT_READ}
    bare = jwt.encode(claims, factories.private_pem("platform-key"), algorithm="RS256")
    assert BarePlatform().validate_token(bare, [RESULT_READ])
    good = jwt.decode(tool.token(), options={"verify_signature": False})
    other = keys.sign(good | {"sub": "another-client"}, typ="at+jwt")
    endless = keys.sign({name: value for name, value in good.items() if name != "exp"}, typ="at+jwt")
    for token in (other, endless, keys.sign(claims, typ="at+jwt")):
        assert refused(tool.get(LINEITEMS, token=token), "invalid_token")


def test_s7_a_reading_scope_does_not_write(tool: ToolSide) -> None:
    claims = {"iss": ISSUER, "sub": CLIENT, "scopes": RESULT_READ}
    gradebook = BareGradebook(jwt.encode(claims, factories.private_pem("platform-key"), algorithm="RS256"), "DELETE")
    assert gradebook.handle_resp(gradebook.handle_delete_lineitem, line_item_id="item").code == 204
    assert gradebook.deleted == ["item"]
    headers = {"Authorization": f"Bearer {tool.token(RESULT_READ)}"}
    url = f"{LINEITEMS}/{segment(ACTIVITY)}"
    assert refused(Client().delete(url, headers=headers), "insufficient_scope")
    assert refused(Client().post(f"{url}/scores", {}, headers=headers), "insufficient_scope")
    assert refused(Client().get(url, headers=headers), "insufficient_scope")


def test_s8_a_line_item_belongs_to_the_course_and_the_course_to_the_tool(tool: ToolSide) -> None:
    claims = {"iss": ISSUER, "sub": CLIENT, "scopes": RESULT_READ}
    gradebook = BareGradebook(jwt.encode(claims, factories.private_pem("platform-key"), algorithm="RS256"))
    assert gradebook.handle_resp(gradebook.handle_get_lineitem, line_item_id="of another course").code == 200
    assert tool.get(f"{LINEITEMS}/{segment('essay')}").status_code == 404
    apart = factories.make_tool("apart", courses=["elsewhere"])
    assert refused(apart.get(f"{LINEITEMS}/{segment(ACTIVITY)}"), "access_denied")


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.e30"])
def test_s9_a_broken_token_is_unauthorised_and_no_accident(tool: ToolSide, token: str) -> None:
    gradebook = BareGradebook(token)
    with pytest.raises((jwt.PyJWTError, LtiException)):
        gradebook.handle_resp(gradebook.handle_get_lineitems)
    assert refused(tool.get(LINEITEMS, token=token), "invalid_token")


def test_s10_a_message_goes_to_a_registered_address_only(client: Client, tool: ToolSide) -> None:
    evil = "https://evil.example/steal"
    bare = bare_launch(client_id=CLIENT, redirect_uri=evil, state="s", nonce="n")
    assert bare["launch_url"] == evil
    assert bare["id_token"]
    form = factories.launch(client, tool, "ada", redirect_uri=evil)
    assert (form.status, form.action, form.fields) == (400, "", {})


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "profile"},
        {"response_type": "code"},
        {"response_mode": "query"},
        {"prompt": "login"},
        {"login_hint": "tina"},
        {"lti_message_hint": "forged"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_s11_every_parameter_of_the_request_is_checked(
    client: Client, tool: ToolSide, changes: dict[str, str]
) -> None:
    good = {"client_id": CLIENT, "redirect_uri": "https://tool.example.org/launch", "state": "s", "nonce": "n"}
    assert bare_launch(**good | changes)["id_token"]
    assert "id_token" not in factories.launch(client, tool, "ada", **changes).fields


def test_s12_a_hint_of_another_person_is_worth_nothing(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    login = BareLogin(None, BarePlatform())
    login.set_lti_message_hint(hint=BLOCK)
    bare = dict(parse_qsl(urlsplit(login.initiate_login("ada")).query))
    assert bare["lti_message_hint"] == BLOCK  # anybody can write it
    lms.browser = "ada"
    ours = factories.start_launch(client)
    assert BLOCK not in ours["lti_message_hint"]
    lms.browser = "ben"
    forged = factories.authentication(tool, ours, login_hint="ben", lti_message_hint=BLOCK)
    assert "id_token" not in factories.form_of(client.get("/ilp/auth", forged)).fields


def test_s13_what_the_tool_sends_is_escaped(client: Client, tool: ToolSide) -> None:
    attack = '"><script>alert(1)</script>'
    source = importlib.resources.files("lti1p3platform").joinpath("framework/templates/launch.html").read_text()
    bare = jinja2.Environment().from_string(source).render(state=attack, id_token="x", launch_url="x")
    assert attack in bare
    form = factories.launch(client, tool, "ada", state=attack)
    assert attack not in form.page
    assert form.fields["state"] == attack


def test_s14_content_is_taken_only_as_an_answer_to_a_question(tool: ToolSide) -> None:
    """test_content.py has every way in which an answer can be wrong."""
    offered = LtiDeepLinking("https://lms.example.org/return").get_lti_deep_linking_launch_claim()
    assert "html" in next(iter(offered.values()))["accept_types"]
    response = {"https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiDeepLinkingResponse"}
    assert BarePlatform().validate_deeplinking_resp({"JWT": tool.sign(response)}) == []
    with pytest.raises(InvalidMessage):
        receive(tool.sign(response))


def test_s15_a_tools_keys_are_fetched_safely_and_again_when_they_change(
    tool: ToolSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Answer:
        text = "an internal page"

        def json(self) -> Any:
            raise ValueError

    monkeypatch.setattr("lti1p3platform.ltiplatform.requests.get", lambda url, **_: asked.append(url) or Answer())
    with pytest.raises(LtiException, match="an internal page"):
        BarePlatform().fetch_public_key("http://169.254.169.254/latest/meta-data")
    assert asked == ["http://169.254.169.254/latest/meta-data"]

    inside = factories.make_tool("inside", jwks=None, jwks_url="http://169.254.169.254/latest/meta-data")
    answer = inside.ask_token()
    assert refused(answer)
    assert "internal" not in answer.content.decode()

    published = [factories.public_jwks("first-key"), factories.public_jwks("second-key")]
    pages = iter(published)
    monkeypatch.setattr(fetch, "get", lambda url, **_: fetch.Answer(200, json.dumps(next(pages)).encode()))
    rotating = factories.make_tool("rotating", jwks=None, jwks_url="https://tool.example.org/jwks")
    assert rotating.signing_by("first-key").ask_token().status_code == 200
    assert rotating.signing_by("second-key").ask_token().status_code == 200
    stale = BarePlatform()
    with pytest.raises(LtiException, match="Unable to find public key"):
        stale.ask_token(rotating.signing_by("second-key").sign({}))


def test_s16_two_requests_at_once_do_not_see_each_others_token(tool: ToolSide) -> None:
    bare = BarePlatform()
    bare.validate_jwt_format(tool.sign({"who": "first"}))
    bare.validate_jwt_format(tool.sign({"who": "second"}))
    assert bare._jwt["body"] == {"who": "second"}

    platform = ToolPlatform(tool=tool.tool)
    mine = {name: tool.sign(tool.assertion_claims(jti=name)) for name in ("first", "second")}
    seen: list[bool] = []

    def read(name: str) -> None:
        seen.extend(platform.tool_validate_and_decode(mine[name])["jti"] == name for _ in range(50))

    threads = [threading.Thread(target=read, args=(name,)) for name in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert seen == [True] * 100


def test_s17_two_keys_are_published_no_pem_is_read_to_sign_and_every_message_expires(
    client: Client, tool: ToolSide
) -> None:
    assert len(BarePlatform().get_jwks()["keys"]) == 1
    payload = {"a": 1}
    bare = BarePlatform().get_registration().platform_encode_and_sign(payload, expiration=0)
    assert "exp" not in jwt.decode(bare, options={"verify_signature": False})
    BarePlatform().get_registration().platform_encode_and_sign(payload, expiration=60)
    assert "exp" in payload  # the caller's own dictionary

    assert len(client.get("/ilp/jwks").json()["keys"]) == 2
    registration = ToolRegistration(tool.tool)
    with pytest.raises(ValueError, match="expire"):
        registration.platform_encode_and_sign({"a": 1}, expiration=0)
    ours = {"a": 1}
    registration.platform_encode_and_sign(ours, expiration=60)
    assert ours == {"a": 1}


def test_s17_signing_is_many_times_faster_than_from_pem(tool: ToolSide) -> None:
    bare, ours = BarePlatform().get_registration(), ToolRegistration(tool.tool)

    def seconds(registration: Registration) -> float:
        registration.platform_encode_and_sign({"a": 1}, expiration=60)
        start = time.process_time()
        for _ in range(5):
            registration.platform_encode_and_sign({"a": 1}, expiration=60)
        return time.process_time() - start

    assert seconds(bare) > 5 * seconds(ours)


def test_s18_a_login_address_with_a_query_keeps_it(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    login = BareLogin(None, BarePlatform())
    login.set_lti_message_hint(hint="hint")
    assert login.initiate_login("ada").count("?") == 2
    lms.browser = "ada"
    location = client.get("/ilp/launch", {"block": BLOCK}).headers["Location"]
    assert location.count("?") == 1
    assert dict(parse_qsl(urlsplit(location).query))["from"] == "ilp"


def test_s19_a_body_that_is_not_json_is_a_client_error(tool: ToolSide) -> None:
    broken = {"data": "{", "content_type": "application/json"}
    with pytest.raises(ValueError, match="Expecting"):
        DjangoRequest(RequestFactory().post("/", **broken))
    headers = {"Authorization": f"Bearer {tool.token()}"}
    assert Client().post(LINEITEMS, headers=headers, **broken).status_code == 403
    assert Client().post("/ilp/token", **broken).status_code == 400


def test_s19_unknown_or_odd_query_parameters_are_no_accident(tool: ToolSide) -> None:
    claims = {"iss": ISSUER, "sub": CLIENT, "scopes": f"{RESULT_READ} {MEMBERSHIP_READ}"}
    token = jwt.encode(claims, factories.private_pem("platform-key"), algorithm="RS256")
    with pytest.raises(TypeError):  # page + 1
        BareGradebook(token, page="2").handle_get_lineitems()
    with pytest.raises(TypeError):  # rlid is no parameter of the hook
        BareRoster(token, rlid="link").handle_get_members()
    assert tool.get(f"{LINEITEMS}?page=1&anything=x&limit=1").status_code == 200
    assert tool.get(f"/ilp/courses/{COURSE}/memberships?rlid={COURSE.replace('+', '%2B')}").status_code == 200


def test_s19_a_next_link_is_quoted_and_absolute(tool: ToolSide) -> None:
    assert generate_next_link("x") == "<x>; rel=next"
    claims = {"iss": ISSUER, "sub": CLIENT, "scopes": RESULT_READ}
    bare = BareGradebook(jwt.encode(claims, factories.private_pem("platform-key"), algorithm="RS256"))
    assert bare.handle_get_results(line_item_id="item").result["next"].startswith("None/results")
    results = f"{LINEITEMS}/{segment(ACTIVITY)}/results"
    assert tool.get(f"{results}?limit=1").headers["Link"] == f'<{ISSUER}{results}?limit=1&page=1>; rel="next"'


def test_s19_the_launch_names_the_scopes_that_the_tool_has(client: Client, tool: ToolSide) -> None:
    bare = LtiAgs(lineitem_url="https://lms.example.org/item").get_lti_ags_launch_claim()
    assert len(next(iter(bare.values()))["scope"]) != 1  # it was to leave the score scope only
    claims = factories.read_message(factories.launch(client, tool, "ada"))
    scopes = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["scope"]
    assert all(scope in tool.tool.scopes for scope in scopes)


def test_s20_errors_discovery_and_registration_follow_their_standards(client: Client, tool: ToolSide) -> None:
    with pytest.raises(Exception, match=r"^$"):
        BarePlatform().ask_token("x", grant_type="password")
    body = tool.ask_token(grant_type="password").json()
    assert body == {"error": "unsupported_grant_type", "error_description": body["error_description"]}
    configuration = client.get("/ilp/.well-known/openid-configuration").json()
    assert configuration["registration_endpoint"] == f"{ISSUER}/ilp/register"
