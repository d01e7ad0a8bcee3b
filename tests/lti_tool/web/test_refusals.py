"""What is refused is on record, whoever refuses (T43); staff prove themselves again before what is grave (T63)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Audience, ItemChange, NeedChange, NewFile, Role, Voice
from lti_tool.plans.frameworks.data import Sensitivity
from lti_tool.plans.frameworks.keeping import framework_for
from lti_tool.plans.models import AuditEvent, Person
from tests.factories.plans import Cast, make_cast
from tests.factories.web import open_door
from tests.lti_tool.media import makes
from tests.lti_tool.web.test_people import Browser, office, somebody

pytestmark = [pytest.mark.django_db]
SECRET = "Her father may not know"


def stale(actor: Actor) -> Browser:
    return Browser(actor, open_door(actor, at=timezone.now() - timedelta(minutes=20)))


def told(cast: Cast, who: Actor) -> list[tuple[str, str, bool]]:
    """The refusals of one person: which, why, and whether they are about the student."""
    events = AuditEvent.objects.of(cast.maths.school_id).filter(actor_id=who.person_id, verb__endswith=".refused")
    found = events.order_by("number").values_list("verb", "reason", "about_id")
    return [(verb, reason, about == cast.student.person_id) for verb, reason, about in found]


@pytest.mark.trust("T43")
def test_an_attempt_that_the_role_alone_forbids_leaves_one_row_without_any_content() -> None:
    cast = make_cast()
    student = f"students/{cast.student.person_id}/"
    browser = Browser(cast.classmate)
    for _ in range(3):
        assert browser.get(student + "review/").status_code == 404
        assert browser.post(student + "targets/new", wording=SECRET).status_code == 404
    assert told(cast, cast.classmate) == [("review.refused", "role", True), ("target-new.refused", "role", True)]
    assert SECRET not in repr(list(AuditEvent.objects.of(cast.maths.school_id).values()))
    trail = plans.audit_trail(cast.teacher, cast.student.person_id)
    assert "review.refused" in {event.verb for event in trail}


@pytest.mark.trust("T43")
def test_a_reading_an_export_and_a_refusal_each_leave_a_row_without_the_content() -> None:
    cast = make_cast()
    student = f"students/{cast.student.person_id}/"
    plans.say_need(cast.teacher, cast.student.person_id, NeedChange("about_me", "strengths", SECRET, Voice.SCHOOL))
    assert SECRET in Browser(cast.teacher).get(student + "needs").content.decode()
    assert Browser(cast.assistant).get(student + "plan").status_code == 200
    assert Browser(cast.student).post("mine/record").status_code == 200
    assert Browser(cast.other_teacher).get(student + "needs").status_code == 404
    assert stale(cast.teacher).post(f"files/{uuid4()}/withdraw").status_code == 404
    verbs = set(AuditEvent.objects.of(cast.maths.school_id).values_list("actor_id", "verb"))
    assert {
        (cast.teacher.person_id, "needs.read"),
        (cast.assistant.person_id, "plan.read"),
        (cast.student.person_id, "record.exported"),
        (cast.other_teacher.person_id, "needs.read.refused"),
        (cast.teacher.person_id, "file.withdraw.refused"),
    } <= verbs
    assert SECRET not in repr(list(AuditEvent.objects.of(cast.maths.school_id).values()))


@pytest.mark.trust("T43")
def test_whoever_is_not_of_the_office_and_whoever_copied_a_files_address_is_on_record_too() -> None:
    cast = make_cast()
    assert Browser(cast.teacher).get("setup/people/").status_code == 404
    assert told(cast, cast.teacher) == [("office.refused", "not_found", False)]
    photo = NewFile(makes.picture(), "A tower")
    change = ItemChange("work", "Tower", audience=Audience.NOT_FOR_HOME)
    item = plans.add_item(cast.student, cast.student.person_id, change, [photo])
    assert Browser(cast.assistant).get(f"files/{item.files[0].id}").status_code == 403
    assert told(cast, cast.assistant) == [("file.refused", "old_address", False)]


@pytest.mark.trust("T43")
def test_a_refusal_tried_again_costs_no_write_and_invented_ids_make_no_rows() -> None:
    cast = make_cast()
    browser = Browser(cast.classmate)
    for _ in range(5):
        assert browser.get(f"students/{uuid4()}/review/").status_code == 404
    assert told(cast, cast.classmate) == [("review.refused", "role", False)]
    with CaptureQueriesContext(connection) as queries:
        browser.get(f"students/{uuid4()}/review/")
    written = [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE")) and "audit" in one["sql"]]
    assert written == []


def restricted_of(cast: Cast) -> tuple[str, str]:
    """A restricted field of the school's framework."""
    student = Person.objects.of(cast.maths.school_id).get(pk=cast.student.person_id)
    fields = ((s.key, f) for s in framework_for(student).needs for f in s.fields)
    return next((section, field.key) for section, field in fields if field.sensitivity is Sensitivity.RESTRICTED)


@pytest.mark.trust("T63")
def test_a_session_of_twenty_minutes_is_sent_to_relaunch_before_restricted_notes() -> None:
    cast = make_cast()
    section, field = restricted_of(cast)
    key_worker = somebody(cast, Role.KEY_WORKER, "Mr Key")
    student = f"students/{cast.student.person_id}/"
    wrote = {"section": section, "field": field, f"say:{section}.{field}": SECRET, "voice": "school"}
    late, now = stale(key_worker), Browser(key_worker)
    answer = late.post(student + "needs", ilp_subject=f"needs:{cast.student.person_id}", **wrote)
    assert answer.status_code == 403
    assert "Show again that it is you" in answer.content.decode()
    assert SECRET in repr(plans.drafts(key_worker, f"needs:{cast.student.person_id}"))  # typed, and not lost
    assert now.post(student + "needs", **wrote).status_code == 302
    assert SECRET in now.get(student + "needs").content.decode()
    page = late.get(student + "needs").content.decode()
    assert SECRET not in page
    assert "go back to your course" in page
    for path in ("story", "plan", "review/"):
        assert SECRET not in late.get(student + path).content.decode()
    assert "go back to your course" not in stale(cast.teacher).get(student + "needs").content.decode()


@pytest.mark.trust("T63")
def test_staff_prove_themselves_before_they_delete_or_let_something_out_of_the_school() -> None:
    cast = make_cast()
    student = f"students/{cast.student.person_id}/"
    seen = plans.add_item(cast.teacher, cast.student.person_id, ItemChange("work", "She shared"))
    shown = ItemChange("work", "Oh no", audience=Audience.SHARED)
    reported = plans.add_item(cast.student, cast.student.person_id, shown)
    plans.report_item(cast.assistant, reported.id)
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "family_planning")
    tries: list[tuple[str, dict[str, Any]]] = [
        (f"{student}work/{seen.id}/delete", {}),
        (f"{student}work/{reported.id}/settle", {"go": "delete"}),
        (f"sheets/{sheet_id}/link", {}),
    ]
    late, now = stale(cast.teacher), Browser(cast.teacher)
    for path, sent in tries:
        answer = late.post(path, **sent)
        assert answer.status_code == 403, path
        assert "Show again that it is you" in answer.content.decode()
    assert {reason for _verb, reason, _about in told(cast, cast.teacher)} == {"prove_again"}
    for path, sent in tries:
        assert now.post(path, **sent).status_code in (200, 302), path
    assert stale(cast.student).post(f"{student}work/{seen.id}/report").status_code in (200, 404)  # safety never waits


@pytest.mark.trust("T63")
def test_the_office_proves_itself_before_it_lets_somebody_outside_the_school_in() -> None:
    cast = make_cast()
    late = office(cast, at=timezone.now() - timedelta(minutes=20))
    sent = {
        "do": "appoint", "person": str(cast.outsider.person_id), "student": str(cast.student.person_id),
        "role": "provider", "ends_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
    }  # fmt: skip
    assert late.post("setup/people/act", **sent).status_code == 403
    assert office(cast).post("setup/people/act", **sent).status_code == 302
