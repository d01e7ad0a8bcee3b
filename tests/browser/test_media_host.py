"""Pictures and sounds as a browser gets them from the media host (T68): in a frame, without its cookies, copied."""

from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route

from lti_tool.lti import api as lti
from lti_tool.lti.models import MediaPass
from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, ItemChange, NewFile
from tests.factories.web import Story
from tests.lti_tool.media import makes

from .host import Host
from .serving import MEDIA_HOST, Tool
from .test_accessible import Desks, Doors
from .test_frame import panels
from .test_work import home

pytestmark = [pytest.mark.trust("T68")]
LOADED = "e => e.decode().then(() => e.naturalWidth)"
PLAYED = """async (e) => {
  const played = new Promise((done) => { e.ontimeupdate = () => e.currentTime > 0.3 && done(true); });
  await e.play();
  await played;
  e.currentTime = 0;
  return e.duration > 0.5;
}"""


@pytest.fixture
def piece(story: Story) -> None:
    change = ItemChange("work", "My bridge", audience=Audience.NOT_FOR_HOME)
    files = [NewFile(makes.picture(size=(640, 480)), "A bridge"), NewFile(makes.recording(), "What I say")]
    plans.add_item(story.aroha, story.aroha.person_id, change, files)


def brought(page: Page) -> list[tuple[str, int]]:
    """What came from the media host, written down as it comes."""
    seen: list[tuple[str, int]] = []
    page.on("response", lambda one: seen.append((one.url, one.status)) if MEDIA_HOST in one.url else None)
    return seen


def status(tool: Tool, address: str, **headers: str) -> int:
    """What somebody gets for an address who is not that browser."""
    there = urlsplit(address)
    local, host = tool.url + there.path, there.netloc
    try:
        return int(urlopen(Request(local, headers={"Host": host, **headers}), timeout=20).status)
    except HTTPError as error:
        return error.code


def test_a_picture_and_a_sound_show_and_their_addresses_are_worth_nothing_to_anybody_else(
    tool: Tool, desk: Desks, door: Doors, story: Story, piece: None
) -> None:
    mine, visitor = door(story.aroha), desk()
    visitor.sit(mine)
    page = visitor.context.new_page()
    came = brought(page)
    page.goto(tool.url + mine.path + home(story) + "work")
    assert page.get_by_alt_text("A bridge").evaluate(LOADED) == 640
    player = page.locator(".media audio")
    assert player.evaluate(PLAYED)
    assert not str(player.evaluate("e => e.src")).startswith("blob:")
    assert {status for _, status in came} <= {200, 206}
    for address, _ in came:
        assert status(tool, address) == 403
    teachers = desk()
    theirs = teachers.open(door(story.teacher), home(story) + "work")
    assert theirs.get_by_alt_text("A bridge").evaluate(LOADED) == 640
    teachers.expected.append("403")
    pasted = theirs.goto(came[0][0])
    assert pasted is not None
    assert (pasted.status, pasted.headers["content-type"]) == (403, "text/plain; charset=utf-8")


def test_a_fresh_address_opens_nothing_when_pasted_late_or_after_the_person_was_done(
    tool: Tool, desk: Desks, door: Doors, story: Story, piece: None
) -> None:
    mine, visitor = door(story.aroha), desk()
    page = visitor.open(mine, home(story) + "work")
    source = str(page.get_by_alt_text("A bridge").get_attribute("src"))

    def fresh() -> str:
        answer = page.request.get(
            tool.url + source, max_redirects=0, headers={"Cookie": f"{mine.cookie}={mine.secret}"}
        )
        assert answer.status == 302
        return answer.headers["location"]

    assert status(tool, fresh(), **{"Sec-Fetch-Site": "none"}) == 403
    late = fresh()
    MediaPass.objects.update(expires_at="2026-01-01T00:00:00Z")
    assert status(tool, late) == 403
    ended = fresh()
    assert status(tool, ended.replace(tool.media_url, tool.url)) == 404  # the tool's own host hands out no file
    lti.end_session(mine.handle, mine.secret)
    assert status(tool, ended) == 403


def test_a_player_whose_parts_stop_coming_gets_the_rest_by_the_pages_script(
    desk: Desks, door: Doors, story: Story, piece: None
) -> None:
    visitor = desk()
    visitor.expected.append("403")

    def refuse_players(route: Route) -> None:
        """As a browser that keeps no cookie of the media host ends up, from the second part on."""
        if route.request.resource_type == "media":
            route.fulfill(status=403, body="")
        else:
            route.continue_()

    visitor.context.route("**/files/**", refuse_players)
    page = visitor.open(door(story.aroha), home(story) + "work")
    player = page.locator(".media audio")
    player.evaluate("e => { e.load(); e.play().catch(() => {}); }")
    page.locator(".media audio[src^='blob:']").wait_for()
    assert player.evaluate(PLAYED)


def test_where_the_tool_keeps_no_cookie_the_page_fetches_both_from_there_itself(
    tool: Tool, desk: Desks, door: Doors, story: Story, piece: None
) -> None:
    without = desk()
    without.refuse_cookies()
    held = door(story.aroha, in_cookie=False)
    page = without.context.new_page()
    came = brought(page)
    page.set_content(
        f'<form method="post" action="{tool.url}{held.path}{home(story)}work">'
        f'<input name="ilp_secret" value="{held.secret}"><input name="ilp_open" value="1"><button>Go</button></form>'
    )
    page.get_by_role("button").click()
    page.locator(".media img[src^='blob:']").wait_for()
    page.locator(".media audio[src^='blob:']").wait_for()
    assert page.get_by_alt_text("A bridge").evaluate(LOADED) == 640
    assert page.locator(".media audio").evaluate(PLAYED)
    assert [status for _, status in came] == [200, 200]


def test_in_a_frame_of_another_site_both_show(tool: Tool, host: Host, desk: Desks, story: Story, piece: None) -> None:
    page = desk(width=900).context.new_page()
    came = brought(page)
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    panel.evaluate("path => { location = location.href.split('?')[0] + path }", home(story) + "work")
    assert panel.get_by_alt_text("A bridge").evaluate(LOADED) == 640
    assert panel.locator(".media audio").evaluate(PLAYED)
    assert {status for _, status in came} <= {200, 206}
    cookies = [one["name"] for one in page.context.cookies(tool.media_url.replace("http:", "https:"))]
    assert len([name for name in cookies if name.startswith("__Host-ilp-media-")]) == 1
