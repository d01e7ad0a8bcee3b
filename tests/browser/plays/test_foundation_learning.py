"""Foundation Learning and Rigby Hall’s variant, played: a destination, a contract, stepping stones, a tutor."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from lti_tool.plans.data import Role

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]


@dataclass(frozen=True)
class Variant:
    """What the two do not share: areas, the kind of target and what is asked of it."""

    key: str
    first: Target
    second: Target


CATERING = Variant(
    "foundation_learning",
    Target(
        "Make a sauce from a recipe",
        area="Vocational/subject learning",
        kind="Stepping stone",
        goal="Cook in a café",
        more=(("What good looks like", "No lumps."), ("Links to my other strands", "Measuring is mathematics.")),
        contexts=("With an off-site provider",),
        activities=("Measuring cups",),
    ),
    Target("Use my sauces with other food", area="Functional skills", kind="Horizontal progression"),
)
RIGBY = Variant(
    "rigby_hall",
    Target(
        "Cook for two on Fridays",
        area="Life skills",
        kind="Individual target",
        goal="Cook in a café",
        more=(("Skills required", "Boil, drain, taste."), ("Support strategy", "A card with pictures.")),
        contexts=("At home",),
        activities=("Measuring cups",),
    ),
    Target("Swim one length", area="Leisure and recreation", kind="Individual target"),
)
SHEET = {"What goes well at home": "He cooks on Fridays.", "What would help": "A bus pass."}
LOG = {"What I learned": "Stir before it boils.", "What I learned that was not planned": "The chef shouts, kindly."}
PREPARED = {
    "What I learned and how": "Sauces, by doing.",
    "What I enjoyed": "The kitchen.",
    "What went well, and why": "No lumps, I stirred.",
    "What others say of my work": "Sam had two plates.",
    "How my programme is for me": "More days in the kitchen, please.",
}
NEXT = "Cook for the open day with the chef."
SIGNED = "Everybody’s signature under the plan as it is now"


@pytest.mark.requirement("002.8", "002.14", "002.18")
@pytest.mark.parametrize("variant", [CATERING, RIGBY], ids=lambda variant: variant.key)
def test_foundation_learning_from_the_contract_to_the_second_progress_review(play: Plays, variant: Variant) -> None:
    here = play(variant.key, on="2031-09-08")
    learner, teacher, parent = here.student, here.teacher, here.family("Mere Ngata")
    tutor = here.appointed("Tom Tutor", Role.KEY_WORKER, ends_on="2032-08-31")
    provider = here.appointed("The café on the quay", Role.PROVIDER, ends_on="2032-08-31")
    first, second = variant.first, variant.second

    stage.say_need(learner, "What I am good at", "I taste what is missing.")
    stage.say_need(tutor, "Skills to develop", "Timing.", source="Practical sessions that were observed")
    stage.say_plan(
        learner,
        "This is me, this is where I want to get to",
        {"Progression destination at the end of Key Stage 4": "Employment", "My destination in my words": "A café."},
    )
    stage.add_goal(learner, "Cook in a café", purpose="For work one day")
    stage.write_target(teacher, first)
    stage.write_target(teacher, second)
    plan = learner.of_student("plan")
    for target in (first, second):
        expect(stage.targets_of_area(plan, target.area)).to_contain_text(target.wording)
    for _label, text in first.more:
        expect(stage.card(plan, first.wording)).to_contain_text(text)
    assert SIGNED in stage.asks_for(tutor)
    stage.sign(learner, "Learner")
    stage.sign(tutor, "Tutor")
    stage.sign_at_home(parent, "Parent or carer")
    stage.signed_elsewhere(tutor, "Off-site provider", "Chef Marie")
    assert SIGNED not in stage.asks_for(tutor)

    stage.send_home(tutor)
    expect(stage.at_home(parent).get_by_role("heading", name=first.wording)).to_be_visible()
    stage.answer_by_link(tutor, here.family_desk(), "Thoughts from home", "Nan Ngata", SHEET)
    stage.read_sheet(tutor, "Thoughts from home", SHEET)
    stage.sheet_was_read(parent, "Thoughts from home", tutor)

    here.later("2031-09-22")
    initial = stage.begin_review(tutor, "Initial review", chosen=True)
    expect(initial.locator(stage.JUDGEMENT)).to_have_count(0)  # it judges nothing
    stage.close_review(tutor, next_steps="Begin with sauces.", written={"Skills profile": "Tastes well."})

    here.later("2031-10-06")
    here.scored("measuring", 7)
    stage.write_log(learner, LOG)
    expect(tutor.of_student("log").get_by_text("Stir before it boils.")).to_be_visible()

    here.later("2031-10-20")  # in the first half term
    stage.prepare(learner, PREPARED, {first.wording: ("Arrived", "No lumps at all.")})
    judged = {
        first.wording: Judged("On the way", "Now a second sauce."),
        second.wording: Judged("Setting out", "A good start."),
    }
    review = stage.begin_review(tutor, "Progress review")
    expect(review.get_by_text("Begin with sauces.")).to_be_visible()
    for words in PREPARED.values():
        expect(review.get_by_text(words)).to_be_visible()
    one = stage.card(review, first.wording)
    assert stage.levels_of(one) == ["Setting out", "On the way", "Arrived"]
    expect(one).to_contain_text("7 out of 10")
    expect(stage.said_beside(one, "In the learner’s own words")).to_contain_text("No lumps at all.")
    stage.judge_each(review, judged)
    stage.close_review(
        tutor,
        next_steps=NEXT,
        written={
            "Progress in the whole plan": "Two strands move.",
            "How the teaching team supports me": "Picture cards.",
        },
    )
    stage.agree_mine(learner, 2, not_because="No lumps!")
    stage.agree_too(tutor)
    stage.agree_at_home(parent)
    expect(provider.of_student("review/").get_by_text("Picture cards.")).to_be_visible()
    expect(stage.at_home(parent).get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, first.wording, NEXT)

    here.later("2031-12-08")  # in the second half term
    expect(learner.open("preparation").get_by_text(NEXT)).to_be_visible()
    stage.looks_back(stage.begin_review(tutor, "Progress review"), NEXT, judged)
