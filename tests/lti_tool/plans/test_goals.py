"""Goals a placement can be about: only what several students share, by a key that holds no words."""

import pytest

from lti_tool.plans import api
from lti_tool.plans.data import Role, TargetChange
from lti_tool.plans.exceptions import NotFound
from tests.factories.plans import make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def maths():
    return make_class("fractions", "essay")


def agree(maths, teacher, student, wording, goal, *keys):
    change = TargetChange(wording=wording, goal=goal, activity_ids=tuple(maths.activities[key] for key in keys))
    return api.agree_target(teacher, student.person_id, change)


@pytest.mark.trust("T80")
def test_a_goal_of_one_student_alone_is_not_offered(maths):
    teacher, ana, ben = maths.teacher(), maths.learner("Ana"), maths.learner("Ben")
    agree(maths, teacher, ana, "Halve", "Sure with numbers")
    agree(maths, teacher, ben, "Double", "sure  with NUMBERS ")
    agree(maths, teacher, ben, "Read aloud", "Speak up")
    (goal,) = api.shared_goals(teacher)
    assert (goal.wording, goal.students) == ("Sure with numbers", 2)
    assert "numbers" not in goal.key


@pytest.mark.trust("T7")
def test_the_same_words_have_another_key_in_another_school(maths):
    keys = set()
    for course in (maths, make_class("fractions")):
        teacher = course.teacher()
        for student in (course.learner(), course.learner()):
            agree(course, teacher, student, "Halve", "Numbers")
        keys.add(api.shared_goals(teacher)[0].key)
    assert len(keys) == 2


@pytest.mark.trust("T1")
@pytest.mark.parametrize("role", [Role.LEARNER, Role.FAMILY, Role.ADMINISTRATOR, Role.NONE])
def test_nobody_but_staff_of_the_course_reads_the_goals(maths, role):
    with pytest.raises(NotFound):
        api.shared_goals(maths.person(role))


def test_a_panel_about_one_goal_shows_its_targets_with_and_without_activities(maths):
    teacher, ana, ben = maths.teacher(), maths.learner("Ana"), maths.learner("Ben")
    for student in (ana, ben):
        agree(maths, teacher, student, "Halve", "Numbers", "fractions")
        agree(maths, teacher, student, "Count coins", "Numbers")
        agree(maths, teacher, student, "Read aloud", "Speak up", "essay")
    (key,) = [goal.key for goal in api.shared_goals(teacher) if goal.wording == "Numbers"]
    panel = api.student_panel(ana, activity_external_ids=(), goal=key)
    assert [card.wording for card in panel.here] == ["Halve", "Count coins"]
    assert panel.elsewhere == 1
    assert {row.targets_here for row in api.class_panel(teacher, activity_external_ids=(), goal=key).rows} == {2}
