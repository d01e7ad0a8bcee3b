"""Deep Linking 2.0: what may be asked, who may answer, and an answer any platform can check. One test a payload."""

import re
import time
from datetime import timedelta
from html import unescape

import jwt
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lti_tool.lti import api, keys
from lti_tool.lti.models import DeepLinking, LaunchSession, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from tests.factories import lti
from tests.factories.any_json import JSON, TEXT
from tests.factories.lti import CLAIM, INSTRUCTOR, LEARNER, MEMBERSHIP, REMOVE

pytestmark = pytest.mark.django_db

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RETURN = "https://lms.example/courses/1/return?type=a&b=%20c"
SETTINGS = {
    "deep_link_return_url": RETURN,
    "accept_types": ["link", "ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
    "accept_lineitem": True,
    "data": "csrf:<&\"'>",
}


class Picker:
    """A teacher in front of the picker a deep linking request opened."""

    def __init__(self, platform, browser=None, *, roles=(INSTRUCTOR,), claims=None, **changes):
        self.platform, self.browser = platform, browser or Client()
        sent = {name: value for name, value in (SETTINGS | changes).items() if value is not REMOVE}
        self.launched = launch(platform, self.browser, sent, roles=list(roles), **(claims or {}))
        assert self.launched.status_code == 303, self.launched.content.decode()
        self.address = self.launched["Location"]
        self.handle = self.address.split("/")[2]
        self.page = self.browser.get(self.address)

    def post(self, **data):
        secret = self.browser.cookies[f"__Host-ilp-{self.handle}"].value
        return self.browser.post(self.address, {"ilp_csrf": api.csrf_token(self.handle, secret), **data})

    def add(self, *what, **data):
        return read(self.platform, self.post(go="add", what=what, **data))

    def cancel(self):
        return read(self.platform, self.post(go="cancel"))


def launch(platform, browser, dl_settings, **changes):
    changes = {"sub": "teacher-1", "roles": [INSTRUCTOR], "resource_link": REMOVE, **changes}
    return platform.launch(
        browser, message_type="LtiDeepLinkingRequest", **{DL + "deep_linking_settings": dl_settings}, **changes
    )


def read(platform, answer):
    """The response as a platform checks it, signature and all."""
    page = answer.content.decode()
    assert answer.status_code == 200, page
    form = re.search(r'<form id="return" method="post" action="([^"]+)"', page)
    assert form
    assert unescape(form[1]) == RETURN
    token = unescape(re.search(r'name="JWT" value="([^"]+)"', page)[1])
    key = next(
        k for k in jwt.PyJWKSet.from_dict(keys.jwks()).keys if k.key_id == jwt.get_unverified_header(token)["kid"]
    )
    return jwt.decode(token, key.key, ["RS256"], audience=platform.issuer, issuer=platform.client_id,
                      options={"require": ["exp", "iat", "nonce", "iss", "aud"]})  # fmt: skip


@pytest.fixture
def platform():
    return lti.connected()


def refused(answer):
    assert 400 <= answer.status_code < 500, answer.status_code
    assert re.search(r"Reference number: [0-9A-F]{8}", answer.content.decode())
    assert not LaunchSession.objects.exists()
    assert not DeepLinking.objects.exists()


# What may be asked


@pytest.mark.parametrize("value", [REMOVE, None, "settings", 7, [], {}, True])
def test_no_settings(platform, value):
    refused(launch(platform, Client(), value))


@pytest.mark.parametrize(
    "url",
    [REMOVE, None, "", 7, [], {}, "javascript:alert(1)", "data:text/html,x", "//lms.example/return", "/return",
     "https://", "https://user@lms.example/", "https://lms.example/a b", "https://lms.example\\@evil.example/",
     "https://lms.example/\x00", "https://lms.example/" + "x" * 9000, "ftp://lms.example/", "https://ümlaut.example/",
     "https://lms.example:99999/"],
)  # fmt: skip
def test_no_usable_return_address(platform, url):
    sent = {name: value for name, value in (SETTINGS | {"deep_link_return_url": url}).items() if value is not REMOVE}
    refused(launch(platform, Client(), sent))


@pytest.mark.parametrize("member", ["accept_types", "accept_presentation_document_targets"])
@pytest.mark.parametrize(
    "value", [REMOVE, None, "ltiResourceLink", [], {}, 7, [7], [None], ["x"] * 51, ["ltiResourceLink", "\x00"]]
)
def test_no_usable_list_of_what_is_taken(platform, member, value):
    sent = {name: given for name, given in (SETTINGS | {member: value}).items() if given is not REMOVE}
    refused(launch(platform, Client(), sent))


@pytest.mark.database
@pytest.mark.parametrize("data", [7, [], {}, True, "x" * 60_000, "a\x00b", "\ud800"])
def test_data_that_could_not_go_back_as_it_came(platform, data):
    refused(launch(platform, Client(), SETTINGS | {"data": data}))


@pytest.mark.parametrize("sub", [REMOVE, ""])
def test_a_request_by_nobody(platform, sub):
    refused(launch(platform, Client(), SETTINGS, sub=sub))


@pytest.mark.trust("T7")
def test_a_request_of_a_deployment_nobody_has_claimed(platform):
    answer = launch(platform, Client(), SETTINGS, deployment_id="another", roles=[LEARNER])
    assert answer.status_code == 403
    assert not DeepLinking.objects.exists()


# Who may answer


@pytest.mark.trust("T61", "T1")
@pytest.mark.parametrize(
    "roles",
    [
        [LEARNER],
        [],
        [MEMBERSHIP + "Mentor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"],
        [INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"],
        ["http://example.org/roles#Headteacher"],
    ],
    ids=[
        "student",
        "no role",
        "parent",
        "assistant",
        "assistant at Canvas",
        "teacher elsewhere",
        "system",
        "unknown",
    ],
)
def test_whoever_does_not_teach_the_course_is_told_kindly_and_can_only_go_back(platform, roles):
    picker = Picker(platform, roles=roles)
    assert picker.page.status_code == 403
    assert "Only teachers add things" in picker.page.content.decode()
    said = read(platform, picker.post(go="add", what="panel"))
    assert said[DL + "content_items"] == []
    assert said[DL + "data"] == SETTINGS["data"]


@pytest.mark.parametrize("role", ["Instructor", "Administrator", "ContentDeveloper"])
def test_teachers_course_administrators_and_authors_may(platform, role):
    picker = Picker(platform, roles=[MEMBERSHIP + role])
    assert picker.page.status_code == 200
    assert len(picker.add("panel")[DL + "content_items"]) == 1


@pytest.mark.trust("T1")
def test_another_browser_can_not_answer_a_request_it_did_not_begin(platform):
    picker = Picker(platform)
    stranger = Client()
    assert stranger.get(picker.address).status_code == 401
    assert stranger.post(picker.address, {"go": "add", "what": "panel"}).status_code == 401
    assert not DeepLinking.objects.get().answered_at


@pytest.mark.trust("T65")
def test_an_answer_without_the_pages_token_is_refused(platform):
    picker = Picker(platform)
    assert picker.browser.post(picker.address, {"go": "add", "what": "panel"}).status_code == 403
    assert not DeepLinking.objects.get().answered_at


# The answer


@pytest.mark.trust("T69")
def test_the_answer_is_signed_short_lived_and_addressed_to_the_platform(platform):
    said = Picker(platform).add("panel")
    assert said["iss"] == platform.client_id
    assert said["aud"] == platform.issuer
    assert said["exp"] - said["iat"] == 300
    assert abs(said["iat"] - time.time()) < 30
    assert len(said["nonce"]) >= 24
    assert said[CLAIM + "deployment_id"] == platform.deployment_id
    assert said[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert said[CLAIM + "version"] == "1.3.0"
    assert said[DL + "data"] == SETTINGS["data"]
    assert said[DL + "msg"]
    assert said[DL + "log"] == "ilp-panel: 1 placed"
    assert DL + "errorlog" not in said


def test_data_that_was_not_sent_is_not_sent_back(platform):
    assert DL + "data" not in Picker(platform, data=REMOVE).add("panel")


def test_data_that_is_empty_goes_back_empty(platform):
    assert Picker(platform, data="").add("panel")[DL + "data"] == ""


def test_a_link_to_the_panel_holds_everything_a_platform_can_show(platform):
    (item,) = Picker(platform, title="Week 3").add("panel")[DL + "content_items"]
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Week 3"
    assert item["url"] == lti.LAUNCH_URL
    assert item["text"]
    assert item["icon"]["url"] == settings.ILP_BASE_URL + "/static/ilp/icon.png"
    assert item["thumbnail"]["url"].endswith("/static/ilp/thumbnail.png")
    assert {"width", "height"} <= item["iframe"].keys()
    assert {"targetName", "width", "height"} <= item["window"].keys()
    assert item["custom"]["ilp_view"] == "panel"
    assert item["custom"]["context_id_history"] == "$Context.id.history"
    assert "lineItem" not in item


def test_only_the_targets_the_platform_takes_are_named(platform):
    (item,) = Picker(platform, accept_presentation_document_targets=["window"]).add("panel")[DL + "content_items"]
    assert "iframe" not in item
    assert "window" in item


def test_a_round_of_reviews_brings_its_column_its_review_and_its_window(platform):
    (item,) = Picker(platform).add(
        "cycle", name="Spring review", opens="2027-02-01", closes="2027-02-28", released="on"
    )[DL + "content_items"]
    line = item["lineItem"]
    assert (line["label"], line["scoreMaximum"], line["tag"]) == ("Spring review", 1.0, "ilp-review")
    assert line["gradesReleased"] is True
    assert line["resourceId"] == "2026-spring-review"
    review = line["submissionReview"]
    assert review["url"] == lti.LAUNCH_URL
    assert {"None", "Submitted", "Completed"} <= set(review["reviewableStatus"])
    assert review["custom"]["ilp_cycle"] == item["custom"]["ilp_cycle"] == line["resourceId"]
    assert item["available"] == item["submission"] == {
        "startDateTime": "2027-02-01T00:00:00Z", "endDateTime": "2027-03-01T00:00:00Z",
    }  # fmt: skip


def test_a_round_without_days_has_no_window(platform):
    (item,) = Picker(platform).add("cycle", name="Review")[DL + "content_items"]
    assert "available" not in item
    assert item["lineItem"]["gradesReleased"] is False


def test_several_at_once_where_the_platform_takes_several(platform):
    items = Picker(platform).add("panel", "reviews", "cycle", name="Review")[DL + "content_items"]
    assert [item["custom"]["ilp_view"] for item in items] == ["panel", "reviews", "review_cycle"]


@pytest.mark.parametrize("value", [REMOVE, False, "false", None, 7, [], {}])
def test_several_are_refused_where_the_platform_takes_one(platform, value):
    picker = Picker(platform, accept_multiple=value)
    assert 'type="radio"' in picker.page.content.decode()
    answer = picker.post(go="add", what=["panel", "reviews"])
    assert answer.status_code == 422
    assert "Choose one." in answer.content.decode()
    assert not DeepLinking.objects.get().answered_at


@pytest.mark.parametrize("value", [REMOVE, False, "no", None, 7, [], {}])
def test_no_column_is_offered_where_the_platform_would_drop_it(platform, value):
    picker = Picker(platform, accept_lineitem=value)
    assert 'value="cycle"' not in picker.page.content.decode()
    assert picker.post(go="add", what="cycle", name="Review").status_code == 422


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose what to add."),
        ({"what": "everything"}, "Choose again."),
        ({"what": "goal:" + "0" * 32}, "Choose again."),
        ({"what": "cycle"}, "Give the review a name."),
        ({"what": "cycle", "name": " "}, "Give the review a name."),
        ({"what": "cycle", "name": "x" * 256}, "255"),
        ({"what": "cycle", "name": "R", "opens": "soon"}, "date"),
        ({"what": "cycle", "name": "R", "opens": "2027-02-02", "closes": "2027-02-01"}, "not before the first one"),
    ],
)
def test_a_choice_that_can_not_be_taken_says_why_and_keeps_the_request_open(platform, data, sentence):
    picker = Picker(platform)
    answer = picker.post(go="add", **data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert picker.add("panel")


def test_cancelling_goes_back_with_nothing(platform):
    said = Picker(platform).cancel()
    assert said[DL + "content_items"] == []
    assert not {DL + name for name in ("msg", "log", "errormsg", "errorlog")} & said.keys()


def test_a_platform_that_wants_another_kind_gets_a_kind_page_and_a_clean_answer(platform):
    picker = Picker(platform, accept_types=["file", "image"])
    assert picker.page.status_code == 200
    assert "nothing here of that kind" in picker.page.content.decode()
    said = read(platform, picker.post(go="add", what="panel"))
    assert said[DL + "content_items"] == []
    assert "as a link" in said[DL + "errormsg"]
    assert "ltiResourceLink" in said[DL + "errorlog"]
    assert DL + "log" not in said


@pytest.mark.trust("T60")
def test_a_request_is_answered_once(platform):
    picker = Picker(platform)
    assert picker.add("panel")
    for again in (picker.post(go="add", what="panel"), picker.post(go="cancel"), picker.browser.get(picker.address)):
        assert again.status_code == 409
        assert "answered already" in again.content.decode()


@pytest.mark.trust("T62")
def test_a_session_that_ended_answers_nothing(platform):
    picker = Picker(platform)
    LaunchSession.objects.update(last_seen_at=timezone.now() - timedelta(days=3))
    assert picker.post(go="add", what="panel").status_code == 401
    assert not DeepLinking.objects.get().answered_at


@pytest.mark.trust("T65")
def test_only_the_returning_page_may_post_to_the_platform_and_everything_in_it_is_escaped(platform):
    hostile = 'https://lms.example/r?x="><script>alert(1)</script>'
    picker = Picker(platform)
    assert "form-action 'self';" in picker.page["Content-Security-Policy"] + ";"
    answer = picker.post(go="cancel")
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == "'self' https://lms.example"
    nonce = re.search(r"'nonce-([^']+)'", policy["script-src"])[1]
    scripts = re.findall(r"<script[^>]*>", answer.content.decode())
    assert all(f'nonce="{nonce}"' in script for script in scripts)
    assert "unsafe" not in answer["Content-Security-Policy"]
    second = Picker(platform, deep_link_return_url=hostile.replace(" ", ""))
    page = second.post(go="cancel").content.decode()
    assert "<script>alert" not in page
    assert "x=&quot;&gt;&lt;script&gt;" in page


def test_no_placement_is_made_of_a_message_that_has_none(platform):
    Picker(platform)
    assert not ResourceLink.objects.exists()


def test_without_a_cookie_the_secret_travels_in_the_document(platform):
    picker = Picker(platform)
    LaunchSession.objects.update(in_cookie=False)
    secret = picker.browser.cookies[f"__Host-ilp-{picker.handle}"].value
    bare = Client()
    page = bare.post(picker.address, {"ilp_secret": secret, "ilp_open": "1"})
    assert page.status_code == 200
    assert "What do you want to add" in page.content.decode()
    said = read(platform, bare.post(picker.address, {"ilp_secret": secret, "go": "add", "what": "reviews"}))
    assert said[DL + "content_items"][0]["custom"]["ilp_view"] == "reviews"


# What was placed is honoured later


@pytest.mark.requirement("002.16")
def test_a_goal_several_students_share_can_be_placed_and_its_link_shows_its_targets(platform):
    teacher = Client()
    platform.launch(teacher, sub="teacher-1", roles=[INSTRUCTOR])
    browsers = {name: Client() for name in ("a", "b")}
    for name, browser in browsers.items():
        platform.launch(browser, sub=name)
    session = LaunchSession.objects.select_related("deployment", "context", "platform_user").get(
        platform_user__sub="teacher-1"
    )
    actor = plans.actor_for(session.deployment.school_id, session.platform_user.person_id, session.context.course_id)
    people = dict(LaunchSession.objects.values_list("platform_user__sub", "platform_user__person_id"))
    for name in browsers:
        for wording, goal in (("Halve a cake", "Sure with numbers"), ("Speak up", "Be heard, " + name)):
            plans.agree_target(actor, people[name], TargetChange(wording=wording, goal=goal))
    picker = Picker(platform, teacher)
    page = picker.page.content.decode()
    assert "Sure with numbers" in page
    assert "Be heard" not in page
    value = re.search(r'value="(goal:[0-9a-f]{32})"', page)[1]
    (item,) = picker.add(value)[DL + "content_items"]
    assert "Sure with numbers" in item["title"]
    assert item["custom"]["ilp_goal"] == value.removeprefix("goal:")
    answer = platform.launch(browsers["a"], sub="a", custom=item["custom"], resource_link={"id": "placed"})
    shown = browsers["a"].get(answer["Location"]).content.decode()
    assert "Halve a cake" in shown
    assert "Speak up" not in shown


@pytest.mark.parametrize("goal", ["x", 7, [], "0" * 31, "../" * 20, None])
def test_a_goal_that_is_no_key_means_the_whole_panel(platform, goal):
    browser = Client()
    answer = platform.launch(browser, custom={"ilp_view": "panel", "ilp_goal": goal})
    assert answer.status_code == 303
    assert LaunchSession.objects.get().goal == ""


@pytest.mark.parametrize("view", ["reviews", "review_cycle"])
def test_a_list_of_reviews_opens_for_the_teacher_and_the_own_plan_for_a_student(platform, view):
    teacher = platform.launch(Client(), sub="t", roles=[INSTRUCTOR], custom={"ilp_view": view})
    assert teacher["Location"].endswith("?show=due")
    student = platform.launch(Client(), custom={"ilp_view": view})
    assert "?" not in student["Location"]


@pytest.mark.trust("T61")
def test_what_a_link_asks_to_show_gives_nobody_a_right(platform):
    browser = Client()
    answer = platform.launch(browser, custom={"ilp_view": "reviews", "ilp_role": "teacher"})
    assert "My targets here" in browser.get(answer["Location"]).content.decode()


# Anything at all

MEMBERS = st.sampled_from([*SETTINGS, "accept_media_types", "auto_create", "title", "text"])


@pytest.mark.database
@hypothesis_settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(changes=st.dictionaries(MEMBERS, JSON | TEXT | st.lists(TEXT, max_size=3), min_size=1, max_size=4), whole=JSON)
def test_any_settings_end_in_a_page_and_any_page_in_an_answer(platform, changes, whole):
    browser = Client()
    assert launch(platform, browser, whole).status_code < 500
    answer = launch(platform, browser, SETTINGS | changes)
    assert answer.status_code < 500
    if answer.status_code == 303:
        assert browser.get(answer["Location"]).status_code == 200
        handle = answer["Location"].split("/")[2]
        token = api.csrf_token(handle, browser.cookies[f"__Host-ilp-{handle}"].value)
        sent = browser.post(answer["Location"], {"ilp_csrf": token, "go": "add", "what": "panel"})
        assert sent.status_code == 200
        assert 'name="JWT"' in sent.content.decode()
