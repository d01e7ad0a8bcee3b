"""The four pages of a plan that are opened most, as a browser that came by a launch asks for them."""

from dataclasses import dataclass
from itertools import cycle, islice

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lti_tool.plans import api
from lti_tool.plans.data import Role
from lti_tool.plans.models import Enrolment
from tests.factories.big_school import BigSchool
from tests.factories.web import Door, open_door


@dataclass(frozen=True)
class Page:
    door: Door
    path: str

    def ask(self) -> bytes:
        browser = Client()
        browser.cookies[self.door.cookie] = self.door.secret
        answer = browser.get(self.door.path + self.path)
        assert answer.status_code == 200, (self.path, answer.status_code)
        return answer.content


def statements(page: Page) -> int:
    """SQL statements of one request, opening and keeping transactions aside."""
    with CaptureQueriesContext(connection) as queries:
        page.ask()
    return sum(not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")) for query in queries)


def doors(school: BigSchool, *, rounds: int) -> dict[str, list[Page]]:
    """Requests of each page; those of one student go through the teacher's class, those of learners too."""
    teacher = open_door(school.teacher)
    learners = Enrolment.objects.of(school.school_id).filter(course=school.teacher.course_id, role=Role.LEARNER)
    ids = list(learners.order_by("id").values_list("person_id", flat=True))
    asked = list(islice(cycle(ids), rounds))
    own = [open_door(api.actor_for(school.school_id, who, school.teacher.course_id)) for who in ids]
    return {
        "class_list": [Page(teacher, "")] * rounds,
        "plan": [Page(teacher, f"students/{who}/plan") for who in asked],
        "review": [Page(teacher, f"students/{who}/review/") for who in asked],
        "student_panel": [Page(door, "") for door in islice(cycle(own), rounds)],
    }
