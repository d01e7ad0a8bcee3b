"""The list of who has no plan or first review yet, for leaders and the office, and what of it a class's list says."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Role, Scope, Waits
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import School
from tests.factories.big_school import make_big_school
from tests.factories.plans import Class, administrator_of, make_class
from tests.factories.setup import appointed

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("002.19"), pytest.mark.database]
Visit = Callable[..., Visitor]
START = date(2026, 9, 1)


def said(answer: object) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())  # type: ignore[attr-defined]


def named(room: Class, office: Actor, name: str, role: Role, scope: Scope) -> Actor:
    person_id = api.ensure_person(room.school_id, name=name)
    api.appoint(office, person_id, role, scope)
    return api.actor_for(room.school_id, person_id, None)


class Place:
    """A Foundation Learning school: a class of Year 10 and a learner of Year 11, and who sees to them."""

    def __init__(self, framework: str = "foundation_learning") -> None:
        self.room = make_class(title="Form 10")
        self.other = make_class(school_id=self.room.school_id, title="Form 11")
        School.objects.filter(pk=self.room.school_id).update(framework_key=framework)
        self.office = administrator_of(self.room)
        self.teacher = self.room.teacher("Ms Hill")
        self.new, self.late, self.planned = (self.room.learner(name) for name in ("Ana", "Ben", "Cai"))
        self.done = self.other.learner("Dee")
        entered = {who.person_id: START for who in (self.new, self.late, self.planned, self.done)}
        api.set_schooling(
            self.office,
            {who.person_id: ("Upper", 10) for who in (self.new, self.late, self.planned)}
            | {self.done.person_id: ("Lower", 11)},
            entered=entered,
        )
        self.leader = named(self.room, self.office, "Lee", Role.LEADERSHIP, Scope())
        self.upper = named(self.room, self.office, "Uma", Role.PHASE_LEADER, Scope(phase="Upper"))
        api.open_plan(self.teacher, self.planned.person_id)
        api.start_review(self.teacher, self.late.person_id, kind="")
        tutor = self.other.teacher("Mr Oak")
        review = api.start_review(tutor, self.done.person_id)
        api.close_review(tutor, review, version=api.review(tutor, review).version)

    def names(self, actor: Actor, **more: object) -> list[str]:
        return [row.student.name for row in api.starts(actor, **more).rows]  # type: ignore[arg-type]


def test_a_leader_sees_who_has_no_plan_no_first_review_and_whose_is_overdue() -> None:
    with time_machine.travel("2026-09-20T10:00:00Z", tick=False):
        place = Place()
        found = api.starts(place.leader)
        assert {row.student.name: row.start.has_plan for row in found.rows} == {
            "Ana": False, "Ben": True, "Cai": True, "Dee": True,
        }  # fmt: skip
        assert place.names(place.leader, show=Waits.PLAN) == ["Ana"]
        assert place.names(place.leader, show=Waits.REVIEW) == ["Ana", "Ben", "Cai"]
        assert place.names(place.leader, show=Waits.OVERDUE) == []
        assert {row.start.due_on for row in found.rows} == {START + timedelta(weeks=6)}
        assert {row.start.kind for row in found.rows} == {"Initial review"}
    with time_machine.travel("2026-10-13T10:00:00Z", tick=False):
        assert place.names(place.leader, show=Waits.OVERDUE) == []
    with time_machine.travel("2026-10-14T10:00:00Z", tick=False):
        assert place.names(place.leader, show=Waits.OVERDUE) == ["Ana", "Ben", "Cai"]
        assert api.starts(place.leader).counts == {Waits.PLAN: 1, Waits.REVIEW: 3, Waits.OVERDUE: 3}


def test_another_kind_of_review_is_not_the_first_one_where_the_framework_names_it() -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        place = Place()
        review = api.start_review(place.teacher, place.planned.person_id, kind="progress")
        api.close_review(place.teacher, review, version=api.review(place.teacher, review).version)
        assert "Cai" in place.names(place.leader, show=Waits.OVERDUE)


@pytest.mark.parametrize(
    ("framework", "before", "after"),
    [("alfreton_park", "2027-01-20", "2027-03-01"), ("te_kura", "2026-09-20", "2027-08-01")],
)
def test_where_the_calendar_counts_from_no_first_day_its_first_review_is_the_first(
    framework: str, before: str, after: str
) -> None:
    with time_machine.travel("2026-09-20T10:00:00Z", tick=False):
        place = Place(framework)
    with time_machine.travel(f"{before}T10:00:00Z", tick=False):
        assert place.names(place.leader, show=Waits.OVERDUE) == []
    with time_machine.travel(f"{after}T10:00:00Z", tick=False):
        assert {"Ana", "Cai"} <= set(place.names(place.leader, show=Waits.OVERDUE))
        assert "Dee" not in place.names(place.leader, show=Waits.OVERDUE)


def test_it_is_narrowed_by_year_and_class_and_nobody_reaches_further_than_their_appointment() -> None:
    with time_machine.travel("2026-09-20T10:00:00Z", tick=False):
        place = Place()
        assert place.names(place.leader, year="11") == ["Dee"]
        assert place.names(place.leader, course_id=place.other.course_id) == ["Dee"]
        assert place.names(place.leader, course_id=make_class(title="Elsewhere").course_id) == []
        assert set(place.names(place.upper)) == {"Ana", "Ben", "Cai"}
        assert place.names(place.upper, course_id=place.other.course_id) == []
        assert api.starts(place.upper).courses == ((place.room.course_id, "Form 10"),)
        assert len(place.names(place.office)) == 4
        for nobody in (place.teacher, place.new):
            with pytest.raises(NotFound):
                api.starts(nobody)


def test_who_left_every_class_is_no_longer_waited_for() -> None:
    with time_machine.travel("2026-09-20T10:00:00Z", tick=False):
        place = Place()
        api.set_enrolment(place.room.school_id, place.room.course_id, place.new.person_id, Role.NONE)
        assert "Ana" not in place.names(place.leader)


def test_each_line_leads_to_the_next_step_of_whoever_reads_it(visitor: Visit) -> None:
    with time_machine.travel("2026-10-20T10:00:00Z", tick=False):
        place = Place()
        leads = visitor(place.leader)
        page = leads.get("starting")
        assert "Initial review: overdue since 13 October" in said(page)
        assert "The move into Year 10" not in said(page)
        assert "Year 10 · From Year 9 to Year 10" in said(page)
        assert leads.address("plan", place.new.person_id) in page.content.decode()
        assert leads.address("review", place.late.person_id) in page.content.decode()
        assert leads.get("plan", place.new.person_id).status_code == 200
        assert leads.get("review", place.planned.person_id).status_code == 200
        assert leads.address("starting") in leads.get("panel").content.decode()
        elsewhere = make_class(school_id=place.room.school_id, title="Art")
        office = Visitor(appointed(elsewhere.person(Role.TEACHER, "Robin Office")))
        page = office.get("starting")
        code = place.new.person_id.hex[-4:]
        assert f"{office.address('office')}?q={code}" in page.content.decode()
        assert office.address("plan", place.done.person_id) not in page.content.decode()
        assert office.address("review-new", place.new.person_id) not in page.content.decode()
        assert "Ana" in said(office.client.get(f"{office.address('office')}?q={code}"))
        assert office.address("starting") in office.get("setup").content.decode()


def test_a_class_list_tells_the_teacher_whose_first_review_is_overdue(visitor: Visit) -> None:
    with time_machine.travel("2026-10-20T10:00:00Z", tick=False):
        place = Place()
        hers = visitor(place.teacher)
        page = said(hers.get("panel"))
        assert "Ana No plan yet" in page
        assert page.count("Initial review: overdue since 13 October") == 3
        due = said(hers.client.get(hers.address("panel") + "?show=due"))
        assert all(name in due for name in ("Ana", "Ben", "Cai"))
        assert hers.post("review", place.new.person_id).status_code == 302
        begun = api.review(place.teacher, place.new.person_id)
        assert begun.kind is not None
        assert begun.kind.key == "initial"
        api.close_review(place.teacher, begun.id, version=begun.version)
        assert said(hers.get("panel")).count("overdue since 13 October") == 2
        again = api.start_review(place.teacher, place.new.person_id)
        assert api.review(place.teacher, again).kind.key == "progress"  # type: ignore[union-attr]


def test_the_list_asks_as_often_for_many_learners_as_for_few_and_shows_them_page_by_page(visitor: Visit) -> None:
    asked = []
    for size in (3, 120):
        school = make_big_school(students=size, years=1, targets=1, framework="foundation_learning")
        room = Class(school.school_id, school.teacher.course_id or 0)
        leader = named(room, administrator_of(room), "Lee", Role.LEADERSHIP, Scope())
        leads = visitor(leader)
        leads.get("starting")
        with CaptureQueriesContext(connection) as queries:
            page = leads.get("starting")
        asked.append(len([one for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]))
    assert asked[0] == asked[1] <= 15
    assert "Page 1 of 3" in said(page)
    names = [row.student.name for number in (1, 2, 3) for row in api.starts(leader, page=number).rows]
    assert len(names) == len(set(names)) == 120
    assert api.starts(leader, page=99).page == 3
