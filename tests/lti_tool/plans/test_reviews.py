"""Reviews: people judge, every version stays, and what a closed one rested on never changes."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from lti_tool import plans
from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, Level, ReviewState, TargetChange, TargetState, Voice
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.models import Judgement
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def review_id(cast: Cast) -> UUID:
    return api.start_review(cast.teacher, cast.student.person_id)


def judge(cast: Cast, review_id: UUID, level: Level = Level.EXPECTED, comment: str = "", **more: object) -> object:
    sent = {"version": 0, **more}
    return api.judge_target(cast.teacher, review_id, cast.target_id, level=level, comment=comment, **sent)  # type: ignore[arg-type]


@pytest.mark.trust("T25")
def test_figures_suggest_with_their_arithmetic_and_nothing_is_judged_by_itself(cast: Cast, review_id: UUID) -> None:
    cast.maths.score(cast.student, "fractions", 10)
    cast.maths.score(cast.student, "essay", 6)
    (target,) = api.review(cast.teacher, review_id).targets
    suggestion = target.suggestion
    assert suggestion is not None
    assert [figure.percent for figure in suggestion.figures] == [100, 60]
    assert (suggestion.mean_percent, suggestion.level) == (80.0, Level.EXCEEDED)
    assert (suggestion.emerging_below, suggestion.exceeded_from) == (50, 80)
    api.close_review(cast.teacher, review_id, version=1)
    assert not Judgement.objects.of(cast.maths.school_id).exists()


@pytest.mark.trust("T25")
@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ((0, 0), "emerging"),
        ((4.9, 5), "emerging"),
        ((5, 5), "expected"),
        ((7.9, 8), "expected"),
        ((8, 8), "exceeded"),
    ],
)
def test_the_level_suggested_always_agrees_with_the_figure_shown(
    cast: Cast, review_id: UUID, scores: tuple[float, float], level: str
) -> None:
    for activity, score in zip(("fractions", "essay"), scores, strict=True):
        cast.maths.score(cast.student, activity, score)
    (target,) = api.review(cast.teacher, review_id).targets
    assert target.suggestion is not None
    assert target.suggestion.level == level


@pytest.mark.trust("T25", "T48")
def test_only_the_two_modules_that_take_a_persons_word_write_judgements() -> None:
    writers = set()
    for path in Path(plans.__file__).parent.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        called = {ast.unparse(call.func) for call in calls}
        if any(re.search(r"\bJudgement(\.objects\b.*create)?$", name) for name in called):
            writers.add(path.name)
    assert writers == {"judging.py", "importing.py"}
    assert not Judgement._meta.get_field("author").null


@pytest.mark.trust("T48")
def test_a_correction_is_a_new_version_with_a_reason_and_the_first_word_stays(cast: Cast, review_id: UUID) -> None:
    judge(cast, review_id, Level.EMERGING, "Not yet")
    with pytest.raises(Invalid, match="reason: required"):
        judge(cast, review_id, Level.EXPECTED, "After all", version=1)
    judge(cast, review_id, Level.EXPECTED, "After all", version=1, reason="Saw the second essay")
    history = api.judgement_history(cast.teacher, review_id, cast.target_id)
    assert [(j.version, j.level, j.comment, j.reason, j.author.name) for j in history] == [
        (1, Level.EMERGING, "Not yet", "", "Ms Hill"),
        (2, Level.EXPECTED, "After all", "Saw the second essay", "Ms Hill"),
    ]
    (target,) = api.review(cast.teacher, review_id).targets
    assert target.judgement == history[-1]


def test_the_same_judgement_sent_twice_is_one(cast: Cast, review_id: UUID) -> None:
    assert judge(cast, review_id, Level.EXPECTED, "Good ") == judge(cast, review_id, Level.EXPECTED, "Good")
    assert Judgement.objects.of(cast.maths.school_id).count() == 1


def test_two_teachers_judging_one_target_lose_nothing(cast: Cast, review_id: UUID) -> None:
    colleague = cast.maths.teacher("Mr Reed")
    api.judge_target(colleague, review_id, cast.target_id, level=Level.EMERGING, comment="Theirs", version=0)
    with pytest.raises(Conflict) as caught:
        judge(cast, review_id, Level.EXCEEDED, "Mine")
    assert (caught.value.current.comment, caught.value.current.author.name) == ("Theirs", "Mr Reed")
    assert caught.value.mine == {"level": "exceeded", "comment": "Mine", "reason": ""}
    again = judge(cast, review_id, Level.EXCEEDED, "Mine", version=1, reason="We talked")
    assert [j.comment for j in api.judgement_history(cast.teacher, review_id, cast.target_id)] == ["Theirs", "Mine"]
    assert api.review(cast.teacher, review_id).targets[0].judgement == again


def test_two_teachers_judging_different_targets_do_not_meet(cast: Cast, review_id: UUID) -> None:
    other = cast.maths.target(cast.teacher, cast.student, "Second target")
    colleague = cast.maths.teacher()
    judge(cast, review_id)
    api.judge_target(colleague, review_id, other, level=Level.EXPECTED, comment="", version=0)
    judged = [target.judgement for target in api.review(cast.teacher, review_id).targets]
    assert [j.version for j in judged if j] == [1, 1]


def test_closing_asks_whoever_has_not_seen_what_another_wrote_meanwhile(cast: Cast, review_id: UUID) -> None:
    page = api.review(cast.teacher, review_id)
    judge(cast, review_id)  # her own: she knows of it
    api.contribute(cast.student, text="One more thing")
    with pytest.raises(Conflict) as caught:
        api.close_review(cast.teacher, review_id, version=page.version)
    assert caught.value.mine == {"version": page.version}
    newest = api.review(cast.teacher, review_id)
    assert caught.value.current.version == newest.version
    assert [words.text for words in newest.contributions] == ["One more thing"]
    api.close_review(cast.teacher, review_id, version=newest.version)
    api.close_review(cast.teacher, review_id, version=newest.version)  # sent twice by the same person
    with pytest.raises(Refused, match="closed"):
        api.close_review(cast.maths.teacher(), review_id, version=newest.version)


def test_closing_with_the_version_the_page_had_works_after_ones_own_changes(cast: Cast, review_id: UUID) -> None:
    page = api.review(cast.teacher, review_id)
    judge(cast, review_id)
    api.set_next_steps(cast.teacher, review_id, next_steps="Go on", next_review_on=None, version=page.version)
    api.contribute(cast.teacher, text="A good term", review_id=review_id)
    api.close_review(cast.teacher, review_id, version=page.version)
    assert api.review(cast.teacher, review_id).state is ReviewState.CLOSED


def test_next_steps_agreed_by_two_people_at_once_carry_both(cast: Cast, review_id: UUID) -> None:
    colleague = cast.maths.teacher()
    api.set_next_steps(colleague, review_id, next_steps="Theirs", next_review_on=None, version=1)
    today = timezone.localdate()
    with pytest.raises(Conflict) as caught:
        api.set_next_steps(cast.teacher, review_id, next_steps="Mine", next_review_on=today, version=1)
    assert (caught.value.current.next_steps, caught.value.current.version) == ("Theirs", 2)
    assert caught.value.mine == {"next_steps": "Mine", "next_review_on": today}
    with pytest.raises(Invalid, match="next_review_on: past"):
        api.set_next_steps(
            cast.teacher, review_id, next_steps="", next_review_on=today - timedelta(days=1), version=2
        )


@pytest.mark.requirement("001.12")
def test_what_a_closed_review_rested_on_stays_whatever_happens_later(cast: Cast, review_id: UUID) -> None:
    maths, teacher, student = cast.maths, cast.teacher, cast.student
    maths.score(student, "essay", 3)
    api.contribute(student, text="Before")
    judge(cast, review_id, Level.EXPECTED, "Good")
    api.close_review(teacher, review_id, version=api.review(teacher, review_id).version)
    closed = api.review(teacher, review_id)
    (frozen,) = closed.targets
    assert [value.score_given for value in frozen.since_last] == [3]
    assert frozen.suggestion is not None
    assert frozen.judgement is not None

    maths.score(student, "essay", 10)
    maths.score(student, "fractions", 10)
    change = TargetChange(wording="Another wording", activity_ids=(maths.activities["market stall"],))
    api.change_target(teacher, cast.target_id, change, version=1)
    maths.target(teacher, student, "A new target", "essay")
    api.sync_activities(maths.school_id, maths.course_id, [ActivityRead("essay", "Renamed", 99)])
    api.contribute(student, text="After")
    second = api.start_review(teacher, student.person_id)
    assert second != review_id
    page = api.review(teacher, second)
    api.judge_target(teacher, second, cast.target_id, level=Level.EMERGING, comment="", version=0)
    api.close_review(teacher, second, version=page.version)
    for write in (
        lambda: judge(cast, review_id, Level.EMERGING, "Other", version=1, reason="Late"),
        lambda: api.set_next_steps(teacher, review_id, next_steps="x", next_review_on=None, version=99),
        lambda: api.contribute(teacher, text="Late", review_id=review_id),
    ):
        with pytest.raises(Refused, match="closed"):
            write()

    assert api.review(teacher, review_id) == closed
    assert api.review(student, review_id).targets == closed.targets
    assert [words.text for words in page.contributions] == ["After"]
    assert page.since == closed.closed_at
    assert [[value.score_given for value in target.since_last] for target in page.targets] == [[], [10]]
    assert page.targets[0].last_judgement == frozen.judgement


def test_a_frozen_review_calls_people_by_the_name_they_have_now(cast: Cast, review_id: UUID) -> None:
    judge(cast, review_id)
    api.close_review(cast.teacher, review_id, version=1)
    api.rename_person(cast.maths.school_id, cast.teacher.person_id, "Ms Hill-Reed")
    (target,) = api.review(cast.student, review_id).targets
    assert target.judgement is not None
    assert target.judgement.author.name == "Ms Hill-Reed"


def test_a_target_stopped_after_it_was_judged_stays_in_the_review(cast: Cast, review_id: UUID) -> None:
    judge(cast, review_id)
    api.stop_target(cast.teacher, cast.target_id, version=1)
    assert [target.card.state for target in api.review(cast.teacher, review_id).targets] == [TargetState.STOPPED]


def test_the_next_review_is_due_on_the_agreed_day_or_after_the_schools_usual_time(cast: Cast) -> None:
    for agreed_in, due_in in ((30, 30), (None, 42)):
        review_id = api.start_review(cast.teacher, cast.student.person_id)
        day = timezone.localdate() + timedelta(days=agreed_in) if agreed_in else None
        steps = api.set_next_steps(cast.teacher, review_id, next_steps="", next_review_on=day, version=1)
        api.close_review(cast.teacher, review_id, version=steps.version)
        panel = api.student_panel(cast.student, activity_external_ids=[])
        assert panel.review_due_on == timezone.localdate() + timedelta(days=due_in)


@pytest.mark.requirement("002.35")
def test_reviews_are_numbered_and_the_newest_stands_first(cast: Cast) -> None:
    for _ in range(3):
        review_id = api.start_review(cast.teacher, cast.student.person_id)
        api.close_review(cast.teacher, review_id, version=1)
    assert [past.number for past in api.past_reviews(cast.student, cast.student.person_id)] == [3, 2, 1]


@pytest.mark.trust("T25")
def test_a_student_sees_no_judgement_before_it_is_agreed(cast: Cast, review_id: UUID) -> None:
    judge(cast, review_id, Level.EMERGING, "Draft words")
    assert api.student_panel(cast.student, activity_external_ids=[]).here[0].judgement is None
    with pytest.raises(NotFound):
        api.review(cast.student, review_id)
    api.close_review(cast.teacher, review_id, version=1)
    assert api.student_panel(cast.student, activity_external_ids=[]).here[0].judgement is not None
    assert api.review(cast.student, review_id).position == 1


@pytest.mark.trust("T48")
@pytest.mark.requirement("001.22")
def test_each_voice_is_written_by_its_own_people_and_kept_by_version(cast: Cast, review_id: UUID) -> None:
    api.contribute(cast.student, text="Mine")
    api.contribute(cast.student, text="Mine, better", review_id=review_id)
    api.contribute(cast.student, text="Mine, better")
    api.contribute(cast.teacher, text="The school's", review_id=review_id)
    found = api.review(cast.teacher, review_id).contributions
    assert [(words.voice, words.text, words.author.id, words.version) for words in found] == [
        (Voice.LEARNER, "Mine, better", cast.student.person_id, 2),
        (Voice.SCHOOL, "The school's", cast.teacher.person_id, 1),
    ]
    assert api.student_panel(cast.student, activity_external_ids=[]).own_words == "Mine, better"
    with pytest.raises(NotFound):
        api.contribute(cast.classmate, text="Not mine", review_id=review_id)
    with pytest.raises(NotFound):
        api.contribute(cast.teacher, text="For nobody")
    assert api.review(cast.teacher, review_id).contributions == found


def test_words_that_cannot_be_taken_say_why_and_a_students_may_be_taken_back(cast: Cast, review_id: UUID) -> None:
    for actor, text, code in ((cast.student, "x" * 10_001, "too_long"), (cast.teacher, "  ", "required")):
        with pytest.raises(Invalid) as caught:
            api.contribute(actor, text=text, review_id=review_id)
        assert caught.value.errors == {"text": code}
    api.contribute(cast.student, text="Hasty")
    api.contribute(cast.student, text="")
    assert api.student_panel(cast.student, activity_external_ids=[]).own_words == ""


def test_two_teachers_words_about_one_student_both_stand(cast: Cast, review_id: UUID) -> None:
    colleague = cast.maths.teacher()
    for actor, text in ((cast.teacher, "First"), (colleague, "Second"), (cast.teacher, "First, again")):
        api.contribute(actor, text=text, review_id=review_id)
    found = api.review(cast.teacher, review_id).contributions
    assert [(words.text, words.version) for words in found] == [("Second", 2), ("First, again", 3)]


def test_words_written_ahead_belong_to_the_coming_review_and_to_that_one_only(cast: Cast) -> None:
    api.contribute(cast.classmate, text="Ahead")
    assert api.student_panel(cast.classmate, activity_external_ids=[]).own_words == "Ahead"
    review_id = api.start_review(cast.teacher, cast.classmate.person_id)
    assert [words.text for words in api.review(cast.teacher, review_id).contributions] == ["Ahead"]
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    assert api.student_panel(cast.classmate, activity_external_ids=[]).own_words == ""
    assert [words.text for words in api.review(cast.classmate, review_id).contributions] == ["Ahead"]


@pytest.mark.trust("T48")
def test_a_judgement_names_the_evidence_its_author_had_seen_and_no_others(cast: Cast, review_id: UUID) -> None:
    cast.maths.score(cast.student, "essay", 3)
    cast.maths.score(cast.classmate, "essay", 9)
    (target,) = api.review(cast.teacher, review_id).targets
    seen = [value.id for value in target.since_last]
    with pytest.raises(Invalid, match="evidence_seen: unknown"):
        judge(cast, review_id, evidence_seen=[*seen, seen[0] + 1])
    assert judge(cast, review_id, evidence_seen=seen).evidence_seen == tuple(seen)  # type: ignore[attr-defined]


def test_another_students_target_cannot_be_judged_in_this_review(cast: Cast, review_id: UUID) -> None:
    other = cast.maths.target(cast.teacher, cast.classmate, "Ben's")
    with pytest.raises(NotFound):
        api.judge_target(cast.teacher, review_id, other, level=Level.EXPECTED, comment="", version=0)


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"level": "superb"}, {"level": "unknown"}),
        ({"comment": "x" * 5001, "reason": "y" * 5001}, {"comment": "too_long", "reason": "too_long"}),
    ],
)
def test_a_judgement_that_cannot_be_taken_says_why(
    cast: Cast, review_id: UUID, sent: dict[str, object], errors: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        judge(cast, review_id, **sent)  # type: ignore[arg-type]
    assert caught.value.errors == errors


@pytest.mark.trust("T83")
def test_drafts_come_back_to_their_author_alone(cast: Cast, review_id: UUID) -> None:
    form = f"review:{review_id}"
    for text in ("Half a sen", "Half a sentence"):
        api.save_draft(cast.teacher, form, f"comment:{cast.target_id}", text)
    api.save_draft(cast.student, "words", "text", "I want")
    colleague = cast.maths.teacher()
    assert api.review(cast.teacher, review_id).drafts == {f"comment:{cast.target_id}": "Half a sentence"}
    assert api.review(colleague, review_id).drafts == {}
    assert api.drafts(cast.student, "words") == {"text": "I want"}
    assert api.drafts(cast.classmate, "words") == {}
    api.save_draft(cast.student, "words", "text", "")
    assert api.drafts(cast.student, "words") == {}
    api.clear_drafts(colleague, form)
    assert api.drafts(cast.teacher, form) != {}
    api.clear_drafts(cast.teacher, form)
    assert api.drafts(cast.teacher, form) == {}


@pytest.mark.parametrize(
    ("subject", "field", "text", "error"),
    [
        ("words", "text", "x" * 10_001, Invalid),
        ("words", "", "x", Invalid),
        ("words", "f" * 65, "x", Invalid),
        ("review:nonsense", "text", "x", NotFound),
        ("anything", "text", "x", NotFound),
        ("secrets:00000000-0000-0000-0000-000000000001", "text", "x", NotFound),
    ],
)
def test_a_draft_of_no_form_is_not_kept(
    cast: Cast, subject: str, field: str, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        api.save_draft(cast.student, subject, field, text)


@pytest.mark.parametrize("size", [1, 12])
def test_a_review_page_takes_the_same_queries_whatever_it_holds(
    cast: Cast, size: int, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for n in range(size):
        cast.maths.target(cast.teacher, cast.student, f"Target {n}", "fractions", "essay")
        cast.maths.learner()
    cast.maths.score(cast.student, "essay", 3)
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    api.review(cast.teacher, review_id)  # the first reading leaves its event
    with django_assert_max_num_queries(13):
        assert len(api.review(cast.teacher, review_id).targets) == size + 1
