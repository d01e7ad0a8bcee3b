"""The class by its groups, as the LMS has them: a shorter list, and nobody's right to more."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lti_tool.lti.models import Context, CourseGroup, GroupMember
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor
from tests.factories.plans import make_class
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def group(actor: Actor, name: str, *people: Actor, set_name: str = "") -> CourseGroup:
    row = CourseGroup.objects.create(
        context=Context.objects.get(course_id=actor.course_id), id_on_platform=name, name=name, set_name=set_name
    )
    GroupMember.objects.bulk_create([GroupMember(group=row, person_id=one.person_id) for one in people])
    return row


def names(page: str) -> list[str]:
    return re.findall(r'<div class="row-who"><h2>(?:<a [^>]+>)?<bdi>([^<]+)</bdi>', page)


def test_a_group_shows_its_students_and_the_chooser_says_which(visitor: Visit, story: Story) -> None:
    teacher = visitor(story.teacher)
    blue = group(story.teacher, "Blue", story.aroha, story.chen, set_name="Tables")
    group(story.teacher, "Red", story.ben)
    page = teacher.client.get(teacher.address("panel"), {"group": blue.pk}).content.decode()
    assert names(page) == ["Aroha Ngata", "Chen"]
    assert f'<option value="{blue.pk}" selected>Tables: Blue</option>' in page
    assert f"?show=due&amp;group={blue.pk}" in page
    assert f'"group": "{blue.pk}"' in page
    everyone = teacher.get("panel").content.decode()
    assert len(names(everyone)) == 9
    assert ">Red</option>" in everyone


def test_the_filters_count_and_show_within_the_group(visitor: Visit, story: Story) -> None:
    teacher = visitor(story.teacher)
    blue = group(story.teacher, "Blue", story.chen)
    page = teacher.client.get(teacher.address("panel"), {"group": blue.pk, "show": "due"}).content.decode()
    assert names(page) == []
    assert "Everyone <b>1</b>" in page
    assert '<input type="hidden" name="show" value="due">' in page


def test_a_course_without_groups_has_no_chooser(visitor: Visit, story: Story) -> None:
    assert "<select" not in visitor(story.teacher).get("panel").content.decode()


@pytest.mark.trust("T1", "T3", "T7")
def test_a_group_of_another_class_or_school_shows_nobody_else(visitor: Visit, story: Story) -> None:
    other = make_class(school_id=story.maths.school_id, title="Art")
    there, stranger = other.teacher(), other.learner("Zoe Elsewhere")
    visitor(there)
    foreign = group(there, "Theirs", stranger)
    teacher = visitor(story.teacher)
    page = teacher.client.get(teacher.address("panel"), {"group": foreign.pk}).content.decode()
    assert "Zoe" not in page
    assert "is not in this course" in page
    assert len(names(page)) == 9
    own = group(story.teacher, "Mixed", story.ben, stranger)  # told of somebody who does not learn here
    page = teacher.client.get(teacher.address("panel"), {"group": own.pk}).content.decode()
    assert names(page) == ["Ben Whitaker-Montgomery"]


@pytest.mark.parametrize("asked", ["0", "x", "-1", "9" * 40, "<script>", "1 OR 1=1"])
def test_a_group_that_is_none_shows_everyone_and_says_so(visitor: Visit, story: Story, asked: str) -> None:
    teacher = visitor(story.teacher)
    page = teacher.client.get(teacher.address("panel"), {"group": asked}).content.decode()
    assert len(names(page)) == 9
    assert "is not in this course" in page
    assert "<script>" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_a_student_who_asks_for_a_group_sees_their_own_panel(visitor: Visit, story: Story) -> None:
    student = visitor(story.aroha)
    blue = group(story.aroha, "Blue", story.ben)
    page = student.client.get(student.address("panel"), {"group": blue.pk}).content.decode()
    assert "My targets here" in page
    assert "Ben" not in page


def test_the_part_that_changes_keeps_to_the_group(visitor: Visit, story: Story) -> None:
    teacher = visitor(story.teacher)
    blue = group(story.teacher, "Blue", story.ben)
    page = teacher.post("panel-live", data={"group": str(blue.pk), "show": "all"}).content.decode()
    assert names(page) == ["Ben Whitaker-Montgomery"]
    seen = re.search(r'"seen": "([0-9a-f]+)"', page)
    assert seen
    again = teacher.post("panel-live", data={"group": str(blue.pk), "show": "all", "seen": seen[1]})
    assert again.status_code == 204
    assert teacher.post("panel-live", data={"show": "all", "seen": seen[1]}).status_code == 200


@pytest.mark.parametrize("groups", [0, 1, 30])
def test_the_first_page_of_a_class_with_groups_takes_ten_statements_at_most(
    visitor: Visit, story: Story, groups: int
) -> None:
    teacher = visitor(story.teacher)
    for n in range(5):
        plans.ensure_cycle(story.maths.school_id, f"round-{n}", f"Round {n}")
    rows = [group(story.teacher, f"Group {n}", story.ben, story.chen) for n in range(groups)]
    teacher.get("panel")
    with CaptureQueriesContext(connection) as queries:
        teacher.client.get(teacher.address("panel"), {"group": rows[0].pk} if rows else {})
    assert len(queries) <= 10, [query["sql"][:90] for query in queries.captured_queries]
