"""Targets: agreed, changed and stopped, with every former wording kept."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine

from lti_tool.plans import api
from lti_tool.plans.data import TargetChange, TargetState
from lti_tool.plans.exceptions import Conflict, Invalid, Refused
from lti_tool.plans.models import Goal, Plan, Revision
from tests.factories.plans import Cast, administrator_of, make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.requirement("001.9")
def test_a_changed_target_keeps_what_it_said_before(cast: Cast) -> None:
    maths = cast.maths
    change = TargetChange(
        wording="  Explain two answers ",
        success="A friend can repeat it",
        next_step="Try it with Ben",
        goal="Run my own stall",
        due_on=date(2026, 12, 18),
        activity_ids=(maths.activities["market stall"], maths.activities["essay"]),
    )
    after = api.change_target(cast.teacher, cast.target_id, change, version=1)
    assert after == api.target(cast.teacher, cast.target_id)
    assert (after.version, after.change.wording, after.change.goal) == (2, "Explain two answers", "Run my own stall")
    revisions = Revision.objects.of(maths.school_id).filter(subject_id=cast.target_id).order_by("version")
    assert [(r.subject_version, r.before and r.before["wording"], r.after["wording"]) for r in revisions] == [
        (1, None, "Explain my answer"),
        (2, "Explain my answer", "Explain two answers"),
    ]
    (card,) = api.student_panel(cast.student, activity_external_ids=["market stall"]).here
    assert (card.goal, card.next_step, [a.label for a in card.activities]) == (
        "Run my own stall",
        "Try it with Ben",
        ["essay", "market stall"],
    )


def test_two_targets_of_the_same_goal_share_it(cast: Cast) -> None:
    for wording in ("One", "Two"):
        api.agree_target(cast.teacher, cast.student.person_id, TargetChange(wording=wording, goal="Stall"))
    api.start_review(cast.teacher, cast.student.person_id)
    page = api.review(cast.teacher, cast.student.person_id)
    assert [target.card.goal for target in page.targets] == ["", "Stall", "Stall"]
    assert Goal.objects.of(cast.maths.school_id).count() == 1


def test_two_teachers_changing_one_target_both_keep_their_words(cast: Cast) -> None:
    colleague = cast.maths.teacher()
    theirs = TargetChange(wording="Theirs")
    api.change_target(colleague, cast.target_id, theirs, version=1)
    mine = TargetChange(wording="Mine")
    with pytest.raises(Conflict) as caught:
        api.change_target(cast.teacher, cast.target_id, mine, version=1)
    assert caught.value.mine == mine
    assert (caught.value.current.change.wording, caught.value.current.version) == ("Theirs", 2)
    assert api.change_target(cast.teacher, cast.target_id, theirs, version=1).version == 2  # the same is no conflict
    assert api.change_target(cast.teacher, cast.target_id, mine, version=2).version == 3


def test_a_stopped_target_leaves_the_panel_and_cannot_be_changed(cast: Cast) -> None:
    stopped = api.stop_target(cast.teacher, cast.target_id, version=1)
    assert stopped.state is TargetState.STOPPED
    assert api.student_panel(cast.student, activity_external_ids=[]).here == ()
    with pytest.raises(Refused, match="stopped"):
        api.change_target(cast.teacher, cast.target_id, TargetChange(wording="Again"), version=2)
    with pytest.raises(Refused, match="stopped"):
        api.stop_target(cast.teacher, cast.target_id, version=2)


def test_links_to_another_courses_activities_outlive_a_change_made_here(cast: Cast) -> None:
    art = make_class("collage", school_id=cast.maths.school_id)
    for actor in (cast.student, cast.teacher):
        api.set_enrolment(art.school_id, art.course_id, actor.person_id, actor.role)
    there = api.actor_for(art.school_id, cast.teacher.person_id, art.course_id)
    linked = api.target(there, cast.target_id).change.activity_ids
    both = TargetChange(wording="Both", activity_ids=(*linked, art.activities["collage"]))
    api.change_target(there, cast.target_id, both, version=1)
    only_here = TargetChange(wording="Both", activity_ids=(cast.maths.activities["essay"],))
    after = api.change_target(cast.teacher, cast.target_id, only_here, version=2)
    assert set(after.change.activity_ids) == {cast.maths.activities["essay"], art.activities["collage"]}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        (TargetChange(wording=" "), {"wording": "required"}),
        (TargetChange(wording="x" * 2001, goal="y" * 2001), {"wording": "too_long", "goal": "too_long"}),
        (TargetChange(wording="x", activity_ids=(999_999,)), {"activity_ids": "unknown"}),
    ],
)
def test_what_cannot_be_taken_says_which_field_and_why(
    cast: Cast, change: TargetChange, errors: dict[str, str]
) -> None:
    for ask in (
        lambda: api.agree_target(cast.teacher, cast.student.person_id, change),
        lambda: api.change_target(cast.teacher, cast.target_id, change, version=1),
    ):
        with pytest.raises(Invalid) as caught:
            ask()
        assert caught.value.errors == errors
    assert api.target(cast.teacher, cast.target_id).version == 1


def test_another_schools_activity_cannot_be_linked(cast: Cast) -> None:
    foreign = make_class("fractions")
    cast.maths.activities["foreign"] = foreign.activities["fractions"]
    with pytest.raises(Invalid):
        cast.maths.target(cast.teacher, cast.student, "x", "foreign")


def test_there_is_one_plan_a_school_year_and_a_review_under_way_holds_it() -> None:
    with time_machine.travel("2026-07-20T12:00Z", tick=True):
        cast = make_cast()
        first = api.open_plan(cast.teacher, cast.student.person_id)
        assert api.open_plan(cast.teacher, cast.student.person_id) == first
        review_id = api.start_review(cast.teacher, cast.student.person_id)
    with time_machine.travel("2026-08-20T12:00Z", tick=True):
        assert api.open_plan(cast.teacher, cast.student.person_id) == first
        assert api.start_review(cast.teacher, cast.student.person_id) == review_id
        api.close_review(cast.teacher, review_id, version=1)
        assert api.open_plan(cast.teacher, cast.student.person_id) != first
    years = Plan.objects.of(cast.maths.school_id).order_by("year").values_list("year", flat=True)
    assert list(years) == [2025, 2026]


@pytest.mark.requirement("003.4")
def test_words_for_one_kind_of_target_stay_when_it_becomes_another(cast: Cast) -> None:
    """The form asks what every kind asks before one is chosen; FAST's own fields are no mistake on another kind."""
    api.choose_framework(administrator_of(cast.maths), "key_elements")
    ben = cast.maths.learner("Ben")
    said = TargetChange("Read two books", type="fast", details={"timeliness": "One by May", "adaptations": ""})
    target_id = api.agree_target(cast.teacher, ben.person_id, said)
    api.change_target(cast.teacher, target_id, replace(said, type="measurable"), version=1)
    stands = api.target(cast.teacher, target_id).change
    assert (stands.type, stands.details) == ("measurable", {"timeliness": "One by May"})
    with pytest.raises(Invalid):
        api.change_target(cast.teacher, target_id, replace(said, details={"made_up": "x"}), version=2)
