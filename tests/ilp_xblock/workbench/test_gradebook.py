"""The demo LMS keeps the grades its blocks publish."""

import pytest
from workbench import scenarios
from workbench.runtime import WorkbenchRuntime

from ilp_xblock.platform.ports import Role, ports
from ilp_xblock.workbench.gradebook import record_score, score_of
from ilp_xblock.workbench.models import Enrolment, Grade
from ilp_xblock.workbench.syllabus import COURSES
from tests.factories.school import (
    AMARA,
    BEN,
    FIRST_QUIZ,
    FORCES,
    MATHEMATICS,
    SCIENCE,
    TEACHER,
    Browser,
    started_with,
)

pytestmark = pytest.mark.usefixtures("school")


def answer(browser: Browser, *choices: int):
    page = browser.open(FORCES)
    url = next(args["url"] for args in [started_with(page, "missing")] if FIRST_QUIZ in args["url"])
    return browser.send(url, {"answers": {str(n): choice for n, choice in enumerate(choices)}})


def test_ids_known_without_the_blocks_are_the_workbenchs_own() -> None:
    runtime = WorkbenchRuntime(None)
    for course in COURSES:
        root = runtime.get_block(scenarios.SCENARIOS[course.id].usage_id)
        units = [runtime.get_block(child) for child in root.children]
        children = [runtime.get_block(child) for unit in units for child in unit.children]
        graded = [str(child.scope_ids.usage_id) for child in children if getattr(child, "has_score", False)]
        panels = [str(child.scope_ids.usage_id) for child in children if child.scope_ids.block_type == "ilp"]
        assert graded == [a.id for a in course.graded]
        assert [str(unit.scope_ids.usage_id) for unit in units] == [course.unit_id(u.slug) for u in course.units]
        assert panels == [course.panel_id(u.slug) for u in course.units if u.has_panel]


def test_an_answered_quiz_has_its_grade_in_the_gradebook() -> None:
    response = answer(Browser(AMARA), 0, 1)
    assert response.status_code == 200
    assert response.json()["right"] == [True, True]
    assert score_of(AMARA, FIRST_QUIZ) == (10, 10)
    page = Browser(AMARA).open(FORCES)
    assert "Your score: 10 out of 10." in page.get_element_by_id(FIRST_QUIZ).text_content()


def test_a_zero_is_a_score() -> None:
    answer(Browser(AMARA), 1, 0)
    assert score_of(AMARA, FIRST_QUIZ) == (0, 10)
    results = ports().grades.results(SCIENCE.id, FIRST_QUIZ, sub=AMARA).results
    assert [(r.sub, r.score, r.maximum) for r in results] == [(AMARA, 0, 10)]


def test_never_attempted_has_no_result() -> None:
    last = SCIENCE.graded[-1].id
    assert score_of(AMARA, last) is None
    assert ports().grades.results(SCIENCE.id, last, sub=AMARA).results == []


def test_the_newest_score_counts() -> None:
    browser = Browser(AMARA)
    answer(browser, 0, 1)
    answer(browser, 0, 0)
    assert score_of(AMARA, FIRST_QUIZ) == (5, 10)
    assert Grade.objects.filter(person__id_on_platform=AMARA, activity_id=FIRST_QUIZ).count() == 1


def test_a_teacher_who_tries_a_quiz_has_no_grade() -> None:
    assert answer(Browser(TEACHER), 0, 1).status_code == 200
    assert score_of(TEACHER, FIRST_QUIZ) is None


@pytest.mark.parametrize("choices", [(), (0,), (0, 9), (0, -1), (0, "1"), (0, None), (0, True)])
def test_answers_that_are_none_change_nothing(choices: tuple) -> None:
    before = score_of(AMARA, FIRST_QUIZ)
    assert answer(Browser(AMARA), *choices).status_code == 400
    assert score_of(AMARA, FIRST_QUIZ) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=x"]
)
def test_a_body_of_another_kind_is_no_answer(kind: str) -> None:
    browser = Browser(AMARA)
    url = started_with(browser.open(FORCES), "missing")["url"]
    token = {"X-CSRFToken": browser.client.cookies["csrftoken"].value}
    sent = browser.client.generic("POST", url, b"--x--\r\n\xff", content_type=kind, headers=token)
    assert sent.status_code == 400


def test_an_answer_needs_the_pages_token() -> None:
    browser = Browser(AMARA)
    url = started_with(browser.open(FORCES), "missing")["url"]
    assert browser.send(url, {"answers": {"0": 0, "1": 1}}, csrf=False).status_code == 403


@pytest.mark.parametrize(
    ("activity", "score", "maximum"),
    [
        ("unknown", 1, 10),
        (FIRST_QUIZ, -1, 10),
        (FIRST_QUIZ, 1, 0),
        (FIRST_QUIZ, float("nan"), 10),
        (FIRST_QUIZ, float("inf"), 10),
    ],
)
def test_a_grade_that_is_none_is_not_kept(activity: str, score: float, maximum: float) -> None:
    before = Grade.objects.count()
    assert record_score(AMARA, activity, score, maximum) is False
    assert Grade.objects.count() == before


def test_the_seeds_hold_a_zero_a_full_mark_a_half_and_never_attempted() -> None:
    for course in COURSES:
        learners = Enrolment.objects.filter(course_id=course.id, role="learner")
        shares = {grade.score_given / grade.score_maximum for grade in Grade.objects.filter(course_id=course.id)}
        assert {0, 0.5, 1} <= shares
        assert Grade.objects.filter(course_id=course.id).count() < learners.count() * len(course.graded)


def test_following_the_pages_visits_each_result_once() -> None:
    seen, cursor = [], ""
    while True:
        page = ports().grades.results(SCIENCE.id, FIRST_QUIZ, after=cursor, limit=2)
        assert len(page.results) <= 2
        seen += [result.sub for result in page.results]
        cursor = page.next
        if not cursor:
            break
    everyone = Grade.objects.filter(activity_id=FIRST_QUIZ).values_list("person__id_on_platform", flat=True)
    assert sorted(seen) == sorted(everyone)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "٣"])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        ports().grades.results(SCIENCE.id, FIRST_QUIZ, after=cursor)
    with pytest.raises(ValueError, match="cursor"):
        ports().roster.members(SCIENCE.id, after=cursor)


def test_the_roster_lists_who_is_in_the_course_and_not_who_left() -> None:
    Enrolment.objects.filter(course_id=SCIENCE.id, person__id_on_platform=BEN).update(active=False)
    page = ports().roster.members(SCIENCE.id, limit=4)
    rest = ports().roster.members(SCIENCE.id, after=page.next)
    members = [*page.members, *rest.members]
    assert rest.next == ""
    assert BEN not in {member.sub for member in members}
    assert [m.sub for m in members if m.roles == (Role.INSTRUCTOR,)] == [TEACHER]
    assert ports().roster.member(SCIENCE.id, BEN) is None
    assert ports().roster.member(SCIENCE.id, AMARA).roles == (Role.LEARNER,)
    assert len(ports().roster.members(SCIENCE.id, role=Role.ASSISTANT).members) == 1


def test_an_activity_belongs_to_its_course_alone() -> None:
    assert ports().grades.results(MATHEMATICS.id, FIRST_QUIZ).results == []
    assert ports().grades.activities("no-course") == []
    assert ports().courses.course("no-course") is None
    assert ports().courses.placement("no-block") is None
