"""The README's pictures, taken of the tool as it is run: `make screenshots`. One frame for all, twice as fine."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in this thread
django.setup()

from lti_tool.plans import api as plans  # noqa: E402
from lti_tool.plans.data import Audience, LogChange, NewFile  # noqa: E402
from tests.factories.web import Door, Story, make_story  # noqa: E402
from tests.lti_tool.media import makes  # noqa: E402

from .scenes import World  # noqa: E402
from .serving import CHROMIUM, CHROMIUM_FLAGS, ROOT, Tool, looking_into, serving  # noqa: E402

FOLDER = ROOT / "lti_tool/docs/screenshots"
PHONE, WIDE, TALL = (360, 720), (1000, 720), (1000, 1140)
MAT = "#ddd6c9"  # around each page, so that its edge is seen on a white page and on a dark one
MARGIN = 12


@dataclass(frozen=True)
class Shot:
    """One picture: what it is called, who looks at what, through which window, and where the page begins."""

    name: str
    door: Door
    path: str
    size: tuple[int, int]
    begins: str = ""  # scrolled so that this stands at the top


def shots(world: World) -> Iterator[Shot]:
    story, student = world.story, f"students/{world.aroha}/"
    yield Shot("student", world.door(story.aroha), "", PHONE)
    yield Shot("plan", world.door(story.aroha), student + "plan", PHONE, begins="#targets")
    yield Shot("log", world.door(story.aroha), student + "log", PHONE, begins="section.apart")
    yield Shot("family", world.door(world.mother), f"sheets/{world.open_sheet}", PHONE)
    yield Shot("class", world.door(story.teacher), "", WIDE)
    yield Shot("review", world.door(story.teacher), student + "review/?one=1", TALL, begins=".target")


def dress(world: World, story: Story) -> None:
    """What makes a log worth a picture: a photo that shows something, and a voice."""
    said = LogChange({"what": "I explained it to Ben."}, feeling="good", audience=Audience.NOT_FOR_HOME)
    plans.write_log(story.aroha, said, [NewFile(makes.recording(seconds=9.0), "")])
    photo = NewFile(_bars(), "Three strips of paper: a whole, two halves and four quarters")
    change = LogChange(
        {"what": "Three quarters and one quarter make a whole."}, feeling="great", audience=Audience.SHARED
    )
    plans.write_log(story.aroha, change, [photo])


def _bars() -> bytes:
    """A photo of fraction bars, as a child would lay them on a desk."""
    import io

    from PIL import Image, ImageDraw, ImageFilter

    desk = Image.new("RGB", (1280, 720), "#c9a777")
    draw = ImageDraw.Draw(desk)
    for line in range(0, 720, 9):
        draw.line([(0, line), (1280, line + 5)], fill="#c09c6b" if line % 2 else "#cfae80", width=2)
    for top, parts, coloured in ((90, 1, 1), (290, 2, 1), (490, 4, 3)):
        width = 1040 // parts
        draw.rectangle([128, top + 10, 1174, top + 150], fill="#9c7d50")
        for part in range(parts):
            left = 120 + part * width
            fill = ("#d8574b", "#4c86c6", "#e9b949")[(90, 290, 490).index(top)] if part < coloured else "#f7f3ea"
            draw.rectangle([left, top, left + width - 6, top + 140], fill=fill, outline="#3d3a36", width=4)
    desk = desk.rotate(-2, fillcolor="#c9a777").filter(ImageFilter.GaussianBlur(0.8))
    kept = io.BytesIO()
    desk.save(kept, "JPEG", quality=88)
    return kept.getvalue()


def take(browser: Browser, tool: Tool, shot: Shot) -> None:
    from PIL import Image, ImageDraw

    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=2)
    context.add_cookies(
        [{"name": shot.door.cookie, "value": shot.door.secret, "url": tool.url.replace("http:", "https:"),
          "secure": True, "httpOnly": True, "sameSite": "None"}]
    )  # fmt: skip
    page = context.new_page()
    page.goto(tool.url + shot.door.path + shot.path)
    _settle(page, shot)
    path = FOLDER / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    seen = Image.open(path).convert("RGB")
    frame = Image.new("RGB", (seen.width + 4 * MARGIN, seen.height + 4 * MARGIN), MAT)
    round_edge = Image.new("L", seen.size, 0)
    ImageDraw.Draw(round_edge).rounded_rectangle([0, 0, *seen.size], radius=28, fill=255)
    frame.paste(seen, (2 * MARGIN, 2 * MARGIN), round_edge)
    frame.save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


def _settle(page: Page, shot: Shot) -> None:
    page.wait_for_load_state("networkidle")
    if shot.begins:
        page.locator(shot.begins).first.evaluate("e => scrollTo(0, e.getBoundingClientRect().top + scrollY - 6)")
    page.wait_for_timeout(300)


def main(wanted: list[str]) -> None:
    """All of them, or those of these names."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as tool, looking_into(tool):
        story = make_story()
        world = World(story)
        dress(world, story)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
            for shot in shots(world):
                if not wanted or shot.name in wanted:
                    take(browser, tool, shot)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
