"""Plans that stood elsewhere come in whole, once."""

from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, Actor, Level
from lti_tool.plans.exceptions import Invalid
from lti_tool.plans.models import Plan, Review
from tests.factories.plans import Class, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def maths() -> Class:
    return make_class("fractions")


@pytest.fixture
def teacher(maths: Class) -> Actor:
    return maths.teacher("Ms Hill")


@pytest.fixture
def maia(maths: Class) -> Actor:
    return maths.learner("Maia")


@pytest.fixture
def persons(teacher: Actor, maia: Actor) -> dict[str, Any]:
    return {"maia": maia.person_id, "hill": teacher.person_id}


def told(maths: Class, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "student": "maia",
        "year": today.year if today.month >= 8 else today.year - 1,
        "goals": ["Run my own market stall", "Read for fun"],
        "review_due_on": "2026-11-20",
        "own_words": "I want to count change",
        "targets": [
            {
                "wording": "Explain how I got my answer",
                "success": "A friend can repeat it",
                "next_step": "Try question 3",
                "goal": "Run my own market stall",
                "due_on": "2026-12-18",
                "activities": [
                    {"course_id": maths.course_id, "external_id": "fractions"},
                    {"course_id": maths.course_id, "external_id": "essay", "label": "Essay", "score_maximum": 20},
                ],
            },
            {"wording": "Bring my kit every day"},
        ],
        "review": {
            "closed_at": "2026-10-09T10:30:00Z",
            "by": "hill",
            "next_steps": "Practise at home",
            "judgements": [{"target": 0, "level": "emerging", "comment": "A start", "by": "hill"}],
        },
        **more,
    }


def test_a_plan_comes_in_with_its_targets_words_and_last_review(
    maths: Class, maia: Actor, teacher: Actor, persons: dict[str, Any]
) -> None:
    assert api.import_plans(maths.school_id, [told(maths)], person_of=persons) == 1
    panel = api.student_panel(maia, activity_external_ids=["fractions"])
    (card,) = panel.here
    assert (card.goal, card.next_step, [a.label for a in card.activities]) == (
        "Run my own market stall",
        "Try question 3",
        ["fractions", "Essay"],
    )
    assert card.judgement is not None
    assert (card.judgement.level, card.judgement.author.name) == (Level.EMERGING, "Ms Hill")
    assert (panel.elsewhere, panel.next_steps, panel.own_words) == (1, "Practise at home", "I want to count change")
    assert str(panel.review_due_on) == "2026-11-20"
    (past,) = api.past_reviews(teacher, maia.person_id)
    closed = api.review(teacher, past.id)
    assert [target.judgement and target.judgement.comment for target in closed.targets] == ["A start", None]
    review_id = api.start_review(teacher, maia.person_id)
    page = api.review(teacher, review_id)
    assert (page.number, page.since, page.contributions[0].text) == (2, closed.closed_at, "I want to count change")
    assert page.targets[0].last_judgement == card.judgement
    assert api.verify_audit(maths.school_id)


def test_bringing_in_again_changes_nothing_whatever_happened_since(
    maths: Class, maia: Actor, teacher: Actor, persons: dict[str, Any]
) -> None:
    api.import_plans(maths.school_id, [told(maths)], person_of=persons)
    maths.target(teacher, maia, "A newer one", "fractions")
    before = api.student_panel(maia, activity_external_ids=[])
    assert api.import_plans(maths.school_id, [told(maths, own_words="Other")], person_of=persons) == 0
    assert api.student_panel(maia, activity_external_ids=[]) == before


def test_an_activity_made_by_a_plan_becomes_the_one_its_course_tells_of(
    maths: Class, maia: Actor, persons: dict[str, Any]
) -> None:
    api.import_plans(maths.school_id, [told(maths)], person_of=persons)
    reads = [ActivityRead("essay", "My essay", 30), ActivityRead("fractions", "fractions", 10)]
    api.sync_activities(maths.school_id, maths.course_id, reads)
    (card,) = api.student_panel(maia, activity_external_ids=["essay"]).here
    assert [(a.label, a.score_maximum) for a in card.activities] == [("My essay", 30), ("fractions", 10)]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"student": "nobody"}, "0.student"),
        ({"year": "soon"}, "0.year"),
        ({"unknown": 1}, "0.unknown"),
        ({"targets": [{"wording": " "}], "review": None}, "0.targets.0.wording"),
        ({"targets": [{"wording": "x", "activities": [{"course_id": 999, "external_id": "e"}]}], "review": None},
         "0.targets.0.activities"),
        ({"review": {"closed_at": "2026-10-09T10:30:00Z", "by": "nobody"}}, "0.review.by"),
        ({"review": {"closed_at": "2026-10-09", "by": "hill"}}, "0.review.closed_at"),
        ({"review": {"closed_at": "2026-10-09T10:30:00Z", "by": "hill",
                     "judgements": [{"target": 7, "level": "expected", "by": "hill"}]}},
         "0.review.judgements.0.target"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_says_where_and_nothing_comes_in(
    maths: Class, persons: dict[str, Any], wrong: dict[str, Any], place: str
) -> None:
    with pytest.raises(Invalid) as caught:
        api.import_plans(maths.school_id, [told(maths, **wrong)], person_of=persons)
    assert list(caught.value.errors) == [place]
    assert not Plan.objects.of(maths.school_id).exists()
    assert not Review.objects.of(maths.school_id).exists()


@pytest.mark.trust("T7")
def test_another_schools_people_are_unknown(maths: Class, persons: dict[str, Any]) -> None:
    stranger = make_class("x").learner()
    with pytest.raises(Invalid, match=r"0\.student: unknown"):
        api.import_plans(maths.school_id, [told(maths)], person_of={**persons, "maia": stranger.person_id})
