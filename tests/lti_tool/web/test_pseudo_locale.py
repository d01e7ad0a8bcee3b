"""T91: in a language made up for the test no page says a word that no catalogue could change."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.template import engines
from django.test import Client
from django.utils import translation

from tests.browser.scenes import World
from tests.factories.web import make_story

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T91")]
OPEN, CLOSE = "⟦", "⟧"
SAID = {"aria-label", "title", "alt", "placeholder"}
SILENT = {"bdi", "script", "style", "code", "textarea", "svg"}
CHOICES = re.compile(r"[^,]+(,[^ ,][^,]*)+")  # what the filter `yesno` takes apart
# Names of things that are the same in every language, and what stands in the LMS's own words.
NAMES = re.compile(
    r"https?:\S+|\b(LTI|URL|JWKS|JSON|PDF|OIDC|ID|SMART|SCRUFFY|FAST|ILP|Moodle|Canvas|Brightspace|Blackboard|Sakai"
    r"|Schoology|Open edX|Cymraeg|español|Te reo Māori|English)\b|[0-9a-f]{8}-[0-9a-f-]{27}"
)


class Words(HTMLParser):
    """What a page says, in order, without people's own words (`bdi`, `dir=auto`, fields) and code."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._theirs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in {"input", "meta", "link", "br", "img", "use", "path", "circle", "hr"}:
            self.said += [value for name, value in attrs if name in SAID and value and not told.get("dir")]
            return
        theirs = tag in SILENT or told.get("dir") in {"auto", "ltr"} or told.get("lang")
        if self._theirs or (theirs and tag != "html"):
            self._theirs.append(tag)
        else:
            self.said += [value for name, value in attrs if name in SAID and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._theirs and tag in self._theirs:
            while self._theirs.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._theirs:
            self.said.append(data)


def raw(page: str) -> list[str]:
    """The words of a page outside everything a catalogue said."""
    words = Words()
    words.feed(page)
    depth, left = 0, []
    for part in re.split(f"([{OPEN}{CLOSE}])", "\n".join(words.said)):
        depth += (part == OPEN) - (part == CLOSE)
        if not depth and part not in {OPEN, CLOSE}:
            left += [line.strip() for line in NAMES.sub("", part).splitlines()]
    return [line for line in left if re.search(r"[^\W\d_]{2,}", line)]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every message comes back marked, however it was asked for."""
    forget_templates()

    def wrapped(text: str) -> str:
        return f"{OPEN}{text}{CLOSE}"

    def marked(say: Callable[..., str]) -> Callable[..., str]:
        def speak(*asked: Any) -> str:
            text = say(*asked)
            if CHOICES.fullmatch(text):
                return ",".join(map(wrapped, text.split(",")))
            return wrapped(text) if text.strip() else text

        return speak

    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        monkeypatch.setattr(translation._trans, name, marked(getattr(translation._trans, name)), raising=False)
    yield
    forget_templates()


def forget_templates() -> None:
    """Templates keep what they say in a language once it was said."""
    for loader in engines["django"].engine.template_loaders:
        loader.reset()


def test_the_marks_are_seen() -> None:
    page = f"""<html lang="en" dir="ltr"><p>{OPEN}Kept{CLOSE}</p><p>Raw words</p>
        <bdi>Aroha</bdi><img alt="Also raw"><p dir="auto">Mine</p>"""
    assert raw(page) == ["Raw words", "Also raw"]


def stored() -> str:
    """All that people and LMSs wrote."""
    models = [model for name in ("ilp_plans", "ilp_lti") for model in apps.get_app_config(name).get_models()]
    return str([list(model._base_manager.values()) for model in models])


def test_no_page_says_a_word_that_no_catalogue_can_change(made_up: None) -> None:
    found: dict[str, list[str]] = {}
    world = World(make_story())
    for scene in world.scenes():
        browser = Client()
        if scene.door:
            browser.cookies[scene.door.cookie] = scene.door.secret
        page = browser.get(scene.address).content.decode()
        written = stored()
        left = [line for line in raw(page) if line.strip(" :·,") not in written]
        if left:
            found[scene.name] = left
    assert found == {}
