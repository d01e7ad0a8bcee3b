"""The plan's story tells what people said, saw, judged and agreed: to each, what they may read."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, AgreementEntry, Audience, Grounds, LogChange, Role, Scope, TimelineItem, Voice
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, School
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERS, THEIRS = "I can explain it to anyone", "She still needs a first sentence"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def review_id(cast: Cast) -> UUID:
    """An open review in which learner and teacher both spoke, saw and (the teacher) judged."""
    api.say_opinion(cast.student, target_id=cast.target_id, level="exceeded", text=HERS)
    api.contribute(cast.student, text="Bars help me", question="went_well")
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    api.contribute(cast.teacher, text="A good half term", review_id=review_id)
    api.say_opinion(cast.teacher, target_id=cast.target_id, level="emerging", text=THEIRS, review_id=review_id)
    api.judge_target(
        cast.teacher, review_id, cast.target_id, level="expected", comment="You often say why", version=0
    )
    return review_id


def close(cast: Cast, review_id: UUID) -> None:
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)


def told(cast: Cast, who: Actor) -> tuple[TimelineItem, ...]:
    return api.plan_story(who, cast.student.person_id)


def kinds(cast: Cast, who: Actor) -> list[str]:
    return [item.kind for item in reversed(told(cast, who)) if item.kind not in ("target.new", "review.started")]


def appointed(cast: Cast, role: Role) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name=role.value)
    ends_on = timezone.localdate() + timedelta(days=9)
    scope = Scope() if role is Role.LEADERSHIP else Scope(student_id=cast.student.person_id)
    api.appoint(administrator_of(cast.maths), person_id, role, scope, ends_on=ends_on)
    return api.actor_for(cast.maths.school_id, person_id, None)


@pytest.mark.requirement("002.4", "001.12")
def test_staff_read_in_the_story_what_each_said_saw_and_judged_as_it_grows(cast: Cast, review_id: UUID) -> None:
    all_of_it = ["opinion", "words.learner", "words.school", "opinion", "target.judged"]
    readers = [cast.teacher, cast.assistant, *(appointed(cast, r) for r in (Role.KEY_WORKER, Role.PROVIDER))]
    for who in (*readers, appointed(cast, Role.LEADERSHIP)):
        assert kinds(cast, who) == all_of_it, who.roles
    judged = told(cast, cast.teacher)[0]
    assert judged.who
    assert judged.who.name == "Ms Hill"
    assert dict(judged.after) == {
        "wording": "Explain my answer", "level": "Expected Progress", "comment": "You often say why"
    }  # fmt: skip
    answered = next(item for item in told(cast, cast.teacher) if item.kind == "words.learner")
    assert dict(answered.after) == {"question": "What went well, and why", "text": "Bars help me"}


@pytest.mark.requirement("002.4", "001.12")
def test_a_learner_reads_their_own_words_at_once_and_others_once_it_is_agreed(cast: Cast, review_id: UUID) -> None:
    assert kinds(cast, cast.student) == ["opinion", "words.learner"]
    assert THEIRS not in repr(told(cast, cast.student))
    assert "Expected" not in repr(told(cast, cast.student))
    close(cast, review_id)
    api.agree_review(cast.student, review_id, agrees=False, text="I am further than that")
    told_now = kinds(cast, cast.student)
    assert told_now == [
        "opinion", "words.learner", "words.school", "opinion", "target.judged", "review.closed",
        "review.seen_differently",
    ]  # fmt: skip
    assert {HERS, THEIRS} <= {item.after.get("text") for item in told(cast, cast.student)}
    api.reopen_review(cast.teacher, review_id, reason="We forgot the essay")
    assert THEIRS not in repr(told(cast, cast.student))
    assert "essay" not in repr(told(cast, cast.student))
    assert "review.reopened" in kinds(cast, cast.student)
    assert "We forgot the essay" in repr(told(cast, cast.teacher))


def test_a_judgement_that_changed_tells_why_and_what_it_said_before(cast: Cast, review_id: UUID) -> None:
    said = {"level": "exceeded", "comment": "Every time now", "reason": "I had missed the essay"}
    api.judge_target(cast.teacher, review_id, cast.target_id, version=1, **said)
    changed = told(cast, cast.teacher)[0]
    assert changed.before == {"level": "Expected Progress", "comment": "You often say why"}
    assert (changed.after["level"], changed.after["reason"]) == ("Exceeded Target", "I had missed the essay")


def test_a_target_is_named_in_the_words_it_had_when_it_was_judged(cast: Cast, review_id: UUID) -> None:
    stands = api.target(cast.teacher, cast.target_id)
    api.change_target(
        cast.teacher, cast.target_id, replace(stands.change, wording="Tell a partner why"), version=stands.version
    )
    named = {item.kind: item.after["wording"] for item in told(cast, cast.teacher) if "wording" in item.after}
    assert named["target.judged"] == named["opinion"] == "Explain my answer"
    assert named["target.changed"] == "Tell a partner why"


def test_judged_areas_and_what_a_family_agreed_to_are_told_by_name(cast: Cast) -> None:
    row = ensure_framework_version(cast.maths.school_id, "alfreton_park")
    Plan.objects.of(cast.maths.school_id).update(framework=row)
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    area = next(iter(api.review(cast.teacher, review_id).areas))
    grounds = {"level": "expected", "comment": "", "version": 0}
    api.judge_area(cast.teacher, review_id, area.area, **grounds, grounds=Grounds("Seen", "3 of 4"))
    api.record_agreement(cast.teacher, review_id, AgreementEntry(Voice.FAMILY, "Mere Ngata", agrees=True))
    items = {item.kind: item.after for item in told(cast, cast.teacher)}
    assert items["area.judged"]["area_name"] == area.name
    assert items["review.agreed"] == {"name": "Mere Ngata"}


def test_an_answer_to_a_guarded_question_is_left_out_for_readers_below_it(cast: Cast) -> None:
    office = administrator_of(cast.maths)
    key = api.copy_framework(office, "general", "Guarded")
    draft = api.framework_draft(office, key)
    plain = 'label: "What went well, and why", sensitivity: personal'
    assert plain in draft.text
    text = draft.text.replace(plain, plain.replace("personal", "sensitive"))
    api.publish_framework(office, key, api.save_framework_draft(office, key, text, draft.saves).saves)
    api.choose_framework(office, key)
    student = cast.maths.learner("Noor")
    api.open_plan(cast.teacher, student.person_id)
    api.contribute(student, text="Since the medicine I sleep", question="went_well")
    api.start_review(cast.teacher, student.person_id)
    assert "medicine" in repr(api.plan_story(cast.teacher, student.person_id))
    assert "medicine" not in repr(api.plan_story(cast.assistant, student.person_id))
    assert "medicine" in repr(api.plan_story(student, student.person_id))


@pytest.mark.requirement("002.4")
@pytest.mark.trust("T28", "T30")
def test_a_family_follows_the_story_as_far_as_it_is_shared_with_home(cast: Cast, review_id: UUID) -> None:
    parent = api.ensure_person(cast.maths.school_id, name="Mere")
    api.link_guardian(administrator_of(cast.maths), parent, cast.student.person_id)
    family = api.actor_for(cast.maths.school_id, parent, None)

    def at_home() -> list[str]:
        _, pieces = api.home_story(family, cast.student.person_id)
        return [piece.item.kind for piece in pieces]

    assert at_home() == ["target"]
    close(cast, review_id)
    assert at_home() == ["review", "words", "words", "target"]
    api.contribute(cast.student, text="Not for mum", audience=Audience.NOT_FOR_HOME)
    api.write_log(cast.student, LogChange({"what": "My secret"}))
    assert at_home() == ["review", "words", "words", "target"]
