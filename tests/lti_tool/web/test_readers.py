"""How pages look to a reader, kept across launches; and help in the same place on every page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lti_tool.plans import api as plans
from lti_tool.plans.data import Look
from lti_tool.plans.exceptions import NotFound
from tests.browser.scenes import World
from tests.factories.plans import administrator_of, make_cast
from tests.factories.web import make_story

Visit = Callable[..., Any]
pytestmark = [pytest.mark.django_db]


@pytest.mark.trust("T87")
def test_what_a_reader_chose_is_there_on_every_page_and_after_the_next_launch(visitor: Visit) -> None:
    cast = make_cast()
    pupil = visitor(cast.student)
    assert b"look-" not in pupil.get("panel").content.split(b">")[1]
    pupil.post("looks", data={"look": ["easy", "aloud", "made up"], "tint": "cream"})
    again = visitor(plans.actor_for(cast.maths.school_id, cast.student.person_id, cast.maths.course_id))
    for route in ("panel", "about", "looks"):
        root = again.get(route).content.decode().split("<html", 1)[1].split(">", 1)[0]
        assert all(f"look-{look}" in root for look in ("easy", "aloud", "cream"))
        assert "made" not in root
    assert b"look-easy" not in visitor(cast.classmate).get("panel").content
    pupil.post("looks", data={"tint": ""})
    now = plans.actor_for(cast.maths.school_id, cast.student.person_id, cast.maths.course_id)
    assert now.looks == frozenset()


@pytest.mark.trust("T87")
def test_looks_give_no_right(visitor: Visit) -> None:
    cast = make_cast()
    plans.set_looks(cast.nobody, list(Look))
    actor = plans.actor_for(cast.maths.school_id, cast.nobody.person_id, cast.maths.course_id)
    assert (actor.role, actor.appointed) == (cast.nobody.role, frozenset())


@pytest.mark.trust("T89")
def test_help_stands_at_the_same_place_names_people_and_can_be_called(visitor: Visit) -> None:
    cast = make_cast()
    office = administrator_of(cast.maths)
    plans.set_help(office, name="Ms Awhina", phone="+64 4 123 4567")
    page = visitor(cast.student).get("help").content.decode()
    assert "Ms Hill" in page
    assert "Ms Awhina" in page
    assert 'href="tel:+6441234567"' in page
    assert 'id="worried"' in page


@pytest.mark.trust("T89")
def test_the_way_to_help_is_the_first_at_the_foot_of_every_page(client: Client) -> None:
    """Every page of every scene, whoever looks: the same place, whatever else stands at the foot (WCAG 3.2.6)."""
    elsewhere = []
    for scene in World(make_story()).scenes():
        if scene.door is None:
            continue
        client.cookies[scene.door.cookie] = scene.door.secret
        page = client.get(scene.address).content.decode()
        foot = page.rpartition('<footer class="foot">')[2]
        if not re.match(rf'\s*<a href="{scene.door.path}help"><svg.*?</svg>Help</a>', foot):
            elsewhere.append(scene.name)
    assert elsewhere == []


@pytest.mark.trust("T89")
def test_a_family_without_an_account_finds_whom_to_call_on_its_one_page(client: Client) -> None:
    world = World(make_story())
    page = client.get(f"/sheet/{world.token}").content.decode()
    assert "Ms Rangi" in page
    assert 'href="tel:0800123456"' in page


def test_a_family_is_told_its_childs_key_worker() -> None:
    world = World(make_story())
    mother = plans.actor_for(world.school_id, world.mother.person_id, None)
    assert [person.name for person in plans.help_page(mother).people] == ["Kim Key"]


@pytest.mark.parametrize("who", ["student", "teacher", "administrator", "parent", "nobody"])
def test_only_the_schools_office_says_whom_to_ask(who: str) -> None:
    cast = make_cast()
    with pytest.raises(NotFound):
        plans.set_help(cast.everybody()[who], name="Me", phone="1")


def test_a_number_nobody_can_call_is_refused_and_stays_in_the_field(visitor: Visit) -> None:
    cast = make_cast()
    answer = visitor(administrator_of(cast.maths)).post("help", data={"name": "Us", "phone": "ring me"})
    assert answer.status_code == 422
    assert b'value="ring me"' in answer.content
