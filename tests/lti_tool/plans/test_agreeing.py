"""Who checks a written target, who receives it, who signs up to the plan, and what makes it be looked at again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    GoalChange,
    LifeEventEntry,
    Role,
    Scope,
    Sensitivity,
    SignatureEntry,
    SignedBy,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.models import Plan, School, Signature
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def special(cast: Cast) -> Cast:
    """A fresh student of a school that works as Alfreton Park does, in Key Stage 2."""
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    student = cast.maths.learner("Noor")
    api.set_schooling(administrator_of(cast.maths), {student.person_id: ("KS2", 4)})
    return replace(cast, student=student, target_id=cast.maths.target(cast.teacher, student, "Ask for help"))


def appointed(cast: Cast, role: Role, scope: Scope) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name="Appointed")
    ends_on = timezone.localdate() + timedelta(days=90)
    api.appoint(administrator_of(cast.maths), person_id, role, scope, ends_on=ends_on)
    return api.actor_for(cast.maths.school_id, person_id, None)


def reword(cast: Cast, wording: str) -> int:
    stands = api.target(cast.teacher, cast.target_id)
    return api.change_target(
        cast.teacher, cast.target_id, replace(stands.change, wording=wording), version=stands.version
    ).version


def state(cast: Cast) -> tuple[bool, bool]:
    (target,) = api.plan_page(cast.teacher, cast.student.person_id).targets
    return target.checked, target.with_family


@pytest.mark.requirement("001.15")
def test_a_family_receives_targets_only_after_the_phase_leader_checked_these_very_words(cast: Cast) -> None:
    cast = special(cast)
    leader = appointed(cast, Role.PHASE_LEADER, Scope(phase="KS2"))
    about = cast.student.person_id
    with pytest.raises(Refused, match="not_checked"):
        api.share_with_family(cast.teacher, about)
    with pytest.raises(Invalid, match="note: required"):
        api.check_target(leader, cast.target_id, passed=False, version=1)
    api.check_target(leader, cast.target_id, passed=False, note="Say when", version=1)
    assert state(cast) == (False, False)
    version = reword(cast, "Ask for help at lunch")
    with pytest.raises(Conflict):
        api.check_target(leader, cast.target_id, passed=True, version=1)
    api.check_target(leader, cast.target_id, passed=True, version=version)
    assert api.share_with_family(cast.teacher, about) == 1
    assert state(cast) == (True, True)
    reword(cast, "Ask for help anywhere")
    assert state(cast) == (False, False)
    with pytest.raises(Refused, match="not_checked"):
        api.share_with_family(cast.teacher, about)


@pytest.mark.requirement("001.15")
def test_only_a_leader_of_the_students_phase_checks(cast: Cast) -> None:
    cast = special(cast)
    other = appointed(cast, Role.PHASE_LEADER, Scope(phase="KS3"))
    for who in (other, cast.teacher, cast.student, cast.assistant, cast.stranger):
        with pytest.raises(NotFound):
            api.check_target(who, cast.target_id, passed=True, version=1)


def test_where_the_framework_asks_for_no_check_targets_go_home_as_they_are(cast: Cast) -> None:
    assert api.share_with_family(cast.teacher, cast.student.person_id) == 1
    assert api.share_with_family(cast.teacher, cast.student.person_id) == 0


@pytest.mark.requirement("002.14")
def test_each_party_signs_in_their_own_way_and_a_changed_plan_shows_who_signed_an_earlier_one(cast: Cast) -> None:
    about, today = cast.student.person_id, timezone.localdate()
    api.sign(cast.student, about, "student")
    api.sign(cast.student, about, "student")
    api.sign(cast.teacher, about, "teacher")
    api.record_signature(cast.teacher, about, SignatureEntry("family", SignedBy.PAPER, "Rose Ngata", today))
    parties = api.plan_page(cast.teacher, about).parties
    signed = [(p.signature.signer, p.signature.way, p.signature.name) for p in parties if p.signature]
    assert signed == [
        ("student", SignedBy.PAGE, "Ana"),
        ("family", SignedBy.PAPER, "Rose Ngata"),
        ("teacher", SignedBy.PAGE, "Ms Hill"),
    ]
    assert all(party.signature.current for party in parties if party.signature)
    assert Signature.objects.of(cast.maths.school_id).count() == 3
    api.set_goal(cast.student, about, GoalChange("Swim"))
    parties = api.plan_page(cast.teacher, about).parties
    assert [party.signature.current for party in parties if party.signature] == [False, False, False]


@pytest.mark.trust("T48")
def test_nobody_can_sign_for_the_student(cast: Cast) -> None:
    about, today = cast.student.person_id, timezone.localdate()
    for way in SignedBy:
        with pytest.raises(Refused, match="learners_own"):
            api.record_signature(cast.teacher, about, SignatureEntry("student", way, "Ana", today))
    for who in (cast.teacher, cast.assistant, cast.classmate, cast.administrator, cast.parent, cast.stranger):
        with pytest.raises((Refused, NotFound)):
            api.sign(who, about, "student")
    for signer in ("teacher", "family"):
        with pytest.raises(Refused, match="not_yours"):
            api.sign(cast.student, about, signer)
    signature = Signature(
        school_id=cast.maths.school_id, plan=Plan.objects.of(cast.maths.school_id).get(student=about), plan_version=1,
        signer="student", voice=Voice.LEARNER, way=SignedBy.PAPER, person_id=about, signed_on=today,
        recorded_by_id=cast.teacher.person_id, recorded_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        signature.save(force_insert=True)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"signer": "nobody"}, "signer: unknown"),
        ({"way": SignedBy.PAGE}, "way: unknown"),
        ({"name": " "}, "name: required"),
        ({"signed_on": timezone.localdate() + timedelta(days=2)}, "signed_on: future"),
    ],
)
def test_a_signature_that_cannot_have_been_given_is_not_keyed_in(cast: Cast, wrong: dict, error: str) -> None:
    entry = SignatureEntry("family", SignedBy.IN_PERSON, "Rose", timezone.localdate())
    with pytest.raises(Invalid, match=error):
        api.record_signature(cast.teacher, cast.student.person_id, replace(entry, **wrong))
    with pytest.raises(NotFound):
        api.record_signature(cast.classmate, cast.student.person_id, entry)


@pytest.mark.requirement("001.5")
def test_a_life_event_makes_the_review_due_and_asks_until_somebody_answers(cast: Cast) -> None:
    about, today = cast.student.person_id, timezone.localdate()
    event = api.record_life_event(cast.student, about, LifeEventEntry("new_school", today, "We move"))
    page = api.plan_page(cast.teacher, about)
    assert [(e.id, e.kind, e.text) for e in page.events] == [(event, "new_school", "We move")]
    row = next(r for r in api.class_panel(cast.teacher, activity_external_ids=[]).rows if r.student.id == about)
    assert row.review_due
    with pytest.raises(Invalid, match="answer: required"):
        api.answer_life_event(cast.teacher, event, answer=" ")
    with pytest.raises(NotFound):
        api.answer_life_event(cast.student, event, answer="Fine")
    api.answer_life_event(cast.teacher, event, answer="Targets fit the new school too")
    assert api.plan_page(cast.teacher, about).events == ()
    assert "life" in {item.kind for item in api.plan_story(cast.student, about)}


@pytest.mark.trust("T4")
def test_a_guarded_event_is_left_out_of_page_and_story_for_whoever_may_not_read_it(cast: Cast) -> None:
    about = cast.student.person_id
    named = appointed(cast, Role.KEY_WORKER, Scope(student_id=about))
    entry = LifeEventEntry("", timezone.localdate(), "In care since Monday", Sensitivity.RESTRICTED)
    event = api.record_life_event(named, about, entry)
    for other in (cast.teacher, cast.student, cast.assistant):
        assert api.plan_page(other, about).events == ()
        assert "care" not in repr(api.plan_story(other, about))
    with pytest.raises(NotFound):
        api.answer_life_event(cast.teacher, event, answer="Seen")
    assert [e.text for e in api.plan_page(named, about).events] == ["In care since Monday"]


@pytest.mark.requirement("002.4")
def test_the_story_tells_anyone_in_it_what_happened_and_what_words_were_before(cast: Cast) -> None:
    about = cast.student.person_id
    reword(cast, "Explain my answer to Ben")
    api.sign(cast.student, about, "student")
    review_id = api.start_review(cast.teacher, about)
    told = api.plan_story(cast.student, about)
    assert [item.kind for item in told] == ["review.started", "signed", "target.changed", "target.new"]
    changed = told[2]
    assert changed.before == {"wording": "Explain my answer"}
    assert (changed.after, changed.who and changed.who.name) == ({"wording": "Explain my answer to Ben"}, "Ms Hill")
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    assert api.plan_story(cast.student, about)[0].review_id == review_id
