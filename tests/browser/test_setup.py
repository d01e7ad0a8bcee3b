"""The setup pages in Chromium: axe finds nothing, values are copied, the LMS's storage is tried from its frame."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lti_tool.lti import api as lti_api
from lti_tool.lti.models import Context, Deployment, PlatformUser, ServiceTry
from lti_tool.plans.data import Role
from tests.factories.setup import appoint, appointed
from tests.factories.web import Story, open_door

from .conftest import Desk
from .host import Host
from .serving import Tool
from .test_accessible import LOOKS, Look, troubles

Desks = Callable[..., Desk]


@pytest.mark.trust("T81")
@pytest.mark.parametrize(
    "look",
    [look for look in LOOKS if look.locale == "en"],
    ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}",
)
def test_axe_finds_nothing_on_any_setup_page(desk: Desks, story: Story, look: Look) -> None:
    visitor = desk(**look.options)
    visitor.expected += ["422", "404", "Response Status Error"]
    door = appointed(story.teacher)
    Deployment.objects.update(messages=["LtiResourceLinkRequest"])
    found: list[str] = []
    course = f"setup/courses/{story.maths.course_id}"
    for name, path in [
        ("overview", "setup/"),
        ("by hand", "setup/by-hand?lms=canvas"),
        ("passback", "setup/passback"),
        ("course", course),
    ]:
        page = visitor.open(door, path)
        found += troubles(page, name)
        page.close()
    page = visitor.open(door, "setup/")
    page.get_by_role("button", name="Make a registration link").click()
    expect(page.get_by_role("heading", name="Your registration link")).to_be_visible()
    found += troubles(page, "link")
    page.goto(visitor.tool.url + door.path + course)
    page.get_by_role("button", name="Yes, try it").click()
    expect(page.get_by_text("Tried just now.")).to_be_visible()
    found += troubles(page, "tried")
    page.goto(visitor.tool.url + door.path + "setup/by-hand?lms=moodle")
    page.get_by_label("Issuer").fill("https://")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Something is not right yet.")).to_be_visible()
    found += troubles(page, "not right yet")
    newcomer = visitor.open(open_door(story.colleague), "setup/")
    found += troubles(newcomer, "code")
    assert found == []


def test_a_link_is_made_and_copied_by_keyboard(desk: Desks, story: Story) -> None:
    visitor = desk(width=1280)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(appointed(story.teacher), "setup/")
    page.get_by_role("button", name="Make a registration link").press("Enter")
    copy = page.get_by_role("button", name="Copy: Registration link")
    copy.press("Enter")
    expect(copy).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(visitor.tool.url + "/lti/register/")


def test_a_value_is_copied_where_the_clipboard_is_refused_too(desk: Desks, story: Story) -> None:
    """In a frame of another site an LMS seldom allows the clipboard: the older way works, or the value is marked."""
    visitor = desk(width=1280)
    visitor.context.add_init_script(
        "const writeText = () => Promise.reject(new Error('no'));"
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText } });"
        "document.addEventListener('copy', () => { window.copied = String(document.activeElement.value) })"
    )
    page = visitor.open(appointed(story.teacher), "setup/by-hand?lms=schoology")
    copy = page.get_by_role("button", name="Copy: JWKS URL")
    copy.click()
    expect(copy).to_have_text("Copied")
    assert page.evaluate("window.copied") == visitor.tool.url + "/lti/jwks"
    page.evaluate("document.execCommand = () => false")
    other = page.get_by_role("button", name="Copy: Redirect URLs")
    other.click()
    expect(other).to_have_text("Marked: now copy it by keyboard")
    assert page.evaluate("document.activeElement.value") == visitor.tool.url + "/lti/launch"


def test_the_gradebook_is_switched_on_by_keyboard_and_off_again(desk: Desks, story: Story) -> None:
    page = desk().open(appointed(story.teacher), "setup/")
    page.get_by_role("link", name="What would be written, and the switch").press("Enter")
    expect(page.get_by_text("No grade is erased or changed.")).to_be_visible()
    page.get_by_role("button", name="Switch it on for the whole school").press("Enter")
    expect(page.locator("p.note", has_text="Switched on, since")).to_be_focused()
    page.get_by_role("button", name="Switch it off").press("Enter")
    expect(page.get_by_text("Nothing is written into any gradebook.")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_learning_site_connected_by_hand_becomes_the_schools_by_its_code(
    host: Host, desk: Desks, tool: Tool, story: Story, width: int
) -> None:
    """Blackboard's way, as a person walks it: values by hand, first opening in a course, the code, the panel."""
    visitor = desk(width=width)
    visitor.expected += ["403", "422", "Response Status Error", "Blocked autofocusing"]
    outer = visitor.context.new_page()
    outer.goto(host.course_page("teacher", width=min(width - 20, 900)))
    outer.wait_for_function("heard.some(m => m.subject === 'ilp.ready')")
    (inner,) = [frame for frame in outer.frames if frame.url.startswith(tool.url + "/s/")]
    appoint(_Seat(inner.url.split("/s/")[1].split("/")[0], story))
    page = outer.frame_locator("iframe")
    page.get_by_role("link", name="What is kept here").click()
    page.get_by_role("link", name="Connections of your school").click()
    page.get_by_role("link", name="Connect by hand").click()
    page.get_by_role("link", name="LTI 1.3").click()
    expect(page.get_by_role("heading", name="Connect LTI 1.3 by hand")).to_be_visible()
    client = f"by-hand-{width}"
    form = page.get_by_role("region", name="Copy its values into this form")
    for label, value in {
        "Issuer": host.url, "Client ID": client, "Authentication request URL": host.url + "/auth",
        "Access token URL": host.url + "/token", "Public keyset URL": host.url + "/jwks",
    }.items():  # fmt: skip
        form.get_by_label(label).fill(value)
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Your learning site’s public keys: Works.")).to_be_visible()
    expect(page.get_by_label("Client ID")).to_have_value(client)
    page.get_by_role("button", name="Save all the same").click()
    code = page.get_by_role("textbox", name="Code").input_value()
    host.platform.client_id, host.platform.deployment_id = client, f"deployment-{width}"
    frame_page = visitor.context.new_page()
    frame_page.goto(host.course_page("teacher", width=min(width - 20, 900)))
    frame = frame_page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Connect this learning site to your school")).to_be_visible()
    frame.get_by_label("Your school’s code").fill("0000")
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_role("alert")).to_contain_text("That is not a code that works.")
    frame.get_by_label("Your school’s code").fill(code.lower())
    frame.get_by_role("button", name="Connect").press("Enter")
    expect(frame.get_by_role("heading", name="Your learning site is connected")).to_be_visible()
    frame_page.reload()
    expect(frame.get_by_role("heading", name="Targets of this class")).to_be_visible()
    frame.get_by_role("link", name="What is kept here").click()
    frame.get_by_role("link", name="Connections of your school").click()
    expect(frame.get_by_role("heading", name="Learning sites")).to_be_visible()
    mine = Deployment.objects.get(deployment_id=f"deployment-{width}")
    assert mine.school_id == story.maths.school_id


def test_a_teacher_finds_the_way_types_the_code_and_looks_after_the_connections(desk: Desks, story: Story) -> None:
    visitor = desk()
    visitor.expected += ["422", "Response Status Error"]
    page = visitor.open(open_door(story.teacher))
    page.get_by_role("link", name="What is kept here").click()
    page.get_by_role("link", name="Connections of your school").click()
    page.get_by_label("Your school’s code").fill("0000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("That is not a code that works.")).to_be_visible()
    page.get_by_label("Your school’s code").fill(lti_api.school_code(story.maths.school_id))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Learning sites")).to_be_visible()


def test_without_script_a_link_and_a_try_work_too(desk: Desks, story: Story) -> None:
    page = desk(java_script_enabled=False).open(appointed(story.teacher), "setup/")
    page.get_by_role("button", name="Make a registration link").click()
    assert "/lti/register/" in page.get_by_role("textbox", name="Registration link").input_value()
    page.get_by_role("link", name="A course without a name").click()
    page.get_by_role("button", name="Yes, try it").click()
    assert page.get_by_text("Tried just now.").is_visible()


@pytest.mark.parametrize("offered", [True, False])
def test_the_lms_storage_is_tried_from_inside_its_frame(
    host: Host, desk: Desks, tool: Tool, story: Story, offered: bool
) -> None:
    page = desk(width=900).context.new_page()
    page.goto(host.course_page("teacher"))
    page.wait_for_function("(window.heard || heard).some(m => m.subject === 'ilp.ready')")
    (panel,) = [frame for frame in page.frames if frame.url.startswith(tool.url + "/s/")]
    deployment = Deployment.objects.get(platform__issuer=host.url)
    user = PlatformUser.objects.get(deployment=deployment, sub="teacher")
    assert user.person_id == story.teacher.person_id
    if not offered:
        page.evaluate("() => { Object.freeze(kept) }")  # it says that it stores, and does not
    door_handle = panel.url.split("/s/")[1].split("/")[0]
    appoint(_Seat(door_handle, story))
    context = Context.objects.get(deployment=deployment)
    panel.get_by_role("link", name="What is kept here").click()
    panel.get_by_role("link", name="Connections of your school").click()
    panel.get_by_role("link", name="Year 6 Mathematics").click()
    panel.get_by_role("button", name="Try the storage").click()
    answer = panel.locator("#storage-answer")
    expect(answer).not_to_contain_text("Not tried yet.")
    expect(answer).to_contain_text("Works." if offered else "did not answer in time")
    tried = ServiceTry.objects.get(context=context, service="storage")
    assert tried.outcome == ("works" if offered else "no_answer")


class _Seat:
    """A session that a launch opened, as `appoint` wants it."""

    def __init__(self, handle: str, story: Story) -> None:
        self.handle, self.actor = handle, story.teacher
        assert story.teacher.role is Role.TEACHER
