"""The page of one round of reviews: the class's list, the way into each, and the gradebook's switch."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.lti.models import Context, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, CycleView
from lti_tool.plans.models import Review
from tests.factories.plans import Cast, make_cast

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def autumn(cast: Cast) -> CycleView:
    return plans.ensure_cycle(cast.maths.school_id, "autumn", "Autumn <review>")


def placed(actor: Actor, cycle: CycleView | None, *, item: str = "https://lms.example/items/1") -> ResourceLink:
    context = Context.objects.get(course_id=actor.course_id)
    return ResourceLink.objects.create(
        context=context,
        id_on_platform=item,
        lineitem_url=item,
        lineitem_since=timezone.now(),
        cycle_id=cycle.id if cycle else None,
    )


def test_it_lists_the_class_with_the_state_of_each_review_of_this_round(
    visitor: Visit, cast: Cast, autumn: CycleView
) -> None:
    plans.start_review(cast.teacher, cast.classmate.person_id)  # of no round: not shown here
    review_id = plans.start_review(cast.teacher, cast.student.person_id, cycle_key="autumn")
    teacher = visitor(cast.teacher)
    page = teacher.get("cycle", autumn.id).content.decode()
    assert "Autumn &lt;review&gt;" in page
    assert "Review open: 0 of 1 judged" in page
    assert page.count("Not started") == 1
    assert teacher.address("past-review", cast.student.person_id, review_id) in page
    plans.close_review(cast.teacher, review_id, version=1)
    assert "Closed" in teacher.get("cycle", autumn.id).content.decode()


def test_starting_from_it_starts_the_review_of_this_round(visitor: Visit, cast: Cast, autumn: CycleView) -> None:
    teacher = visitor(cast.teacher)
    answer = teacher.post("review", cast.student.person_id, data={"cycle": autumn.code})
    row = Review.objects.of(cast.maths.school_id).get()
    assert row.cycle_id == autumn.id
    assert answer["Location"] == teacher.address("past-review", cast.student.person_id, row.id)


@pytest.mark.parametrize("code", ["1999-none", "x y", "2026-", "9" * 300])
def test_a_round_that_is_none_starts_nothing(visitor: Visit, cast: Cast, code: str) -> None:
    assert visitor(cast.teacher).post("review", cast.student.person_id, data={"cycle": code}).status_code == 404
    assert not Review.objects.of(cast.maths.school_id).exists()


def test_an_assistant_sees_the_list_and_starts_nothing(visitor: Visit, cast: Cast, autumn: CycleView) -> None:
    assistant = visitor(cast.assistant)
    placed(cast.assistant, autumn)
    page = assistant.get("cycle", autumn.id).content.decode()
    assert "Not started" in page
    assert "<form" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_the_class_page_leads_to_the_rounds_of_this_school_year(
    visitor: Visit, cast: Cast, autumn: CycleView
) -> None:
    plans.ensure_cycle(cast.maths.school_id, "past", "Past review", 2001)
    teacher = visitor(cast.teacher)
    page = teacher.get("panel").content.decode()
    assert teacher.address("cycle", autumn.id) in page
    assert "Past review" not in page
    assert "cycles/" not in visitor(cast.stranger).get("panel").content.decode()


def test_a_round_nobody_knows_is_not_there(visitor: Visit, cast: Cast) -> None:
    for actor in (cast.teacher, cast.student):
        assert visitor(actor).get("cycle", uuid4()).status_code == 404


def test_a_teacher_switches_telling_the_gradebook_on_and_off(visitor: Visit, cast: Cast, autumn: CycleView) -> None:
    teacher = visitor(cast.teacher)
    link = placed(cast.teacher, autumn)
    assert "Nobody is marked as done" in teacher.get("cycle", autumn.id).content.decode()
    for state in ("on", "off"):
        answer = teacher.post("cycle-tell", autumn.id, data={"column": link.pk, "state": state})
        assert answer["Location"] == teacher.address("cycle", autumn.id)
        link.refresh_from_db()
        assert (link.told_since is not None) == (state == "on")
    assert plans.verify_audit(cast.maths.school_id)


@pytest.mark.trust("T1", "T7")
def test_nobody_switches_a_column_that_is_not_of_this_round_and_course(
    visitor: Visit, cast: Cast, autumn: CycleView
) -> None:
    teacher, elsewhere = visitor(cast.teacher), visitor(cast.other_teacher)
    foreign = placed(cast.other_teacher, autumn, item="https://lms.example/items/2")
    other_round = placed(cast.teacher, None, item="https://lms.example/items/3")
    for column in (foreign.pk, other_round.pk, 0, "x", ""):
        answer = teacher.post("cycle-tell", autumn.id, data={"column": column, "state": "on"})
        assert answer.status_code == 404
    own = placed(cast.teacher, autumn)
    assert elsewhere.post("cycle-tell", autumn.id, data={"column": own.pk, "state": "on"}).status_code == 404
    assert not ResourceLink.objects.filter(told_since__isnull=False).exists()


@pytest.mark.parametrize("learners", [1, 30])
def test_its_statements_do_not_grow_with_the_class(
    visitor: Visit, cast: Cast, autumn: CycleView, learners: int
) -> None:
    for _ in range(learners):
        cast.maths.learner()
    teacher = visitor(cast.teacher)
    placed(cast.teacher, autumn)
    teacher.get("cycle", autumn.id)
    with CaptureQueriesContext(connection) as queries:
        teacher.get("cycle", autumn.id)
    assert len(queries) <= 10, [query["sql"][:90] for query in queries.captured_queries]
