"""A cast around one student, each at a browser of their own, on one clock; and what they do, page by page.

Everything a play says of its framework (areas, levels, types, forms and their wording) is in the play: here are
only the words that every school's pages share. A label that is not on the page fails the step that looks for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from lti_tool.glossary import Speech
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, Actor, GuardianScope, ResultRead, Role, Scope
from lti_tool.plans.frameworks.loading import built_in
from tests.factories.plans import Class
from tests.factories.setup import appoint
from tests.factories.web import open_door

from ..conftest import Desk
from .clocked import Clock

MORNING = time(9, 30, tzinfo=UTC)


@dataclass
class Somebody:
    """A person of the play. `open` is a launch of today: a session begun now, on whatever page it leads to."""

    play: "Play"
    name: str
    actor: Actor
    desk: Desk
    unit: tuple[str, ...] = ()
    page: Page | None = None

    def open(self, path: str = "") -> Page:
        if self.page is not None:
            self.page.close()
        with self.play.clock.here():
            self.actor = plans.actor_for(self.actor.school_id, self.actor.person_id, self.actor.course_id)
            door = open_door(self.actor, activity_ids=self.unit)
        self.page = self.desk.open(door, path)
        return self.page

    def of_student(self, path: str) -> Page:
        """A page about the student of the play."""
        return self.open(f"students/{self.play.student.actor.person_id}/{path}")

    def says(self, ours: str) -> str:
        """A sentence of ours in the words of the play's framework."""
        return Speech("en", dict(built_in(self.play.framework).made().terms)).say(ours)


class Play:
    """One school on one framework, one class with one student in it, and everybody around the student."""

    def __init__(self, framework: str, clock: Clock, desk: Callable[..., Desk], *, on: str) -> None:
        self.framework, self.clock, self._desk = framework, clock, desk
        self.cast: list[Somebody] = []
        clock.move_to(_morning(on))
        with clock.here():
            school_id = plans.create_school(f"School of {framework}")
            course_id = plans.ensure_course(school_id, title="Kitchen and market")
            reads = [
                ActivityRead(external_id="measuring", label="Measuring cups", score_maximum=10),
                ActivityRead(external_id="prices", label="Prices at the market", score_maximum=10),
            ]
            self.room = Class(school_id, course_id, plans.sync_activities(school_id, course_id, reads))
            self.office = self._enrolled("Robin Office", Role.TEACHER)
            appoint(open_door(self.office.actor))
            self.student = self._enrolled("Aroha Ngata", Role.LEARNER, width=360, unit=("measuring",))
            self.teacher = self._enrolled("Ms Patel", Role.TEACHER)
        self.choose_framework()

    # Who there is.

    def family(self, name: str, child: "Somebody | None" = None) -> Somebody:
        """Family with an account, linked to the student (or to another child)."""
        somebody = self._outside(name, width=360)
        with self.clock.here():
            child_id = (child or self.student).actor.person_id
            plans.link_guardian(self._office(), somebody.actor.person_id, child_id, scope=GuardianScope.SHARED)
        return somebody

    def family_desk(self) -> Desk:
        """A telephone of somebody who has no account anywhere."""
        return self._desk(width=360)

    def appointed(self, name: str, role: Role, *, ends_on: str = "") -> Somebody:
        """Somebody whom the office appointed: leadership to the school, others to the student."""
        somebody = self._outside(name)
        scope = Scope() if role is Role.LEADERSHIP else Scope(student_id=self.student.actor.person_id)
        if role is Role.PHASE_LEADER:
            scope = Scope(phase="Upper")
            self.schooled(phase="Upper")
        with self.clock.here():
            ends = date.fromisoformat(ends_on) if ends_on else None
            plans.appoint(self._office(), somebody.actor.person_id, role, scope, ends_on=ends)
        return somebody

    def schooled(self, *, phase: str = "", year_group: int | None = None) -> None:
        """What the school says of the student."""
        with self.clock.here():
            plans.set_schooling(self._office(), {self.student.actor.person_id: (phase, year_group)})

    def outsiders(self) -> tuple[Somebody, ...]:
        """A teacher of another class, a classmate, and a classmate's family: none of them has to do with the plan."""
        with self.clock.here():
            course_id = plans.ensure_course(self.room.school_id, title="Another class")
            other = Class(self.room.school_id, course_id)
            teacher = self._somebody("Mr Okafor", other.teacher("Mr Okafor"))
            classmate = self._enrolled("Ben", Role.LEARNER)
        return teacher, classmate, self.family("Ben’s mother", classmate)

    def _enrolled(self, name: str, role: Role, *, width: int = 1280, unit: tuple[str, ...] = ()) -> Somebody:
        return self._somebody(name, self.room.person(role, name), width=width, unit=unit)

    def _outside(self, name: str, *, width: int = 1280) -> Somebody:
        with self.clock.here():
            person_id = plans.ensure_person(self.room.school_id, name=name)
        return self._somebody(name, Actor(person_id, self.room.school_id, Role.NONE, None), width=width)

    def _somebody(self, name: str, actor: Actor, *, width: int = 1280, unit: tuple[str, ...] = ()) -> Somebody:
        self.cast.append(Somebody(self, name, actor, self._desk(width=width), unit))
        return self.cast[-1]

    def _office(self) -> Actor:
        actor = self.office.actor
        return plans.actor_for(actor.school_id, actor.person_id, actor.course_id)

    # What goes by itself.

    def later(self, day: str) -> Self:
        """It is this day now. The nights between blanked names, and this morning's roster told them again (T74)."""
        self.clock.move_to(_morning(day))
        with self.clock.here():
            plans.forget_names()
            plans.tell_names(self.room.school_id, {one.actor.person_id: one.name for one in self.cast})
        return self

    def scored(self, activity: str, score: float, out_of: float = 10) -> None:
        """The gradebook tells a score of the student."""
        with self.clock.here():
            result = ResultRead(self.student.actor.person_id, score, out_of, timezone.now() - timedelta(hours=1))
            plans.record_results(self.room.school_id, "ags", {self.room.activities[activity]: [result]})

    def stood(self) -> list[tuple[str, str]]:
        """Where everybody stands, for the report of a failure: the day, and what each page says."""
        found = []
        for somebody in self.cast:
            if somebody.page is not None and not somebody.page.is_closed():
                words = re.sub(r"\n{2,}", "\n", somebody.page.locator("body").inner_text())
                found.append((f"{somebody.name} on {self.clock.now:%d %B %Y}, {somebody.page.title()}", words))
        return found

    def choose_framework(self) -> None:
        page = self.office.open(f"frameworks/{self.framework}")
        chosen = page.get_by_text("New plans of your school begin with it.")
        page.get_by_role("button", name="Choose it for new plans").or_(chosen).first.wait_for()
        if not chosen.is_visible():
            page.get_by_role("button", name="Choose it for new plans").click()
            expect(page.get_by_text("New plans begin with")).to_be_visible()


# What somebody does on the pages. Each ends where the page says that it is done.


def unfold(page: Page, summary: str) -> Locator:
    """The part of the page behind this summary, opened."""
    part = page.locator("details").filter(has=page.locator("summary").filter(has_text=_exactly(summary)))
    part.locator("summary").first.click()
    return part


def said(page: Page, words: str) -> None:
    """The page tells that it is done."""
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def say_need(who: Somebody, label: str, text: str, *, source: str = "") -> None:
    """A statement about the student, under the heading the framework gives it."""
    page = who.of_student("needs")
    verb = "Write here" if who is who.play.student else "Add"
    part = unfold(page, f"{verb}: {label}")
    part.locator("textarea").fill(text)
    if source:
        part.get_by_label("Where does it come from?").select_option(label=source)
    part.get_by_role("button", name="Save").click()
    said(page, "Saved.")
    expect(page.locator(".statement .said").get_by_text(text)).to_be_visible()


def say_plan(who: Somebody, section: str, answers: Mapping[str, str]) -> None:
    """What the plan says in one of its sections."""
    page = who.of_student("plan")
    part = unfold(page, f"Write here: {section}")
    _fill(part, answers)
    part.get_by_role("button", name="Save").click()
    said(page, "Saved.")
    for text in answers.values():
        expect(page.locator("dd").get_by_text(text)).to_be_visible()


def add_goal(who: Somebody, text: str, *, purpose: str = "Anything") -> None:
    page = who.of_student("plan")
    part = unfold(page, "Add a goal")
    part.locator("textarea[name=goal]").fill(text)
    part.get_by_label("What is it for?").select_option(label=purpose)
    part.get_by_role("button", name="Add the goal").click()
    expect(page.locator("#goals").get_by_text(text, exact=True).first).to_be_visible()


@dataclass(frozen=True)
class Target:
    """A target as somebody writes it: its words, and what else the framework's form asks, by label."""

    wording: str
    area: str
    kind: str
    success: str = ""
    goal: str = ""
    due_on: str = ""
    more: tuple[tuple[str, str], ...] = ()
    contexts: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    step: str = ""

    def with_words(self, wording: str) -> Self:
        return replace(self, wording=wording)


def write_target(who: Somebody, target: Target) -> None:
    """Written with the student at the table, and agreed."""
    page = who.of_student("plan")
    page.get_by_role("link", name="Add a target").click()
    page.get_by_role("heading", name="Add a target").wait_for()
    page.get_by_label("What is the target?").fill(target.wording)
    page.locator("[name=success]").fill(target.success)
    page.locator("[name=goal]").fill(target.goal)
    page.locator("[name=due_on]").fill(target.due_on)
    more = page.locator("#more")
    if more.get_attribute("open") is None:
        more.locator("summary").first.click()
    page.locator("[name=area]").select_option(label=target.area)
    page.locator("[name=type]").select_option(label=target.kind)
    for context in target.contexts:
        page.get_by_label(context, exact=True).check()
    _fill(more, dict(target.more))
    if target.step:
        page.get_by_label("Step 1", exact=True).fill(target.step)
    for activity in target.activities:
        page.get_by_label(activity).check()
    page.get_by_role("button", name="Save the target").click()
    expect(page.get_by_role("heading", name=target.wording)).to_be_visible()


def reword(who: Somebody, wording: str, better: str) -> None:
    """The same target in better words; the old ones stay in the plan's story."""
    page = who.of_student("plan")
    card(page, wording).get_by_role("link", name="Change").click()
    page.get_by_role("heading", name="Change a target").wait_for()
    page.get_by_label("What is the target?").fill(better)
    page.get_by_role("button", name="Save the target").click()
    expect(page.get_by_role("heading", name=better)).to_be_visible()


def add_subject(who: Somebody, subject: str, strand: str, wording: str) -> None:
    """An annual target of a subject (001.22)."""
    page = who.of_student("plan")
    part = unfold(page, "Add a subject target")
    part.get_by_label("Subject", exact=True).fill(subject)
    part.get_by_label("Strand").fill(strand)
    part.get_by_label("What is the target for this year?").fill(wording)
    part.get_by_role("button", name="Add it").click()
    expect(page.locator("#curriculum")).to_contain_text(wording)


def targets_of_area(page: Page, area: str) -> Locator:
    """The targets that stand under an area's heading on the plan."""
    return (
        page.locator("#targets > h3.area-title")
        .filter(has_text=_exactly(area))
        .locator("xpath=following-sibling::*[1]")
    )


def propose(who: Somebody, wording: str, area: str) -> None:
    """The student proposes a target; it waits for an adult to agree it."""
    page = who.of_student("plan")
    part = unfold(page, "Suggest a target")
    part.get_by_label("What do you want to be able to do?").fill(wording)
    part.get_by_label("What is it about?").select_option(label=area)
    part.get_by_role("button", name="Suggest it").click()
    expect(page.get_by_role("heading", name="What I suggested")).to_be_visible()


def agree_proposed(who: Somebody, wording: str) -> None:
    page = who.of_student("plan")
    card(page, wording).get_by_role("button", name="Agree this target").click()
    expect(page.get_by_role("heading", name=who.says("Proposed by the student"))).to_have_count(0)
    expect(card(page, wording)).to_be_visible()


def card(page: Page, wording: str) -> Locator:
    """The target of these words on the page."""
    return page.locator("article.target, section.target").filter(has=page.get_by_role("heading", name=wording))


def check(who: Somebody, wording: str, *, note: str = "") -> None:
    """A phase leader's look at a written target: fit to go home, or sent back with a note (001.15)."""
    page = who.of_student("plan")
    one = card(page, wording)
    if note:
        one.get_by_label("If it goes back: what should change?").fill(note)
        one.get_by_role("button", name="Send it back").click()
        expect(card(page, wording)).to_contain_text(note)
    else:
        one.get_by_role("button", name="Fit to go home").click()
        expect(card(page, wording)).to_contain_text("Checked as it is worded now.")


def send_home(who: Somebody) -> None:
    page = who.of_student("plan")
    page.get_by_role("button", name="Send these targets home").click()
    said(page, "Saved.")


def waits_for_its_check(who: Somebody) -> None:
    """Nothing goes home before somebody checked it (001.15), and the page says so."""
    who.desk.expected.append("409")
    page = who.of_student("plan")
    page.get_by_role("button", name="Send these targets home").click()
    expect(page.get_by_text("Some targets wait for their check. They go home after it.")).to_be_visible()


def sign(who: Somebody, party: str) -> None:
    """Somebody agrees to the plan in their own session."""
    page = who.of_student("plan")
    row = page.locator("#signed li").filter(has=page.get_by_text(party, exact=True))
    row.get_by_role("button", name="I agree to this plan").click()
    expect(row).to_contain_text("on this page")


def sign_at_home(family: Somebody, party: str) -> None:
    """Family with an account agrees to the plan on the child's page."""
    page = at_home(family)
    row = page.locator("#signed li").filter(has=page.get_by_text(party, exact=True))
    row.get_by_role("button", name="I agree to this plan").click()
    expect(row).to_contain_text(f"{family.name}, on this page")


def signed_elsewhere(who: Somebody, party: str, name: str) -> None:
    """Staff keep that somebody signed on paper."""
    page = who.of_student("plan")
    row = page.locator("#signed li").filter(has=page.get_by_text(party, exact=True))
    row.locator("summary").click()
    row.get_by_label("Name").fill(name)
    row.get_by_label("How").select_option(label="on paper")
    row.get_by_role("button", name="Keep this").click()
    expect(row).to_contain_text(f"{name}, on paper")


def asks_for(who: Somebody) -> list[str]:
    """What the framework still misses in the plan, as its page tells staff."""
    page = who.of_student("plan")
    return page.locator("section[aria-labelledby=missing-title] li").all_inner_texts()


def write_log(who: Somebody, answers: Mapping[str, str], *, feeling: str = "", activity: str = "") -> None:
    """The student's own log, shared with teachers and family; from the panel, beside `activity` where named."""
    page = who.open()
    page.get_by_role("navigation", name="Pages of this plan").get_by_role("link", name="Log").click()
    page.get_by_role("heading", name="My log").wait_for()
    _fill(page, answers)
    if feeling:
        page.get_by_label(feeling, exact=True).check()
    if activity:
        page.get_by_label("Which activity was it?").select_option(label=activity)
    page.get_by_label(who.says("Me, my teachers and my family")).check()
    page.get_by_role("button", name="Save", exact=True).click()
    for text in answers.values():
        expect(page.locator("article.entry").get_by_text(text)).to_be_visible()


def send_sheet(who: Somebody, title: str) -> Page:
    """Ask the family; the page of that sheet."""
    page = who.of_student("sheets")
    page.get_by_label("Which sheet?").select_option(label=title)
    page.get_by_role("button", name=re.compile(r"^Send it( home)?$")).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page


def answer_sheet(who: Somebody, title: str, answers: Mapping[str, str]) -> None:
    """Family with an account answers on the page."""
    page = who.of_student("sheets")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    _fill(page, answers)
    page.get_by_role("button", name="Send to school").click()
    expect(page.get_by_text(f"Answered by {who.name}")).to_be_visible()


def answer_by_link(asks: Somebody, desk: Desk, title: str, name: str, answers: Mapping[str, str]) -> None:
    """Family without an account: a one-time link, then the code that the school tells them."""
    page = send_sheet(asks, title)
    page.get_by_role("button", name="Make a one-time link").click()
    address = page.locator(".once code").inner_text()
    page.get_by_role("button", name="Show a code to tell them now").click()
    code = page.locator(".once .score").inner_text().strip()
    page.close()
    door = desk.context.new_page()
    door.goto(address)
    expect(door.get_by_role("heading", name="A form from your child’s school")).to_be_visible()
    door.get_by_label("The code, six numbers").fill(code)
    door.get_by_role("button", name="Open the form").click()
    expect(door.get_by_role("heading", name=title)).to_be_visible()
    _fill(door, answers)
    door.get_by_label("Your name", exact=True).fill(name)
    door.get_by_role("button", name="Send to school").click()
    expect(door.get_by_role("heading", name="Thank you")).to_be_visible()
    desk.expected.append("404")
    door.goto(address)
    expect(door.get_by_role("heading", name="This link is no longer good")).to_be_visible()
    door.close()


def read_sheet(who: Somebody, title: str, answers: Mapping[str, str]) -> None:
    """Staff read what the family wrote."""
    page = who.of_student("sheets")
    page.get_by_role("link", name=title).first.click()
    for label, text in answers.items():
        line = page.locator("dl.facts > div").filter(has=page.locator("dt").filter(has_text=_exactly(label)))
        expect(line.locator("dd")).to_have_text(text)


def sheet_was_read(family: Somebody, title: str, reader: Somebody) -> None:
    """The family sees that it was, and by whom."""
    page = family.of_student("sheets")
    entry = page.locator("article.entry").filter(has=page.get_by_role("link", name=title))
    expect(entry).to_contain_text(f"Read by {reader.name}")


# What happens with the target afterwards is a choice of its own.
JUDGEMENT = "fieldset.levels:not(.ending)"


def prepare(who: Somebody, answers: Mapping[str, str], seen: Mapping[str, tuple[str, str]] | None = None) -> None:
    """The student goes first: what they think, and how they see each target."""
    page = who.open("preparation")
    _fill(page, answers)
    for wording, (level, why) in (seen or {}).items():
        one = page.locator("section.card").filter(has=page.get_by_role("heading", name=wording))
        # Each level says below its name what it means.
        one.get_by_role("radio", name=re.compile(f"^{re.escape(level)}\\b")).check()
        one.get_by_label("Why?").fill(why)
    page.get_by_role("button", name=who.says("Share with my teachers")).click()
    said(page, who.says("Shared with your teachers."))


@dataclass(frozen=True)
class Judged:
    """What a review says of a target or an area: the level in the framework's word, and what it rests on."""

    level: str
    comment: str = ""
    seen: str = ""
    counted: str = ""


def begin_review(who: Somebody, kind: str, *, chosen: bool = False) -> Page:
    """From the plan on; `kind` is what the framework calls the review that is held.

    The calendar says which it is today, unless it is `chosen` among those that are offered.
    """
    page = who.of_student("plan")
    if chosen:
        page.get_by_role("link", name="Choose its kind").click()
        page.get_by_role("heading", name="Begin a review").wait_for()
        page.get_by_label(kind).first.check()
        page.get_by_role("button", name="Begin the review").click()
    else:
        page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_role("heading", name=who.play.student.name)).to_be_visible()
    expect(page.locator("p.eyebrow").filter(has_text=re.compile(rf"^\s*{re.escape(kind)}"))).to_be_visible()
    return page


def judge_each(page: Page, judged: Mapping[str, Judged], *, areas: Mapping[str, Judged] | None = None) -> None:
    """One target a screen, in the order of the plan; then the areas, where the framework judges them too."""
    page.get_by_role("link", name="One target a screen").click()
    for number, (wording, word) in enumerate(judged.items(), 1):
        expect(page.get_by_text(f"Target {number} of {len(judged)}")).to_be_visible()
        expect(page.locator("section.target h2")).to_have_text(wording)
        _judge(page.locator("section.target"), word)
        page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("The end of the review")).to_be_visible()
    expect(page.locator("section.target h2")).to_have_text(list(areas or {}))
    for name, word in (areas or {}).items():
        _judge(page.locator("section.target").filter(has=page.get_by_role("heading", name=name, exact=True)), word)


def _judge(part: Locator, word: Judged) -> None:
    part.locator(JUDGEMENT).get_by_label(word.level, exact=True).check()
    part.get_by_label("Comment for the").fill(word.comment)
    if word.seen:
        part.get_by_label("What did we see or hear?").fill(word.seen)
    if word.counted:
        part.get_by_label("What did we count or measure?").fill(word.counted)


def levels_of(part: Locator) -> list[str]:
    """The framework's scale, as the choices of one judgement show it."""
    return part.locator(f"{JUDGEMENT} .level-choice").all_inner_texts()


def close_review(
    who: Somebody, *, next_steps: str, written: Mapping[str, str] | None = None, next_on: str = ""
) -> None:
    """What is agreed to do next, in the framework's fields too; then it is closed and stays as it is."""
    page = _before(who)
    page.get_by_label(who.says("Next steps for student, school and home")).fill(next_steps)
    if next_on:
        page.get_by_label("Next review on").fill(next_on)
    _fill(page.locator("section").filter(has=page.get_by_role("heading", name="For the time ahead")), written or {})
    unfold(page, "Close this review…").get_by_role("button", name="Close the review").click()
    expect(page.get_by_text(f"Closed by {who.name}")).to_be_visible()
    expect(page.locator("fieldset.levels")).to_have_count(0)


def said_beside(part: Locator, voice: str) -> Locator:
    """One of the views that stand side by side, by whose it is."""
    return part.locator(".voices > div").filter(has=part.page.get_by_role("heading", name=voice, exact=True))


def agree_mine(student: Somebody, number: int, *, not_because: str = "") -> None:
    """The student reads their closed review and agrees, or says why not."""
    page = student.open("reviews/")
    page.get_by_role("link", name=re.compile(rf"\bReview {number}\b")).click()
    expect(page.get_by_role("heading", name=re.compile(rf"^Review {number}\b"))).to_be_visible()
    _agree(page, student, not_because)


def agree_at_home(family: Somebody, *, not_because: str = "") -> None:
    """Family with an account reads the newest review that was agreed, and agrees too, or says why not."""
    page = at_home(family)
    page.get_by_role("link", name="Read it and say if you agree").first.click()
    expect(page.get_by_role("heading", name="What was agreed")).to_be_visible()
    _agree(page, family, not_because)


def _agree(page: Page, who: Somebody, not_because: str) -> None:
    agreed = page.locator("#agreed")
    if not_because:
        agreed.get_by_label("because …").fill(not_because)
        agreed.get_by_role("button", name="I see it differently").click()
    else:
        agreed.get_by_role("button", name="I agree", exact=True).click()
    words = "Sees it differently:" if not_because else "Agrees:"
    expect(page.locator("#agreed > p").filter(has_text=words).filter(has_text=who.name)).to_be_visible()


def agree_too(who: Somebody, name: str = "", voice: str = "", text: str = "") -> None:
    """Staff's own word on the closed review, or that of somebody who sat there (by name and as whom)."""
    page = who.of_student("review/")
    agreed = page.locator("#agreed")
    if name:
        agreed.get_by_label("Somebody else’s name").fill(name)
        agreed.get_by_label("As whom").select_option(label=who.says(voice))
    agreed.get_by_label("In their words").fill(text)
    agreed.get_by_role("button", name="Agrees", exact=True).click()
    words = page.locator("#agreed > p").filter(has_text="Agrees:")
    expect(words.filter(has_text=name or who.name)).to_be_visible()


def looks_back(page: Page, next_steps: str, judged: Mapping[str, Judged]) -> None:
    """The review on the page shows what the last one agreed, and how it judged each target and on what grounds."""
    before = page.locator("section").filter(
        has=page.get_by_role("heading", name="Look back: what was agreed last time")
    )
    expect(before).to_contain_text(next_steps)
    for wording, word in judged.items():
        part = page.locator("section.target").filter(has=page.get_by_role("heading", name=wording, exact=True))
        last = part.locator("details.before")
        expect(last.locator("summary")).to_have_text(f"Last review: {word.level}")
        last.locator("summary").click()
        for words in filter(None, (word.comment, word.seen, word.counted)):
            expect(last).to_contain_text(words)


def at_home(family: Somebody) -> Page:
    """The child's plan as the family reads it."""
    page = family.open()
    expect(page.get_by_role("heading", name=family.play.student.name)).to_be_visible()
    return page


def finds_nothing(outsider: Somebody, *secrets: str) -> None:
    """Whatever page of the student they ask for, there is none for them, and none of these words."""
    outsider.desk.expected.append("404")
    for path in ("plan", "needs", "story", "review/", "log", "work", "sheets", "home"):
        page = outsider.of_student(path)
        found = page.evaluate(
            "() => [performance.getEntriesByType('navigation')[0].responseStatus, document.body.innerText]"
        )
        assert found[0] == 404, f"{outsider.name} gets {found[0]} for {path}"
        assert not [words for words in secrets if words in found[1]], f"{outsider.name} reads them under {path}"


def _before(who: Somebody) -> Page:
    assert who.page is not None, f"{who.name} has no page open"
    return who.page


def _fill(page: Page | Locator, answers: Mapping[str, str]) -> None:
    """Write each answer into the field of its label, or choose it there."""
    for label, text in answers.items():
        field = _field(page, label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=text)
        else:
            field.fill(text)


def _field(page: Page | Locator, label: str) -> Locator:
    """The field called so, or whose label begins so and goes on with a hint."""
    page.get_by_label(label).first.wait_for(state="attached")
    exact = page.get_by_label(label, exact=True)
    return exact if exact.count() else page.get_by_label(label)


def _morning(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), MORNING)


def _exactly(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")
