"""What stands beside the coursework, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, ResultRead, Role, TargetChange, Track
from tests.factories.plans import NOON, Cast, make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("size", [1, 30])
def test_a_students_panel_takes_six_queries_however_much_there_is(size: int) -> None:
    maths = make_class(*(f"activity {n}" for n in range(size)))
    student, teacher = maths.learner(), maths.teacher()
    for n in range(size):
        maths.target(teacher, student, f"Target {n}", *list(maths.activities)[: n + 1])
    results = {activity_id: [ResultRead(student.person_id, 5, 10, NOON)] for activity_id in maths.activities.values()}
    api.record_results(maths.school_id, "ags", results)
    api.student_panel(student, activity_external_ids=[])  # what a process asks only once is not the panel's
    with CaptureQueriesContext(connection) as queries:
        panel = api.student_panel(student, activity_external_ids=list(maths.activities))
    assert len(panel.here) == size
    assert all(card.track is Track.ON_TRACK for card in panel.here)
    assert len(queries) <= 6


@pytest.mark.parametrize("size", [1, 30])
def test_a_class_panel_takes_six_queries_however_many_students_and_targets(size: int) -> None:
    maths = make_class(*(f"activity {n}" for n in range(size)))
    teacher = maths.teacher()
    people = api.persons_bulk(maths.school_id, [f"Student {n:02}" for n in range(size)])
    for person_id in people:
        api.set_enrolment(maths.school_id, maths.course_id, person_id, Role.LEARNER)
        ids = tuple(maths.activities.values())
        api.agree_target(teacher, person_id, TargetChange(wording="One", activity_ids=ids))
        api.start_review(teacher, person_id)
    results = {
        activity_id: [ResultRead(person_id, 2, 10, NOON) for person_id in people]
        for activity_id in maths.activities.values()
    }
    api.record_results(maths.school_id, "ags", results)
    api.class_panel(teacher, activity_external_ids=[])
    with CaptureQueriesContext(connection) as queries:
        panel = api.class_panel(teacher, activity_external_ids=[])
    assert len(panel.rows) == size
    assert {(row.targets, row.targets_here, row.track, row.review_open) for row in panel.rows} == {
        (1, 1, Track.NEEDS_ATTENTION, True)
    }
    assert len(queries) <= 6


@pytest.mark.requirement("003.12")
def test_here_is_what_the_placement_names_and_the_whole_course_where_it_names_nothing() -> None:
    cast = make_cast()
    art = make_class("fractions", school_id=cast.maths.school_id, title="Art")
    api.set_enrolment(art.school_id, art.course_id, cast.student.person_id, Role.LEARNER)
    api.set_enrolment(art.school_id, art.course_id, cast.teacher.person_id, Role.TEACHER)
    in_art = api.actor_for(art.school_id, cast.student.person_id, art.course_id)

    def here(actor: object, *ids: str) -> tuple[int, int]:
        panel = api.student_panel(actor, activity_external_ids=ids)  # type: ignore[arg-type]
        return len(panel.here), panel.elsewhere

    assert here(cast.student, "fractions") == (1, 0)
    assert here(cast.student, "market stall") == (0, 1)
    assert here(cast.student) == (1, 0)
    assert here(in_art, "fractions") == (0, 1)  # another course's activity of the same name is not here
    assert here(in_art) == (0, 1)


def test_a_student_of_two_courses_has_one_plan_that_both_teachers_see() -> None:
    cast = make_cast()
    art = make_class("collage", school_id=cast.maths.school_id, title="Art")
    api.set_enrolment(art.school_id, art.course_id, cast.student.person_id, Role.LEARNER)
    other = art.teacher()
    art.target(other, cast.student, "Plan a collage", "collage")
    assert api.open_plan(other, cast.student.person_id) == api.open_plan(cast.teacher, cast.student.person_id)
    assert [row.targets for row in api.class_panel(other, activity_external_ids=[]).rows] == [2]


def test_a_student_without_a_plan_gets_a_panel_and_nothing_is_written() -> None:
    maths = make_class("fractions")
    panel = api.student_panel(maths.learner(), activity_external_ids=[])
    assert (panel.plan_id, panel.here, panel.elsewhere, panel.read_at) == (None, (), 0, None)


@pytest.mark.trust("T74")
def test_a_person_whose_lms_withholds_the_name_is_called_by_a_code() -> None:
    maths = make_class("fractions")
    student_id = api.persons_bulk(maths.school_id, [""])[0]
    api.set_enrolment(maths.school_id, maths.course_id, student_id, Role.LEARNER)
    actor = api.actor_for(maths.school_id, student_id, maths.course_id)
    name = api.student_panel(actor, activity_external_ids=[]).student.name
    assert name == f"Student {student_id.hex[-4:].upper()}"


@pytest.mark.trust("T19")
def test_every_value_says_of_which_activity_from_where_and_when() -> None:
    cast = make_cast()
    before = timezone.now()
    cast.maths.score(cast.student, "essay", 6)
    newest = api.student_panel(cast.student, activity_external_ids=[]).here[0].newest
    assert newest is not None
    assert (newest.activity_label, newest.source, newest.observed_at) == ("essay", "ags", NOON)
    assert before <= newest.received_at <= timezone.now()


def test_with_two_sources_the_newest_value_that_has_a_score_counts() -> None:
    cast = make_cast()
    essay = cast.maths.activities["essay"]
    who = cast.student.person_id
    for source, score, day in (("ags", 6.0, 1), ("csv", 9.0, 0), ("other", None, 5)):
        result = ResultRead(who, score, 10, NOON + timedelta(days=day))
        api.record_results(cast.maths.school_id, source, {essay: [result]})
    (card,) = api.student_panel(cast.student, activity_external_ids=[]).here
    assert (card.mean_percent, card.attempted) == (60.0, 1)


def test_an_activity_taken_out_of_the_course_keeps_its_evidence_and_says_so() -> None:
    cast = make_cast()
    maths = cast.maths
    maths.score(cast.student, "essay", 6)
    assert "essay" not in api.sync_activities(
        maths.school_id, maths.course_id, [ActivityRead("fractions", "Fractions!", 12)]
    )
    (card,) = api.student_panel(cast.student, activity_external_ids=[]).here
    assert [(a.label, a.score_maximum, a.removed) for a in card.activities] == [
        ("Fractions!", 12, False),
        ("essay", 10, True),
    ]
    assert card.mean_percent == 60.0
    assert [a.external_id for a in api.activities(cast.teacher)] == ["fractions"]
    ids = api.sync_activities(maths.school_id, maths.course_id, [ActivityRead("essay", "Essay", 10)])
    assert ids == {"essay": maths.activities["essay"]}


@pytest.mark.parametrize(
    ("text", "found"), [("", 3), ("MARKET", 1), ("stall market", 1), ("ESSAY  ", 1), ("Ŝ", 0), ("e", 2)]
)
def test_the_picker_finds_activities_that_hold_every_word(text: str, found: int) -> None:
    cast = make_cast()
    assert len(api.find_activities(cast.teacher, text)) == found
    assert len(api.find_activities(cast.teacher, text, limit=1)) == min(found, 1)


def test_the_picker_folds_the_case_of_every_alphabet() -> None:
    maths = make_class("ÜBUNG Māori ΣΊΣΥΦΟΣ")
    for text in ("übung", "MĀORI", "σίσυφος"):
        assert len(api.find_activities(maths.teacher(), text)) == 1


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_the_class_panel_tells_whose_review_is_due_and_how_far_an_open_one_is(cast: Cast) -> None:
    def row() -> tuple[bool, bool, int]:
        found = api.class_panel(cast.teacher, activity_external_ids=[]).rows[0]
        return found.review_due, found.review_open, found.judged

    assert row() == (False, False, 0)
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    assert row() == (False, True, 0)
    api.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)  # type: ignore[arg-type]
    assert row() == (False, True, 1)
    today = timezone.localdate()
    steps = api.set_next_steps(cast.teacher, review_id, next_steps="", next_review_on=today, version=1)
    api.close_review(cast.teacher, review_id, version=steps.version)
    assert row() == (True, False, 0)


def test_why_evidence_could_not_be_read_stands_on_the_panel_until_it_could(cast: Cast) -> None:
    maths, now = cast.maths, timezone.now()
    api.request_sync(maths.school_id, maths.course_id, "ags")
    (due,) = api.due_syncs(limit=5, now=now + timedelta(seconds=5))
    later = now + timedelta(seconds=5)

    def run(code: str) -> None:
        lease = api.claim_sync(due.id, now=later, lease=timedelta(seconds=30))
        assert lease is not None
        if code:
            api.fail_sync(due.id, lease.token, now=later, code=code, next_due=later)
        else:
            api.finish_sync(due.id, lease.token, now=later, next_due=None)

    run("throttled")
    for panel in (
        api.class_panel(cast.teacher, activity_external_ids=[]),
        api.student_panel(cast.student, activity_external_ids=[]),
    ):
        assert panel.problem is not None
        assert (panel.problem.code, panel.problem.source, panel.problem.since) == ("throttled", "ags", later)
        assert panel.read_at is None
    run("")
    after = api.student_panel(cast.student, activity_external_ids=[])
    assert (after.problem, after.read_at) == (None, later)
