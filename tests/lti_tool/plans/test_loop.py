"""The loop: see, link, evidence, review, agree."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Level, ReviewState, Track
from tests.factories.plans import make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.requirement("002.15")
def test_from_a_target_beside_the_coursework_to_an_agreed_judgement() -> None:
    cast = make_cast()
    maths, student, teacher = cast.maths, cast.student, cast.teacher
    maths.score(student, "fractions", 4)
    maths.score(student, "fractions", 7)
    maths.score(student, "essay", 0)

    panel = api.student_panel(student, activity_external_ids=["fractions"])
    (card,) = panel.here
    assert (card.attempted, card.mean_percent, card.track) == (2, 35.0, Track.NEEDS_ATTENTION)
    assert card.newest is not None
    assert {card.newest.activity_label, "fractions", "essay"} == {"fractions", "essay"}

    api.contribute(student, text="I want to practise at home")
    listed = api.class_panel(teacher, activity_external_ids=["fractions"])
    assert [(row.student.name, row.targets_here, row.track) for row in listed.rows] == [
        ("Ana", 1, Track.NEEDS_ATTENTION),
        ("Ben", 0, Track.NO_EVIDENCE),
    ]

    review_id = api.start_review(teacher, student.person_id)
    assert api.start_review(teacher, student.person_id) == review_id
    page = api.review(teacher, student.person_id)
    assert page.id == review_id
    assert [words.text for words in page.contributions] == ["I want to practise at home"]
    (target,) = page.targets
    assert [value.score_given for value in target.since_last] == [4, 7, 0]
    assert target.suggestion is not None
    assert (target.suggestion.level, target.suggestion.mean_percent) == (Level.EMERGING, 35.0)
    assert target.judgement is None
    assert page.next_student is not None
    assert (page.next_student.name, page.position, page.class_size) == ("Ben", 1, 2)

    seen = [value.id for value in target.since_last]
    said = api.judge_target(
        teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="Steady", version=0, evidence_seen=seen
    )
    assert said.version == 1
    due = timezone.localdate() + timedelta(days=30)
    agreed = api.set_next_steps(
        teacher, review_id, next_steps="Talk it through", next_review_on=due, version=page.version
    )
    api.close_review(teacher, review_id, version=agreed.version)

    closed = api.review(teacher, review_id)
    maths.score(student, "essay", 10)
    assert closed.state is ReviewState.CLOSED
    assert api.review(teacher, review_id) == closed
    assert closed.targets[0].since_last == target.since_last

    after = api.student_panel(student, activity_external_ids=["fractions"])
    assert after.next_steps == "Talk it through"
    assert after.review_due_on == due
    assert after.here[0].judgement is not None
    assert (after.here[0].judgement.comment, after.here[0].judgement.author.name) == ("Steady", "Ms Hill")
    assert [past.judged for past in api.past_reviews(student, student.person_id)] == [1]
    assert api.verify_audit(maths.school_id)
