"""T91: every string of a page can be translated, and Arabic is: no English word is left on any page."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.template.autoreload import reset_loaders
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.lti import claim_pages, connections, refusals
from lti_tool.lti import pages as lti_pages
from lti_tool.lti.models import Context, DeepLinking, LaunchSession, Platform, ServiceTry
from lti_tool.lti.refusals import Refused
from lti_tool.lti.registration import views as registration_views
from lti_tool.lti.registration.steps import STEPS, steps_after
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, Level, ResultRead, Role, TargetChange
from lti_tool.plans.models import School
from lti_tool.web.setup import by_hand, mends
from lti_tool.web.setup import words as setup_words
from lti_tool.web.setup.forms import PlatformForm
from tests.factories import operators
from tests.factories.plans import make_class
from tests.factories.setup import appoint
from tests.factories.web import LMS

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T91")]
SPOKEN = {
    "aria-label", "title", "alt", "placeholder", "data-kept", "data-not-kept", "data-say", "data-copied",
    "data-marked", "data-works", "data-not-offered", "data-no-answer", "data-own-window",
}  # fmt: skip


class Spoken(HTMLParser):
    """What a page says to eyes and ears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.told: tuple[str | None, str | None] = (None, None)  # the document's language and direction
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SPOKEN and value]
        self._silent = tag in {"script", "style", "code", "bdi"}
        if tag == "html":
            self.told = (dict(attrs).get("lang"), dict(attrs).get("dir"))

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


TERMS = {"SMART"}  # a name that stays in Latin letters also in an Arabic sentence


def english_in(page: str) -> list[str]:
    spoken = Spoken()
    spoken.feed(page)
    said = [text.strip() for text in spoken.said]
    return [text for text in said if re.search(r"[A-Za-z]{2,}", text) and text not in TERMS]


def test_no_english_is_left_in_an_arabic_page(visitor: Callable[..., Visitor]) -> None:
    maths = make_class(title="الرياضيات")
    reads = [ActivityRead(external_id=f"a{n}", label=f"نشاط {n}", score_maximum=10) for n in range(3)]
    maths.activities |= plans.sync_activities(maths.school_id, maths.course_id, reads)
    teacher, assistant = maths.teacher("أ. هدى"), maths.person(Role.ASSISTANT, "سامي")
    student, other, nobody = maths.learner("ليلى"), maths.learner("عمر"), maths.person(Role.NONE, "زائر")
    ids = tuple(maths.activities.values())
    change = TargetChange("أجمع الكسور", "أحلّ وحدي", "أرسم شريطًا", "أثق بنفسي", timezone.localdate(), ids)
    target = plans.agree_target(teacher, student.person_id, change)
    for days, score in ((60, 3), (40, 4), (30, 5), (20, 6), (10, 7), (0, 8)):
        when = timezone.now() - timedelta(days=days)
        plans.record_results(maths.school_id, "ags", {ids[0]: [ResultRead(student.person_id, score, 10, when)]})
    plans.contribute(student, text="أحبّ الكسور")
    review_id = plans.start_review(teacher, student.person_id)
    judged = plans.judge_target(teacher, review_id, target, level=Level.EXPECTED, comment="أحسنت", version=0)
    again = {"level": Level.EXCEEDED, "comment": "أحسنت", "version": judged.version, "reason": "رأيت دفترها"}
    plans.judge_target(teacher, review_id, target, **again)
    mine, theirs, helper = (visitor(who, locale="ar") for who in (teacher, student, assistant))
    said = {"open review": mine.get("review", student.person_id)}
    plans.close_review(teacher, review_id, version=plans.review(teacher, review_id).version)
    plans.request_sync(maths.school_id, maths.course_id, "ags")
    (due,) = plans.due_syncs(limit=5, now=timezone.now())
    lease = plans.claim_sync(due.id, now=timezone.now(), lease=timedelta(minutes=1))
    plans.fail_sync(due.id, lease.token, now=timezone.now(), code="slow", next_due=None)
    said |= {
        "student": theirs.get("panel"),
        "student without a plan": visitor(other, locale="ar").get("panel"),
        "nobody": visitor(nobody, locale="ar").get("panel"),
        "class": mine.get("panel"),
        "class, assistant": helper.get("panel"),
        "closed review": mine.get("past-review", student.person_id, review_id),
        "closed review, assistant": helper.get("review", student.person_id),
        "no review": mine.get("review", other.person_id),
        "new target": mine.get("target-new", student.person_id),
        "change target": mine.get("target-new", student.person_id),
        "target refused": mine.post("target-new", student.person_id, data={"wording": "", "due_on": "x"}),
        "about": theirs.get("about"),
        "not found": theirs.get("review", student.person_id),
        "old page": theirs.client.post(theirs.address("words")),
        "done": theirs.post("done"),
    }
    left = {name: english_in(page.content.decode()) for name, page in said.items()}
    assert {name: words for name, words in left.items() if words} == {}
    page = said["class"].content.decode()
    assert '<html lang="ar" dir="rtl">' in page


# The pages of setting up, placing, registering and operating, in a language in which every word that can be
# translated is, and nothing else: whatever is still in our letters could not have been.

LMSS = [*dict.fromkeys(mends.NAMES.values()), *(lms.name for lms in by_hand.ALL), "LTI 1.3"]
OTHERS_WORDS = sorted({*LMSS, *(label for lms in by_hand.ALL for label, _ in lms.labels)}, key=len, reverse=True)
PARTS = re.compile(r"(%\(\w+\)[a-z]|%[a-z]|\{\w*\}|<[^>]+>|&\w+;)")


def foreign(text: str) -> str:
    """As a translator would leave it: other letters, the same placeholders."""
    return "".join(part if n % 2 else re.sub("[A-Za-z]", "ن", part) for n, part in enumerate(PARTS.split(text)))


@pytest.fixture
def _every_word_translated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from django.utils.translation import _trans

    def either(one: str, many: str, number: int) -> str:
        return foreign(one if number == 1 else many)

    monkeypatch.setattr(_trans, "gettext", foreign)
    monkeypatch.setattr(_trans, "pgettext", lambda context, text: foreign(text))
    monkeypatch.setattr(_trans, "ngettext", either)
    monkeypatch.setattr(_trans, "npgettext", lambda context, one, many, number: either(one, many, number))
    reset_loaders()  # what stands still in a template is kept once per language
    yield
    reset_loaders()


def untranslated(pages: Mapping[str, HttpResponse]) -> dict[str, list[str]]:
    """What stands in our letters on each page, and pages that do not say what they are written in."""
    found: dict[str, list[str]] = {}
    for name, page in pages.items():
        spoken = Spoken()
        spoken.feed(page.content.decode())
        left = []
        for said in spoken.said:
            text = said
            for word in OTHERS_WORDS:
                text = text.replace(word, "")
            text = re.sub(r"https?://\S+|[0-9A-Z]{4}(-[0-9A-Z]{4}){2}|[0-9A-F]{8}\b|[0-9a-f-]{36}", "", text)
            if re.search(r"[A-Za-z]{2,}", text):
                left.append(said.strip())
        if not page.content.decode().lstrip().lower().startswith("<!doctype html>"):
            left.append("no whole page")
        if spoken.told != ("ar", "rtl"):
            left.append(f"says it is {spoken.told}")
        if left:
            found[name] = left
    return found


@pytest.fixture
def it(visitor: Callable[..., Visitor]) -> Visitor:
    """An appointed administrator whose teacher's name and course are in no letters of ours."""
    maths = make_class(title="الرياضيات")
    mine = visitor(maths.teacher("أ. هدى"), locale="ar")
    appoint(mine.door)
    Platform.objects.update(product_family="moodle")
    return mine


@pytest.mark.usefixtures("_every_word_translated")
def test_every_string_of_the_setup_pages_can_be_translated(it: Visitor, visitor: Callable[..., Visitor]) -> None:
    course = it.door.actor.course_id
    LaunchSession.objects.update(locale="ar")
    pages = {
        "overview": it.get("setup"),
        "code": visitor(make_class(title="سبعة").teacher("أ"), locale="ar").get("setup"),
        "link": it.post("setup-link"),
        "new code": it.post("setup-new-code"),
        "passback": it.get("setup-passback"),
        "passback on": it.post("setup-passback", data={"state": "on"}),
        "overview, passback on": it.get("setup"),
        "wrong code": it.post("setup-code", data={"code": "x"}),
        "by hand, empty": it.post("setup-by-hand", data={"lms": "moodle"}),
        "by hand, http": it.post("setup-by-hand", data=dict.fromkeys(PlatformForm.base_fields, "http://x.example")),
        "not there": it.get("setup-course", 0),
    }
    for lms in by_hand.ALL:
        pages[f"by hand, {lms.key}"] = it.client.get(it.address("setup-by-hand"), {"lms": lms.key})
    for family in [
        "moodle",
        "canvas",
        "BlackboardLearn",
        "desire2learn",
        "sakai",
        "schoology",
        "ilp-xblock",
        "edx",
        "",
    ]:
        Platform.objects.update(product_family=family)
        pages[f"course, {family}"] = it.post("setup-course", course)
    context = Context.objects.get(course_id=course)
    for n, outcome in enumerate(setup_words.ANSWERS):
        service = setup_words.SERVICES[n % len(setup_words.SERVICES)]
        ServiceTry.objects.update_or_create(
            context=context, service=service, defaults={"outcome": outcome, "tried_at": timezone.now()}
        )
        pages[f"{service} {outcome}"] = it.get("setup-course", course)
    old = visitor(it.door.actor, locale="ar", at=timezone.now() - timedelta(minutes=30))
    pages["too old"] = old.post("setup-link")
    assert untranslated(pages) == {}


@pytest.mark.usefixtures("_every_word_translated")
def test_every_string_of_the_operators_pages_can_be_translated(
    operator: Client, device: TOTPDevice, it: Visitor
) -> None:
    operator.defaults["HTTP_ACCEPT_LANGUAGE"] = "ar"
    stranger = operators.browser()
    stranger.defaults["HTTP_ACCEPT_LANGUAGE"] = "ar"
    school = it.door.actor.school_id
    School.objects.filter(pk=school).update(name="سبعة")
    (site,) = connections.connections(school)
    pages = {
        "log in": stranger.get(operators.address("operator-log-in"), secure=True),
        "refused": operators.log_in(stranger, device, username="", password="wrong"),
        "schools": operator.get(operators.address("operator-schools"), secure=True),
        "no name": operators.send(operator, operators.address("operator-new-school"), name=""),
        "taken": operators.send(operator, operators.address("operator-new-school"), name="سبعة"),
        "new school": operators.send(operator, operators.address("operator-new-school"), name="ثمانية"),
        "school": operator.get(operators.address("operator-school", school), secure=True),
        "code": operators.send(operator, operators.address("operator-new-code", school)),
        "link": operators.send(operator, operators.address("operator-new-link", school)),
        "off": operators.send(operator, operators.address("operator-site", school, site.pk), state="off"),
        "on": operators.send(operator, operators.address("operator-site", school, site.pk), state="on"),
        "account": operator.get(operators.address("operator-account"), secure=True),
        "authenticator": operators.send(
            operator, operators.address("operator-authenticator"), password=operators.PASSWORD
        ),
        "differ": operators.send(
            operator, operators.address("operator-password"), password=operators.PASSWORD, new_password="x"
        ),
        "weak": operators.send(
            operator, operators.address("operator-password"),
            password=operators.PASSWORD, new_password="robin", once_more="robin",
        ),
        "wrong": operators.send(operator, operators.address("operator-password"), password="wrong"),
        "not there": operator.get("/nowhere", secure=True),
        "old form": operator.post(operators.address("operator-new-school"), {"name": "تسعة"}, secure=True),
    }  # fmt: skip
    assert untranslated(pages) == {}


@pytest.mark.usefixtures("_every_word_translated")
def test_every_string_of_the_protocols_pages_can_be_translated() -> None:
    request = RequestFactory().get("/lti/launch")
    talk = {"frame": "", "origin": LMS, "message_id": "m", "key": "k", "milliseconds": 1, "subject": "lti.get_data"}
    restart = {"login_url": "/lti/login", "parameters": {}}
    claim = {"token": "x", "claim_url": "/lti/claim"}
    shown: list[tuple[str, dict[str, Any]]] = [
        ("register.html", {}),
        ("claim.html", claim),
        ("claim.html", claim | {"error": claim_pages.WRONG}),
        ("claim.html", claim | {"error": claim_pages.TOO_MANY}),
        ("claimed.html", {}),
        ("new_tab.html", restart),
        ("storage.html", restart | {"talk": talk, "page_url": "/s/x/"}),
        ("privacy.html", {"contact": "سبعة"}),
        ("broken.html", {"reference": "4566E184"}),
        *(("refused.html", {"refused": Refused(code, return_url=LMS)}) for code in [*refusals._PAGES, "any other"]),
        *(
            ("registered.html", {"steps": steps_after(family, waits_for_launch=waits)})
            for family in [*STEPS, "another"]
            for waits in (True, False)
        ),
    ]
    for what, then in registration_views._FAILURES.values():
        refused = Refused("configuration")
        refused.what, refused.next = what, then
        shown.append(("refused.html", {"refused": refused}))
    pages = {
        f"{n} {template}": lti_pages.page(request, template, context, locale="ar")
        for n, (template, context) in enumerate(shown)
    }
    assert untranslated(pages) == {}


@pytest.mark.usefixtures("_every_word_translated")
def test_every_string_of_the_placing_pages_can_be_translated(it: Visitor, visitor: Callable[..., Visitor]) -> None:
    settings = {
        "deep_link_return_url": LMS,
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "title": "سبعة",
    }

    def asked(may_pick: bool = True, **changes: Any) -> Visitor:
        here = visitor(it.door.actor, locale="ar")
        session = LaunchSession.objects.get(handle=here.door.handle)
        DeepLinking.objects.create(session=session, settings=settings | changes, may_pick=may_pick)
        return here

    several = asked(accept_multiple=True, accept_lineitem=True)
    wrong = {"what": ["cycle", "no such"], "name": "", "opens": "x", "closes": "0001-01-01"}
    backwards = {"what": ["cycle"], "name": "", "opens": "2027-02-01", "closes": "2027-01-01"}
    pages = {
        "picker": several.get("place"),
        "nothing chosen": several.post("place"),
        "wrong": several.post("place", data=wrong),
        "backwards": several.post("place", data=backwards),
        "one": asked().get("place"),
        "two where one is taken": asked(accept_lineitem=True).post("place", data={"what": ["panel", "reviews"]}),
        "may not": asked(may_pick=False).get("place"),
        "another kind": asked(accept_types=["file"]).get("place"),
        "placed": several.post("place", data={"what": ["panel", "reviews"]}),
        "placed before": several.get("place"),
    }
    assert untranslated(pages) == {}
