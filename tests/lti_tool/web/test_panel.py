"""The panel beside the coursework."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.evidence import api as evidence
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, ResultRead, TargetChange
from tests.factories.plans import Class, make_class
from tests.factories.web import make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The reads the pages ask the evidence for."""
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(evidence, "request_read", lambda school, course, person_id=None: asked.append(person_id))
    return asked


@pytest.mark.requirement("003.12")
@pytest.mark.trust("T19", "T88")
def test_a_student_sees_the_targets_of_this_unit_with_score_source_time_and_next_step(visitor: Visit) -> None:
    story = make_story()
    page = visitor(story.aroha, activity_ids=story.unit).get("panel").content.decode()
    assert "Add and take away fractions" in page
    assert "Draw a bar for each fraction" in page
    assert "4 out of 5" in page
    assert "from the course gradebook" in page
    assert "3 of 3 activities done" in page
    assert "0 out of 4" in page  # a zero is a score
    assert "Emerging" in page
    assert "You can halve anything now." in page
    assert "Ten minutes of fraction bars on Mondays." in page
    assert "Use a protractor" not in page
    assert "1 more target in other parts of your courses" in page
    assert "Ben" not in page


@pytest.mark.trust("T88")
def test_each_state_of_a_class_row_has_words(visitor: Visit) -> None:
    story = make_story()
    page = visitor(story.teacher, activity_ids=story.unit).get("panel").content.decode()
    assert "Worth a look" in page
    assert "No scores yet" in page
    assert "No plan yet" in page


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("ben", "None yet. It comes here by itself"),
        ("chen", "Your plan starts soon"),
        ("dana", "No target for this part"),
    ],
)
def test_an_empty_panel_says_what_happens_next(visitor: Visit, who: str, says: str) -> None:
    story = make_story()
    assert says in visitor(getattr(story, who), activity_ids=story.unit).get("panel").content.decode()


@pytest.mark.parametrize(
    "code", ["unreachable", "slow", "forbidden", "throttled", "failing", "broken", "never heard of"]
)
def test_evidence_that_could_not_be_read_is_said_so_and_never_called_none(visitor: Visit, code: str) -> None:
    story = make_story()
    school, course = story.maths.school_id, story.maths.course_id
    plans.request_sync(school, course, "ags")
    now = timezone.now()
    (due,) = plans.due_syncs(limit=10, now=now)
    lease = plans.claim_sync(due.id, now=now, lease=timedelta(minutes=1))
    plans.fail_sync(due.id, lease.token, now=now, code=code, next_due=now + timedelta(minutes=5))
    for who in (story.aroha, story.teacher):
        page = visitor(who, activity_ids=story.unit).get("panel").content.decode()
        assert f"New scores could not be read since {timezone.localtime(now):%H:%M}, because " in page
    assert "4 out of 5" in visitor(story.aroha, activity_ids=story.unit).get("panel").content.decode()


def test_the_live_part_asks_for_the_students_own_scores_and_is_silent_while_nothing_changed(
    visitor: Visit, reads: list[object]
) -> None:
    story = make_story()
    mine = visitor(story.aroha, activity_ids=story.unit)
    seen = _seen(mine.get("panel").content.decode())
    assert mine.post("panel-live", data={"seen": seen}).status_code == 204
    assert reads == [story.aroha.person_id]
    result = ResultRead(story.aroha.person_id, 9, 10, timezone.now())
    plans.record_results(story.maths.school_id, "ags", {story.maths.activities["fractions-1"]: [result]})
    changed = mine.post("panel-live", data={"seen": seen}, headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert "9 out of 10" in changed.content.decode()
    assert "<html" not in changed.content.decode()
    assert "<textarea" not in changed.content.decode()  # what is being typed is not in the part that is swapped


def test_a_panel_without_targets_asks_nobody_for_a_grade_of_anybody_else(visitor: Visit, reads: list[object]) -> None:
    story = make_story()
    visitor(story.teacher, activity_ids=story.unit).post("panel-live")
    assert reads == [None]


@pytest.mark.trust("T5", "T22")
def test_words_are_the_students_own_until_they_share_them(visitor: Visit) -> None:
    story = make_story()
    mine, teacher = visitor(story.ben), visitor(story.teacher)
    mine.post("draft", data={"ilp_subject": "words", "field": "text", "text": "I am not sure yet"})
    plans.start_review(story.teacher, story.ben.person_id)
    assert "I am not sure yet" in mine.get("panel").content.decode()
    assert "I am not sure yet" not in teacher.get("review", story.ben.person_id).content.decode()
    assert mine.post("words", data={"text": "I am ready"}).status_code == 302
    assert "Your teachers can read this." in mine.get("panel").content.decode()
    assert "I am ready" in teacher.get("review", story.ben.person_id).content.decode()


@pytest.mark.trust("T83")
def test_words_too_long_to_share_stay_in_the_field(visitor: Visit) -> None:
    story = make_story()
    mine = visitor(story.ben)
    answer = mine.post("words", data={"text": "word " * 3000})
    assert answer.status_code == 422
    assert "word word" in answer.content.decode()
    assert "too long" in answer.content.decode()


def _grow(maths: Class, teacher: object, students: int, targets: int, activities: int) -> None:
    reads = [ActivityRead(external_id=f"a{n}", label=f"Activity {n}", score_maximum=10) for n in range(activities)]
    maths.activities |= plans.sync_activities(maths.school_id, maths.course_id, reads)
    ids = tuple(maths.activities.values())
    for _ in range(students):
        learner = maths.learner()
        for number in range(targets):
            change = TargetChange(wording=f"Target {number}", activity_ids=ids)
            plans.agree_target(teacher, learner.person_id, change)  # type: ignore[arg-type]
        for activity_id in ids:
            plans.record_results(
                maths.school_id, "ags", {activity_id: [ResultRead(learner.person_id, 6, 10, timezone.now())]}
            )


@pytest.mark.parametrize("size", [(1, 1, 1), (6, 4, 5)])
@pytest.mark.parametrize("role", ["learner", "teacher"])
def test_the_first_page_takes_at_most_ten_statements_whatever_the_size(
    visitor: Visit, size: tuple[int, int, int], role: str
) -> None:
    maths = make_class()
    teacher = maths.teacher("Ms Hill")
    _grow(maths, teacher, *size)
    who = teacher if role == "teacher" else maths.learner("Ana")
    for number in range(size[1]):
        if role == "learner":
            change = TargetChange(wording=f"Mine {number}", activity_ids=tuple(maths.activities.values()))
            plans.agree_target(teacher, who.person_id, change)
    mine = visitor(who)
    mine.get("panel")  # what a process asks only once is not the page's
    with CaptureQueriesContext(connection) as queries:
        assert mine.get("panel").status_code == 200
    assert len(queries) <= 10, [query["sql"][:90] for query in queries.captured_queries]


def _seen(page: str) -> str:
    return page.partition('hx-vals=\'{"seen": "')[2].partition('"')[0]


@pytest.mark.trust("T25")
def test_what_the_figures_suggest_is_shown_to_teachers_as_a_sum_and_judges_nothing(visitor: Visit) -> None:
    story = make_story()
    review_id = plans.start_review(story.teacher, story.aroha.person_id)
    page = visitor(story.teacher).get("review", story.aroha.person_id).content.decode()
    assert "7/10 = 70 %, 4/5 = 80 %, 13/20 = 65 %. Average 72 %: Expected Progress. A suggestion; you decide." in page
    assert "checked" not in page
    assert [t.judgement for t in plans.review(story.teacher, review_id).targets] == [None, None, None]
    seen_by_student = visitor(story.aroha, activity_ids=story.unit).get("panel").content.decode()
    assert "<b>Expected Progress</b>" not in seen_by_student
