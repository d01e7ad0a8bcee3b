"""The plan's pages: small changes in place, the learner's part first, nothing typed is lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Grounds, Role, Scope, StepChange, TargetChange, Voice
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def do(visitor: Visitor, story: Story, what: str, **data: str) -> str:
    answer = visitor.post("plan", story.aroha.person_id, data={"do": what, **data}, follow=True)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return text(answer.content.decode())


@pytest.mark.requirement("001.22", "002.4")
def test_a_learner_reads_writes_and_ticks_on_one_page_and_the_story_tells_of_it(visitor: Visit, story: Story) -> None:
    mine, about = visitor(story.aroha), story.aroha.person_id
    target = story.targets[0]
    stands = plans.target(story.teacher, target)
    steps = (StepChange("Fold a paper strip", Voice.LEARNER),)
    change = TargetChange(
        **{name: getattr(stands.change, name) for name in ("wording", "success", "activity_ids")}, steps=steps
    )
    plans.change_target(story.teacher, target, change, version=stands.version)
    page = mine.get("plan", about).content.decode()
    assert "Fold a paper strip" in page
    step = re.search(r'name="step" value="([^"]+)"', page)
    assert step
    do(mine, story, "step", step=step[1], done="1")
    assert "I can halve anything" in do(mine, story, "aims", **{"aim:aims.where_now": "I can halve anything"})
    assert "Run a market stall" in do(mine, story, "goal", goal="Run a market stall", purpose="career")
    assert "Bake bread" in do(mine, story, "propose", new_wording="Bake bread", new_success="We eat it")
    do(mine, story, "sign", signer="student")
    story_page = text(mine.get("story", about).content.decode())
    for told in ("Somebody signed the plan", "A target I suggested", "A new goal", "I can halve anything"):
        assert told in story_page


def test_a_teacher_agrees_adds_and_keys_in_what_was_signed_on_paper(visitor: Visit, story: Story) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    proposed = plans.propose_target(story.aroha, TargetChange("Bake bread"))
    page = hers.get("plan", about).content.decode()
    assert "Proposed by the student" in page
    do(hers, story, "agree", target=str(proposed), version="1")
    assert plans.target(story.teacher, proposed).state == "agreed"
    today = timezone.localdate().isoformat()
    page = do(hers, story, "signed", signer="family", way="paper", name="Rose Ngata", signed_on=today)
    assert "Rose Ngata" in page
    refused = hers.post(
        "plan", about, data={"do": "signed", "signer": "student", "way": "paper", "name": "A", "signed_on": today}
    )
    assert refused.status_code == 409
    assert "Only the student can say this" in refused.content.decode()


@pytest.mark.trust("T83")
def test_what_cannot_be_taken_comes_back_with_what_was_typed(visitor: Visit, story: Story) -> None:
    mine, about = visitor(story.aroha), story.aroha.person_id
    answer = mine.post("plan", about, data={"do": "event", "event": "We moved house", "happened_on": "someday"})
    assert answer.status_code == 422
    assert "We moved house" in answer.content.decode()
    plans.say_plan(story.teacher, about, {"aims.where_to": "Sell at the fair"}, shown={})
    clash = mine.post("plan", about, data={"do": "aims", "aim:aims.where_to": "Bake", "was:aims.where_to": ""})
    assert clash.status_code == 409
    page = clash.content.decode()
    assert "Sell at the fair" in page
    assert "Bake</textarea>" in page
    for odd in ({"do": "nothing"}, {"do": "step", "step": "x"}, {"do": "goal-end", "goal_id": "x"}, {}):
        assert mine.post("plan", about, data=odd).status_code == 404


@pytest.mark.requirement("003.5")
def test_a_copied_target_is_told_of_beside_it_and_names_whose_it_is(visitor: Visit, story: Story) -> None:
    wording = plans.target(story.teacher, story.targets[0]).change.wording
    plans.agree_target(story.teacher, story.ben.person_id, TargetChange(wording))
    page = text(visitor(story.teacher).get("plan", story.aroha.person_id).content.decode())
    assert "Ben Whitaker-Montgomery has the same target, word for word" in page
    assert "word for word" not in text(visitor(story.aroha).get("plan", story.aroha.person_id).content.decode())


@pytest.mark.requirement("001.15")
def test_a_phase_leader_checks_targets_on_the_plan_before_they_go_home(visitor: Visit, story: Story) -> None:
    school, about = story.maths.school_id, story.aroha.person_id
    Plan.objects.of(school).update(framework=ensure_framework_version(school, "alfreton_park"))
    office = administrator_of(story.maths)
    plans.set_schooling(office, {about: ("KS2", 4)})
    leader = plans.ensure_person(school, name="Dr Phase", course_id=story.maths.course_id, role=Role.ASSISTANT)
    plans.appoint(office, leader, Role.PHASE_LEADER, Scope(phase="KS2"))
    hers = visitor(plans.actor_for(school, leader, story.maths.course_id))
    target = story.targets[0]
    stands = plans.target(story.teacher, target)
    changed = plans.change_target(
        story.teacher,
        target,
        TargetChange("New words for it", activity_ids=stands.change.activity_ids),
        version=stands.version,
    )
    assert visitor(story.teacher).post("plan", about, data={"do": "home"}).status_code == 409
    page = do(hers, story, "check", target=str(target), version=str(changed.version), passed="0", note="Say when")
    assert "Dr Phase asks: Say when" in page
    do(hers, story, "check", target=str(target), version=str(changed.version), passed="1")
    assert "The parent or carer has it." in do(visitor(story.teacher), story, "home")


@pytest.mark.requirement("000.4", "002.11")
def test_needs_are_said_by_the_learner_and_written_down_by_staff_with_their_source(
    visitor: Visit, story: Story
) -> None:
    mine, hers, about = visitor(story.aroha), visitor(story.teacher), story.aroha.person_id
    where = {"section": "about_me", "field": "strengths"}
    mine.post("needs", about, data=where | {"say:about_me.strengths": "I stay calm"})
    hers.post(
        "needs", about, data=where | {"say:about_me.strengths": "Cooks for us", "voice": "family", "source": "family"}
    )
    page = text(hers.get("needs", about).content.decode())
    assert "I stay calm" in page
    assert "From the family, written down by Ms Patel" in page
    assert "The family said so" in page
    wrong = mine.post("needs", about, data=where | {"say:about_me.strengths": "x" * 10_001})
    assert wrong.status_code == 422
    talk = {
        "do": "talk",
        "about": "Targets",
        "held_on": timezone.localdate().isoformat(),
        "name_0": "Aunt Mere",
        "as_0": "family",
    }
    hers.post("needs", about, data=talk)
    assert "Aunt Mere" in mine.get("needs", about).content.decode()
    late = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert hers.post("needs", about, data=talk | {"held_on": late}).status_code == 422


@pytest.mark.requirement("002.18", "002.6")
def test_the_learners_answers_and_view_open_the_review(visitor: Visit, story: Story) -> None:
    mine, hers, about = visitor(story.aroha), visitor(story.teacher), story.aroha.person_id
    target = story.targets[0]
    sent = {
        "answer:went_well": "Bars help me",
        f"level:{target}": "exceeded",
        f"see:{target}": "I can do all of them",
    }
    assert mine.post("preparation", data=sent).status_code == 302
    hers.post("review", about)
    page = text(hers.get("review", about).content.decode())
    assert page.index("Bars help me") < page.index("I can do all of them")
    assert "In the student’s own words" in page


@pytest.mark.requirement("002.15")
def test_one_target_a_screen_saves_and_goes_on_to_the_end_and_the_next_student(visitor: Visit, story: Story) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    hers.post("review", about)
    address = hers.address("review", about)
    first, second = story.targets[:2]
    page = hers.client.get(address + "?one=1").content.decode()
    assert f'id="target-{first}"' in page
    assert f'id="target-{second}"' not in page
    assert "next_steps" not in page
    sent = {"one": "1", "go": "on", f"level:{first}": "expected", f"version:{first}": "0"}
    answer = hers.post("judge", about, data=sent)
    assert answer["Location"].endswith("?one=2")
    assert f'id="target-{second}"' in hers.client.get(answer["Location"]).content.decode()
    page = hers.client.get(address + "?one=99").content.decode()
    assert "The end of the review" in page
    assert 'name="next_steps"' in page
    version = str(plans.review(story.teacher, about).version)
    end = {"one": "4", "go": "next", "next_steps": "Read", "next_review_on": "", "review_version": version}
    gone = hers.post("judge", about, data=end)
    assert str(story.ben.person_id) in gone["Location"]
    review = plans.review(story.teacher, about)
    assert (review.next_steps, review.targets[0].judgement and review.targets[0].judgement.level) == (
        "Read",
        "expected",
    )


@pytest.mark.requirement("001.11", "001.13")
def test_areas_are_judged_on_the_page_with_both_kinds_of_evidence(visitor: Visit, story: Story) -> None:
    school, about = story.maths.school_id, story.aroha.person_id
    Plan.objects.of(school).update(framework=ensure_framework_version(school, "alfreton_park"))
    hers = visitor(story.teacher)
    hers.post("review", about)
    sent = {"level:area.social": "expected", "version:area.social": "0", "qualitative:area.social": "Took turns"}
    refused = hers.post("judge", about, data=sent)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Took turns</textarea>" in page
    assert "Say what you saw and what you counted" in page
    assert hers.post("judge", about, data=sent | {"quantitative:area.social": "5 of 6"}).status_code == 302
    judged = {a.area: a.judgement for a in plans.review(story.teacher, about).areas}["social"]
    assert judged is not None
    assert (judged.qualitative, judged.quantitative) == ("Took turns", "5 of 6")


@pytest.mark.trust("T48")
def test_a_closed_review_is_agreed_by_name_and_opened_again_only_with_a_reason(visitor: Visit, story: Story) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    review_id = plans.start_review(story.teacher, about)
    plans.judge_target(
        story.teacher, review_id, story.targets[0], level="expected", comment="", version=0, grounds=Grounds("Seen")
    )
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)
    mine.post("review-agree", about, review_id, data={"agrees": "0", "agree_text": "I did more"})
    named = {"agrees": "1", "agree_name": "Rose Ngata", "agree_voice": "family"}
    hers.post("review-agree", about, review_id, data=named)
    page = text(hers.get("past-review", about, review_id).content.decode())
    assert "Sees it differently: Aroha Ngata" in page
    assert "Agrees: Rose Ngata" in page
    forged = hers.post("review-agree", about, review_id, data=named | {"agree_voice": "learner"})
    assert forged.status_code == 409
    hers.post("review-reopen", about, review_id, data={"reason": ""})
    assert plans.review(story.teacher, review_id).state == "closed"
    hers.post("review-reopen", about, review_id, data={"reason": "The wrong paper"})
    page = text(hers.get("past-review", about, review_id).content.decode())
    assert "because: The wrong paper" in page


def test_each_page_asks_the_database_within_its_measure(visitor: Visit, story: Story) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    plans.start_review(story.teacher, about)
    counts = {}
    for name in ("plan", "story", "needs", "review"):
        hers.get(name, about)
        with CaptureQueriesContext(connection) as asked:
            assert hers.get(name, about).status_code == 200
        counts[name] = len(asked)
    most = {"story": 18}  # thirteen kinds of what happened, each one statement
    assert {name: count for name, count in counts.items() if count > most.get(name, 15)} == {}, counts


@pytest.mark.requirement("001.4", "001.7", "002.37")
def test_a_target_is_written_with_its_type_area_support_and_steps_and_an_older_form_takes_nothing_away(
    visitor: Visit, story: Story
) -> None:
    hers, about, target = visitor(story.teacher), story.aroha.person_id, story.targets[0]
    stands = plans.target(story.teacher, target)
    base = {"wording": "Explain it", "version": str(stands.version), "more": "1", "type": "open", "area": "learning"}
    step = {"step_what_0": "Draw it", "step_who_0": "family", "step_by_0": "2027-01-08", "step_what_1": ""}
    said = base | step | {"baseline": "Draws", "support_inside": "A partner", "contexts": ["home"]}
    assert hers.post("target-edit", about, target, data=said).status_code == 302
    change = plans.target(story.teacher, target).change
    assert (change.type, change.area, change.baseline, change.contexts) == ("open", "learning", "Draws", ("home",))
    assert [(s.what, s.who, str(s.by_on)) for s in change.steps or ()] == [("Draw it", Voice.FAMILY, "2027-01-08")]
    version = plans.target(story.teacher, target).version
    hers.post("target-edit", about, target, data={"wording": "Explain it again", "version": str(version)})
    after = plans.target(story.teacher, target).change
    assert (after.wording, after.baseline, after.type, len(after.steps or ())) == (
        "Explain it again",
        "Draws",
        "open",
        1,
    )
    wrong = hers.post("target-edit", about, target, data=said | {"version": str(version + 1), "step_by_0": "soon"})
    assert wrong.status_code == 422
    assert 'value="Draw it"' in wrong.content.decode()
    theirs = visitor(story.teacher).get("target-edit", story.ben.person_id, target)
    assert theirs.status_code == 404


@pytest.mark.requirement("002.21")
def test_a_teacher_names_who_leads_what_and_the_student_reads_it(visitor: Visit, story: Story) -> None:
    hers, his, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    empty = text(hers.get("plan", about).content.decode())
    assert "Nobody is named yet" in empty
    for job, name in (("reviews", "Mr Okafor"), ("support", "Jo from the garage"), ("plan", "")):
        assert hers.post("plan", about, data={"do": "lead", "job": job, "lead_name": name}).status_code == 302
    page = text(his.get("plan", about).content.decode())
    told = page[page.index("Who does what") :]
    for words in ("Leads the reviews Mr Okafor", "Makes the plan with the student Ms Patel", "Jo from the garage"):
        assert words in told
    assert "Name somebody" not in page
    (support,) = [lead for lead in plans.plan_page(story.aroha, about).leads if lead.job == "support"]
    hers.post("plan", about, data={"do": "lead-end", "lead_id": str(support.id)})
    assert "Jo from the garage" not in his.get("plan", about).content.decode()
    assert hers.post("plan", about, data={"do": "lead", "job": "juggles"}).status_code == 404


@pytest.mark.requirement("000.8")
@pytest.mark.parametrize(("year", "asks"), [("6", False), ("7", True), ("12", True), ("", False)])
def test_from_year_seven_the_page_asks_for_a_goal_of_work_or_planning_until_there_is_one(
    visitor: Visit, story: Story, year: str, asks: bool
) -> None:
    row = ensure_framework_version(story.maths.school_id, "te_kura")
    Plan.objects.of(story.maths.school_id).update(framework=row)
    hers, about = visitor(story.teacher), story.aroha.person_id
    plans.set_schooling(administrator_of(story.maths), {about: ("", int(year) if year else None)})
    wanted = "A goal for work or for planning what comes next"
    assert (wanted in text(hers.get("plan", about).content.decode())) is asks
    do(hers, story, "goal", goal="Spell better")
    assert (wanted in text(hers.get("plan", about).content.decode())) is asks
    assert wanted not in do(hers, story, "goal", goal="Try the vet’s surgery", purpose="career")


@pytest.mark.requirement("001.7", "003.5")
def test_the_page_never_asks_a_target_that_is_lived_to_be_measured_and_asks_the_habit_of_both(
    visitor: Visit, story: Story
) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    for target in story.targets[:2]:
        plans.stop_target(story.teacher, target, version=plans.target(story.teacher, target).version)
    stands = plans.target(story.teacher, story.targets[2])
    measured = ("How will you know it is reached?", "Where do you start from?", "Until when?")
    habit = ("Choose one small step to do.", "Choose a day that is not far away.")
    for kind, asked in (("smart", True), ("open", False)):
        change = TargetChange(wording="Enjoy maths with my friends", type=kind)
        stands = plans.change_target(story.teacher, story.targets[2], change, version=stands.version)
        page = text(hers.get("plan", about).content.decode())
        assert [words in page for words in measured] == [asked] * 3, kind
        assert all(words in page for words in habit), kind
