"""Te Kura, played: passions, place and culture, a career goal from Year 7, the Learning Advisor's mid-year review."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lti_tool.plans.data import Role

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]
TARGETS = [
    Target(
        "Keep a journal of the river",
        area="Engagement",
        kind="Learning goal",
        goal="Look after the river",
        more=(("Programme of learning (POL)", "Science from home"), ("Strategies", "Photos first, words after.")),
        contexts=("With my whānau", "In my community"),
    ),
    Target(
        "Write up one experiment",
        "Achievement",
        "Learning goal",
        goal="Look after the river",
        activities=("Measuring cups",),
    ),
    Target("Ask the ranger what she studied", "Career and planning", "Career-related goal", goal="Become a ranger"),
]
SHEET = {"What goes well": "She is out at the awa every day.", "What matters of place and culture": "Our marae."}
PREPARED = {
    "What went well, and why": "The journal, as nan came along.",
    "What went less well, and why": "Writing it up.",
    "What has changed for me": "I speak more reo.",
}
JUDGED = {
    "Keep a journal of the river": Judged("Reached", "A whole book."),
    "Write up one experiment": Judged("Under way", "The method is clear."),
    "Ask the ranger what she studied": Judged("Begun", "You have her address."),
}
NEXT = "Ring the ranger with nan in August."


@pytest.mark.requirement("000.8", "000.11")
def test_te_kura_from_passions_to_the_end_of_year_review(play: Plays) -> None:
    here = play("te_kura", on="2031-02-10")
    student, teacher, whanau = here.student, here.teacher, here.family("Mere Ngata")
    here.schooled(year_group=8)
    advisor = here.appointed("Kim Advisor", Role.KEY_WORKER, ends_on="2032-01-31")

    stage.say_need(student, "My strengths", "I know every bend of the river.")
    stage.say_need(student, "My passions", "Ngā tuna, the eels.")
    stage.say_need(student, "My place · Tōku tūrangawaewae", "The awa behind our house.")
    stage.say_need(advisor, "Assessment so far", "Level 4", source="Diagnostic and assessment information")
    stage.say_plan(student, "From current reality to future aspirations", {"Future aspirations": "To be a ranger."})
    stage.add_goal(student, "Look after the river")
    for target in TARGETS[:2]:
        stage.write_target(teacher, target)
    assert "A goal for work or for planning what comes next" in stage.asks_for(advisor)  # from Year 7 on
    stage.add_goal(student, "Become a ranger", purpose="For work one day")
    stage.write_target(teacher, TARGETS[2])
    assert "A goal for work or for planning what comes next" not in stage.asks_for(advisor)
    plan = student.of_student("plan")
    for target in TARGETS:
        expect(stage.targets_of_area(plan, target.area)).to_contain_text(target.wording)
    expect(stage.card(plan, TARGETS[0].wording)).to_contain_text("Science from home")

    stage.send_home(advisor)
    expect(stage.at_home(whanau).get_by_role("heading", name=TARGETS[2].wording)).to_be_visible()
    stage.send_sheet(advisor, "Reflections from family and whānau")
    stage.answer_sheet(whanau, "Reflections from family and whānau", SHEET)
    stage.read_sheet(advisor, "Reflections from family and whānau", SHEET)
    stage.sheet_was_read(whanau, "Reflections from family and whānau", advisor)

    here.later("2031-04-14")
    here.scored("measuring", 6)
    stage.write_log(student, {"What did you do and learn?": "Eels eat at night."}, feeling="Good")
    expect(advisor.of_student("log").get_by_text("Eels eat at night.")).to_be_visible()

    here.later("2031-06-02")  # in the mid-year reporting cycle
    stage.prepare(student, PREPARED, {TARGETS[1].wording: ("Begun", "It is hard to begin.")})
    review = stage.begin_review(advisor, "Mid-year review")
    for words in PREPARED.values():
        expect(review.get_by_text(words)).to_be_visible()
    written = stage.card(review, TARGETS[1].wording)
    assert stage.levels_of(written) == ["Begun", "Under way", "Reached"]
    expect(written).to_contain_text("6 out of 10")
    expect(stage.said_beside(written, "In the student’s own words")).to_contain_text("It is hard to begin.")
    stage.judge_each(review, JUDGED)
    stage.close_review(
        advisor,
        next_steps=NEXT,
        written={"Engagement": "High.", "Achievement": "On its way.", "For the report": "Eels."},
    )
    stage.agree_mine(student, 1)
    stage.agree_too(advisor)
    stage.agree_at_home(whanau)
    stage.agree_too(advisor, "The ranger", "Others", "Ka pai.")
    expect(stage.at_home(whanau).get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, TARGETS[0].wording, NEXT)

    here.later("2031-11-10")  # in the end of year reporting cycle, of the same plan
    stage.prepare(student, {"What I am proud of this year": "My book of the river."})
    final = stage.begin_review(advisor, "End of year review")
    expect(final.get_by_text("Review 2, opened")).to_be_visible()
    expect(final.get_by_text("My book of the river.")).to_be_visible()
    stage.looks_back(final, NEXT, JUDGED)
