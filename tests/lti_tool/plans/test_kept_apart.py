"""What two people each may read of one student, where one's must not come to the other by the way."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    Audience,
    Grounds,
    Item,
    ItemChange,
    NeedChange,
    NewFile,
    Role,
    Scope,
    Sensitivity,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import Ended, NotFound
from lti_tool.plans.framing import unveiled, veiled
from lti_tool.plans.models import School
from tests.factories.furnished import BOTH, PHOTO, furnished_school
from tests.factories.furnished import School as Furnished
from tests.factories.plans import Cast, administrator_of, make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T1")]


@pytest.fixture
def school() -> Furnished:
    return furnished_school("Ours")


def appointed(school: Furnished, role: Role, scope: Scope, *, ends_on: date | None = None) -> Actor:
    person_id = api.ensure_person(school.room.school_id, name=role.value)
    api.appoint(school.office, person_id, role, scope, ends_on=ends_on)
    return api.actor_for(school.room.school_id, person_id, None)


def guardian_of(school: Furnished, student: Actor) -> Actor:
    person_id = api.ensure_person(school.room.school_id, name="Mere")
    api.link_guardian(school.office, person_id, student.person_id)
    return api.actor_for(school.room.school_id, person_id, None)


@pytest.mark.trust("T4")
def test_words_somebody_guards_more_are_guarded_in_the_story_and_the_export_too(school: Furnished) -> None:
    ana = school.room.learner("Ana")
    worker = appointed(school, Role.KEY_WORKER, Scope(student_id=ana.person_id))
    told = NeedChange("strengths_and_needs", "support", "Lives in a refuge", Voice.SCHOOL)
    statement = api.say_need(worker, ana.person_id, told)
    assert "refuge" in str(api.plan_story(school.teacher, ana.person_id))
    api.change_need(worker, statement.id, replace(told, sensitivity=Sensitivity.RESTRICTED), version=1)
    assert "refuge" not in str(api.plan_story(school.teacher, ana.person_id))
    assert "refuge" not in str(api.export_record(ana, ana.person_id))
    assert "refuge" in str(api.plan_story(worker, ana.person_id))


@pytest.mark.trust("T4")
def test_a_guarded_field_of_a_target_is_left_out_for_readers_below_it_and_survives_their_changes() -> None:
    room = make_class(title="Maths")
    School.objects.filter(pk=room.school_id).update(framework_key="key_elements")
    teacher, ana, assistant = room.teacher(), room.learner("Ana"), room.person(Role.ASSISTANT)
    details = {"adaptations": "Catheter at noon", "classroom": "Reads aloud"}
    target = api.agree_target(teacher, ana.person_id, TargetChange("Read", details=details))
    told = str((api.plan_page(assistant, ana.person_id), api.plan_story(assistant, ana.person_id)))
    assert "Catheter" not in told
    assert "Reads aloud" in told
    assert api.target(teacher, target).change.details == details
    guarded = frozenset({"adaptations"})
    stands = api.target(teacher, target).change
    changed = replace(veiled(stands, guarded), wording="Read more", details={"classroom": "Reads"})
    assert unveiled(changed, stands, guarded).details == {**details, "classroom": "Reads"}


@pytest.mark.trust("T48")
def test_a_key_worker_agrees_to_a_review_as_the_school_and_a_guardian_as_the_family(school: Furnished) -> None:
    ana = school.room.learner("Ana")
    worker = appointed(school, Role.KEY_WORKER, Scope(student_id=ana.person_id))
    review = api.start_review(school.teacher, ana.person_id)
    api.agree_review(worker, review, agrees=True)
    assert [one.voice for one in api.review(worker, review).agreements] == [Voice.SCHOOL]
    api.close_review(school.teacher, review, version=99)
    api.agree_review(guardian_of(school, ana), review, agrees=True)
    assert {one.voice for one in api.review(worker, review).agreements} == {Voice.SCHOOL, Voice.FAMILY}


@pytest.mark.requirement("001.15")
def test_a_family_reads_no_words_that_wait_for_their_check_in_any_place(school: Furnished) -> None:
    ana = school.room.learner("Ana")
    mere = guardian_of(school, ana)
    leader = appointed(school, Role.LEADERSHIP, Scope())
    target = api.agree_target(school.teacher, ana.person_id, TargetChange("Checked words"))
    api.check_target(leader, target, passed=True, version=1)
    review = api.start_review(school.teacher, ana.person_id)
    api.judge_target(school.teacher, review, target, level="expected", comment="", version=0, grounds=BOTH)
    api.close_review(school.teacher, review, version=99)
    api.change_target(school.teacher, target, TargetChange("Later words"), version=1)
    api.agree_target(school.teacher, ana.person_id, TargetChange("New words"))
    read = str((api.at_home(mere, ana.person_id), api.portfolio(mere, ana.person_id)))
    assert "Checked words" in read
    assert "Later words" not in read
    assert "New words" not in read


def test_a_key_worker_reads_of_their_student_and_of_no_classmate(school: Furnished) -> None:
    ana, ben = school.room.learner("Ana"), school.room.learner("Ben")
    api.agree_target(school.teacher, ben.person_id, TargetChange("Sit still"))
    worker = replace(
        appointed(school, Role.KEY_WORKER, Scope(student_id=ana.person_id)), course_id=school.room.course_id
    )
    api.agree_target(worker, ana.person_id, TargetChange("Sit still"))
    assert api.alike_in_class(school.teacher, ana.person_id, "Sit still") != ()
    assert api.alike_in_class(worker, ana.person_id, "Sit still") == ()
    page = api.review(worker, api.start_review(worker, ana.person_id))
    assert (page.previous_student, page.next_student, page.class_size) == (None, None, 1)


@pytest.mark.trust("T3", "T12")
def test_a_share_is_over_for_whoever_left_the_staff_and_while_its_review_is_open_again(school: Furnished) -> None:
    ana, today = school.room.learner("Ana"), timezone.localdate()
    helper = appointed(school, Role.SUBJECT_TEACHER, Scope(course_id=api.ensure_course(school.room.school_id)))
    review = api.start_review(school.teacher, ana.person_id)
    api.set_next_steps(school.teacher, review, next_steps="Agreed", next_review_on=None, version=1)
    api.close_review(school.teacher, review, version=99)
    share = api.share(ana, helper.person_id, [Item("review", review)], purpose="Job", ends_on=today)
    assert "Agreed" in str(api.shared(helper, share))
    api.reopen_review(school.teacher, review, reason="A slip")
    assert "Agreed" not in str(api.shared(helper, share))
    with pytest.raises(NotFound):
        api.see(helper, Item("review", review))
    (appointment,) = (one for one in api.appointments(school.office) if one.person.id == helper.person_id)
    api.end_appointment(school.office, appointment.id)
    with pytest.raises(Ended):
        api.shared(helper, share)


@pytest.mark.trust("T16")
def test_a_picture_of_others_nobody_checked_stays_with_the_school(school: Furnished) -> None:
    ana = school.room.learner("Ana")
    until = timezone.localdate() + timedelta(days=1)
    provider = appointed(school, Role.PROVIDER, Scope(student_id=ana.person_id), ends_on=until)
    change = ItemChange("photographs", "Us", audience=Audience.SHARED)
    (photo,) = api.add_item(ana, ana.person_id, change, [NewFile(PHOTO, shows_others=True)]).files
    assert api.file(school.teacher, photo.id).data
    for outside in (provider, guardian_of(school, ana)):
        with pytest.raises(NotFound):
            api.file(outside, photo.id)
    api.check_others(school.teacher, photo.id)
    assert api.file(provider, photo.id).data


@pytest.mark.trust("T28", "T50")
def test_why_a_learner_asks_for_deletion_is_not_told_to_their_family(school: Furnished) -> None:
    ana = school.room.learner("Ana")
    api.ask_erasure(ana, ana.person_id, why="Trouble at home")
    asked = api.my_erasure(guardian_of(school, ana), ana.person_id)
    assert asked is not None
    assert asked.why == ""
    assert "Trouble at home" in str(api.erasures_asked(school.office))


@pytest.mark.trust("T4")
def test_success_and_next_step_of_a_target_are_as_guarded_as_the_framework_says_on_every_page() -> None:
    cast = make_cast()
    office = administrator_of(cast.maths)
    key = api.copy_framework(office, "general", "Guarded")
    draft = api.framework_draft(office, key)
    text = re.sub(r"(\{key: (?:success|next_step),.*sensitivity:) personal", r"\1 sensitive", draft.text)
    assert text.count("sensitivity: sensitive") >= draft.text.count("sensitivity: sensitive") + 2
    saved = api.save_framework_draft(office, key, text, draft.saves)
    api.publish_framework(office, key, saved.saves)
    api.choose_framework(office, key)
    cai = cast.maths.learner("Cai")
    change = TargetChange("Swim", success="Without her inhaler", next_step="Breathe at the wall")
    target = api.agree_target(cast.teacher, cai.person_id, change)
    review_id = api.start_review(cast.teacher, cai.person_id)
    mother = guardian_of_child(cast, cai)

    def read(reader: Actor) -> str:
        told: list[object] = [api.review(reader, review_id), api.plan_page(reader, cai.person_id)]
        return str(told)

    assert "inhaler" in read(cast.teacher)
    assert "wall" in read(cast.teacher)
    assert "inhaler" not in read(cast.assistant)
    assert "wall" not in read(cast.assistant)
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    assert "inhaler" not in str((api.closing_targets(cast.assistant, review_id, 1), read(cast.assistant)))
    home = api.at_home(mother, cai.person_id)
    assert [piece.title for piece in home.targets] == ["Swim"]
    assert "inhaler" not in str(home)
    until = timezone.localdate() + timedelta(days=7)
    share = api.share(cai, cast.other_teacher.person_id, [Item("target", target)], purpose="Art", ends_on=until)
    assert "inhaler" not in str(api.shared(cast.other_teacher, share))
    assert "inhaler" in str(api.see(cast.teacher, Item("target", target)))


@pytest.mark.requirement("001.15")
def test_a_target_that_was_never_checked_is_not_named_at_home_by_a_review_that_closed_with_it() -> None:
    cast = make_cast()
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    cai = cast.maths.learner("Cai")
    mother = guardian_of_child(cast, cai)
    target = api.agree_target(cast.teacher, cai.person_id, TargetChange("Use the toilet alone"))
    review_id = api.start_review(cast.teacher, cai.person_id, kind="interim")
    grounds = Grounds("Seen on Monday", "3 of 5 times")
    levels = api.review(cast.teacher, review_id).levels
    api.judge_target(cast.teacher, review_id, target, level=levels[0].key, comment="", version=0, grounds=grounds)
    version = api.review(cast.teacher, review_id).version
    version = api.set_next_steps(
        cast.teacher, review_id, next_steps="Practise", next_review_on=None, version=version
    ).version
    api.close_review(cast.teacher, review_id, version=version)
    home = str((api.at_home(mother, cai.person_id), api.home_review(mother, review_id)))
    assert "toilet" not in home
    assert "Practise" in home
    assert "toilet" in str(api.review(cai, review_id))
    leader_id = api.ensure_person(cast.maths.school_id, name="Phase leader")
    api.appoint(administrator_of(cast.maths), leader_id, Role.PHASE_LEADER, Scope(student_id=cai.person_id))
    leader = api.actor_for(cast.maths.school_id, leader_id, None)
    api.check_target(leader, target, passed=True, version=api.target(cast.teacher, target).version)
    assert "toilet" in str(api.home_review(mother, review_id))


def guardian_of_child(cast: Cast, child: Actor) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name="Mere")
    api.link_guardian(administrator_of(cast.maths), person_id, child.person_id)
    return api.actor_for(cast.maths.school_id, person_id, None)
