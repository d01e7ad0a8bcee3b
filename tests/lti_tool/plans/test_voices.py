"""Stage 3: kinds of review, the learner first, views side by side, judged areas, agreements, and opening again."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    AgreementEntry,
    Grounds,
    LifeEventEntry,
    ReviewPage,
    ReviewState,
    SignedBy,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.frameworks.loading import BUILT_IN
from lti_tool.plans.models import Agreement, AuditEvent, Judgement, Plan, School
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def special(cast: Cast) -> Cast:
    """The same student under Alfreton Park's framework: areas are judged, both kinds of evidence are asked."""
    row = ensure_framework_version(cast.maths.school_id, "alfreton_park")
    Plan.objects.of(cast.maths.school_id).update(framework=row)
    School.objects.filter(pk=cast.maths.school_id).update(framework_key="alfreton_park")
    return cast


def start(cast: Cast, **more: object) -> UUID:
    return api.start_review(cast.teacher, cast.student.person_id, **more)  # type: ignore[arg-type]


def page(cast: Cast, review_id: UUID) -> ReviewPage:
    return api.review(cast.teacher, review_id)


def close(cast: Cast, review_id: UUID) -> None:
    api.close_review(cast.teacher, review_id, version=page(cast, review_id).version)


@pytest.mark.requirement("002.18", "002.6")
def test_what_the_learner_prepared_comes_first_in_the_review_that_follows(cast: Cast) -> None:
    before = api.preparation(cast.student)
    assert [a.field.key for a in before.answers] == ["learned", "went_well", "went_less_well", "use_again"]
    assert api.prepare(cast.student, {"went_well": "I drew it, since pictures help", "use_again": "At the shop"}) == 2
    api.contribute(cast.student, text="See you on Friday")
    review = page(cast, start(cast))
    assert [(a.field.key, a.words.text) for a in review.answers if a.words] == [
        ("went_well", "I drew it, since pictures help"), ("use_again", "At the shop"),
    ]  # fmt: skip
    assert [words.text for words in review.contributions] == ["See you on Friday"]
    assert api.prepare(cast.student, {"went_well": "I drew it, since pictures help"}) == 0
    assert api.prepare(cast.student, {"went_well": "I told it too"}) == 1
    assert next(a.words.text for a in page(cast, review.id).answers if a.words) == "I told it too"


def test_only_learners_prepare_and_only_what_is_asked(cast: Cast) -> None:
    for who in (cast.teacher, cast.assistant, cast.parent, cast.administrator, cast.outsider):
        with pytest.raises(NotFound):
            api.preparation(who)
        with pytest.raises(NotFound):
            api.prepare(who, {"went_well": "x"})
    with pytest.raises(Invalid, match="made_up: unknown"):
        api.prepare(cast.student, {"made_up": "x"})
    with pytest.raises(Invalid, match="went_well: too_long"):
        api.prepare(cast.student, {"went_well": "x" * 10_001})


@pytest.mark.requirement("001.12", "002.7")
def test_each_view_stays_beside_the_agreed_judgement_and_a_different_one_is_shown_as_such(cast: Cast) -> None:
    api.say_opinion(cast.student, target_id=cast.target_id, level="exceeded", text="I can explain anything")
    review_id = start(cast)
    api.say_opinion(cast.maths.teacher("Mr Reed"), target_id=cast.target_id, level="expected", review_id=review_id)
    api.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)
    close(cast, review_id)
    (target,) = page(cast, review_id).targets
    assert [(o.voice, o.author.name, o.level, o.differs) for o in target.opinions] == [
        (Voice.LEARNER, "Ana", "exceeded", True), (Voice.SCHOOL, "Mr Reed", "expected", False),
    ]  # fmt: skip
    assert target.judgement is not None
    assert target.judgement.level == "expected"


@pytest.mark.requirement("001.12")
def test_an_opinion_never_makes_a_judgement_and_each_speaks_in_their_own_voice(cast: Cast) -> None:
    review_id = start(cast)
    api.say_opinion(cast.student, target_id=cast.target_id, level="exceeded")
    assert not Judgement.objects.of(cast.maths.school_id).exists()
    assert page(cast, review_id).targets[0].opinions[0].voice is Voice.LEARNER
    with pytest.raises(Invalid, match="text: required"):
        api.say_opinion(cast.student, target_id=cast.target_id)
    with pytest.raises(Invalid, match="level: unknown"):
        api.say_opinion(cast.student, target_id=cast.target_id, level="wonderful")
    for who in (cast.assistant, cast.classmate, cast.other_teacher, cast.stranger):
        with pytest.raises(NotFound):
            api.say_opinion(who, target_id=cast.target_id, text="x", review_id=review_id)


@pytest.mark.requirement("001.11", "001.22")
def test_each_area_is_judged_on_the_frameworks_scale(special: Cast) -> None:
    review_id = start(special)
    grounds = Grounds("Asked twice at lunch", "8 of 10 days")
    said = {"comment": "", "version": 0, "grounds": grounds}
    api.judge_area(special.teacher, review_id, "communication", level="emerging", **said)
    with pytest.raises(NotFound):
        api.judge_area(special.teacher, review_id, "nowhere", level="emerging", **said)
    with pytest.raises(Invalid, match="level: unknown"):
        api.judge_area(special.teacher, review_id, "social", level="brilliant", **said)
    areas = {area.area: area.judgement for area in page(special, review_id).areas}
    assert list(areas) == ["communication", "social", "personal", "academic"] or set(areas) == {
        "communication", "social", "personal", "academic",
    }  # fmt: skip
    judged = areas["communication"]
    assert judged is not None
    assert judged.said is not None
    assert (judged.said.name, judged.qualitative) == ("Emerging Progress", "Asked twice at lunch")
    close(special, review_id)
    api.start_review(special.teacher, special.student.person_id)
    again = page(special, special.student.person_id)
    assert {area.area: bool(area.last_judgement) for area in again.areas}["communication"]
    assert {area.area: area.judgement for area in page(special, review_id).areas}["communication"] == judged


@pytest.mark.requirement("001.13")
def test_a_judgement_rests_on_both_kinds_of_evidence_or_says_why_not(special: Cast) -> None:
    special.maths.score(special.student, "fractions", 7)
    review_id = start(special)
    (seen,) = (value.id for value in page(special, review_id).targets[0].since_last)
    sent = {"level": "expected", "comment": "Good", "version": 0}

    def judge(**more: object) -> None:
        api.judge_target(special.teacher, review_id, special.target_id, **(sent | more))  # type: ignore[arg-type]

    assert page(special, review_id).asks_both_kinds
    for one_kind in ({}, {"evidence_seen": [seen]}, {"grounds": Grounds("She told the class")}):
        with pytest.raises(Invalid, match="evidence: both_kinds"):
            judge(**one_kind)
    judge(grounds=Grounds(one_kind_because="Nothing can be counted here"))
    judge(grounds=Grounds("She told the class"), evidence_seen=[seen], version=1, reason="Saw it since")
    last = page(special, review_id).targets[0].judgement
    assert last is not None
    assert (last.qualitative, last.evidence_seen, last.version) == ("She told the class", (seen,), 2)


def test_where_the_framework_asks_for_no_two_kinds_none_is_asked(cast: Cast) -> None:
    review_id = start(cast)
    assert not page(cast, review_id).asks_both_kinds
    api.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)


@pytest.mark.requirement("001.5")
def test_a_review_is_held_at_a_key_life_event_and_answers_it(special: Cast) -> None:
    about = special.student.person_id
    kinds = page(special, start(special)).kind
    assert kinds is not None
    close(special, api.review(special.teacher, about).id)
    event = api.record_life_event(special.teacher, about, LifeEventEntry("", timezone.localdate(), "A new sister"))
    review_id = start(special, kind="changed_needs", why="A sister is born", life_event_id=event)
    review = page(special, review_id)
    assert review.kind is not None
    assert (review.kind.key, review.why, review.areas) == ("changed_needs", "A sister is born", ())
    assert api.plan_page(special.teacher, about).events == ()
    with pytest.raises(Refused, match="not_judged_here"):
        api.judge_area(special.teacher, review_id, "social", level="emerging", comment="", version=0)
    close(special, review_id)
    with pytest.raises(Invalid, match="kind: unknown"):
        start(special, kind="nothing")


@pytest.mark.requirement("001.12")
def test_named_people_agree_or_see_it_differently_and_both_are_kept(cast: Cast) -> None:
    review_id = start(cast)
    api.agree_review(cast.teacher, review_id, agrees=True)
    api.record_agreement(cast.teacher, review_id, AgreementEntry(Voice.FAMILY, "Rose Ngata", agrees=True))
    with pytest.raises(NotFound):
        api.agree_review(cast.student, review_id, agrees=True)  # what they cannot read yet
    close(cast, review_id)
    with pytest.raises(Invalid, match="text: required"):
        api.agree_review(cast.student, review_id, agrees=False)
    api.agree_review(cast.student, review_id, agrees=False, text="I worked harder than that")
    assert [(a.voice, a.name, a.agrees, a.way) for a in page(cast, review_id).agreements] == [
        (Voice.SCHOOL, "Ms Hill", True, SignedBy.PAGE),
        (Voice.FAMILY, "Rose Ngata", True, SignedBy.IN_PERSON),
        (Voice.LEARNER, "Ana", False, SignedBy.PAGE),
    ]


@pytest.mark.trust("T48")
def test_nobody_agrees_for_the_student(cast: Cast) -> None:
    review_id = start(cast)
    with pytest.raises(Refused, match="learners_own"):
        api.record_agreement(cast.teacher, review_id, AgreementEntry(Voice.LEARNER, "Ana", agrees=True))
    close(cast, review_id)
    for who in (cast.classmate, cast.assistant, cast.parent, cast.stranger):
        with pytest.raises(NotFound):
            api.agree_review(who, review_id, agrees=True)
    assert not Agreement.objects.of(cast.maths.school_id).exists()


@pytest.mark.trust("T48")
def test_a_closed_review_opens_only_with_a_reason_and_what_it_said_stays(cast: Cast) -> None:
    review_id = start(cast)
    api.judge_target(cast.teacher, review_id, cast.target_id, level="emerging", comment="Not yet", version=0)
    close(cast, review_id)
    with pytest.raises(Invalid, match="reason: required"):
        api.reopen_review(cast.teacher, review_id, reason=" ")
    for who in (cast.student, cast.assistant, cast.other_teacher):
        with pytest.raises(NotFound):
            api.reopen_review(who, review_id, reason="Please")
    api.reopen_review(cast.teacher, review_id, reason="The wrong essay was marked")
    assert page(cast, review_id).state is ReviewState.OPEN
    with pytest.raises(NotFound):
        api.review(cast.student, review_id)
    change = replace(api.target(cast.teacher, cast.target_id).change, wording="Explain it to anyone")
    api.change_target(cast.teacher, cast.target_id, change, version=1)
    api.judge_target(
        cast.teacher, review_id, cast.target_id, level="expected", comment="Now", version=1, reason="The right essay"
    )
    close(cast, review_id)
    review = page(cast, review_id)
    assert [(t.card.wording, t.judgement and t.judgement.level) for t in review.targets] == [
        ("Explain it to anyone", "expected")
    ]
    assert [(c.number, c.reason, c.reopened_by and c.reopened_by.name) for c in review.closings] == [
        (1, "The wrong essay was marked", "Ms Hill")
    ]
    (before,) = api.closing_targets(cast.teacher, review_id, 1)
    assert (before.card.wording, before.judgement and before.judgement.comment) == ("Explain my answer", "Not yet")
    verbs = AuditEvent.objects.of(cast.maths.school_id).filter(subject_id=str(review_id))
    assert "review.reopened" in set(verbs.values_list("verb", flat=True))
    assert "essay" not in str(list(verbs.values("detail", "reason")))


def test_a_review_does_not_open_beside_another_open_one(cast: Cast) -> None:
    first = start(cast)
    close(cast, first)
    start(cast)
    with pytest.raises(Refused, match="another_open"):
        api.reopen_review(cast.teacher, first, reason="Why not")


@pytest.mark.requirement("002.15")
def test_a_review_looks_back_at_what_the_last_one_agreed(cast: Cast) -> None:
    first = start(cast)
    version = page(cast, first).version
    agreed = api.set_next_steps(cast.teacher, first, next_steps="Read daily", next_review_on=None, version=version)
    api.close_review(cast.teacher, first, version=agreed.version)
    review = page(cast, start(cast))
    assert review.last is not None
    assert (review.last.id, review.last.number, review.last.next_steps) == (first, 1, "Read daily")
    assert api.preparation(cast.student).last_next_steps == "Read daily"


@pytest.mark.requirement("002.15")
def test_the_support_until_the_next_review_is_written_down_and_a_clash_loses_nothing(cast: Cast) -> None:
    review_id = start(cast)
    api.write_review(cast.teacher, review_id, {"support": "A quiet table"}, shown={})
    with pytest.raises(Conflict) as caught:
        api.write_review(cast.maths.teacher(), review_id, {"support": "A buddy"}, shown={"support": ""})
    assert caught.value.current == {"support": "A quiet table"}
    assert page(cast, review_id).written == {"support": "A quiet table"}
    with pytest.raises(Invalid, match="unknown"):
        api.write_review(cast.teacher, review_id, {"nothing": "x"}, shown={})


@pytest.mark.requirement("002.9")
@pytest.mark.parametrize("key", BUILT_IN)
def test_every_kind_of_review_of_every_framework_can_be_held_and_closed(cast: Cast, key: str) -> None:
    School.objects.filter(pk=cast.maths.school_id).update(framework_key=key)
    student = cast.maths.learner("New")
    target = api.agree_target(cast.teacher, student.person_id, TargetChange("Tell a friend what I need"))
    framework = api.plan_page(cast.teacher, student.person_id).framework
    for number, kind in enumerate(framework.review_kinds, start=1):
        review_id = api.start_review(cast.teacher, student.person_id, kind=kind.key)
        review = api.review(cast.teacher, review_id)
        assert (review.number, review.kind) == (number, kind)
        grounds = Grounds("Seen", "3 of 4")
        level = review.levels[-1].key if review.levels else ""
        if kind.judges in ("targets", "both"):
            api.judge_target(cast.teacher, review_id, target, level=level, comment="", version=0, grounds=grounds)
        for area in review.areas:
            api.judge_area(cast.teacher, review_id, area.area, level=level, comment="", version=0, grounds=grounds)
        api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
        closed = api.review(student, review_id)
        assert all(area.judgement for area in closed.areas)


def test_a_review_asks_the_database_equally_often_whatever_was_said(special: Cast) -> None:
    review_id = start(special)

    def queries() -> int:
        page(special, review_id)
        with CaptureQueriesContext(connection) as asked:
            page(special, review_id)
        return len(asked)

    api.prepare(special.student, {"went_well": "All"})
    before = queries()
    for number in range(4):
        special.maths.target(special.teacher, special.student, f"Target {number}", "fractions")
        api.contribute(special.teacher, text=f"Words {number}", review_id=review_id)
        api.record_agreement(special.teacher, review_id, AgreementEntry(Voice.FAMILY, f"Aunt {number}", agrees=True))
    api.say_opinion(special.student, target_id=special.target_id, level="exceeded")
    api.judge_area(
        special.teacher, review_id, "social", level="emerging", comment="", version=0, grounds=Grounds("a", "b")
    )
    assert queries() == before <= 14
