"""Pages of people in Chromium: axe finds nothing for a family, a key worker, a learner with their data, an office."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Item, Role, Scope
from tests.factories.plans import administrator_of
from tests.factories.setup import appointed
from tests.factories.web import Door, Story, open_door

from .conftest import Desk
from .test_accessible import LOOKS, Look, troubles

pytestmark = [pytest.mark.trust("T81")]


def again(actor: Actor) -> Actor:
    return plans.actor_for(actor.school_id, actor.person_id, actor.course_id)


def pages(story: Story, locale: str) -> list[tuple[str, Door, str]]:
    """Each page with something on it, and the lists also empty."""
    maths, aroha = story.maths, story.aroha
    office = administrator_of(maths)
    mother = maths.person(Role.FAMILY, "Hine Ngata")
    for child in (aroha, story.ben):
        plans.link_guardian(office, mother.person_id, child.person_id)
    key_worker = maths.person(Role.NONE, "Tom Reid")
    plans.appoint(office, key_worker.person_id, Role.KEY_WORKER, Scope(student_id=aroha.person_id))
    until = timezone.localdate() + timedelta(days=20)
    provider_id = plans.ensure_person(maths.school_id, name="Workshop")
    plans.appoint(office, provider_id, Role.PROVIDER, Scope(student_id=aroha.person_id), ends_on=until)
    (review,) = plans.past_reviews(story.teacher, aroha.person_id)
    items = [Item("target", story.targets[0]), Item("review", review.id)]
    for purpose in ("So that music lessons fit in", "For the sports day"):
        share_id = plans.share(aroha, key_worker.person_id, items, purpose=purpose, ends_on=until)
    ended = plans.share(aroha, key_worker.person_id, items, purpose="For a trip", ends_on=until)
    plans.end_share(aroha, ended)
    plans.ask_erasure(story.ben, story.ben.person_id, why="I am leaving")
    mother, key_worker = again(mother), again(key_worker)
    plans.at_home(mother, aroha.person_id)
    person = f"students/{aroha.person_id}/"
    boss = appointed(story.colleague, locale=locale)
    return [
        *((name, open_door(actor, locale=locale), path) for name, actor, path in (
            ("family", mother, ""),
            ("no-child", maths.person(Role.FAMILY), ""),
            ("home", mother, person + "home"),
            ("students", key_worker, ""),
            ("shared", key_worker, f"shares/{share_id}"),
            ("mine", aroha, "mine/"),
            ("mine-asked", story.ben, "mine/"),
            ("opened", aroha, person + "opened"),
            ("shares", aroha, "shares/"),
            ("no-shares", story.chen, "shares/"),
            ("share-new", aroha, "shares/new"),
            ("who", aroha, f"who/target/{story.targets[0]}"),
        )),
        ("office", boss, "setup/people/?q=Aroha,Hine,Patel"),
    ]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}-{look.locale}")
def test_axe_finds_nothing_on_any_page_of_people(desk: Callable[..., Desk], story: Story, look: Look) -> None:
    seated = desk(**look.options)
    found: list[str] = []
    for name, door, path in pages(story, look.locale):
        page = seated.open(door, path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        found += troubles(page, name)
        page.close()
    assert found == []
    assert seated.unexpected() == []
