"""Families, providers and learners say whether they agree, each in their own way (001.12, T54)."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Act,
    Actor,
    AgreementEntry,
    Item,
    JudgedPart,
    Role,
    Scope,
    Voice,
)
from lti_tool.plans.exceptions import Invalid, NotFound
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def guardian(cast: Cast, name: str) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name=name)
    api.link_guardian(administrator_of(cast.maths), person_id, cast.student.person_id)
    return api.actor_for(cast.maths.school_id, person_id, None)


def provider(cast: Cast) -> Actor:
    person_id = api.ensure_person(cast.maths.school_id, name="The workshop")
    until = timezone.localdate() + timedelta(days=14)
    scope = Scope(student_id=cast.student.person_id)
    api.appoint(administrator_of(cast.maths), person_id, Role.PROVIDER, scope, ends_on=until)
    return api.actor_for(cast.maths.school_id, person_id, None)


def judged(cast: Cast) -> UUID:
    """A review that judged the target and closed."""
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    api.judge_target(cast.teacher, review_id, cast.target_id, level="emerging", comment="Not yet", version=0)
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    return review_id


def against(cast: Cast, review_id: UUID, reader: Actor) -> list[tuple[str, str]]:
    """What stands with the judgement of the target in this review, as this reader meets it."""
    judgement = api.review(reader, review_id).targets[0].judgement
    assert judgement is not None
    return [(one.voice.value, one.text) for one in judgement.statements]


@pytest.mark.trust("T54")
@pytest.mark.requirement("001.12")
def test_a_statement_of_disagreement_goes_wherever_the_judgement_goes(cast: Cast) -> None:
    mother, review_id = guardian(cast, "Mere"), judged(cast)
    about = JudgedPart(cast.target_id)
    api.agree_review(cast.student, review_id, agrees=False, text="I can do it with bars.", about=about)
    api.agree_review(mother, review_id, agrees=False, text="She does it at the shop.", about=about)
    both = [("learner", "I can do it with bars."), ("family", "She does it at the shop.")]
    # the review, as staff and the student read it
    assert against(cast, review_id, cast.teacher) == both
    assert against(cast, review_id, cast.student) == both
    # the next review's look back, also once that is frozen
    second = api.start_review(cast.teacher, cast.student.person_id)
    last = api.review(cast.teacher, second).targets[0].last_judgement
    assert last is not None
    assert [(one.voice.value, one.text) for one in last.statements] == both
    # the student's panel and the plan's page
    card = api.student_panel(cast.student, activity_external_ids=("fractions",)).here[0]
    assert card.judgement is not None
    assert len(card.judgement.statements) == 2
    planned = api.plan_page(cast.teacher, cast.student.person_id).targets[0].card.judgement
    assert planned is not None
    assert len(planned.statements) == 2
    # the family's page, a share, and the whole record
    (piece,) = api.at_home(mother, cast.student.person_id).reviews
    assert ("differs:family", "She does it at the shop.") in piece.lines
    until = timezone.localdate() + timedelta(days=7)
    item = Item("review", review_id)
    share_id = api.share(cast.student, cast.other_teacher.person_id, [item], purpose="Art", ends_on=until)
    (shared,) = api.shared(cast.other_teacher, share_id).pieces
    assert [line for line in shared.lines if line[0].startswith("differs:")] == [
        ("differs:learner", "I can do it with bars."), ("differs:family", "She does it at the shop."),
    ]  # fmt: skip
    record = str(api.export_record(cast.student, cast.student.person_id))
    assert "I can do it with bars." in record
    assert "She does it at the shop." in record


@pytest.mark.trust("T54")
def test_whoever_judged_cannot_take_a_statement_away_not_even_by_opening_and_judging_again(cast: Cast) -> None:
    review_id = judged(cast)
    about = JudgedPart(cast.target_id)
    api.agree_review(cast.student, review_id, agrees=False, text="I can do it.", about=about)
    entry = AgreementEntry(Voice.SCHOOL, "Ms Patel", True, about=about)
    api.record_agreement(cast.teacher, review_id, entry)
    api.agree_review(cast.teacher, review_id, agrees=True, about=about)
    assert against(cast, review_id, cast.teacher) == [("learner", "I can do it.")]
    api.reopen_review(cast.teacher, review_id, reason="We looked again")
    page = api.review(cast.teacher, review_id)
    api.judge_target(
        cast.teacher, review_id, cast.target_id, level="expected", comment="", version=1, reason="She showed it"
    )  # fmt: skip
    assert page.targets
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    assert against(cast, review_id, cast.student) == [("learner", "I can do it.")]
    api.agree_review(cast.student, review_id, agrees=True, about=about)  # only they can say another thing
    assert against(cast, review_id, cast.teacher) == []


@pytest.mark.trust("T54")
def test_a_statement_is_about_something_that_was_judged_and_says_something(cast: Cast) -> None:
    review_id = judged(cast)
    with pytest.raises(Invalid):
        api.agree_review(cast.student, review_id, agrees=False, text=" ", about=JudgedPart(cast.target_id))
    for part in (JudgedPart(review_id), JudgedPart(area="nonsense"), JudgedPart(cast.target_id, "both")):
        with pytest.raises(NotFound):
            api.agree_review(cast.student, review_id, agrees=False, text="No", about=part)
    with pytest.raises(NotFound):
        api.agree_review(cast.classmate, review_id, agrees=False, text="No", about=JudgedPart(cast.target_id))


@pytest.mark.trust("T28", "T54")
def test_a_guardian_meets_their_own_words_and_never_another_guardians(cast: Cast) -> None:
    mother, father, review_id = guardian(cast, "Mere"), guardian(cast, "Tama"), judged(cast)
    api.agree_review(mother, review_id, agrees=False, text="She does it at the shop.")
    api.agree_review(father, review_id, agrees=False, text="Not at my place.", about=JudgedPart(cast.target_id))
    hers, his = api.home_review(mother, review_id), api.home_review(father, review_id)
    assert [word.text for word in hers.agreements] == ["She does it at the shop."]
    assert hers.agreements[0].mine
    assert "Not at my place." not in str(hers)
    assert "Mere" not in str(his)
    assert "She does it at the shop." not in str(his)
    assert "Not at my place." not in str(api.at_home(mother, cast.student.person_id))
    staff = api.review(cast.teacher, review_id)
    assert [word.name for word in staff.agreements] == ["Mere"]


@pytest.mark.requirement("001.12", "002.14")
def test_a_provider_says_of_a_closed_review_what_they_think_as_one_of_the_others(cast: Cast) -> None:
    workshop = provider(cast)
    open_one = api.start_review(cast.teacher, cast.student.person_id)
    with pytest.raises(NotFound):
        api.agree_review(workshop, open_one, agrees=True)
    api.close_review(cast.teacher, open_one, version=api.review(cast.teacher, open_one).version)
    api.agree_review(workshop, open_one, agrees=True)
    (word,) = api.review(cast.teacher, open_one).agreements
    assert (word.voice, word.name) == (Voice.OTHERS, "The workshop")
    assert api.allows(workshop, Act.AGREE)


@pytest.mark.requirement("002.14")
def test_a_family_signs_the_plan_or_says_why_not_and_its_last_word_counts(cast: Cast) -> None:
    mother, child = guardian(cast, "Mere"), cast.student.person_id
    with pytest.raises(Invalid) as missing:
        api.sign(mother, child, "family", agrees=False, text=" ")
    assert missing.value.errors == {"text": "required"}
    api.sign(mother, child, "family", agrees=False, text="Too much at once.")
    api.sign(mother, child, "family", agrees=False, text="Too much at once.")

    def family(reader: Actor) -> object:
        parties = api.plan_page(reader, child).parties if reader is not mother else api.at_home(mother, child).parties
        return next(party.signature for party in parties if party.voice is Voice.FAMILY)

    for reader in (cast.teacher, mother):
        said = family(reader)
        assert said is not None
        assert (said.agrees, said.text, said.current) == (False, "Too much at once.", False)  # type: ignore[attr-defined]
    api.sign(mother, child, "family")
    assert family(cast.teacher).current  # type: ignore[attr-defined]
    told = [item.kind for item in api.plan_story(cast.teacher, child) if item.kind in ("signed", "not_signed")]
    assert told == ["signed", "not_signed"]


@pytest.mark.requirement("001.24")
def test_each_side_sees_that_the_other_has_read_the_review_and_when(cast: Cast) -> None:
    mother, father, review_id = guardian(cast, "Mere"), guardian(cast, "Tama"), judged(cast)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert not api.review(cast.teacher, review_id).readings
        api.home_review(mother, review_id)
        api.home_review(father, review_id)
        api.review(cast.student, review_id)
        read = api.review(cast.teacher, review_id).readings
        assert [one.role for one in read] == [Role.FAMILY, Role.FAMILY, Role.LEARNER]
        assert [one.who.name for one in read[:2]] == ["Mere", "Tama"]
        assert all(timezone.now() - one.at < timedelta(minutes=5) for one in read)
        for theirs in (api.home_review(mother, review_id), api.review(cast.student, review_id)):
            assert [one.role for one in theirs.readings] == [Role.TEACHER]
