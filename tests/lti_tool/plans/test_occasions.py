"""Which kind of review is begun: what the framework's calendar asks for, at need, or after an event."""

from datetime import date

import pytest
import time_machine

from lti_tool.plans import api
from lti_tool.plans.data import LifeEventEntry, ReviewChoices
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Person, Plan, School
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]
STANDS = {
    "alfreton_park": ("2027-01-20", "interim"),
    "te_kura": ("2027-01-20", "discussion"),
    "foundation_learning": ("2027-01-20", "progress"),
    "key_elements": ("2026-11-20", "interim"),
    "quarter_notes": ("2027-05-20", "synopsis"),
    "general": ("2026-11-20", "interim"),
}


def under(framework: str) -> Cast:
    cast = make_cast()
    row = ensure_framework_version(cast.maths.school_id, framework)
    Plan.objects.of(cast.maths.school_id).update(framework=row)
    School.objects.filter(pk=cast.maths.school_id).update(framework_key=framework)
    return cast


def choices(cast: Cast) -> ReviewChoices:
    return api.review_choices(cast.teacher, cast.student.person_id)


def start(cast: Cast, **more: object) -> str:
    """Begin and close one; its kind."""
    review_id = api.start_review(cast.teacher, cast.student.person_id, **more)  # type: ignore[arg-type]
    page = api.review(cast.teacher, review_id)
    api.close_review(cast.teacher, review_id, version=page.version)
    return page.kind.key if page.kind else ""


@pytest.mark.requirement("001.9", "002.17")
@pytest.mark.parametrize("framework", STANDS)
def test_one_press_begins_the_kind_that_the_calendar_asks_for_on_that_day(framework: str) -> None:
    day, kind = STANDS[framework]
    with time_machine.travel(f"{day}T10:00:00Z", tick=False):
        cast = under(framework)
        assert choices(cast).chosen == kind
        assert start(cast) == kind


@pytest.mark.requirement("001.9")
def test_alfreton_parks_year_goes_from_the_interim_review_to_the_final_one() -> None:
    with time_machine.travel("2027-01-20T10:00:00Z", tick=False):
        cast = under("alfreton_park")
        interim, final = choices(cast).regular
        assert (interim.kind.key, interim.due, interim.overdue) == ("interim", True, False)
        assert interim.occasion == "February half term: interim review to SLT"
        assert (final.kind.key, final.due) == ("final", False)
        assert start(cast) == "interim"
        assert choices(cast).regular[0].due_on is None  # held: nothing asks for it any more
    with time_machine.travel("2027-05-10T10:00:00Z", tick=False):
        assert choices(cast).chosen == "final"


def test_what_was_not_held_is_overdue_until_the_next_one_opens() -> None:
    with time_machine.travel("2027-01-20T10:00:00Z", tick=False):
        cast = under("te_kura")
        mid_year = next(one for one in choices(cast).regular if one.kind.key == "mid_year")
        assert not mid_year.due
        assert mid_year.due_on is not None
    with time_machine.travel(mid_year.due_on.isoformat() + "T10:00:00Z", tick=False):
        assert choices(cast).chosen == "mid_year"
    after = date.fromordinal(mid_year.due_on.toordinal() + 5).isoformat()
    with time_machine.travel(after + "T10:00:00Z", tick=False):
        late = next(one for one in choices(cast).regular if one.kind.key == "mid_year")
        assert late.overdue
        assert choices(cast).chosen == "mid_year"


@pytest.mark.requirement("001.5")
def test_a_review_at_need_says_why_and_is_of_the_kind_meant_for_that() -> None:
    cast = under("alfreton_park")
    assert [kind.key for kind in choices(cast).at_need] == ["changed_needs"]
    with pytest.raises(Invalid) as missing:
        start(cast, kind="changed_needs", at_need=True, why="  ")
    assert missing.value.errors == {"why": "required"}
    review_id = api.start_review(
        cast.teacher, cast.student.person_id, kind="changed_needs", at_need=True, why="He stopped speaking in class"
    )
    page = api.review(cast.teacher, review_id)
    assert page.kind is not None
    assert (page.kind.key, page.why) == ("changed_needs", "He stopped speaking in class")


@pytest.mark.requirement("001.5")
def test_after_an_event_the_review_answers_it_and_says_its_name() -> None:
    cast = under("alfreton_park")
    event = LifeEventEntry("home_change", date(2026, 9, 1))
    event_id = api.record_life_event(cast.teacher, cast.student.person_id, event)
    assert [one.id for one in choices(cast).events] == [event_id]
    review_id = api.start_review(cast.teacher, cast.student.person_id, life_event_id=event_id)
    page = api.review(cast.teacher, review_id)
    assert page.kind is not None
    assert page.kind.key == "changed_needs"
    assert page.life_event == choices(cast).event_names["home_change"]
    assert not choices(cast).events
    assert [one.id for one in choices(cast).open] == [review_id]


def test_what_a_provider_sees_to_is_never_what_a_teachers_press_begins() -> None:
    with time_machine.travel("2027-01-20T10:00:00Z", tick=False):
        cast = under("foundation_learning")
        # Whoever came today, or never had one, is asked for an initial review (002.19).
        Person.objects.of(cast.maths.school_id).update(entered_on=date(2025, 9, 1))
        assert start(cast) == "initial"
        assert start(cast) == "progress"
    with time_machine.travel("2027-02-25T10:00:00Z", tick=False):  # 28 days on, a provider's own is due
        assert choices(cast).chosen == "progress"


def test_only_who_holds_reviews_of_a_student_is_told_what_can_be_begun() -> None:
    cast = make_cast()
    for somebody in (cast.student, cast.assistant, cast.parent, cast.other_teacher, cast.stranger):
        with pytest.raises(NotFound):
            api.review_choices(somebody, cast.student.person_id)


@pytest.mark.requirement("002.6", "002.18")
def test_the_learner_prepares_for_the_kind_that_is_due_and_no_answer_is_lost_where_another_is_begun() -> None:
    with time_machine.travel("2027-01-20T10:00:00Z", tick=False):
        cast = under("foundation_learning")
        asked = api.preparation(cast.student)
        assert asked.kind.key == "progress"
        first = asked.answers[0].field.key
        api.prepare(cast.student, {first: "I mended a puncture"})
        review_id = api.start_review(cast.teacher, cast.student.person_id, kind="initial")
        told = [answer.words.text for answer in api.review(cast.teacher, review_id).answers if answer.words]
        assert told == ["I mended a puncture"]
