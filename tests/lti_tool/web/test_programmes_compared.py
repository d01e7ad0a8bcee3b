"""Programmes and places of learning compared by what plans say, never so that a child could be recognised (002.8)."""

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.plans import api as plans
from lti_tool.plans.comparing import LEAST, _share
from lti_tool.plans.data import (
    Actor,
    Compared,
    Comparison,
    GoalChange,
    OpinionEntry,
    ProgrammeChange,
    Role,
    Scope,
    Setting,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import NotFound
from tests.factories.plans import Class, administrator_of, make_class

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("002.8")]
Visit = Callable[..., Visitor]
CAFE = ProgrammeChange("School café", Setting.PROJECT)


class Place:
    def __init__(self) -> None:
        self.room: Class = make_class()
        self.office = administrator_of(self.room)
        self.teacher = self.room.teacher()
        self.leader = self.appointed(Role.LEADERSHIP, Scope())
        self.upper = self.appointed(Role.PHASE_LEADER, Scope(phase="Upper"))

    def appointed(self, role: Role, scope: Scope) -> Actor:
        person = plans.ensure_person(self.room.school_id, name=role.value)
        plans.appoint(self.office, person, role, scope)
        return plans.actor_for(self.room.school_id, person, None)

    def learner(self, part: ProgrammeChange, *, reached: bool, phase: str = "Upper", sees: str = "expected") -> UUID:
        """One whose programme takes up a goal with one target, seen so by the learner and by the family."""
        who = self.room.learner()
        plans.set_schooling(self.office, {who.person_id: (phase, 10)})
        goal = plans.set_goal(self.teacher, who.person_id, GoalChange("Earn my own money"))
        change = ProgrammeChange(
            part.title, part.setting, part.provider, qualification=part.qualification, goals=(goal,)
        )
        plans.set_programme_part(self.teacher, who.person_id, change)
        target = plans.agree_target(
            self.teacher, who.person_id, TargetChange("Count change", goal="Earn my own money")
        )
        plans.say_opinion(who, target_id=target, level=sees, text="")
        review = plans.start_review(self.teacher, who.person_id)
        plans.record_opinion(
            self.teacher, review, OpinionEntry(Voice.FAMILY, "Mere", "emerging", ""), target_id=target
        )
        if reached:
            plans.achieve_target(self.teacher, target, version=1)
        return who.person_id


def line(found: Comparison, name: str) -> Compared:
    return next(one for one in found.programmes if one.name == name)


def said(answer: object) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())  # type: ignore[attr-defined]


def test_leaders_see_how_a_programme_and_a_place_fare_and_nothing_of_a_small_one(visitor: Visit) -> None:
    place = Place()
    college = ProgrammeChange("Hairdressing", Setting.PROVIDER, "Michael John", qualification="Certificate")
    for n in range(6):
        place.learner(CAFE, reached=n < 3, sees="emerging" if n < 2 else "exceeded")
    for n in range(5):
        place.learner(college, reached=n < 4)
    place.learner(ProgrammeChange("Wheelchair fencing", Setting.PROJECT, "Fencing club"), reached=True)
    found = plans.compare_programmes(place.leader)
    cafe, hair = line(found, "School café"), line(found, "Hairdressing")
    assert (cafe.learners, cafe.reached, cafe.certificate, cafe.learners_see, cafe.families_see) == (
        5,
        50,
        10,
        70,
        10,
    )
    assert (hair.learners, hair.reached, hair.certificate) == (5, 80, 90)
    assert cafe.new
    assert "Michael John" in {one.name for one in found.sites}
    page = said(visitor(place.leader).get("programmes"))
    assert "School café 5 learners or more · new this school year" in page
    assert "Targets reached about 50 %" in page
    assert "Fewer than 5 learners: no figures are shown." in page
    assert "fencing" not in page.casefold()
    assert "/programmes" in visitor(place.leader).get("panel").content.decode()


def test_a_phase_leader_compares_their_own_phase_and_nobody_else_compares_anything() -> None:
    place = Place()
    for n in range(5):
        place.learner(CAFE, reached=bool(n), phase="Upper")
        place.learner(ProgrammeChange("Garden", Setting.PROJECT), reached=True, phase="Lower")
    assert {one.name for one in plans.compare_programmes(place.upper).programmes} == {"School café"}
    assert {one.name for one in plans.compare_programmes(place.leader).programmes} == {"School café", "Garden"}
    for somebody in (place.teacher, place.office, place.room.learner()):
        with pytest.raises(NotFound):
            plans.compare_programmes(somebody)


def test_how_many_learners_a_line_stands_for_is_told_in_full_fives() -> None:
    place = Place()
    for n in range(9):
        place.learner(CAFE, reached=n < 5)
    before = line(plans.compare_programmes(place.leader), "School café")
    place.learner(CAFE, reached=False)
    assert line(plans.compare_programmes(place.leader), "School café").learners == 10
    assert before.learners == 5


@given(st.lists(st.tuples(st.uuids(), st.booleans()), max_size=40))
def test_a_share_rests_on_enough_learners_and_never_says_all_or_none(values: list[tuple[UUID, bool]]) -> None:
    share = _share(values)
    if len({learner for learner, _ in values}) < LEAST:
        assert share is None
    else:
        assert share in range(10, 100, 10)
