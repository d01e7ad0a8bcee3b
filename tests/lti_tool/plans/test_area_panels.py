"""Panels about one area of the framework, wherever the targets' work is."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lti_tool.plans import api
from lti_tool.plans.data import Actor, TargetChange
from lti_tool.plans.models import School
from tests.factories.plans import Class, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.requirement("002.16")]


@pytest.fixture
def maths() -> Class:
    return make_class("fractions", "essay")


def agree(maths: Class, student: Actor, wording: str, area: str, *keys: str, **more: Any) -> UUID:
    links = tuple(maths.activities[key] for key in keys)
    change = TargetChange(wording=wording, area=area, activity_ids=links, **more)
    return api.agree_target(maths.teacher(), student.person_id, change)


def test_a_panel_about_one_area_shows_its_targets_with_and_without_work_here(maths: Class) -> None:
    ana = maths.learner("Ana")
    agree(maths, ana, "Halve", "learning", "fractions")
    agree(maths, ana, "Read a map", "learning")
    agree(maths, ana, "Ask for a break", "well_being", "essay")
    agree(maths, ana, "Swim", "")
    panel = api.student_panel(ana, activity_external_ids=(), area="learning")
    assert [card.wording for card in panel.here] == ["Halve", "Read a map"]
    assert (panel.elsewhere, panel.area, panel.area_is_gone) == (2, "Learning", False)
    found = api.class_panel(maths.teacher(), activity_external_ids=(), area="learning")
    assert [(row.targets_here, row.targets) for row in found.rows] == [(2, 4)]
    assert (found.area, found.area_is_gone) == ("Learning", False)


def test_an_area_in_which_nobody_has_a_target_is_an_empty_one(maths: Class) -> None:
    ana = maths.learner("Ana")
    agree(maths, ana, "Halve", "learning", "fractions")
    panel = api.student_panel(ana, activity_external_ids=(), area="career")
    assert (panel.here, panel.elsewhere, panel.area_is_gone) == ((), 1, False)
    assert api.student_panel(maths.learner("Ben"), activity_external_ids=(), area="career").area == "What comes next"


@pytest.mark.parametrize("area", ["singing", "Learning", "learning ", "x" * 64, "' OR 1=1", "<b>"])
def test_an_area_nobody_knows_narrows_nothing_and_says_so(maths: Class, area: str) -> None:
    ana = maths.learner("Ana")
    agree(maths, ana, "Halve", "learning", "fractions")
    agree(maths, ana, "Read a map", "learning")
    panel = api.student_panel(ana, activity_external_ids=(), area=area)
    assert [card.wording for card in panel.here] == ["Halve"]
    assert (panel.area, panel.area_is_gone) == ("", True)
    found = api.class_panel(maths.teacher(), activity_external_ids=(), area=area)
    assert [row.targets_here for row in found.rows] == [1]
    assert found.area_is_gone


def test_an_area_the_school_left_behind_still_holds_the_targets_set_in_it(maths: Class) -> None:
    ana = maths.learner("Ana")
    agree(maths, ana, "Halve", "well_being", "fractions")
    agree(maths, ana, "Read a map", "learning", "fractions")
    School.objects.filter(pk=maths.school_id).update(framework_key="quarter_notes")
    panel = api.student_panel(ana, activity_external_ids=(), area="well_being")
    assert [card.wording for card in panel.here] == ["Halve"]
    assert not panel.area_is_gone
    assert api.student_panel(maths.learner("Ben"), activity_external_ids=(), area="well_being").area_is_gone


def test_a_goal_and_an_area_together_show_what_is_of_both(maths: Class) -> None:
    ana, ben = maths.learner("Ana"), maths.learner("Ben")
    for student in (ana, ben):
        agree(maths, student, "Halve", "learning", goal="Numbers")
        agree(maths, student, "Shop alone", "well_being", goal="Numbers")
        agree(maths, student, "Write", "learning")
    (goal,) = api.shared_goals(maths.teacher())
    panel = api.student_panel(ana, activity_external_ids=(), goal=goal.key, area="learning")
    assert [card.wording for card in panel.here] == ["Halve"]


def test_an_area_costs_no_query_where_the_framework_is_the_tools_own(maths: Class) -> None:
    ana = maths.learner("Ana")
    agree(maths, ana, "Halve", "learning", "fractions")

    def cost(**about: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            api.student_panel(ana, activity_external_ids=(), **about)
        return len(queries)

    assert cost(area="learning") == cost() <= 6
