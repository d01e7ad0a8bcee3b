"""Alfreton Park, played: four key areas, SCRUFFY beside SMART, the phase leader's check, interim and final review."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lti_tool.plans.data import Role

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]
TARGETS = [
    Target("Show which cup I want", "Communication", "SCRUFFY", contexts=("At home", "In class")),
    Target("Wash my cup by myself", "Personal", "SMART", step="Wash it with Sam after lunch"),
    Target("Wait for my turn at the stall", "Social", "SCRUFFY", contexts=("In the community",)),
    Target(
        "Count to ten coins", "Academic", "SMART", success="Ten coins, three days running.", activities=("Prices",)
    ),
]
PLANNING = {
    "Communication Targets": "That he asks for a drink.",
    "Personal Targets": "That he washes up.",
    "Social Targets": "Playing snap with his sister.",
}
MONITORING = {"Communication Targets": "He points at the tap now.", "Social Targets": "Two rounds of snap."}
JUDGED = {
    "Show which cup I want": Judged(
        "Expected Progress", "He points.", "Points at the cup at snack time.", "9 days of 10"
    ),
    "Wash my cup by myself": Judged("Emerging Progress", "With Sam.", "Holds the sponge.", "2 cups"),
    "Wait for my turn at the stall": Judged("Emerging Progress", "One turn.", "Waited for one child.", "1 turn"),
    "Count to ten coins": Judged("Exceeded Target", "To twelve!", "Lines them up.", "12 coins"),
}
AREAS = {
    "Communication": Judged("Expected Progress", "Steady.", "Points and looks.", "9 of 10"),
    "Personal": Judged("Emerging Progress", "A start.", "Sponge.", "2 cups"),
    "Social": Judged("Emerging Progress", "A start.", "Waits.", "1 turn"),
    "Academic": Judged("Exceeded Target", "More to come.", "Lines.", "12 coins"),
}
LEVELS = ["Emerging Progress", "Expected Progress", "Exceeded Target"]
NEXT = "Ask with a picture at home and in class."


@pytest.mark.requirement("001.7", "001.12")
def test_alfreton_park_from_the_planning_sheet_to_the_final_review(play: Plays) -> None:
    here = play("alfreton_park", on="2031-09-15")
    pupil, teacher, family = here.student, here.teacher, here.family("Mere Ngata")
    phase_leader = here.appointed("Lena Phase", Role.PHASE_LEADER)
    slt = here.appointed("Sir Alan", Role.LEADERSHIP)

    stage.say_need(pupil, "What I am good at", "I know all the trains.")
    stage.say_need(teacher, "How I communicate", "He takes my hand.", source="The class team saw it")
    stage.answer_by_link(teacher, here.family_desk(), "ILP Planning Sheet", "Grandad Ngata", PLANNING)
    stage.read_sheet(teacher, "ILP Planning Sheet", PLANNING)
    for target in TARGETS:
        stage.write_target(teacher, target)
    stage.add_subject(teacher, "Mathematics", "Number", "Count and match to ten")
    plan = teacher.of_student("plan")
    for target in TARGETS:
        expect(stage.targets_of_area(plan, target.area)).to_contain_text(target.wording)

    stage.waits_for_its_check(teacher)
    expect(stage.at_home(family).get_by_text("No targets are agreed yet.")).to_be_visible()
    stage.check(phase_leader, "Count to ten coins", note="Say how many days.")
    stage.reword(teacher, "Count to ten coins", "Count ten coins, three days running")
    counted = JUDGED | {"Count ten coins, three days running": JUDGED["Count to ten coins"]}
    del counted["Count to ten coins"]
    for wording in counted:
        stage.check(phase_leader, wording)
    stage.send_home(teacher)
    home = stage.at_home(family)
    for wording in counted:
        expect(home.get_by_role("heading", name=wording)).to_be_visible()

    here.later("2031-12-08")
    stage.write_log(pupil, {"What did you do and learn?": "I sold two cups."}, feeling="Great")
    expect(teacher.of_student("log").get_by_text("I sold two cups.")).to_be_visible()

    here.later("2032-02-02")  # before February half term
    stage.send_sheet(teacher, "ILP Progress Monitoring Sheet")
    stage.answer_sheet(family, "ILP Progress Monitoring Sheet", MONITORING)
    stage.read_sheet(teacher, "ILP Progress Monitoring Sheet", MONITORING)
    stage.sheet_was_read(family, "ILP Progress Monitoring Sheet", teacher)
    here.scored("prices", 9)
    stage.prepare(pupil, {"What went well": "Coins!", "What is hard": "Waiting.", "What I want next": "Sell trains."},
                  {"Wait for my turn at the stall": ("Expected Progress", "I waited.")})  # fmt: skip
    review = stage.begin_review(teacher, "Interim review")
    expect(review.get_by_text("Sell trains.")).to_be_visible()
    waiting = stage.card(review, "Wait for my turn at the stall")
    assert stage.levels_of(waiting) == LEVELS
    expect(stage.said_beside(waiting, "In the pupil’s own words")).to_contain_text("I waited.")
    stage.judge_each(review, counted, areas=AREAS)
    stage.close_review(
        teacher,
        next_steps=NEXT,
        written={"Comments and notes": "A good half year.", "Next steps: communication": "A picture for the tap."},
    )
    stage.agree_mine(pupil, 1, not_because="I did wait.")
    stage.agree_too(teacher)
    stage.agree_at_home(family)
    stage.agree_too(teacher, "Grandad Ngata", "Family", "He asks at home too.")
    expect(slt.of_student("review/").get_by_text("A good half year.")).to_be_visible()
    expect(stage.at_home(family).get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, "Show which cup I want", NEXT)

    here.later("2032-05-10")  # before May half term
    stage.prepare(pupil, {"What I am proud of": "The stall."})
    final = stage.begin_review(teacher, "Final review")
    expect(final.get_by_text("The stall.", exact=True)).to_be_visible()
    stage.looks_back(final, NEXT, counted | AREAS)
