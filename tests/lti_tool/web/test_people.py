"""Pages of people: what a family, a key worker, a learner with their own data and the office see and do."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lti_tool.lti import api as lti
from lti_tool.lti.models import (
    Context,
    MarkState,
    PlatformUser,
    ResourceLink,
    ReviewScore,
    ScoreState,
    Withdrawal,
)
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Item, Role, Scope
from lti_tool.plans.exceptions import NotFound
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.factories.setup import appointed
from tests.factories.web import Door, open_door

pytestmark = [pytest.mark.django_db]


class Browser:
    """A person in a session."""

    def __init__(self, actor: Actor, door: Door | None = None) -> None:
        self.door, self.client = door or open_door(actor), Client()
        self.client.cookies[self.door.cookie] = self.door.secret

    def get(self, path: str = "") -> Any:
        return self.client.get(self.door.path + path)

    def post(self, path: str, **data: Any) -> Any:
        data["ilp_csrf"] = lti.csrf_token(self.door.handle, self.door.secret)
        return self.client.post(self.door.path + path, data)


def somebody(cast: Cast, role: Role, name: str) -> Actor:
    """Appointed for the student, and in the course as nobody."""
    actor = cast.maths.person(Role.NONE, name)
    until = timezone.localdate() + timedelta(days=30)
    plans.appoint(
        administrator_of(cast.maths), actor.person_id, role, Scope(student_id=cast.student.person_id), ends_on=until
    )
    return plans.actor_for(actor.school_id, actor.person_id, actor.course_id)


def mother(cast: Cast) -> Actor:
    actor = cast.maths.person(Role.FAMILY, "Mrs Ana")
    plans.link_guardian(administrator_of(cast.maths), actor.person_id, cast.student.person_id)
    return plans.actor_for(actor.school_id, actor.person_id, actor.course_id)


@pytest.mark.trust("T28")
def test_a_family_opens_the_panel_and_sees_its_child_and_no_other() -> None:
    cast = make_cast()
    browser = Browser(mother(cast))
    page = browser.get().content.decode()
    assert "Explain my answer" in page
    assert "Ben" not in page
    assert browser.get(f"students/{cast.classmate.person_id}/home").status_code == 404
    for path in ("review/", f"targets/{cast.target_id}", "targets/new"):
        assert browser.get(f"students/{cast.student.person_id}/{path}").status_code == 404


def test_a_key_worker_opens_their_students_from_any_course() -> None:
    cast = make_cast()
    browser = Browser(somebody(cast, Role.KEY_WORKER, "Mr Key"))
    page = browser.get().content.decode()
    assert "Ana" in page
    assert "Ben" not in page
    assert browser.post(f"students/{cast.student.person_id}/review/").status_code == 302
    assert "Explain my answer" in browser.get(f"students/{cast.student.person_id}/review/").content.decode()
    assert browser.get(f"students/{cast.classmate.person_id}/review/").status_code == 404


@pytest.mark.trust("T44", "T43")
def test_two_teachers_who_read_are_two_lines_for_the_student_and_their_family() -> None:
    cast = make_cast()
    student_id = cast.student.person_id
    review_id = plans.start_review(cast.teacher, student_id)
    key_worker = somebody(cast, Role.KEY_WORKER, "Mr Key")
    for actor in (cast.teacher, key_worker, cast.teacher):
        plans.review(actor, review_id)
    with pytest.raises(NotFound):
        plans.review(cast.other_teacher, review_id)
    for actor in (cast.student, mother(cast)):
        page = Browser(actor).get(f"students/{student_id}/opened").content.decode()
        assert page.count("Ms Hill") == page.count("Mr Key") == 1
        assert "a review" in page
        assert "Explain my answer" not in page
    for actor in (cast.classmate, cast.teacher, cast.other_teacher):
        assert Browser(actor).get(f"students/{student_id}/opened").status_code == 404


@pytest.mark.trust("T12")
def test_a_share_that_was_ended_answers_410_in_an_open_session() -> None:
    cast = make_cast()
    mine, theirs = Browser(cast.student), Browser(cast.other_teacher)
    sent = {
        "item": f"target:{cast.target_id}",
        "recipient": str(cast.other_teacher.person_id),
        "purpose": "So that art fits in",
        "ends_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
    }
    preview = mine.post("shares/new", **sent, look="1").content.decode()
    assert "This is what they will see" in preview
    assert mine.post("shares/new", **sent, share="1").status_code == 302
    share_id = plans.my_shares(cast.student)[0].id
    assert "Explain my answer" in theirs.get(f"shares/{share_id}").content.decode()
    assert mine.post(f"shares/{share_id}/end").status_code == 302
    assert theirs.get(f"shares/{share_id}").status_code == 410
    assert "Not shared any more" in mine.get("shares/").content.decode()


@pytest.mark.trust("T11")
def test_each_thing_is_ticked_singly_and_what_is_missing_is_said_beside_what_was_typed() -> None:
    cast = make_cast()
    mine = Browser(cast.student)
    page = mine.get("shares/new").content.decode()
    assert page.count('type="checkbox"') == len(plans.mine_to_share(cast.student)) == 1
    answer = mine.post(
        "shares/new", recipient=str(cast.teacher.person_id), purpose="Because", ends_on="2020-01-01", share="1"
    )
    assert answer.status_code == 422
    assert 'value="Because"' in answer.content.decode()
    for wrong in ({"item": "target:x"}, {"item": "nothing"}, {"item": f"target:{cast.student.person_id}"}):
        sent = {"recipient": str(cast.teacher.person_id), "purpose": "P", "share": "1", "ends_on": "2030-01-01"}
        assert mine.post("shares/new", **{**sent, **wrong}).status_code in (404, 422)


@pytest.mark.trust("T6")
def test_who_can_see_an_item_is_told_in_words() -> None:
    cast = make_cast()
    somebody(cast, Role.KEY_WORKER, "Mr Key")
    page = Browser(cast.student).get(f"who/target/{cast.target_id}").content.decode()
    assert "Ms Hill" in page
    assert "Your key worker" in page
    assert "Ben" not in page
    first = plans.who_can_see(cast.student, Item("target", cast.target_id))[0]
    assert first.person.name == "Ana"


@pytest.mark.trust("T52", "T24")
def test_a_learner_takes_a_package_that_can_be_read_without_any_network() -> None:
    cast = make_cast()
    answer = Browser(cast.student).post("mine/record")
    assert answer["Content-Type"] == "application/zip"
    package = zipfile.ZipFile(io.BytesIO(answer.content))
    page, record = package.read("index.html").decode(), json.loads(package.read("record.json"))
    assert "Explain my answer" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://localhost:8010", "")
    assert record["format"] == "ilp-record/1"
    assert {table["name"] for table in record["tables"]} >= {"ilp_plans.Target", "ilp_plans.Enrolment"}
    assert "Ben" not in page + json.dumps(record)


@pytest.mark.trust("T50")
def test_deleting_mine_and_asking_the_school_are_two_things_on_one_page() -> None:
    cast = make_cast()
    mine = Browser(cast.student)
    assert "Delete what is only mine" in mine.get("mine/").content.decode()
    assert "deleted" in mine.post("mine/delete").content.decode()
    assert mine.post(f"students/{cast.student.person_id}/erase", why="I leave").status_code == 302
    assert "has not answered yet" in mine.get("mine/").content.decode()


def office(cast: Cast, **session: Any) -> Browser:
    door = appointed(cast.administrator, **session)
    return Browser(cast.administrator, door)


@pytest.mark.trust("T63")
def test_the_office_proves_itself_again_before_it_exports_deletes_or_gives_a_role() -> None:
    cast = make_cast()
    stale = office(cast, at=timezone.now() - timedelta(minutes=20))
    student_id = str(cast.student.person_id)
    assert stale.get("setup/people/").status_code == 200
    for path, sent in (
        ("setup/people/record", {"person": student_id}),
        ("setup/people/act", {"do": "erase", "person": student_id, "sure": "1"}),
        ("setup/people/act", {"do": "appoint", "person": student_id, "role": "leadership"}),
    ):
        assert stale.post(path, **sent).status_code == 403
    assert plans.target(cast.teacher, cast.target_id)
    assert office(cast).post("setup/people/record", person=student_id).status_code == 200


def test_the_office_finds_people_gives_roles_links_families_joins_and_erases() -> None:
    cast = make_cast()
    browser = office(cast)
    ids = {name: str(actor.person_id) for name, actor in cast.everybody().items()}
    page = browser.get("setup/people/?q=Ana,Hill").content.decode()
    assert "Ana" in page
    assert "Ben" not in page
    act = "setup/people/act"
    assert (
        browser.post(act, do="appoint", person=ids["outsider"], student=ids["student"], role="key_worker").status_code
        == 302
    )
    actor = plans.actor_for(cast.student.school_id, cast.outsider.person_id, None)
    assert [student.name for student in plans.my_students(actor)] == ["Ana"]
    assert browser.post(act, do="link", person=ids["parent"], student=ids["student"]).status_code == 302
    for wrong in (
        {"do": "appoint", "person": ids["outsider"], "role": "key_worker"},
        {"do": "appoint", "person": ids["outsider"], "student": ids["student"], "role": "provider"},
        {"do": "appoint", "person": ids["outsider"], "student": ids["student"], "role": "administrator"},
        {"do": "link", "person": ids["student"], "student": ids["student"]},
        {"do": "join", "person": ids["student"], "student": ids["student"]},
        {"do": "erase", "person": ids["classmate"]},
        {"do": "nothing"},
    ):
        assert browser.post(act, **wrong).status_code == 422, wrong
    assert browser.post(act, do="join", person=ids["student"], student=ids["stranger"]).status_code == 404
    assert browser.post(act, do="join", person=ids["student"], student=ids["classmate"]).status_code == 302
    assert (
        browser.post(
            act,
            do="part",
            id=str(plans.joins(plans.actor_for(cast.student.school_id, cast.administrator.person_id, None))[0][0]),
        ).status_code
        == 302
    )
    assert browser.post(act, do="erase", person=ids["classmate"], sure="1").status_code == 302
    assert "Explain my answer" not in browser.get("setup/people/").content.decode()


@pytest.mark.trust("T55")
def test_whoever_deletes_a_record_sees_how_far_its_marks_in_gradebooks_are_taken_back() -> None:
    cast = make_cast()
    desk, about = office(cast), cast.student.person_id
    assert "in gradebooks" not in desk.get("setup/people/").content.decode()
    plans.start_review(cast.teacher, about)
    review_id = plans.review(cast.teacher, about).id
    context = Context.objects.filter(course_id=cast.maths.course_id).first()
    assert context is not None
    Context.objects.filter(pk=context.pk).update(title="Maths 6B")
    address = "https://lms.example/lineitems/7"
    link = ResourceLink.objects.create(
        context=context, id_on_platform="column", title="Autumn round", lineitem_url=address
    )
    told = {"review_id": review_id, "student_id": about, "resource_link": link, "closed_at": timezone.now()}
    ReviewScore.objects.create(**told, state=ScoreState.SENT)
    account = PlatformUser.objects.create(person_id=about, deployment=context.deployment, sub="lms-id-of-ana").sub
    assert desk.post("setup/people/act", do="erase", person=str(about), sure="1").status_code == 302
    page = desk.get("setup/people/").content.decode()
    assert "Maths 6B" in page
    assert "1 mark is being taken back" in page
    assert account not in page
    row = Withdrawal.objects.filter(line_item_url=address)
    row.update(state=MarkState.BY_HAND, next_try_at=None, failure="stands")
    page = desk.get("setup/people/").content.decode()
    for words in ("Please delete them in the gradebook", "Autumn round", account, "still shows the mark"):
        assert words in page
    for wrong in ("", "x", "9" * 30, "0"):
        assert desk.post("setup/people/act", do="mark-done", id=wrong).status_code == 404
    assert desk.post("setup/people/act", do="mark-done", id=str(row.get().pk)).status_code == 302
    assert "in gradebooks" not in desk.get("setup/people/").content.decode()
    assert not Withdrawal.objects.exists()
