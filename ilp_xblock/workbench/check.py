"""`ilp-lms demo_check`: the whole loop against the running demo, over HTTP, with no browser.

Student sees targets, answers, the score arrives; teacher opens the review, judges, adds a target, agrees, closes;
student sees it all; a later score does not change what was closed; in Studio an author chooses at the tool what a
block shows (deep linking). It may be repeated as often as one likes: each run closes one review, stops the target
that the run before it added, and leaves the block as it was.
"""

import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin

from lxml.html import FormElement, HtmlElement

from .syllabus import Quiz, course_outline
from .visitor import Page, Unvisitable, Visitor

ARRIVAL_SECONDS = 10.0  # from the answer to the panel
WORDING = "Explain my answer to someone else"  # of the target each run adds
NEXT_STEPS = "Read the comment together next week."
LEVELS = ("emerging", "expected", "exceeded")


class Missed(Exception):
    """The loop broke. The message says what should have been seen, and where."""


def main() -> int:
    """0 with one line on what was seen; 1 with one line on what was not."""
    path = Path(os.environ.get("ILP_VAR_DIR", "var")) / "demo.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        print(f"demo-check: no running demo was found ({path}): start one with make demo.", file=sys.stderr)  # noqa: T201
        return 1
    try:
        print(f"demo-check: {walk(facts)}")  # noqa: T201
    except (Missed, Unvisitable) as error:
        print(f"demo-check failed: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    except (LookupError, StopIteration, AttributeError, ValueError) as error:
        where = traceback.extract_tb(error.__traceback__)
        step = next(frame.name for frame in reversed(where) if frame.filename == __file__)
        print(f"demo-check failed: a page lacks what “{step}” looks for ({error!r}).", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def walk(facts: dict) -> str:
    """Walk the loop; the line that says what was seen."""
    course = facts["courses"][0]
    student = Panel.opened(_person(course, "#Learner"))
    targets = student.targets()
    _must(targets, f"{student.name}'s panel shows no target")
    others = [p["name"] for p in course["people"] if p["name"] != student.name and _is(p, "#Learner")]
    _must(not any(name in student.page.text for name in others), f"{student.name}'s panel names another student")

    quiz = UnitQuiz.first(course, student.unit)
    before, score = quiz.answer_otherwise()
    seconds = student.wait_for_score(quiz.title, score, quiz.points)

    teacher = Panel.opened(_person(course, "#Instructor"))
    review = TeacherReview.opened(teacher, student.name)
    _must(review.has_evidence(score, quiz.points), f"the review does not show {_out_of(score, quiz.points)}")
    judged, level, comment = review.judge(quiz.title)
    review.stop_target(WORDING)
    found = review.add_target(WORDING, quiz.title)
    review.agree(NEXT_STEPS, date.today() + timedelta(days=28))  # noqa: DTZ011 a school day
    closed = review.close()

    student = Panel.opened(_person(course, "#Learner"))
    _must(comment in student.page.text, f"{student.name}'s panel does not show the teacher's comment")
    _must(NEXT_STEPS in student.page.text, f"{student.name}'s panel does not show what was agreed")
    _must(WORDING in student.targets(), f"{student.name}'s panel does not show the new target")
    quiz = UnitQuiz.first(course, student.unit)
    _, later = quiz.answer_otherwise()
    student.wait_for_score(quiz.title, later, quiz.points)
    frozen = teacher.visitor.get(closed.url)
    _must(_out_of(score, quiz.points) in _text(frozen.document), "the closed review lost the score it rested on")
    chosen = Studio.opened(teacher).choose("reviews")
    return (
        f"{student.name} saw {len(targets)} targets in “{course['title']}”; the answer that moved “{quiz.title}” "
        f"from {_shown(before)} to {_out_of(score, quiz.points)} reached the panel {seconds:.1f} s later; "
        f"{teacher.name} judged “{judged}” {level.capitalize()}, added a target with “{found}” from the picker and "
        f"closed the review; {student.name} saw the judgement, the comment and the target; "
        f"{_out_of(later, quiz.points)} came afterwards and left the closed review as it was; in Studio, "
        f"{teacher.name} chose “{chosen}” at the tool, and the block showed it."
    )


@dataclass
class Panel:
    """A person's panel in a unit of the course, opened the way the unit's iframe opens it."""

    name: str
    visitor: Visitor
    unit: Page
    page: Page

    @classmethod
    def opened(cls, person: dict) -> "Panel":
        visitor = Visitor()
        unit = visitor.get(person["unit_url"])
        frame = next((args for args in _init_args(unit) if "origin" in args), None)
        _must(unit.status == 200 and frame is not None, f"the unit shows {person['name']} no panel")
        unit_visitor = UnitVisitor(visitor, unit)
        page = visitor.launch(urljoin(unit.url, frame["url"]))
        _must(page.status == 200, f"the tool answered {person['name']}'s launch with status {page.status}")
        _must(page.url.startswith(frame["origin"] + "/"), "the panel is not at the origin the unit expects")
        return cls(person["name"], visitor, unit_visitor, page)

    def targets(self) -> list[str]:
        return [_text(heading) for heading in self.page.document.xpath("//article[contains(@class, 'target')]//h2")]

    def wait_for_score(self, activity: str, score: float, maximum: float) -> float:
        """Seconds until the panel shows the score as the newest, asking as the open page does, with no reload."""
        wanted = _out_of(score, maximum)

        def shown(live: HtmlElement) -> bool:
            newest = [_text(score.getparent()) for score in live.find_class("score")]
            return any(line.startswith(wanted) and line.endswith(f"in {activity}") for line in newest)

        return self.wait_until(shown, ARRIVAL_SECONDS, f"{wanted} for “{activity}”")

    def wait_until(self, shown: Callable[[HtmlElement], bool], seconds: float, what: str) -> float:
        """Ask for news as the open page does until it shows something. How many seconds it took."""
        headers = json.loads(self.page.document.body.get("hx-headers"))
        url, seen = _reader(self.page)
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            answer = self.visitor.post(url, data=seen, headers=headers)
            if answer.status == 200:
                if shown(answer.document):
                    return time.monotonic() - started
                url, seen = _reader(answer)
            elif answer.status != 204:
                raise Missed(f"the panel answered {answer.status} when asked for news")
            time.sleep(0.5)
        raise Missed(f"the panel did not show {what} within {seconds:.0f} s")


@dataclass
class UnitVisitor:
    """A unit page and the browser that has it open."""

    visitor: Visitor
    page: Page


@dataclass
class UnitQuiz:
    """A quiz of the unit, answered through the block's own handler."""

    unit: UnitVisitor
    id: str
    quiz: Quiz

    @classmethod
    def first(cls, course: dict, unit: UnitVisitor) -> "UnitQuiz":
        first = course["activities"][0]
        outline = course_outline(course["id"])
        return cls(unit, first["id"], outline.units[0].quizzes[0])

    @property
    def title(self) -> str:
        return self.quiz.title

    @property
    def points(self) -> float:
        return self.quiz.points

    def score(self) -> float | None:
        """What the LMS's gradebook holds, as the unit shows it."""
        page = self.unit.visitor.get(self.unit.page.url)
        form = page.document.get_element_by_id(self.id)
        found = re.search(r"([\d.]+) out of", _text(form.find_class("lms-quiz__said")[0]))
        return float(found[1]) if found else None

    def answer_otherwise(self) -> tuple[float | None, float]:
        """Answer so that the score changes. (score before, score now)"""
        before = self.score()
        each = self.quiz.points / len(self.quiz.questions)
        right = next(n for n in range(len(self.quiz.questions), -1, -1) if n * each != before)
        answers = {
            str(n): question[2] if n < right else (question[2] + 1) % len(question[1])
            for n, question in enumerate(self.quiz.questions)
        }
        handler = next(args["url"] for args in _init_args(self.unit.page) if f"/{self.id}/" in args["url"])
        url = urljoin(self.unit.page.url, handler)
        token = {"X-CSRFToken": self.unit.visitor.cookie(url, "csrftoken")}
        answer = self.unit.visitor.post(url, json={"answers": answers}, headers=token)
        _must(answer.status == 200, f"the quiz answered {answer.status}")
        _must(self.score() == right * each, "the gradebook does not hold the new score")
        return before, right * each


@dataclass
class TeacherReview:
    """One student's review as the teacher works on it."""

    teacher: Panel
    page: Page

    @classmethod
    def opened(cls, teacher: Panel, student: str) -> "TeacherReview":
        rows = teacher.page.document.find_class("row")
        row = next((row for row in rows if student in _text(row)), None)
        _must(row is not None, f"{teacher.name}'s class does not list {student}")
        page = teacher.visitor.submit(row.find(".//form"))
        _must(page.status == 200, f"the review of {student} answered {page.status}")
        return cls(teacher, page)

    def has_evidence(self, score: float, maximum: float) -> bool:
        return any(_out_of(score, maximum) in _text(row) for row in self.page.document.xpath("//tr"))

    def judge(self, activity: str) -> tuple[str, str, str]:
        """Judge the target that shows the activity. (target, level, comment)"""
        section = next((s for s in self.page.document.xpath("//section[.//fieldset]") if activity in _text(s)), None)
        _must(section is not None, f"no target of the review rests on “{activity}”")
        field = section.find(".//fieldset//input").get("name")
        target = field.partition(":")[2]
        level = LEVELS[int(time.time()) % len(LEVELS)]
        comment = f"Talked through together at {time.strftime('%H:%M:%S')}."
        changes = {field: level, f"comment:{target}": comment}
        if f"reason:{target}" in self._form().fields:
            changes[f"reason:{target}"] = "Talked it through again."
        self._send(changes)
        return _text(section.find(".//h2")), level, comment

    def add_target(self, wording: str, activity: str) -> str:
        """Add a target with an activity found by searching the picker; the activity's label."""
        link = next(a for a in self.page.document.xpath("//a") if (a.get("href") or "").endswith("/targets/new"))
        form_page = self.teacher.visitor.get(link.get("href"))
        _must(form_page.status == 200, f"the page for a new target answered {form_page.status}")
        search = form_page.document.get_element_by_id("find")
        found = self.teacher.visitor.get(urljoin(form_page.url, search.get("hx-get")), params={"find": activity[:12]})
        pick = next((p for p in found.document.find_class("pick") if activity in _text(p)), None)
        _must(pick is not None, f"the picker does not find “{activity}”")
        form = next(f for f in form_page.document.forms if "wording" in f.fields)
        changes = {"wording": wording, "activities": pick.find(".//input").get("value"), "go": "save"}
        form.action = form.action or form_page.url
        self.page = self.teacher.visitor.submit(form, changes)
        _must(self.page.status == 200 and wording in self.page.text, f"the new target answered {self.page.status}")
        return activity

    def agree(self, next_steps: str, review_on: date) -> None:
        self._send({"next_steps": next_steps, "next_review_on": review_on.isoformat()})

    def close(self) -> Page:
        button = next(b for b in self.page.document.xpath("//button[@formaction]") if "close" in b.get("formaction"))
        form = self._form()
        form.action = urljoin(self.page.url, button.get("formaction"))
        page = self.teacher.visitor.submit(form)
        _must(page.status == 200, f"closing the review answered {page.status}")
        return page

    def stop_target(self, wording: str) -> None:
        """Take an earlier run's target away, if it stands."""
        section = next((s for s in self.page.document.xpath("//section[@id]") if wording in _text(s)), None)
        if section is None:
            return
        target = section.get("id").removeprefix("target-")
        edit = self.teacher.visitor.get(urljoin(self.page.url, f"../targets/{target}"))
        form = edit.form("/stop")
        _must(form is not None, "the target of an earlier run cannot be stopped")
        self.page = self.teacher.visitor.submit(form)

    def _form(self) -> FormElement:
        return self.page.document.get_element_by_id("review-form")

    def _send(self, changes: dict[str, str]) -> None:
        self.page = self.teacher.visitor.submit(self._form(), changes)
        _must(self.page.status == 200, f"saving the review answered {self.page.status}")


@dataclass
class Studio:
    """Studio's page of the unit's panel, as an author has it open."""

    visitor: Visitor
    page: Page
    saved: dict  # what the page's script is started with

    @classmethod
    def opened(cls, author: Panel) -> "Studio":
        unit = author.unit.page
        link = next((a for a in unit.document.find_class("lms-edit")), None)
        _must(link is not None, f"the unit offers {author.name} no way to Studio")
        page = author.visitor.get(link.get("href"))
        saved = next((args for args in _init_args(page) if "take" in args), {})
        _must(page.status == 200 and saved.get("take"), "Studio's page does not offer to choose what to show")
        return cls(author.visitor, page, saved)

    def choose(self, what: str) -> str:
        """Choose at the tool what the block shows, take it into the block, and show the plan again. Its title."""
        link = next(iter(self.page.document.find_class("ilp-studio__choose")), None)
        _must(link is not None, "Studio's page has no link to the tool")
        picker = self.visitor.launch(link.get("href"))
        form = next((form for form in picker.document.forms if "what" in form.fields), None)
        _must(form is not None, f"the tool answered the deep linking request with status {picker.status}")
        form.action = form.action or picker.url
        answer = self.visitor.submit(form, {"what": what, "go": "add"})
        back = next((form for form in answer.document.forms if "JWT" in form.fields), None)
        _must(back is not None, f"the tool sent no choice back, but status {answer.status}")
        taken = self.visitor.submit(back)
        _must(taken.status == 200, f"the LMS answered {taken.status} to what was chosen")
        said = self._tell("take")
        _must(said["taken"] and said["title"], "Studio does not show what was chosen")
        self._tell("clear")
        return str(said["title"])

    def _tell(self, what: str) -> dict:
        url = urljoin(self.page.url, self.saved[what])
        answer = self.visitor.post(url, json={}, headers={"X-CSRFToken": self.visitor.cookie(url, "csrftoken")})
        _must(answer.status == 200, f"the block answered {answer.status}")
        return json.loads(answer.text)


def _reader(page: Page) -> tuple[str, dict]:
    """Where the page asks for news, and what it says it has seen."""
    element = next(e for e in page.document.xpath("//*[@hx-post]") if e.get("hx-post").endswith("/live"))
    return urljoin(page.url, element.get("hx-post")), json.loads(element.get("hx-vals"))


def _init_args(page: Page) -> list[dict]:
    """What the page's XBlocks are started with."""
    return [json.loads(script.text) for script in page.document.find_class("xblock_json_init_args")]


def _person(course: dict, role: str) -> dict:
    return next(person for person in course["people"] if _is(person, role))


def _is(person: dict, role: str) -> bool:
    return person["roles"][0].endswith(role)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _shown(score: float | None) -> str:
    return "never attempted" if score is None else f"{score:g}"


def _out_of(score: float, maximum: float) -> str:
    return f"{score:g} out of {maximum:g}"


def _must(condition: object, otherwise: str) -> None:
    if not condition:
        raise Missed(otherwise)
