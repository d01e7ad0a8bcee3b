"""The three key elements, played: a FAST goal, the counselor’s student review, the update at a transition."""

from collections.abc import Callable

from playwright.sync_api import expect

from lti_tool.plans.data import Role

from . import stage
from .stage import Judged, Play, Target

Plays = Callable[..., Play]
TARGETS = [
    Target(
        "Read two books about the sea",
        area="Academic Goals",
        kind="FAST",
        goal="Study the sea",
        more=(
            ("Frequent discussion", "Mondays, with Ms Patel."),
            ("Actionable steps", "Choose, read, tell."),
            ("Specific target", "Two books."),
            ("Timeliness", "One by October, one by December."),
        ),
        contexts=("In class",),
    ),
    Target(
        "Talk with a marine biologist",
        "Career Objectives",
        "Specific and measurable goal",
        goal="Study the sea",
        activities=("Measuring cups",),
    ),
    Target("Say when I am anxious", "Personal Growth", "Growth"),
]
SHEET = {"Strengths you see": "She never gives up.", "What you hope for": "That she sleeps well."}
LOG = {"What I did and learned": "Whales have ear bones.", "How I learned it": "In the museum."}
PREPARED = {
    "What I celebrate": "Both books!",
    "What I missed and what I learn from it": "The call. I write first next time.",
    "What has changed in what I want": "Whales, not dolphins.",
}
JUDGED = {
    "Read two books about the sea": Judged("Success", "Two, and a third begun."),
    "Talk with a marine biologist": Judged("Missed so far", "You have her number."),
    "Say when I am anxious": Judged("Under way", "Twice this month."),
}
NEXT = "Write to the biologist before the holidays."


def test_the_three_key_elements_from_strengths_to_the_transition_update(play: Plays) -> None:
    here = play("key_elements", on="2031-08-25")
    student, educator, parent = here.student, here.teacher, here.family("Mere Ngata")
    here.schooled(year_group=8)
    counselor = here.appointed("Sam Counselor", Role.KEY_WORKER, ends_on="2032-07-31")

    stage.say_need(student, "My strengths", "I ask good questions.")
    stage.say_need(counselor, "Barriers", "Loud rooms.", source="Educators saw it")
    stage.say_plan(student, "Learning experiences", {"Special interests": "The sea."})
    stage.add_goal(student, "Study the sea", purpose="For work one day")
    for target in TARGETS:
        stage.write_target(educator, target)
    plan = student.of_student("plan")
    for target in TARGETS:
        expect(stage.targets_of_area(plan, target.area)).to_contain_text(target.wording)
    for _label, text in TARGETS[0].more:
        expect(stage.card(plan, TARGETS[0].wording)).to_contain_text(text)

    stage.send_home(counselor)
    expect(stage.at_home(parent).get_by_role("heading", name=TARGETS[1].wording)).to_be_visible()
    stage.send_sheet(counselor, "What the family knows")
    stage.answer_sheet(parent, "What the family knows", SHEET)
    stage.read_sheet(counselor, "What the family knows", SHEET)
    stage.sheet_was_read(parent, "What the family knows", counselor)

    here.later("2031-10-13")
    here.scored("measuring", 5)
    stage.write_log(student, LOG, feeling="Great")
    expect(counselor.of_student("log").get_by_text("Whales have ear bones.")).to_be_visible()

    here.later("2031-12-01")  # in the first semester
    stage.prepare(student, PREPARED, {TARGETS[2].wording: ("Success", "I said it to Ben.")})
    review = stage.begin_review(counselor, "Student review")
    for words in PREPARED.values():
        expect(review.get_by_text(words)).to_be_visible()
    anxious = stage.card(review, TARGETS[2].wording)
    assert stage.levels_of(anxious) == ["Missed so far", "Under way", "Success"]
    expect(stage.said_beside(anxious, "In the student’s own words")).to_contain_text("I said it to Ben.")
    stage.judge_each(review, JUDGED)
    stage.close_review(counselor, next_steps=NEXT, written={"Feedback of those who support the student": "Brave."})
    stage.agree_mine(student, 1)
    stage.agree_too(counselor)
    stage.agree_at_home(parent)
    expect(stage.at_home(parent).get_by_text(NEXT)).to_be_visible()

    for outsider in here.outsiders():
        stage.finds_nothing(outsider, TARGETS[2].wording, NEXT)

    here.later("2032-05-17")  # before high school
    update = stage.begin_review(counselor, "Transition update", chosen=True)
    stage.looks_back(update, NEXT, JUDGED)
