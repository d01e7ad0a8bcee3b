"""The plain general plan, played: a progress review every six weeks, agreed by student and school."""

from collections.abc import Callable

from playwright.sync_api import expect

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]
CUPS = Target(
    "Measure with cups",
    area="Learning",
    kind="SMART",
    success="I fill five cups and none runs over.",
    goal="Run a stall at the market",
    due_on="2031-10-24",
    more=(("Where I start", "I guess."), ("Help in class", "Cups with lines on them.")),
    contexts=("In class", "At home"),
    activities=("Measuring cups",),
    step="Fill each cup with water first",
)
ASK = Target("Ask when I do not understand", area="Well-being", kind="Open")
SHEET = {
    "What goes well at home": "She cooks with her nan.",
    "What you wish for your child": "That she dares to ask.",
}
LOG = {"What I learned": "Two halves fill one whole.", "How I learned it": "I poured water from cup to cup."}
PREPARED = {
    "What I learned and how": "To look at the line.",
    "What went well, and why": "The cups, as I did it with nan.",
    "What went less well, and why": "Asking. It is loud.",
    "Where I can use it again": "When I bake.",
}
NEXT = "Bake with nan on Sundays. Show Ms Patel a photo."


def test_the_general_plan_from_its_first_words_to_the_look_back(play: Plays) -> None:
    here = play("general", on="2031-09-08")
    student, teacher, mother = here.student, here.teacher, here.family("Mere Ngata")

    stage.say_need(student, "What I am good at", "I make people laugh when they are sad.")
    stage.say_need(teacher, "What gets in the way", "Noise.", source="Staff saw it")
    stage.say_plan(student, "Where I am and where I want to be", {"Where I want to be": "Behind my own stall."})
    stage.add_goal(student, "Run a stall at the market")
    stage.write_target(teacher, CUPS)
    stage.propose(student, ASK.wording, ASK.area)
    stage.agree_proposed(teacher, ASK.wording)
    plan = student.of_student("plan")
    expect(stage.targets_of_area(plan, "Learning")).to_contain_text(CUPS.wording)
    expect(stage.targets_of_area(plan, "Well-being")).to_contain_text(ASK.wording)

    stage.send_home(teacher)
    expect(
        stage.card(plan := stage.at_home(mother), CUPS.wording).or_(plan.get_by_text(CUPS.wording))
    ).to_be_visible()
    stage.send_sheet(teacher, "Thoughts from home")
    stage.answer_sheet(mother, "Thoughts from home", SHEET)
    stage.read_sheet(teacher, "Thoughts from home", SHEET)
    stage.sheet_was_read(mother, "Thoughts from home", teacher)

    here.later("2031-09-29")
    here.scored("measuring", 8)
    stage.write_log(student, LOG, feeling="Good")
    expect(teacher.of_student("log").get_by_text(LOG["What I learned"])).to_be_visible()

    here.later("2031-10-20")  # six weeks after the plan began
    stage.prepare(
        student,
        PREPARED,
        {CUPS.wording: ("Exceeded Target", "I never spill."), ASK.wording: ("Emerging Progress", "")},
    )
    judged = {
        CUPS.wording: Judged("Expected Progress", "You look at the line now."),
        ASK.wording: Judged("Emerging Progress", "Use your card."),
    }
    review = stage.begin_review(teacher, "Progress review")
    for words in PREPARED.values():
        expect(review.get_by_text(words)).to_be_visible()
    cups = stage.card(review, CUPS.wording)
    assert stage.levels_of(cups) == ["Emerging Progress", "Expected Progress", "Exceeded Target"]
    expect(cups).to_contain_text("8 out of 10")
    expect(stage.said_beside(cups, "In the student’s own words")).to_contain_text("Exceeded Target")
    stage.judge_each(review, judged)
    stage.close_review(teacher, next_steps=NEXT, written={"Support until then": "A quiet corner."})
    stage.agree_mine(student, 1)
    stage.agree_too(teacher)
    stage.agree_at_home(mother)
    home = stage.at_home(mother)
    expect(home.get_by_text("Expected Progress")).to_be_visible()
    expect(home.get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, CUPS.wording, NEXT)

    here.later("2031-12-01")
    here.scored("measuring", 10)
    expect(student.open("preparation").get_by_text(NEXT)).to_be_visible()
    stage.looks_back(stage.begin_review(teacher, "Progress review"), NEXT, judged)
    first = student.open("reviews/")
    first.get_by_role("link", name="Review 1").click()
    expect(stage.card(first, CUPS.wording)).to_contain_text("8 out of 10")
    expect(stage.card(first, CUPS.wording)).not_to_contain_text("10 out of 10")
