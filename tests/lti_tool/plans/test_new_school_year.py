"""000.2: a plan is one per school year, and a new year goes on where the last one stands."""

from datetime import date

import pytest
import time_machine

from lti_tool.plans import api
from lti_tool.plans.data import Level, TargetChange
from lti_tool.plans.models import Plan, Revision
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.requirement("000.2")]
JUNE, SEPTEMBER = "2026-06-20T12:00Z", "2026-09-10T12:00Z"


def a_year_s_end() -> Cast:
    """A reviewed target, one that was stopped, words for a coming review."""
    with time_machine.travel(JUNE, tick=True):
        cast = make_cast()
        student, teacher = cast.student, cast.teacher
        cast.maths.score(student, "fractions", 4)
        stopped = cast.maths.target(teacher, student, "Given up")
        goal = TargetChange(wording="Essays", goal="Write freely", activity_ids=(cast.maths.activities["essay"],))
        api.agree_target(teacher, student.person_id, goal)
        review_id = api.start_review(teacher, student.person_id)
        api.stop_target(teacher, stopped, version=1)
        api.judge_target(teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="Steady", version=0)
        agreed = api.set_next_steps(
            teacher,
            review_id,
            next_steps="Read daily",
            next_review_on=date(2026, 9, 20),
            version=api.review(teacher, review_id).version,
        )
        api.close_review(teacher, review_id, version=agreed.version)
        api.contribute(student, text="I read all summer")
    return cast


def test_a_student_who_writes_in_the_new_year_keeps_every_target_and_what_was_agreed() -> None:
    cast = a_year_s_end()
    with time_machine.travel(SEPTEMBER, tick=True):
        before = api.student_panel(cast.student, activity_external_ids=())
        api.contribute(cast.student, text="I read all summer, and wrote")
        after = api.student_panel(cast.student, activity_external_ids=())
    assert after.plan_id != before.plan_id
    assert [card.wording for card in after.here] == [card.wording for card in before.here]
    assert [card.goal for card in after.here] == ["", "Write freely"]
    assert after.here[0].judgement == before.here[0].judgement
    assert after.here[0].newest == before.here[0].newest
    assert (after.next_steps, after.last_closed_on) == ("Read daily", before.last_closed_on)
    assert after.review_due_on == date(2026, 9, 20)
    assert after.own_words == "I read all summer, and wrote"


def test_the_first_review_of_the_new_year_goes_on_from_the_last_one() -> None:
    cast = a_year_s_end()
    with time_machine.travel(SEPTEMBER, tick=True):
        cast.maths.score(cast.student, "fractions", 9, at=None)
        review_id = api.start_review(cast.teacher, cast.student.person_id)
        page = api.review(cast.teacher, review_id)
        (earlier,) = api.past_reviews(cast.teacher, cast.student.person_id)
    assert [words.text for words in page.contributions] == ["I read all summer"]
    assert page.targets[0].card.id == cast.target_id
    assert page.targets[0].last_judgement is not None
    assert page.targets[0].last_judgement.comment == "Steady"
    assert [value.score_given for value in page.targets[0].since_last] == [9]
    assert page.since == earlier.closed_at
    closed = api.review(cast.teacher, earlier.id)
    assert {target.card.wording for target in closed.targets} >= {"Essays"}


def test_the_last_year_s_plan_stays_on_record() -> None:
    cast = a_year_s_end()
    with time_machine.travel(SEPTEMBER, tick=True):
        plan_id = api.open_plan(cast.teacher, cast.student.person_id)
        assert api.open_plan(cast.teacher, cast.student.person_id) == plan_id
        (row, _) = api.class_panel(cast.teacher, activity_external_ids=()).rows
    assert row.targets == 2
    years = Plan.objects.of(cast.maths.school_id).filter(student_id=cast.student.person_id)
    assert set(years.values_list("year", flat=True)) == {2025, 2026}
    moved = Revision.objects.of(cast.maths.school_id).filter(plan_id=plan_id)
    assert [revision.before == revision.after for revision in moved] == [True, True]


def test_the_year_begins_when_the_school_s_framework_says() -> None:
    """Te Kura's begins in January: a plan of February is still the same in November."""
    cast = make_cast()
    api.choose_framework(administrator_of(cast.maths), "te_kura")
    with time_machine.travel("2027-02-10T12:00Z", tick=True):
        opened = api.open_plan(cast.teacher, cast.student.person_id)
    with time_machine.travel("2027-11-10T12:00Z", tick=True):
        assert api.open_plan(cast.teacher, cast.student.person_id) == opened


def test_a_school_that_chooses_a_later_beginning_does_not_fall_back_into_last_year() -> None:
    cast = make_cast()
    office = administrator_of(cast.maths)
    with time_machine.travel(
        "2027-08-20T12:00Z", tick=True
    ):  # general: since 1 August; Alfreton Park: from September
        opened = api.open_plan(cast.teacher, cast.student.person_id)
        api.choose_framework(office, "alfreton_park")
        assert api.open_plan(cast.teacher, cast.student.person_id) == opened
