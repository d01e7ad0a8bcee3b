"""Review cycles: the school's rounds, and the one review a student has of each."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.data import Level, ReviewState
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.models import AuditEvent, Review, School
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_a_cycle_asked_for_twice_is_one_and_stays_as_it_was_made(cast: Cast) -> None:
    school_id = cast.maths.school_id
    first = api.ensure_cycle(school_id, "autumn", "Autumn review", 2026, due_on=date(2026, 12, 4), actor=cast.teacher)
    again = api.ensure_cycle(school_id, "autumn", "Another name", 2026, opens_on=date(2026, 12, 1))
    assert again == first
    assert (first.name, first.code, first.kind, first.opens_on) == ("Autumn review", "2026-autumn", "interim", None)
    assert api.cycles(school_id) == (first,)
    events = AuditEvent.objects.of(school_id).filter(verb="cycle.added")
    assert [(event.actor_id, event.detail) for event in events] == [(cast.teacher.person_id, {"code": "2026-autumn"})]


def test_one_key_names_a_cycle_of_each_school_year_and_the_newest_year_comes_first(cast: Cast) -> None:
    school_id = cast.maths.school_id
    late = api.ensure_cycle(school_id, "spring", "Spring", 2025, opens_on=date(2026, 3, 1))
    early = api.ensure_cycle(school_id, "autumn", "Autumn", 2025, opens_on=date(2025, 10, 1))
    undated = api.ensure_cycle(school_id, "at-need", "At need", 2025)
    newer = api.ensure_cycle(school_id, "autumn", "Autumn", 2026)
    assert api.cycles(school_id) == (newer, early, late, undated)
    assert api.cycles(school_id, year=2026) == (newer,)
    assert api.find_cycle(school_id, "2025-autumn") == early
    assert api.find_cycle(school_id, "2026-autumn") == newer


def test_a_key_alone_means_this_school_year_and_a_copied_link_its_year_or_this_one(cast: Cast) -> None:
    school_id = cast.maths.school_id
    old = api.ensure_cycle(school_id, "autumn", "Autumn", 2001)
    with pytest.raises(NotFound):
        api.find_cycle(school_id, "autumn")
    assert api.find_cycle(school_id, old.code, renewed=True) == old
    now = api.ensure_cycle(school_id, "autumn", "Autumn")
    assert api.find_cycle(school_id, "autumn") == now
    assert api.find_cycle(school_id, old.code) == old
    assert api.find_cycle(school_id, old.code, renewed=True) == now


def test_a_cycle_of_another_school_is_not_found(cast: Cast) -> None:
    elsewhere = api.ensure_cycle(cast.stranger.school_id, "autumn", "Autumn")
    for name in (elsewhere.code, elsewhere.key):
        with pytest.raises(NotFound):
            api.find_cycle(cast.maths.school_id, name)
        with pytest.raises(NotFound):
            api.start_review(cast.teacher, cast.student.person_id, cycle_key=name)
    with pytest.raises(NotFound):
        api.cycle(cast.maths.school_id, elsewhere.id)
    assert api.cycles(cast.maths.school_id) == ()
    with pytest.raises(NotFound):
        api.ensure_cycle(uuid4(), "autumn", "Autumn")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"key": "Autumn"}, "key: unknown"),
        ({"key": ""}, "key: unknown"),
        ({"key": "2026-autumn"}, "key: unknown"),
        ({"key": "a" * 65}, "key: too_long"),
        ({"kind": "end of year"}, "kind: unknown"),
        ({"name": " \n"}, "name: required"),
        ({"name": "n" * 256}, "name: too_long"),
        ({"year": 99999}, "year: unknown"),
        ({"opens_on": date(2026, 2, 2), "due_on": date(2026, 2, 1)}, "due_on: before"),
    ],
)
def test_a_cycle_that_cannot_be_is_refused_by_field(cast: Cast, sent: dict[str, object], wrong: str) -> None:
    whole = {"key": "autumn", "name": "Autumn", "year": 2026, **sent}
    with pytest.raises(Invalid, match=wrong):
        api.ensure_cycle(cast.maths.school_id, **whole)  # type: ignore[arg-type]
    assert api.cycles(cast.maths.school_id) == ()


@given(name=st.text(max_size=300).filter(lambda name: name.strip() and "\0" not in name))
def test_any_name_has_a_key_that_is_found_again(name: str) -> None:
    key = api.cycle_key(name)
    assert key == api.cycle_key(f"  {name} ")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)
    assert len(key) <= 64
    assert not re.match(r"\d{4}-", key)


@pytest.mark.parametrize(("name", "key"), [("Autumn  Review!", "autumn-review"), ("Té_1", "te-1")])
def test_a_key_reads_like_its_name(name: str, key: str) -> None:
    assert api.cycle_key(name) == key


def test_names_in_other_scripts_have_keys_of_their_own() -> None:
    assert api.cycle_key("مراجعة") != api.cycle_key("秋") != api.cycle_key("2026-autumn")


@pytest.mark.requirement("002.35")
def test_a_student_has_one_review_of_a_cycle_found_open_and_closed(cast: Cast) -> None:
    student_id, school_id = cast.student.person_id, cast.maths.school_id
    autumn = api.ensure_cycle(school_id, "autumn", "Autumn")
    assert api.cycle_review(cast.teacher, student_id, "autumn") is None
    review_id = api.start_review(cast.teacher, student_id, cycle_key="autumn")
    assert api.start_review(cast.teacher, student_id, cycle_key=autumn.code) == review_id
    assert api.cycle_review(cast.teacher, student_id, autumn.code) == review_id
    page = api.review(cast.teacher, review_id)
    assert (page.cycle, page.number, page.state) == (autumn, 1, ReviewState.OPEN)
    api.close_review(cast.teacher, review_id, version=page.version)
    assert api.start_review(cast.teacher, student_id, cycle_key="autumn") == review_id
    assert [past.cycle for past in api.past_reviews(cast.teacher, student_id)] == [autumn]
    plain = api.start_review(cast.teacher, student_id)
    assert plain != review_id
    assert api.review(cast.teacher, plain).cycle is None
    assert api.review(cast.teacher, plain).number == 2


def test_reviews_of_several_cycles_may_be_open_and_each_keeps_its_own_judgements(cast: Cast) -> None:
    student_id, school_id = cast.student.person_id, cast.maths.school_id
    plain = api.start_review(cast.teacher, student_id)
    reviews = {}
    for key in ("english", "maths"):
        api.ensure_cycle(school_id, key, key)
        reviews[key] = api.start_review(cast.teacher, student_id, cycle_key=key)
    assert len({plain, *reviews.values()}) == 3
    api.judge_target(cast.teacher, reviews["english"], cast.target_id, level=Level.EXCEEDED, comment="", version=0)
    (judged,) = api.review(cast.teacher, reviews["english"]).targets
    (other,) = api.review(cast.teacher, reviews["maths"]).targets
    assert judged.judgement is not None
    assert other.judgement is None
    assert api.review(cast.teacher, student_id).id == reviews["maths"]  # the newest
    assert api.start_review(cast.teacher, student_id) == reviews["maths"]
    row = next(row for row in api.class_panel(cast.teacher, activity_external_ids=()).rows if row.review_open)
    assert row.judged == 0


def test_a_learner_finds_only_their_own_and_only_when_it_is_closed(cast: Cast) -> None:
    student_id = cast.student.person_id
    api.ensure_cycle(cast.maths.school_id, "autumn", "Autumn")
    review_id = api.start_review(cast.teacher, student_id, cycle_key="autumn")
    assert api.cycle_review(cast.student, student_id, "autumn") is None
    with pytest.raises(NotFound):
        api.cycle_review(cast.classmate, student_id, "autumn")
    api.close_review(cast.teacher, review_id, version=1)
    assert api.cycle_review(cast.student, student_id, "autumn") == review_id
    with pytest.raises(NotFound):
        api.cycle_review(cast.other_teacher, student_id, "autumn")


@pytest.mark.parametrize(
    "who", ["student", "classmate", "assistant", "administrator", "parent", "stranger", "outsider"]
)
def test_nobody_but_a_teacher_of_the_class_starts_a_review_of_a_cycle(cast: Cast, who: str) -> None:
    api.ensure_cycle(cast.maths.school_id, "autumn", "Autumn")
    with pytest.raises(NotFound):
        api.start_review(getattr(cast, who), cast.student.person_id, cycle_key="autumn")
    assert not Review.objects.of(cast.maths.school_id).exists()


def test_the_database_itself_holds_one_review_to_a_cycle_and_one_cycle_to_a_key(cast: Cast) -> None:
    school_id = cast.maths.school_id
    autumn = api.ensure_cycle(school_id, "autumn", "Autumn")
    row = Review.objects.of(school_id).get(
        pk=api.start_review(cast.teacher, cast.student.person_id, cycle_key="autumn")
    )
    double = {"school_id": school_id, "plan_id": row.plan_id, "opened_at": row.opened_at, "number": 9}
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(**double, cycle_id=autumn.id)
    Review.objects.create(**double)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(**{**double, "number": 10})


def test_what_is_told_of_closed_reviews_names_the_cycle(cast: Cast) -> None:
    school_id = cast.maths.school_id
    autumn = api.ensure_cycle(school_id, "autumn", "Autumn")
    review_id = api.start_review(cast.teacher, cast.student.person_id, cycle_key="autumn")
    since = School.objects.get(pk=school_id).created_at
    api.close_review(cast.teacher, review_id, version=1)
    (closed,) = api.closed_reviews(school_id, since=since)
    assert (closed.id, closed.student_id, closed.cycle) == (review_id, cast.student.person_id, autumn)
    assert closed.course_ids == {cast.maths.course_id}
