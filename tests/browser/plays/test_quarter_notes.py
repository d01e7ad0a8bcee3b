"""The quarter notes, played: strengths, weaknesses, aptitudes, a learning coach, a review each quarter."""

from collections.abc import Callable

from playwright.sync_api import expect

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]
TARGETS = [
    Target("Write a story of two pages", area="Strengths", kind="Challenge", contexts=("In a club",)),
    Target(
        "Read a page aloud without stopping",
        area="Weaknesses",
        kind="Support",
        more=(
            ("What the data shows", "Mark 12: 40 words a minute."),
            ("Instruction and interventions", "Small group."),
        ),
        contexts=("In a small group session",),
        activities=("Measuring cups",),
        step="Three times a week for 30 minutes",
    ),
    Target("Learn five chords", area="Aptitudes", kind="Personal"),
]
SHEET = {"What goes well": "She writes every night.", "When small group sessions fit": "Mornings."}
PREPARED = {"What went well, and why": "My story, it is mine.", "What went less well, and why": "Reading aloud."}
JUDGED = {
    TARGETS[0].wording: Judged("Reached", "Three pages!"),
    TARGETS[1].wording: Judged("Under way", "55 words a minute now."),
    TARGETS[2].wording: Judged("Begun", "Two chords."),
}
NEXT = "Small group on Mondays, Wednesdays and Fridays."


def test_the_quarter_notes_from_the_first_talk_to_the_third_quarter(play: Plays) -> None:
    here = play("quarter_notes", on="2031-08-25")
    student, teacher, coach = here.student, here.teacher, here.family("Mere Ngata")

    stage.say_need(student, "Strengths", "I make up stories.")
    stage.say_need(teacher, "Weaknesses", "Reading aloud.", source="Diagnostic assessment")
    stage.say_plan(teacher, "Opportunities made for me", {"Clubs": "Story club on Thursdays."})
    for target in TARGETS:
        stage.write_target(teacher, target)
    plan = student.of_student("plan")
    for target in TARGETS:
        expect(stage.targets_of_area(plan, target.area)).to_contain_text(target.wording)
    expect(stage.card(plan, TARGETS[1].wording)).to_contain_text("Mark 12: 40 words a minute.")

    stage.send_home(teacher)
    expect(stage.at_home(coach).get_by_role("heading", name=TARGETS[1].wording)).to_be_visible()
    stage.send_sheet(teacher, "Thoughts of the learning coach")
    stage.answer_sheet(coach, "Thoughts of the learning coach", SHEET)
    stage.read_sheet(teacher, "Thoughts of the learning coach", SHEET)
    stage.sheet_was_read(coach, "Thoughts of the learning coach", teacher)

    here.later("2031-10-06")
    here.scored("measuring", 5)
    stage.write_log(student, {"What did you do and learn?": "I read to my dog."}, feeling="Hard")
    expect(student.page.locator("article.entry")).to_contain_text("Measuring cups")  # beside which it was written
    expect(teacher.of_student("log").locator("article.entry")).to_contain_text("Measuring cups")

    here.later("2031-11-10")  # in the second quarter
    stage.prepare(student, PREPARED, {TARGETS[1].wording: ("Begun", "I still stop.")})
    review = stage.begin_review(teacher, "Quarter review")
    for words in PREPARED.values():
        expect(review.get_by_text(words)).to_be_visible()
    aloud = stage.card(review, TARGETS[1].wording)
    assert stage.levels_of(aloud) == ["Begun", "Under way", "Reached"]
    expect(aloud).to_contain_text("5 out of 10")
    expect(stage.said_beside(aloud, "In the student’s own words")).to_contain_text("I still stop.")
    stage.judge_each(review, JUDGED)
    stage.close_review(teacher, next_steps=NEXT)
    stage.agree_mine(student, 1)
    stage.agree_too(teacher)
    stage.agree_at_home(coach, not_because="She reads to the dog every day.")
    expect(stage.at_home(coach).get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, TARGETS[1].wording, NEXT)

    here.later("2032-02-09")  # in the third quarter
    expect(student.open("preparation").get_by_text(NEXT)).to_be_visible()
    stage.looks_back(stage.begin_review(teacher, "Quarter review"), NEXT, JUDGED)
