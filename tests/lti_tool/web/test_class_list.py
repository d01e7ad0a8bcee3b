"""The class list as a table: any name stands in it as it is called, nothing guarded does, the trail tells of it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Level, NeedChange, Sensitivity, Voice
from lti_tool.plans.models import AuditEvent, Person
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.web.test_own_names import CORPUS

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T93")]
Visit = Callable[..., Any]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def line(answer: Any, name: str = "Ana") -> dict[str, str]:
    return next(row for row in table(answer) if row["Name"] == name)


@pytest.mark.parametrize("name", CORPUS)
def test_every_name_stands_in_the_table_as_its_bearer_writes_it(cast: Cast, visitor: Visit, name: str) -> None:
    api.set_my_name(cast.student, own=name, pronouns="ia")
    answer = visitor(cast.teacher).post("class-list")
    assert answer.content.startswith("\ufeff".encode())
    assert line(answer, name)["Pronouns"] == "ia"
    assert "attachment" in answer["Content-Disposition"]
    assert name not in answer["Content-Disposition"]


def test_the_order_is_the_pages(cast: Cast, visitor: Visit) -> None:
    for name in (*CORPUS, "Oona", "Ōtene", "O’Neill", "Zoë", "Ānia", "Bea"):
        cast.maths.learner(name)
    shown = [row.student.name for row in api.class_panel(cast.teacher, activity_external_ids=()).rows]
    assert [row["Name"] for row in table(visitor(cast.teacher).post("class-list"))] == shown


@pytest.mark.parametrize("name", ["=1+1", "+64 21", "-2", "@SUM(A1)", "\t=1", "\uff1d1"])
def test_no_name_becomes_a_formula(cast: Cast, visitor: Visit, name: str) -> None:
    api.rename_person(cast.maths.school_id, cast.student.person_id, name)
    first = [row["Name"] for row in table(visitor(cast.teacher).post("class-list"))]
    assert not [cell for cell in first if cell.startswith(("=", "+", "-", "@", "\t", "\uff1d"))]
    assert any(cell.endswith(name.strip()) for cell in first)


def test_a_line_tells_what_a_teacher_with_thirty_reviews_asks(cast: Cast, visitor: Visit) -> None:
    teacher, student, today = cast.teacher, cast.student.person_id, timezone.localdate()
    fresh = line(visitor(teacher).post("class-list"))
    assert (fresh["Targets"], fresh["Last review"], fresh["Review now"]) == ("1", "", "")
    review = api.start_review(teacher, student)
    api.judge_target(teacher, review, cast.target_id, level=Level.EXPECTED, comment="", version=0)
    assert line(visitor(teacher).post("class-list"))["Review now"] == "open, 1 of 1 judged"
    due = today + timedelta(days=30)
    version = api.review(teacher, review).version
    agreed = api.set_next_steps(teacher, review, next_steps="Go on", next_review_on=due, version=version)
    api.close_review(teacher, review, version=agreed.version)
    api.contribute(cast.student, text="It goes well")
    sheet = api.send_sheet(teacher, student, "family_planning")
    row = line(visitor(teacher).post("class-list"))
    assert row["Last review"] == row["Student wrote for it"] == row["Family asked"] == today.isoformat()
    assert (row["Next review"], row["Review now"], row["Family answered"]) == (due.isoformat(), "", "")
    api.answer_sheet(teacher, sheet, {"wishes": "That she asks"}, version=0, name="Mere")
    assert line(visitor(teacher).post("class-list"))["Family answered"] == today.isoformat()


def test_words_only_begun_or_reported_do_not_show_that_somebody_wrote(cast: Cast, visitor: Visit) -> None:
    api.save_draft(cast.student, "words", "text", "Not yet")
    teacher = visitor(cast.teacher)
    assert line(teacher.post("class-list"))["Student wrote for it"] == ""
    said = api.contribute(cast.student, text="It goes well")
    assert line(teacher.post("class-list"))["Student wrote for it"]
    api.report_words(cast.assistant, said.id)
    assert line(teacher.post("class-list"))["Student wrote for it"] == ""


@pytest.mark.trust("T2", "T4")
def test_the_lists_own_name_and_what_is_guarded_are_not_in_it(cast: Cast, visitor: Visit) -> None:
    school, student = cast.maths.school_id, cast.student.person_id
    api.set_my_name(cast.student, own="Aro", pronouns="they")
    Person.objects.of(school).filter(pk=student).update(told_name="Legal Registername")
    guarded = NeedChange("learning", "barriers", "Kept close", Voice.SCHOOL, sensitivity=Sensitivity.SENSITIVE)
    api.say_need(cast.teacher, student, guarded)
    whole = visitor(cast.teacher).post("class-list").content.decode()
    assert "Aro" in whole
    assert not re.search("Legal|Registername|Kept close|Ana", whole)
    (helper,) = [row for row in table(visitor(cast.assistant).post("class-list")) if row["Name"] == "Aro"]
    assert not {"Pronouns", "Family asked", "Family answered"} & set(helper)


@pytest.mark.trust("T44")
def test_each_learner_sees_that_the_list_was_taken_and_the_trail_whose(cast: Cast, visitor: Visit) -> None:
    visitor(cast.teacher).post("class-list")
    events = AuditEvent.objects.of(cast.maths.school_id).filter(verb="class.exported")
    assert set(events.values_list("about_id", flat=True)) == {cast.student.person_id, cast.classmate.person_id}
    assert {event.actor_id for event in events} == {cast.teacher.person_id}
    assert "Ana" not in repr([event.detail for event in events])
    page = visitor(cast.student).get("opened", cast.student.person_id).content.decode()
    assert "the list of the class, to keep a copy" in page
    assert api.verify_audit(cast.maths.school_id)


def test_what_the_page_is_narrowed_to_is_what_is_taken(cast: Cast, visitor: Visit) -> None:
    teacher = visitor(cast.teacher)
    for show in ("all", "here", "due", "look"):
        page = teacher.get("panel", data={"show": show}).content.decode()
        names = re.findall(r'row-who"><h2><a [^>]*><bdi>([^<]+)', page)
        taken = [row["Name"] for row in table(teacher.post("class-list", data={"show": show}))]
        assert taken == names, show
    left = teacher.post("class-list", data={"show": "look"})
    assert left.content.decode("utf-8-sig").startswith("Name,")
