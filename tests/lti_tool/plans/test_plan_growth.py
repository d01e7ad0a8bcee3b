"""Stage 2: aims, goals, targets of two types, steps, curriculum targets, and what a plan still asks for."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    CurriculumChange,
    DiscussionEntry,
    GoalChange,
    GoalPurpose,
    Participant,
    PlanTarget,
    StepChange,
    TargetChange,
    TargetState,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.frameworks.loading import BUILT_IN
from lti_tool.plans.models import Person, Revision, School, Target
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def under(cast: Cast, key: str) -> Cast:
    """The cast, with a fresh student whose plan begins under this framework."""
    School.objects.filter(pk=cast.maths.school_id).update(framework_key=key)
    student = cast.maths.learner("Noor")
    return replace(
        cast, student=student, target_id=cast.maths.target(cast.teacher, student, "Tell a friend what I need")
    )


def only(cast: Cast) -> PlanTarget:
    (target,) = api.plan_page(cast.teacher, cast.student.person_id).targets
    return target


def change(cast: Cast, **said: object) -> TargetChange:
    stands = api.target(cast.teacher, cast.target_id)
    new = replace(stands.change, **said)  # type: ignore[arg-type]
    return api.change_target(cast.teacher, cast.target_id, new, version=stands.version).change


@pytest.mark.requirement("001.4", "003.4", "002.37")
def test_a_target_holds_where_it_starts_its_support_and_who_does_what_by_when(cast: Cast) -> None:
    day = timezone.localdate() + timedelta(days=7)
    steps = (
        StepChange("Draw it first", Voice.LEARNER, by_on=day),
        StepChange("Ask at dinner", Voice.FAMILY, who_name="Aunt Mere"),
    )
    said = {
        "area": "learning",
        "baseline": "Draws, does not explain",
        "support_inside": "A partner to tell",
        "support_outside": "Homework club",
        "resources": "Sentence starters",
        "contexts": ("home", "class"),
        "steps": steps,
    }
    change(cast, **said)
    words = only(cast).words
    assert {name: getattr(words, name) for name in said if name != "steps"} == {
        k: v for k, v in said.items() if k != "steps"
    }
    assert [(s.what, s.who, s.who_name, s.by_on) for s in words.steps or ()] == [
        ("Draw it first", Voice.LEARNER, "", day), ("Ask at dinner", Voice.FAMILY, "Aunt Mere", None),
    ]  # fmt: skip
    assert Target.objects.of(cast.maths.school_id).get(pk=cast.target_id).version == 2


@pytest.mark.requirement("001.9", "000.2")
def test_the_former_words_and_steps_of_a_target_stay_on_record(cast: Cast) -> None:
    change(cast, baseline="Draws", steps=(StepChange("Draw it"),))
    change(cast, baseline="Draws and tells", steps=())
    rows = Revision.objects.of(cast.maths.school_id).filter(subject_id=cast.target_id).order_by("version")
    assert [row.after.get("baseline") for row in rows] == [None, "Draws", "Draws and tells"]
    assert [len(row.after.get("steps", [])) for row in rows] == [0, 1, 0]


def test_a_form_that_says_nothing_of_steps_leaves_them_and_the_same_words_write_nothing(cast: Cast) -> None:
    first = change(cast, steps=(StepChange("Draw it"), StepChange("Tell it")))
    assert [step.what for step in change(cast, success="She tells it", steps=None).steps or ()] == [
        "Draw it",
        "Tell it",
    ]
    again = change(cast)
    assert [step.id for step in again.steps or ()] == [step.id for step in first.steps or ()]
    assert api.target(cast.teacher, cast.target_id).version == 3


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"area": "nowhere"}, "area: unknown"),
        ({"type": "nowhere"}, "type: unknown"),
        ({"contexts": ("moon",)}, "contexts: unknown"),
        ({"details": {"made_up": "x"}}, "details: unknown"),
        ({"baseline": "x" * 2001}, "baseline: too_long"),
        ({"steps": (StepChange("x"),) * 31}, "steps: too_many"),
        ({"steps": (StepChange("x" * 2001),)}, "steps: too_long"),
    ],
)
def test_what_the_framework_does_not_know_is_not_taken(cast: Cast, said: dict, error: str) -> None:
    with pytest.raises(Invalid, match=error):
        change(cast, **said)


def test_what_stands_may_stay_when_the_framework_no_longer_has_it(cast: Cast) -> None:
    Target.objects.of(cast.maths.school_id).filter(pk=cast.target_id).update(area="gone", contexts=["moon"])
    assert change(cast, wording="New words").area == "gone"


@pytest.mark.requirement("001.4")
def test_learners_tick_their_own_steps_and_nobody_elses(cast: Cast) -> None:
    (step,) = change(cast, steps=(StepChange("Draw it"),)).steps or ()
    assert step.id
    api.tick_step(cast.student, step.id, done=True)
    assert [s.done_on for s in only(cast).words.steps or ()] == [timezone.localdate()]
    api.tick_step(cast.teacher, step.id, done=False)
    for other in (cast.classmate, cast.assistant, cast.other_teacher, cast.stranger):
        with pytest.raises(NotFound):
            api.tick_step(other, step.id, done=True)
    api.stop_target(cast.teacher, cast.target_id, version=2)
    with pytest.raises(Refused, match="stopped"):
        api.tick_step(cast.student, step.id, done=True)


@pytest.mark.requirement("001.7")
def test_a_measurable_target_is_asked_smart_questions_and_none_blocks(cast: Cast) -> None:
    change(cast, wording="Get better", type="smart")
    assert only(cast).asks == ("specific", "measurable", "achievable", "relevant", "timed")
    day = timezone.localdate() + timedelta(days=20)
    change(
        cast, wording="Explain my answer in three steps", success="She does", baseline="One", goal="Maths", due_on=day
    )
    assert only(cast).asks == ()


@pytest.mark.requirement("001.7")
@pytest.mark.parametrize("key", BUILT_IN)
def test_no_type_that_is_not_measurable_ever_asks_for_a_number_or_a_day(cast: Cast, key: str) -> None:
    cast = under(cast, key)
    framework = api.plan_page(cast.teacher, cast.student.person_id).framework
    open_types = [kind for kind in framework.target_types if not kind.measurable]
    for kind in open_types:
        change(cast, wording="Enjoy it", type=kind.key)
        assert {ask for ask in only(cast).asks if not ask.startswith("field:")} == set()
        asked = {ask.removeprefix("field:") for ask in only(cast).asks}
        assert not [field for field in kind.fields if field.key in asked and field.kind in {"number", "date"}]


@pytest.mark.requirement("003.5")
def test_the_habit_asks_to_talk_act_word_it_and_do_it_soon_until_all_is_so(cast: Cast) -> None:
    change(cast, wording="Get better")
    assert only(cast).habits == ("talk", "act", "say_more", "soon")
    entry = DiscussionEntry(timezone.localdate(), "Targets", "", (Participant("Rose", Voice.FAMILY),))
    api.record_discussion(cast.teacher, cast.student.person_id, entry)
    soon = timezone.localdate() + timedelta(days=10)
    change(cast, wording="Explain my answer twice a week", steps=(StepChange("Draw it", by_on=soon),))
    assert only(cast).habits == ()


@pytest.mark.requirement("003.5")
@pytest.mark.parametrize(
    ("wording", "same"),
    [
        ("Explain my answer to a partner", True),
        ("explain  my answer, to a partner!", True),
        ("Explain my answers to a partner", False),
        ("Explain my answer to the partner", False),
    ],
)
def test_a_target_copied_across_the_class_is_told_of_and_still_taken(cast: Cast, wording: str, same: bool) -> None:
    change(cast, wording="Explain my answer to a partner")
    (warning,) = api.alike_in_class(cast.teacher, cast.classmate.person_id, wording)
    assert (warning.student.name, warning.same) == ("Ana", same)
    cast.maths.target(cast.teacher, cast.classmate, wording)
    assert [alike.student.name for alike in only(cast).alike] == ["Ben"]


@pytest.mark.requirement("003.5")
def test_a_framework_that_wants_no_warning_of_copies_gives_none(cast: Cast) -> None:
    office = administrator_of(cast.maths)
    change(cast, wording="Explain my answer to a partner")
    assert api.alike_in_class(cast.teacher, cast.classmate.person_id, "Explain my answer to a partner")
    key = api.copy_framework(office, "general", "Ours")
    draft = api.framework_draft(office, key)
    text = draft.text.replace("\nrules:\n", "\nrules:\n  clone_warning: false\n")
    api.publish_framework(office, key, api.save_framework_draft(office, key, text, draft.saves).saves)
    api.choose_framework(office, key)
    assert not api.alike_in_class(cast.teacher, cast.classmate.person_id, "Explain my answer to a partner")


@pytest.mark.requirement("003.5")
def test_targets_that_differ_in_what_they_ask_are_not_called_copies(cast: Cast) -> None:
    change(cast, wording="Explain my answer to a partner")
    for other in ("Read a map of the town", "Explain", "Add fractions with a partner"):
        assert api.alike_in_class(cast.teacher, cast.classmate.person_id, other) == ()


@pytest.mark.requirement("000.5", "002.34")
def test_a_learner_proposes_a_target_in_their_own_words_and_the_teacher_takes_it_up(cast: Cast) -> None:
    proposed = api.propose_target(cast.student, TargetChange("Learn to bake bread", success="We eat it"))
    page = api.plan_page(cast.teacher, cast.student.person_id)
    assert [t.card.wording for t in page.proposed] == ["Learn to bake bread"]
    assert proposed not in {t.card.id for t in page.targets}
    api.agree_proposed(cast.teacher, proposed, version=1)
    assert api.target(cast.teacher, proposed).state is TargetState.AGREED
    for who in (cast.teacher, cast.assistant, cast.parent, cast.outsider):
        with pytest.raises(NotFound):
            api.propose_target(who, TargetChange("Mine"))
    with pytest.raises(NotFound):
        api.agree_proposed(cast.student, cast.target_id, version=1)


@pytest.mark.requirement("003.6")
def test_a_target_reached_leaves_the_list_and_stays_in_the_story(cast: Cast) -> None:
    api.achieve_target(cast.teacher, cast.target_id, version=1)
    assert api.plan_page(cast.teacher, cast.student.person_id).targets == ()
    story = api.plan_story(cast.student, cast.student.person_id)
    assert story[0].kind == "target.achieved"
    assert story[0].after["wording"] == "Explain my answer"


@pytest.mark.requirement("002.16")
def test_goals_have_short_targets_as_stepping_stones(cast: Cast) -> None:
    goal = api.set_goal(cast.student, cast.student.person_id, GoalChange("Run a market stall"))
    change(cast, goal="Run a market stall")
    (view,) = api.plan_page(cast.teacher, cast.student.person_id).goals
    assert (view.id, view.targets) == (goal, 1)
    api.change_goal(cast.student, goal, GoalChange("Run my own stall"), version=1)
    with pytest.raises(Conflict):
        api.change_goal(cast.teacher, goal, GoalChange("Run a shop"), version=1)
    assert only(cast).card.goal == "Run my own stall"
    api.end_goal(cast.teacher, goal)
    assert api.plan_page(cast.teacher, cast.student.person_id).goals == ()


@pytest.mark.requirement("000.8")
@pytest.mark.parametrize(
    ("year_group", "goal", "lacks"),
    [
        (6, GoalChange("Swim"), False),
        (7, GoalChange("Swim"), True),
        (7, GoalChange("Be a vet", purpose=GoalPurpose.CAREER), False),
        (11, GoalChange("Visit a college", purpose=GoalPurpose.PLANNING), False),
        (None, GoalChange("Swim"), False),
    ],
)
def test_from_year_seven_a_plan_has_a_career_or_planning_goal(
    cast: Cast, year_group: int | None, goal: GoalChange, lacks: bool
) -> None:
    cast = under(cast, "te_kura")
    Person.objects.of(cast.maths.school_id).filter(pk=cast.student.person_id).update(year_group=year_group)
    api.set_goal(cast.teacher, cast.student.person_id, goal)
    assert ("career_goal" in api.plan_page(cast.teacher, cast.student.person_id).missing) is lacks


@pytest.mark.requirement("000.8")
@pytest.mark.parametrize(
    ("kind", "lacks"), [("career_goal", False), ("planning_goal", False), ("learning_goal", True)]
)
def test_a_target_of_a_career_or_planning_kind_is_one_in_whatever_area(cast: Cast, kind: str, lacks: bool) -> None:
    cast = under(cast, "te_kura")
    about = cast.student.person_id
    Person.objects.of(cast.maths.school_id).filter(pk=about).update(year_group=7)
    api.agree_target(cast.teacher, about, TargetChange("Visit the boat yard", area="engagement", type=kind))
    assert ("career_goal" in api.plan_page(cast.teacher, about).missing) is lacks


@pytest.mark.requirement("001.22")
def test_the_years_curriculum_targets_stand_by_subject_and_strand_with_an_overview_of_progress(cast: Cast) -> None:
    about = cast.student.person_id
    number = api.set_curriculum(cast.teacher, about, CurriculumChange("Maths", "Count to 100", "Number"))
    api.set_curriculum(cast.teacher, about, CurriculumChange("English", "Write my name"))
    api.change_curriculum(
        cast.teacher, number, CurriculumChange("Maths", "Count to 100", "Number", "Counts to 60"), version=1
    )
    with pytest.raises(NotFound):
        api.set_curriculum(cast.student, about, CurriculumChange("Art", "Paint"))
    views = api.plan_page(cast.student, about).curriculum
    assert [(v.subject, v.strand, v.progress) for v in views] == [
        ("English", "", ""),
        ("Maths", "Number", "Counts to 60"),
    ]
    api.end_curriculum(cast.teacher, number)
    assert len(api.plan_page(cast.student, about).curriculum) == 1


@pytest.mark.requirement("000.13", "001.22", "002.34")
def test_where_the_learner_is_and_wants_to_be_is_theirs_to_write_and_a_clash_loses_nothing(cast: Cast) -> None:
    about = cast.student.person_id
    api.say_plan(cast.student, about, {"aims.where_now": "I can halve"}, shown={})
    api.say_plan(cast.teacher, about, {"aims.where_to": "Sell at the fair"}, shown={})
    with pytest.raises(Conflict) as caught:
        api.say_plan(cast.teacher, about, {"aims.where_now": "She can halve"}, shown={"aims.where_now": ""})
    assert caught.value.current == {"aims.where_now": "I can halve"}
    (section,) = api.plan_page(cast.student, about).sections
    assert dict(section.answers) == {"where_now": "I can halve", "where_to": "Sell at the fair"}
    with pytest.raises(Invalid, match="unknown"):
        api.say_plan(cast.student, about, {"aims.nothing": "x"}, shown={})


def test_a_new_school_year_goes_on_with_aims_goals_and_everything_a_target_says(cast: Cast) -> None:
    about = cast.student.person_id
    api.say_plan(cast.student, about, {"aims.where_to": "Sell at the fair"}, shown={})
    api.set_goal(cast.student, about, GoalChange("Be a vet", purpose=GoalPurpose.CAREER))
    before = change(cast, goal="Be a vet", baseline="Halves", steps=(StepChange("Draw it"),))
    year = api.plan_page(cast.teacher, about).year
    with time_machine.travel(timezone.now() + timedelta(days=365), tick=True):
        api.open_plan(cast.teacher, about)
    page = api.plan_page(cast.teacher, about)
    assert page.year == year + 1
    assert dict(page.sections[0].answers)["where_to"] == "Sell at the fair"
    assert [(goal.purpose, goal.targets) for goal in page.goals] == [(GoalPurpose.CAREER, 1)]
    assert page.targets[0].words == before


def test_the_page_and_the_story_ask_the_database_equally_often_whatever_the_plan_holds(cast: Cast) -> None:
    about = cast.student.person_id

    def queries() -> tuple[int, int]:
        counts = []
        for ask in (api.plan_page, api.plan_story):
            ask(cast.teacher, about)
            with CaptureQueriesContext(connection) as asked:
                ask(cast.teacher, about)
            counts.append(len(asked))
        return counts[0], counts[1]

    first = queries()
    for number in range(5):
        cast.maths.target(cast.teacher, cast.student, f"Target {number}", "fractions")
        api.set_goal(cast.student, about, GoalChange(f"Goal {number}"))
        api.set_curriculum(cast.teacher, about, CurriculumChange("Maths", f"Count to {number}"))
        cast.maths.target(cast.teacher, cast.classmate, f"Another {number}")
    change(cast, steps=(StepChange("Draw it"), StepChange("Tell it")))
    assert queries() == first
    assert first <= (14, 15)


@pytest.mark.trust("T43")
@pytest.mark.parametrize("ask", [api.plan_page, api.plan_story])
def test_only_those_within_reach_read_the_plan_and_its_story(cast: Cast, ask) -> None:
    about: UUID = cast.student.person_id
    for who in (cast.student, cast.teacher, cast.assistant):
        ask(who, about)
    for who in (cast.classmate, cast.administrator, cast.parent, cast.nobody, cast.other_teacher, cast.left_teacher,
                cast.stranger, cast.outsider):  # fmt: skip
        with pytest.raises(NotFound):
            ask(who, about)
