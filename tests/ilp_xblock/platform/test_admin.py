"""Django's admin of the LMS and of Studio: tools are connected by their link, keys are never shown."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import include, path

from ilp_xblock import admin as ours
from ilp_xblock.models import LaunchRequest, PlatformKey, RegistrationToken, Tool, UsedAssertion
from ilp_xblock.platform import keys
from ilp_xblock.platform.registration import Unconnected
from tests.factories import platform as factories
from tests.factories.platform import COURSE

pytestmark = pytest.mark.django_db
urlpatterns = [
    path("admin/", admin.site.urls),
    path("ilp/", include("ilp_xblock.platform.urls")),
]
TOOLS = "/admin/ilp_xblock/tool/"
KEYS = "/admin/ilp_xblock/platformkey/"
LINK = "https://tool.example.org/lti/register/abc"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.TEMPLATES = [
        settings.TEMPLATES[0]
        | {
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ]


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", password=None))
    return client


def test_a_tool_is_connected_by_its_link(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def connect(link: str, *, courses: list[str]) -> Tool:
        asked.append((link, courses))
        return factories.make_tool("Learning plans", courses=courses).tool

    monkeypatch.setattr(ours, "connect", connect)
    page = operator.get(f"{TOOLS}add/")
    assert page.status_code == 200
    assert "Registration link" in page.content.decode()
    done = operator.post(f"{TOOLS}add/", {"link": LINK, "courses": f"{COURSE}\n\n {COURSE} \n"}, follow=True)
    assert asked == [(LINK, [COURSE])]
    assert "“Learning plans” is connected." in done.content.decode()
    assert Tool.objects.get().client_id in done.content.decode()


def test_a_link_that_does_not_connect_is_answered_by_a_sentence(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(link: str, *, courses: list[str]) -> Tool:
        raise Unconnected("The link is not fresh.")

    monkeypatch.setattr(ours, "connect", connect)
    page = operator.post(f"{TOOLS}add/", {"link": LINK, "courses": ""})
    assert "The link is not fresh." in page.content.decode()
    assert "Enter a valid URL" in operator.post(f"{TOOLS}add/", {"link": "javascript:x"}).content.decode()


def test_a_private_address_is_refused_here_too(operator: Client) -> None:
    page = operator.post(f"{TOOLS}add/", {"link": "https://169.254.169.254/latest"})
    assert "private network" in page.content.decode()
    assert not Tool.objects.exists()


def test_courses_scopes_and_personal_data_can_be_changed_and_nothing_else(operator: Client) -> None:
    tool = factories.make_tool().tool
    form = {
        "name": "Plans",
        "courses": COURSE,
        "scopes": [tool.scopes[0]],
        "own_personal_data": "on",
        "personal_data": ["email"],
        "client_id": "taken-over",
        "login_url": "https://evil.example/login",
        "redirect_uris": "[]",
        "jwks": "{}",
    }
    assert operator.post(f"{TOOLS}{tool.pk}/change/", form).status_code == 302
    changed = Tool.objects.get()
    assert (changed.name, changed.courses, changed.scopes) == ("Plans", [COURSE], [tool.scopes[0]])
    assert changed.personal_data == ["email"]
    for name in ("client_id", "login_url", "redirect_uris", "jwks"):
        assert getattr(changed, name) == getattr(tool, name)
    del form["own_personal_data"]
    operator.post(f"{TOOLS}{tool.pk}/change/", form)
    assert Tool.objects.get().personal_data is None
    operator.post(f"{TOOLS}{tool.pk}/change/", form | {"own_personal_data": "on", "personal_data": []})
    assert Tool.objects.get().personal_data == []


def test_a_scope_that_writes_cannot_be_granted(operator: Client) -> None:
    tool = factories.make_tool().tool
    scope = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    page = operator.post(f"{TOOLS}{tool.pk}/change/", {"name": "x", "scopes": [scope]})
    assert page.status_code == 200
    assert scope not in Tool.objects.get().scopes


@pytest.mark.usefixtures("made_keys")
@pytest.mark.trust("T71")
def test_keys_are_shown_by_kid_and_date_and_never_themselves(operator: Client) -> None:
    factories.make_tool()
    key = PlatformKey.objects.earliest("generation")
    for url in (KEYS, f"{KEYS}{key.pk}/change/"):
        page = operator.get(url).content.decode()
        assert key.kid in page
        assert key.private_pem not in page
        assert "PRIVATE KEY" not in page
        assert key.public_jwk["n"] not in page
    assert operator.get(f"{KEYS}add/").status_code == 403
    assert operator.post(f"{KEYS}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    operator.post(f"{KEYS}{key.pk}/change/", {"kid": "mine", "private_pem": "mine"})
    assert PlatformKey.objects.get(pk=key.pk).private_pem == key.private_pem


def test_keys_are_rotated_from_their_list(operator: Client) -> None:
    before = [key["kid"] for key in keys.jwks()["keys"]]
    selected = PlatformKey.objects.latest("generation").pk
    page = operator.post(KEYS, {"action": "rotate_keys", "_selected_action": [selected]}, follow=True)
    assert f"The key {before[1]} signs now." in page.content.decode()
    after = [key["kid"] for key in keys.jwks()["keys"]]
    assert after[:2] == before
    assert len(after) == 3


@pytest.mark.usefixtures("made_keys")
def test_who_may_only_look_connects_and_rotates_nothing() -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_tool", "view_platformkey"]))
    looker = Client()
    looker.force_login(user)
    before = PlatformKey.objects.count()
    assert looker.get(TOOLS).status_code == 200
    assert looker.get(f"{TOOLS}add/").status_code == looker.post(f"{TOOLS}add/", {"link": LINK}).status_code == 403
    looker.post(KEYS, {"action": "rotate_keys", "_selected_action": [PlatformKey.objects.first().pk]})
    assert PlatformKey.objects.count() == before
    assert Client().get(TOOLS).status_code == 302


def test_no_page_is_made_for_passing_rows() -> None:
    for model in (LaunchRequest, RegistrationToken, UsedAssertion):
        assert not admin.site.is_registered(model)
