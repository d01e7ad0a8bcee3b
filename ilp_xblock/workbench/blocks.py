"""The demo course's own XBlocks: a course, its units, something to read and a graded quiz.

The quiz publishes its grade the way any graded XBlock does: `runtime.publish(self, "grade", ...)`. These blocks are
known to the workbench only (`runtime.install`), so a school's LMS never lists them.
"""

import json

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from web_fragments.fragment import Fragment
from webob import Request, Response
from xblock.core import XBlock
from xblock.fields import Dict, Float, List, Scope, String

from . import syllabus


class _Container(XBlock):
    """Children in their order; what is our panel stands in a column of its own."""

    has_children = True
    display_name = String(scope=Scope.settings, default="")

    def _view(self, view: str, context: dict | None) -> Fragment:
        fragment = Fragment()
        blocks = [self.runtime.get_block(child) for child in self.children]
        parts = [(block, self.runtime.render_child(block, view, context)) for block in blocks]
        for _block, part in parts:
            fragment.add_fragment_resources(part)
        rendered = {
            "title": self.display_name,
            "main": [part.content for block, part in parts if block.scope_ids.block_type != "ilp"],
            "aside": [part.content for block, part in parts if block.scope_ids.block_type == "ilp"],
        }
        fragment.add_content(render_to_string("ilp_workbench/container.html", rendered))
        return fragment

    def student_view(self, context: dict | None = None) -> Fragment:
        return self._view("student_view", context)

    def author_view(self, context: dict | None = None) -> Fragment:
        return self._view("author_view", context)

    def studio_view(self, context: dict | None = None) -> Fragment:
        return self._view("studio_view", context)


class CourseBlock(_Container):
    """A whole course."""

    @staticmethod
    def workbench_scenarios() -> list[tuple[str, str]]:
        return [(course.title, course.xml) for course in syllabus.COURSES]


class UnitBlock(_Container):
    """A page of a course."""

    slug = String(scope=Scope.settings, default="")


class ReadingBlock(XBlock):
    """A few paragraphs."""

    paragraphs = List(scope=Scope.content, default=[])

    def student_view(self, context: dict | None = None) -> Fragment:
        return Fragment(render_to_string("ilp_workbench/reading.html", {"paragraphs": self.paragraphs}))

    author_view = studio_view = student_view


@XBlock.wants("gradebook")
class QuizBlock(XBlock):
    """A short quiz, marked at once: every right question gives an equal share of the points."""

    has_score = True
    display_name = String(scope=Scope.settings, default="")
    points = Float(scope=Scope.settings, default=10.0)
    questions = List(scope=Scope.content, default=[])
    answers = Dict(scope=Scope.user_state, default={}, help="Chosen choice by question, both as numbers in text")

    def max_score(self) -> float:
        return self.points

    def student_view(self, context: dict | None = None) -> Fragment:
        gradebook = self.runtime.service(self, "gradebook")
        score = gradebook.score(self) if gradebook else None
        questions = [
            {
                "text": question["text"],
                "choices": [
                    {"text": choice, "value": n, "chosen": self.answers.get(str(place)) == n}
                    for n, choice in enumerate(question["choices"])
                ],
            }
            for place, question in enumerate(self.questions)
        ]
        fragment = Fragment(
            render_to_string(
                "ilp_workbench/quiz.html",
                {
                    "usage": str(self.scope_ids.usage_id),
                    "title": self.display_name,
                    "points": _number(self.points),
                    "questions": questions,
                    "said": _said(*score) if score else _("Not attempted yet."),
                },
            )
        )
        fragment.add_javascript_url(static("ilp/xblock-workbench.js"))
        fragment.initialize_js(
            "ILPQuiz",
            {
                "url": self.runtime.handler_url(self, "answer"),
                "failed": _("Your answers could not be sent. Try again."),
                "missing": _("Answer every question first."),
            },
        )
        return fragment

    def author_view(self, context: dict | None = None) -> Fragment:
        return Fragment(render_to_string("ilp_workbench/quiz_author.html", {"block": self}))

    studio_view = author_view

    @XBlock.handler
    def answer(self, request: Request, suffix: str = "") -> Response:
        """Mark {"answers": {"0": 1, ...}} and publish the grade; 400 for anything else."""
        # Another body may be read, and gone, when the page's token was looked for in it.
        body = request.body if request.content_type == "application/json" else b""
        chosen = _answers(body, [len(question["choices"]) for question in self.questions])
        if request.method != "POST" or chosen is None:
            return Response(json_body={"error": _("Answer every question first.")}, status=400)
        right = [chosen[str(n)] == question["right"] for n, question in enumerate(self.questions)]
        score = self.points * sum(right) / len(right)
        self.answers = chosen
        self.runtime.publish(self, "grade", {"value": score, "max_value": self.points})
        return Response(
            json_body={"score": score, "maximum": self.points, "right": right, "said": _said(score, self.points)}
        )


def _answers(body: bytes, choices: list[int]) -> dict[str, int] | None:
    try:
        given = json.loads(body)["answers"]
        chosen = {str(n): given[str(n)] for n in range(len(choices))}
    except (ValueError, KeyError, TypeError):
        return None
    fits = all(type(value) is int and 0 <= value < choices[int(place)] for place, value in chosen.items())
    return chosen if fits else None


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _said(score: float, maximum: float) -> str:
    return _("Your score: %(score)s out of %(maximum)s.") % {"score": _number(score), "maximum": _number(maximum)}
