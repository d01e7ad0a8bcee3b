"""What a student chooses about their own words and pictures on pages, and takes back again (T12, T16, T30, T41)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Audience, Item, ItemChange, LogChange, MediaUse, NewFile, Role
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import Contribution, School
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.media import makes
from tests.lti_tool.web.test_people import Browser, mother, somebody

pytestmark = [pytest.mark.django_db]
SOON = timedelta(days=7)


@dataclass
class Shared:
    """A picture of one student's, open in another teacher's browser."""

    cast: Cast
    item_id: UUID
    file_id: UUID
    share_id: UUID
    theirs: Browser

    @property
    def address(self) -> str:
        """The picture's address, from the page that shows it."""
        page = self.theirs.get(f"shares/{self.share_id}").content.decode()
        (found,) = re.findall(r'src="[^"]*?(files/[^"]+)"', page)
        return found.replace("&amp;", "&")


def shared(**file: object) -> Shared:
    cast = make_cast()
    photo = NewFile(makes.picture(), "A tower", **file)
    item = plans.add_item(cast.student, cast.student.person_id, ItemChange("work", "My tower"), [photo])
    share_id = plans.share(
        cast.student, cast.other_teacher.person_id, [Item("item", item.id)], purpose="Art",
        ends_on=timezone.localdate() + SOON,
    )  # fmt: skip
    return Shared(cast, item.id, item.files[0].id, share_id, Browser(cast.other_teacher))


@pytest.mark.trust("T12")
def test_a_share_opens_its_pictures_and_once_it_ends_page_and_picture_answer_410_in_the_open_session() -> None:
    world = shared()
    address = world.address
    assert world.theirs.get(address).status_code == 200
    assert Browser(world.cast.classmate).get(f"files/{world.file_id}").status_code == 404
    mine = Browser(world.cast.student)
    assert mine.post(f"shares/{world.share_id}/end").status_code == 302
    assert world.theirs.get(address).status_code == 410
    assert world.theirs.get(f"shares/{world.share_id}").status_code == 410
    told = mine.get("shares/").content.decode()
    assert "Not shared any more" in told
    assert "stopped" in told


@pytest.mark.trust("T16")
def test_each_use_of_a_picture_is_a_permission_of_its_own_and_can_be_taken_back() -> None:
    world = shared()
    cast, address = world.cast, world.address
    family = Browser(mother(cast))
    plans.change_item(
        cast.student, world.item_id, ItemChange("work", "My tower", audience=Audience.SHARED), version=1
    )

    def opens() -> set[str]:
        found = set()
        for use, actor in (("school", cast.teacher), ("home", family.door.actor), ("share", cast.other_teacher)):
            try:
                plans.file(actor, world.file_id)
            except NotFound:
                continue
            found.add(use)
        return found

    assert opens() == {"school", "home", "share"}
    mine = Browser(cast.student)
    for use in MediaUse:
        assert mine.post(f"files/{world.file_id}/use", use=[str(use)]).status_code == 302
        assert opens() == {str(use)}
    assert mine.post(f"files/{world.file_id}/use").status_code == 302
    assert opens() == set()
    assert world.theirs.get(address).status_code == 410
    assert "<img" not in family.get("").content.decode()
    assert plans.file(cast.student, world.file_id).data
    assert Browser(cast.teacher).post(f"files/{world.file_id}/use", use=["school"]).status_code == 404


@pytest.mark.trust("T16")
def test_what_is_withdrawn_is_gone_from_every_address_with_the_words_for_it() -> None:
    world = shared()
    cast, address = world.cast, world.address
    assert Browser(cast.student).post(f"files/{world.file_id}/withdraw").status_code == 302
    for browser, path in (
        (world.theirs, address),
        (Browser(cast.student), f"files/{world.file_id}"),
        (Browser(cast.teacher), f"files/{world.file_id}"),
    ):
        assert browser.get(path).status_code == 404
    for browser, path in (
        (world.theirs, f"shares/{world.share_id}"),
        (Browser(cast.student), f"students/{cast.student.person_id}/work"),
    ):
        page = browser.get(path).content.decode()
        assert "A tower" not in page
        assert "<img" not in page
    assert "A tower" not in repr(plans.export_record(cast.student, cast.student.person_id).tables)


@pytest.mark.trust("T16")
def test_a_picture_of_others_nobody_looked_at_cannot_be_shared_out_of_the_class() -> None:
    cast = make_cast()
    photo = NewFile(makes.picture(), "My team", shows_others=True)
    item = plans.add_item(cast.student, cast.student.person_id, ItemChange("work", "The team"), [photo])
    sent = {
        "item": f"item:{item.id}", "recipient": str(cast.other_teacher.person_id), "purpose": "Art", "share": "1",
        "ends_on": (timezone.localdate() + SOON).isoformat(),
    }  # fmt: skip
    mine = Browser(cast.student)
    answer = mine.post("shares/new", **sent)
    assert answer.status_code == 422
    assert "First a teacher has to look at it" in answer.content.decode()
    assert mine.post("shares/new", **sent | {"recipient": str(cast.teacher.person_id)}).status_code == 302
    change = ItemChange("work", "The team", audience=Audience.NOT_FOR_HOME)
    plans.change_item(cast.student, item.id, change, version=1)
    staff = Browser(cast.teacher)
    work = f"students/{cast.student.person_id}/work"
    assert "I looked: it may be shared" in staff.get(work).content.decode()
    assert staff.post(f"files/{item.files[0].id}/check").status_code == 302
    assert "I looked" not in staff.get(work).content.decode()
    assert mine.post("shares/new", **sent).status_code == 302


def said_and_closed(cast: Cast, **sent: str) -> tuple[UUID, UUID]:
    """The student shares words from their panel, with what they ticked; the review they went to is closed."""
    mine = Browser(cast.student)
    assert mine.post("words", text="My mother shouts", home_asked="1", **sent).status_code == 302
    review_id = plans.start_review(cast.teacher, cast.student.person_id)
    plans.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)
    plans.close_review(cast.teacher, review_id, version=99)
    return review_id, Contribution.objects.of(cast.maths.school_id).get(review=review_id).id


def home_reads(family: Actor, cast: Cast) -> bool:
    return "My mother shouts" in repr(plans.at_home(family, cast.student.person_id))


@pytest.mark.trust("T30")
def test_a_student_says_not_for_home_where_they_write_and_changes_it_later() -> None:
    cast = make_cast()
    family = mother(cast)
    review_id, words_id = said_and_closed(cast, not_for_home="on")
    assert not home_reads(family, cast)
    assert Browser(family).get(f"who/words/{words_id}").status_code == 404
    mine, student = Browser(cast.student), f"students/{cast.student.person_id}/"
    assert "your family does not read this" in mine.get(f"{student}reviews/{review_id}").content.decode()
    change = f"{student}reviews/{review_id}/home"
    assert mine.post(change).status_code == 302
    assert home_reads(family, cast)
    assert mine.post(change, not_for_home="on").status_code == 302
    assert not home_reads(family, cast)
    for other in (cast.teacher, cast.classmate, family):
        assert Browser(other).post(change).status_code == 404


@pytest.mark.trust("T30")
def test_what_is_kept_from_home_stays_so_when_the_student_writes_again_without_being_asked() -> None:
    cast = make_cast()
    mine = Browser(cast.student)
    mine.post("words", text="One", home_asked="1", not_for_home="on")
    assert " checked" in mine.get().content.decode().partition('name="not_for_home"')[2].partition(">")[0]
    mine.post("words", text="Two")
    plans.contribute(cast.student, text="Halves", question="hard")
    audiences = Contribution.objects.of(cast.maths.school_id).values_list("audience", flat=True)
    assert set(audiences) == {"not_for_home"}
    mine.post("words", text="Two", home_asked="1")
    assert set(audiences.all()) == {"shared"}


@pytest.mark.trust("T30")
def test_staff_let_the_family_read_it_only_with_a_reason_which_the_student_and_the_trail_see() -> None:
    cast = make_cast()
    family = mother(cast)
    review_id, words_id = said_and_closed(cast, not_for_home="on")
    student = f"students/{cast.student.person_id}/"
    staff, override = Browser(cast.teacher), f"{student}words/{words_id}/home"
    page = staff.get(f"{student}reviews/{review_id}").content.decode()
    assert "the student keeps this from the family" in page
    assert f"words/{words_id}/home" in page
    for reason in ("", "   "):
        assert staff.post(override, reason=reason).status_code == 403
    assert not home_reads(family, cast)
    assert Browser(cast.assistant).post(override, reason="I say so").status_code == 404
    assert staff.post(override, reason="Agreed on the telephone").status_code == 302
    assert home_reads(family, cast)
    mine = Browser(cast.student).get(f"{student}reviews/{review_id}").content.decode()
    assert "Agreed on the telephone" in mine
    verbs = [event.verb for event in plans.audit_trail(cast.teacher, cast.student.person_id)]
    assert "words.sent_home" in verbs
    assert "words.send_home.refused" not in verbs  # a missing reason is a form to fill in, not an attempt


@pytest.mark.trust("T41")
def test_words_can_be_reported_by_whoever_reads_them_and_hide_in_that_one_request() -> None:
    cast = make_cast()
    family = mother(cast)
    review_id, words_id = said_and_closed(cast)
    student = f"students/{cast.student.person_id}/"
    home = Browser(family)
    assert f"words/{words_id}/report" in home.get().content.decode()
    assert home.post(f"{student}words/{words_id}/report").status_code == 200
    assert not home_reads(family, cast)
    assert "My mother shouts" not in Browser(cast.assistant).get(f"{student}reviews/{review_id}").content.decode()
    staff = Browser(cast.teacher)
    page = staff.get(f"{student}reviews/{review_id}").content.decode()
    assert "Somebody reported this" in page
    assert Browser(cast.assistant).post(f"{student}words/{words_id}/settle", go="keep").status_code == 404
    assert Browser(cast.student).post(f"{student}words/{words_id}/settle", go="keep").status_code == 404
    assert staff.post(f"{student}words/{words_id}/settle", go="keep").status_code == 302
    assert home_reads(family, cast)
    plans.report_words(family, words_id)
    plans.settle_report(cast.teacher, words_id, keep=False)
    assert not Contribution.objects.of(cast.maths.school_id).filter(pk=words_id).exists()


@pytest.mark.trust("T41")
def test_a_reported_log_entry_is_settled_where_it_stands() -> None:
    cast = make_cast()
    entry = plans.write_log(cast.student, LogChange({"text": "Look"}, audience=Audience.NOT_FOR_HOME))
    assert Browser(cast.assistant).post(f"log/{entry.id}/report").status_code == 200
    staff, student = Browser(cast.teacher), f"students/{cast.student.person_id}/"
    assert f"work/{entry.id}/settle" in staff.get(student + "log").content.decode()
    answer = staff.post(f"{student}work/{entry.id}/settle", go="keep", of="log")
    assert answer["Location"].endswith("/log")
    assert not plans.log_entry(cast.student, entry.id).hidden


@pytest.mark.trust("T41")
def test_the_second_adult_finds_everything_reported_on_one_page_in_words_only() -> None:
    cast = make_cast()
    family = mother(cast)
    _, words_id = said_and_closed(cast)
    photo = NewFile(makes.picture(), "Not nice")
    item = plans.add_item(
        cast.student, cast.student.person_id, ItemChange("work", "Look at this", audience=Audience.SHARED), [photo]
    )
    entry = plans.write_log(cast.student, LogChange({"text": "Bad words"}, audience=Audience.SHARED))
    plans.report_words(family, words_id)
    plans.report_item(family, item.id)
    plans.report_log(cast.teacher, entry.id)
    staff = Browser(cast.teacher)
    assert "Reported" in staff.get().content.decode()
    page = staff.get("reported").content.decode()
    for said in ("My mother shouts", "Look at this", "Bad words", "1 picture or recording belongs to it"):
        assert said in page
    assert "<img" not in page
    assert "Not nice" not in page
    assert page.count('name="go" value="delete"') == 2  # not of what the reader reported themselves
    student = f"students/{cast.student.person_id}/"
    assert staff.post(f"{student}work/{item.id}/settle", go="delete", of="reported")["Location"].endswith("/reported")
    assert staff.post(f"{student}words/{words_id}/settle", go="keep", of="reported")["Location"].endswith("/reported")
    assert staff.post(f"{student}work/{entry.id}/settle", go="keep").status_code == 409
    second = Browser(cast.maths.teacher("Mr Okafor"))
    assert second.post(f"{student}work/{entry.id}/settle", go="keep").status_code == 302
    assert "Nothing is reported right now" in second.get("reported").content.decode()
    for other in (cast.student, cast.assistant, family):
        assert Browser(other).get("reported").status_code == 404


@pytest.mark.trust("T11", "T12")
def test_pages_offer_only_what_the_schools_rules_let_a_student_do() -> None:
    cast = make_cast()
    somebody(cast, Role.PROVIDER, "The workshop")
    mine = Browser(cast.student)
    page = mine.get("shares/").content.decode()
    assert "shares/new" in page
    assert "Stop letting them read" in page
    latest = timezone.localdate() + timedelta(days=90)
    assert f'max="{latest.isoformat()}"' in mine.get("shares/new").content.decode()
    School.objects.update(learners_share=False, learners_end_providers=False)
    page = mine.get("shares/").content.decode()
    assert "shares/new" not in page
    assert "switched sharing off" in page
    assert "Stop letting them read" not in page
    assert "Your school decides about this" in page


@pytest.mark.trust("T41")
def test_a_reported_review_hides_with_every_comment_in_it_until_a_second_adult_has_looked() -> None:
    cast = make_cast()
    family = mother(cast)
    student = f"students/{cast.student.person_id}/"
    review_id = plans.start_review(cast.teacher, cast.student.person_id)
    plans.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="You never try", version=0)
    plans.close_review(cast.teacher, review_id, version=99)
    path = f"{student}reviews/{review_id}"
    readers = {"student": Browser(cast.student), "assistant": Browser(cast.assistant)}
    for browser in readers.values():
        assert "reviews/" + str(review_id) + "/report" in browser.get(path).content.decode()
    assert f"reviews/{review_id}/report" in Browser(family).get(f"{student}home/reviews/{review_id}").content.decode()
    assert Browser(cast.teacher).post(f"{path}/report").status_code == 404  # their own
    assert readers["student"].post(f"{path}/report").status_code == 200
    for browser in readers.values():
        assert browser.get(path).status_code == 404
        for page in ("", "plan", "story"):
            assert "You never try" not in browser.get(student + page if page else "").content.decode()
    assert plans.at_home(family, cast.student.person_id).reviews == ()
    assert plans.past_reviews(cast.student, cast.student.person_id) == ()
    writer = Browser(cast.teacher)
    assert "Somebody reported this" in writer.get(path).content.decode()
    assert writer.post(f"{student}work/{review_id}/settle", go="keep").status_code == 409
    second = Browser(cast.maths.teacher("Mr Okafor"))
    assert second.post(f"{student}work/{review_id}/settle", go="delete").status_code == 409  # it stays on record
    assert f"work/{review_id}/settle" in second.get("reported").content.decode()
    assert second.post(f"{student}work/{review_id}/settle", go="keep").status_code == 302
    assert "You never try" in readers["student"].get(path).content.decode()
