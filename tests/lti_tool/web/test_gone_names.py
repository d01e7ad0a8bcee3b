"""A plan that moved up to another framework still calls what was said under the former one by its name."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, ItemChange, LifeEventEntry, TargetChange
from tests.factories.plans import administrator_of, make_class

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]

CHOIR = """\
format: 1
key: {key}
name: Choir
areas:
  - {{key: xmusic, name: Music and voice}}
scales:
  - key: steps
    name: Steps
    levels:
      - {{key: xone, name: One step up, shape: seed}}
      - {{key: xtwo, name: Two steps up, shape: star}}
target_types:
  - {{key: xsong, name: A song to learn, measurable: false}}
review_kinds:
  - {{key: concert, name: Concert, scale: steps, judges: both}}
contexts:
  - {{key: xbarn, name: In the barn}}
evidence_kinds:
  - {{key: tape, name: A tape}}
life_events:
  - {{key: xmoved, name: The great move}}
"""


def test_levels_areas_contexts_and_events_keep_their_names_wherever_they_are_read(
    visitor: Callable[..., Visitor],
) -> None:
    room = make_class()
    office, student, teacher = administrator_of(room), room.learner("Ana"), room.teacher("Ms Hill")
    about, key = student.person_id, plans.copy_framework(office, "general", "Choir")
    saved = plans.save_framework_draft(office, key, CHOIR.format(key=key), plans.framework_draft(office, key).saves)
    plans.publish_framework(office, key, saved.saves)
    plans.choose_framework(office, key)
    target = plans.agree_target(
        teacher, about, TargetChange("Sing", area="xmusic", type="xsong", contexts=("xbarn",))
    )
    plans.record_life_event(teacher, about, LifeEventEntry("xmoved", timezone.localdate()))
    plans.add_item(teacher, about, ItemChange("tape", "Tape", contexts=("xbarn",), target_ids=(target,)))
    closed = plans.start_review(teacher, about)
    plans.judge_target(teacher, closed, target, level="xtwo", comment="", version=0)
    plans.judge_area(teacher, closed, "xmusic", level="xone", comment="", version=0)
    plans.close_review(teacher, closed, version=plans.review(teacher, closed).version)
    plans.choose_framework(office, "general")
    plan_id = plans.plan_page(teacher, about).id
    assert plan_id
    difference = plans.plan_upgrade_difference(teacher, plan_id)
    assert difference
    plans.upgrade_plan(teacher, plan_id, difference.to)
    plans.start_review(teacher, about)
    mere = plans.ensure_person(room.school_id, name="Mere")
    plans.link_guardian(office, mere, about)
    family = plans.actor_for(room.school_id, mere, None)

    def page(who: Actor, route: str, *ids: object) -> str:
        shown = visitor(who).get(route, *ids).content.decode().partition("<main")[2]
        return re.sub(r"<[^>]+>", " ", shown)

    read = {
        "plan": page(teacher, "plan", about),
        "story": page(teacher, "story", about),
        "review": page(teacher, "review", about),
        "home": page(family, "home", about),
        "home-review": page(family, "home-review", about, closed),
        "home-story": page(family, "home-story", about),
        "my plan": page(student, "plan", about),
    }
    for name, words in {
        "plan": ("Two steps up", "In the barn", "The great move"),
        "story": ("Two steps up", "One step up", "Music and voice", "In the barn", "The great move"),
        "review": ("Two steps up",),
        "home": ("Two steps up", "One step up", "Music and voice"),
        "home-review": ("Two steps up", "One step up", "Music and voice"),
        "home-story": ("Two steps up", "One step up", "Music and voice"),
        "my plan": ("Two steps up", "In the barn", "The great move"),
    }.items():
        assert [one for one in words if one not in read[name]] == [], name
    keys = {name: re.findall(r"\bx(?:one|two|music|song|barn|moved)\b", text) for name, text in read.items()}
    assert {name: found for name, found in keys.items() if found} == {}
