"""T24: see, fix, download, delete mine and 'I am worried' are two clicks away, without an e-mail address."""

import re
from functools import cache

import pytest
from django.test import Client

from lti_tool.plans import api as plans
from lti_tool.plans.data import Look, Role
from tests.browser.scenes import Scene, World
from tests.factories.web import make_story

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T24")]
# What a learner can do with what is theirs, by what stands on the page where it is done: the second click is this.
DEEDS = {
    "see": r'href="[^"]*/opened"',
    "fix": r'action="[^"]*mine/name"',
    "fix what is said": r'href="[^"]*/needs"',
    "download": r'action="[^"]*mine/record"',
    "delete mine": r'action="[^"]*mine/delete"',
    "I am worried": r'id="worried"',
}


def links(page: str) -> set[str]:
    """Where one click leads."""
    return {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="(/s/[^"]+)"', page)}


def opened(scene: Scene, address: str) -> str:
    assert scene.door is not None
    browser = Client()
    browser.cookies[scene.door.cookie] = scene.door.secret
    answer = browser.get(address)
    return answer.content.decode() if answer.headers["Content-Type"].startswith("text/html") else ""


def unreached(scene: Scene, deeds: dict[str, str]) -> list[str]:
    read = cache(lambda address: opened(scene, address))
    here = opened(scene, scene.address)
    left = {name: sign for name, sign in deeds.items() if not re.search(sign, here)}
    for address in sorted(links(here), key=lambda link: not link.endswith(("mine/", "help"))):
        if not left:
            break
        page = read(address)
        left = {name: sign for name, sign in left.items() if not re.search(sign, page)}
    return sorted(left)


@pytest.mark.parametrize("easy", [False, True])
def test_a_learner_sees_mends_takes_deletes_and_tells_a_worry_within_two_clicks_of_every_page(easy: bool) -> None:
    """In the plain form for older students and in the easy one."""
    world = World(make_story())
    if easy:
        for who in (world.story.aroha, world.story.chen):
            plans.set_looks(who, [Look.EASY, Look.ALOUD])
    found = {
        scene.name: missing
        for scene in world.scenes()
        if scene.door and scene.door.actor.role is Role.LEARNER and (missing := unreached(scene, DEEDS))
    }
    assert found == {}


def test_whoever_is_worried_finds_whom_to_tell_in_one_click_from_every_page() -> None:
    scenes = [scene for scene in World(make_story()).scenes() if scene.door]
    worried = {"I am worried": DEEDS["I am worried"]}
    assert {scene.name: missing for scene in scenes if (missing := unreached(scene, worried))} == {}


def test_nothing_of_it_asks_for_an_address() -> None:
    world = World(make_story())
    for scene in world.scenes("about"):
        if scene.door and scene.door.actor.role is Role.LEARNER:
            page = opened(scene, scene.address)
            assert not re.search(r'type="email"|mailto:', page), scene.name


@pytest.mark.trust("T23")
def test_every_page_says_that_nobody_asks_where_somebody_is() -> None:
    for scene in World(make_story()).scenes():
        browser = Client()
        if scene.door:
            browser.cookies[scene.door.cookie] = scene.door.secret
        policy = browser.get(scene.address).headers["Permissions-Policy"]
        assert "geolocation=()" in policy, scene.name
