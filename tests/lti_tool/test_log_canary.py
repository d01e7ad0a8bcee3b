"""T76: a canary in every claim, field, header and address of the loop, and none in what is logged."""

import io
import itertools
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml.html import document_fromstring

from lti_tool.lti import api as lti_api
from lti_tool.lti import ratelimit
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor
from tests.factories import lti, operators
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appoint
from tests.factories.web import Door, open_door

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T76")]
CANARY = "Zebedee-Quillfeather"
SUB = "zebedee.sub.quillfeather"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    ratelimit._counts.clear()
    for name in ("LOGIN", "LAUNCH", "CODE", "REGISTRATION", "OPERATOR"):
        monkeypatch.setattr(settings, f"ILP_RATE_{name}_PER_MINUTE", 0)


@pytest.fixture(params=["INFO", "DEBUG"])
def written(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture) -> Iterator[Callable[[], str]]:
    """All that was logged or printed, as quiet as the settings make it and as loud as an operator can."""
    sink = io.StringIO()
    handlers = {"stderr": {**settings.LOGGING["handlers"]["stderr"], "stream": sink}}
    root = {**settings.LOGGING["root"], "level": request.param}
    for others in ("werkzeug", "aiohttp"):  # the LMSs of these tests, in the same process
        logging.getLogger(others).setLevel(logging.CRITICAL)
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    logging.config.dictConfig({**settings.LOGGING, "handlers": handlers, "root": root})

    def all_of_it() -> str:
        told = capfd.readouterr()
        return sink.getvalue() + told.out + told.err

    yield all_of_it
    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


def clean(log: str, *secrets: str) -> None:
    found = [line for line in log.splitlines() for word in (CANARY, "Quillfeather", SUB, *secrets) if word in line]
    assert found == []


def browser(**options: Any) -> Client:
    headers = {"user-agent": CANARY, "referer": f"https://lms.example/{CANARY}", "accept-language": CANARY}
    return Client(headers=headers, raise_request_exception=False, **options)


def claims_of(platform: lti.FakePlatform) -> dict[str, Any]:
    """Everything a launch may tell, the canary in each word of it."""
    said = f"{CANARY} said so"
    return {
        "sub": SUB, "name": CANARY, "given_name": CANARY, "family_name": CANARY, "email": f"{CANARY}@example.org",
        "picture": f"https://lms.example/{CANARY}.png", "middle_name": CANARY, "locale": CANARY,
        "context": {"id": f"course-{CANARY}", "title": said, "label": CANARY, "type": [CANARY]},
        "resource_link": {"id": f"link-{CANARY}", "title": said, "description": said},
        "custom": {"ilp_activities": f'["{CANARY}"]', "anything": said, "context_id_history": CANARY},
        "launch_presentation": {"locale": "en", "return_url": f"{platform.issuer}/{CANARY}?who={CANARY}"},
        "tool_platform": {"guid": CANARY, "name": said, "contact_email": f"{CANARY}@example.org",
                          "product_family_code": CANARY},
        "lis": {"person_sourcedid": CANARY, "course_section_sourcedid": CANARY},
        "role_scope_mentor": [CANARY],
        AGS: {"scope": [CANARY], "lineitems": f"{platform.issuer}/{CANARY}/items"},
    }  # fmt: skip


def test_launches_right_and_wrong_in_every_claim_leave_nothing(written: Callable[[], str]) -> None:
    platform = lti.connected()
    for roles in ([lti.LEARNER], [lti.INSTRUCTOR]):
        answer = platform.launch(browser(), roles=roles, **claims_of(platform))
        assert answer.status_code == 303, answer.content
    names = {*platform.claims("n"), *claims_of(platform), DL, "for_user", "azp", "nbf"}
    for name, wrong in itertools.product(sorted(names), (CANARY, [CANARY], {CANARY: CANARY}, lti.REMOVE)):
        changes = {name.removeprefix(lti.CLAIM): wrong}
        assert platform.launch(browser(), **changes).status_code < 500, name
    for kind in ("LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "LtiContextLaunchRequest", CANARY):
        settings_ = {
            "deep_link_return_url": f"https://lms.example/{CANARY}",
            "data": CANARY,
            "title": CANARY,
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
        }
        changes = {DL: settings_, "for_user": {"user_id": CANARY, "name": CANARY}}
        said = claims_of(platform) | changes
        assert platform.launch(browser(), message_type=kind, roles=[lti.INSTRUCTOR], **said).status_code < 500
    assert platform.launch(browser(), header={"kid": CANARY}).status_code < 500
    for sent in (
        {"state": CANARY, "id_token": CANARY},
        {"state": CANARY, "error": CANARY, "error_description": CANARY},
        {"state": platform.begin(browser())["state"], "id_token": CANARY},
        {CANARY: CANARY},
    ):
        assert browser().post("/lti/launch", sent).status_code < 500
    for name in ("iss", "client_id", "login_hint", "lti_message_hint", "lti_deployment_id", "target_link_uri"):
        assert platform.login(browser(), **{name: CANARY}).status_code < 500
    for path in ("notices", "claim", "login", CANARY):
        assert browser().post(f"/lti/{path}", CANARY, content_type="application/json").status_code < 500
    assert browser().post("/lti/claim", {"token": CANARY, "code": CANARY}).status_code < 500
    clean(written())


def crawl(here: Client, base: str, start: str, most: int = 60) -> Iterator[tuple[str, Any]]:
    """Every page that links and forms of the own session lead to, each address's shape once."""
    waiting, seen = [start], set()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        shape = path.partition("?")[0]
        if shape in seen or not path.startswith(base):
            continue
        seen.add(shape)
        answer = here.get(path)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = document_fromstring(answer.content.decode())
        page.make_links_absolute("http://testserver" + path)
        waiting += [link.removeprefix("http://testserver") for link in page.xpath("//a/@href")]
        yield path, page


def fill_in(here: Client, path: str, page: Any, *, hidden_too: bool) -> int:
    """Send every form of the page, once for each of its buttons, with the canary in every field. How many."""
    sent = 0
    for form in page.forms:
        fields = {}
        for element in form.xpath(".//*[@name]"):
            kind, name = (element.get("type") or element.tag).lower(), element.get("name")
            free = kind in {"text", "textarea", "search", "date", "url", "number", "password", "email", "select"}
            if name == "ilp_csrf" or not (free or hidden_too):
                fields.setdefault(name, element.get("value") or "")
            else:
                fields[name] = CANARY
        wheres = {form.get("action") or path, *form.xpath(".//@formaction")}
        for where in wheres:
            address = urljoin("http://testserver" + path, where).removeprefix("http://testserver")
            if address.startswith("http") or address.endswith("/done"):
                continue
            assert here.post(address, fields).status_code < 500, address
            sent += 1
    return sent


def sitting(actor: Actor) -> tuple[Client, Door]:
    door, here = open_door(actor, activity_ids=("fractions",)), browser()
    here.cookies[door.cookie] = door.secret
    return here, door


def test_every_field_of_every_page_leaves_nothing(written: Callable[[], str]) -> None:
    cast = make_cast()
    for actor, forms in ((cast.student, 2), (cast.teacher, 30), (cast.assistant, 0)):
        here, door = sitting(actor)
        if actor is cast.teacher:
            plans.start_review(actor, cast.student.person_id)
            appoint(door)
        sent = 0
        for hidden_too in (False, True):
            student = reverse("review", args=[door.handle, cast.student.person_id])
            target = reverse("target-edit", args=[door.handle, cast.student.person_id, cast.target_id])
            for start in (door.path, student, target, f"{door.path}setup/"):
                for path, page in crawl(here, door.path, start, most=25):
                    sent += fill_in(here, path, page, hidden_too=hidden_too)
        assert sent >= forms, "the walk found the forms"
        token = lti_api.csrf_token(door.handle, door.secret)
        for route in ("draft", "words", "panel-live", "panel"):
            body = {"ilp_csrf": token, "ilp_subject": CANARY, "field": CANARY, "text": CANARY, "seen": CANARY}
            assert here.post(reverse(route, args=[door.handle]), body).status_code < 500
        assert here.get(f"{door.path}activities", {"find": CANARY}).status_code < 500
        assert here.get(f"{door.path}{CANARY}?{CANARY}={CANARY}").status_code == 404
        clean(written(), door.secret)


def test_registration_the_operators_pages_and_odd_requests_leave_nothing(
    written: Callable[[], str], httpserver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = plans.create_school(f"School of {CANARY}")
    link = lti_api.registration_link(school)
    origin = httpserver.url_for("").rstrip("/")
    httpserver.expect_request("/lms/config").respond_with_data(json.dumps({"issuer": CANARY, CANARY: CANARY}))
    httpserver.expect_request("/lms/broken").respond_with_data(CANARY, status=500)
    # The host of an address is logged on purpose: whoever runs the tool must know which LMS does not answer.
    for where in (f"{origin}/lms/config", f"{origin}/lms/broken", f"{origin}/{CANARY}", CANARY):
        answer = browser().get(link, {"openid_configuration": where, "registration_token": CANARY})
        assert answer.status_code < 500
    assert browser().get(f"/lti/register/{CANARY}").status_code == 404
    device, codes = operators.create(monkeypatch)
    here = operators.browser()
    operators.log_in(here, device, username=CANARY, password=CANARY, otp_token=CANARY)
    assert operators.log_in(here, device, otp_token=codes[0]).status_code == 302
    for route in ("new-school", "password", "backup-codes", "authenticator"):
        said = dict.fromkeys(("name", "password", "new_password", "once_more", "otp_token"), CANARY)
        assert operators.send(here, operators.address(f"operator-{route}"), **said).status_code < 500
    for method in ("get", "post", "put", "delete", "patch", "options", "trace"):
        assert (
            getattr(browser(), method)(f"/{CANARY}", {CANARY: CANARY} if method == "get" else None).status_code < 500
        )
    assert browser().get("/", headers={"host": f"{CANARY}.example"}).status_code == 400
    assert browser().get("/lti/jwks", headers={"cookie": f"{CANARY}={CANARY}"}).status_code == 200
    many = {f"{CANARY}{n}": CANARY for n in range(2000)}
    assert browser().post("/lti/login", many).status_code in {400, 413}
    log = written()
    clean(log, link.rpartition("/")[2], codes[0], operators.PASSWORD)


@pytest.mark.trust("T77")
@pytest.mark.parametrize("route", ["panel", "review", "setup", "place", "activities"])
def test_a_page_that_raises_with_the_canary_in_its_locals_leaves_nothing_and_gives_a_number(
    written: Callable[[], str], monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    cast: Cast = make_cast()
    here, door = sitting(cast.teacher)

    def broken(*_: object, **__: object) -> None:
        words = CANARY
        raise RuntimeError(f"{words} {door.secret}")

    monkeypatch.setattr("lti_tool.web.session.plans.actor_for", broken)
    ids = [cast.student.person_id] if route == "review" else []
    answer = here.get(reverse(route, args=[door.handle, *ids]))
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert "Reference number" in answer.content.decode()
    log = written()
    clean(log, door.secret, door.handle)
    assert "RuntimeError at" in log


def test_what_lies_around_for_days_is_forgotten_without_a_word(written: Callable[[], str]) -> None:
    platform = lti.connected()
    platform.launch(browser(), **claims_of(platform))
    with time_machine.travel(timezone.now() + timedelta(days=100), tick=False):
        lti_api.forget_expired()
    clean(written())
