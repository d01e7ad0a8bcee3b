"""The two courses of the demo school, as values: courses of units of reading, graded quizzes and our panel.

Usage ids are the workbench's own (`<course>.<block type>.d<n>.u0`, numbered in the order of the course), so they
are known without loading a block; a test holds that they are what the workbench gives.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

from .content import MATHEMATICS, SCIENCE


@dataclass(frozen=True)
class Quiz:
    """A graded activity. `points` are shared evenly by its questions: (text, choices, index of the right one)."""

    title: str
    points: int
    questions: tuple[tuple[str, tuple[str, ...], int], ...]


@dataclass(frozen=True)
class Unit:
    slug: str
    title: str
    reading: tuple[str, ...]
    quizzes: tuple[Quiz, ...]
    has_panel: bool = True


@dataclass(frozen=True)
class Graded:
    """A quiz in its place: what a gradebook lists."""

    id: str
    title: str
    points: int
    unit: str


@dataclass(frozen=True)
class CourseOutline:
    """`id` is the slug of `title`, since the workbench names a scenario by its description."""

    id: str
    title: str
    about: str
    units: tuple[Unit, ...]

    @cached_property
    def graded(self) -> tuple[Graded, ...]:
        placed = [(unit, quiz) for unit in self.units for quiz in unit.quizzes]
        return tuple(
            Graded(f"{self.id}.ilp_quiz.d{n}.u0", quiz.title, quiz.points, unit.slug)
            for n, (unit, quiz) in enumerate(placed)
        )

    def unit(self, slug: str) -> Unit | None:
        return next((unit for unit in self.units if unit.slug == slug), None)

    def unit_id(self, slug: str) -> str:
        """The usage id of the unit's block."""
        place = next(n for n, unit in enumerate(self.units) if unit.slug == slug)
        return f"{self.id}.ilp_unit.d{place}.u0"

    def panel_id(self, slug: str) -> str | None:
        """The usage id of the ILP block in the unit, if it has one."""
        placed = [unit.slug for unit in self.units if unit.has_panel]
        return f"{self.id}.ilp.d{placed.index(slug)}.u0" if slug in placed else None

    @property
    def xml(self) -> str:
        """The course as the scenario the workbench loads."""
        root = ElementTree.Element("ilp_course", display_name=self.title)
        for unit in self.units:
            node = ElementTree.SubElement(root, "ilp_unit", display_name=unit.title, slug=unit.slug)
            ElementTree.SubElement(node, "ilp_reading", paragraphs=json.dumps(unit.reading))
            for quiz in unit.quizzes:
                ElementTree.SubElement(
                    node,
                    "ilp_quiz",
                    display_name=quiz.title,
                    points=str(quiz.points),
                    questions=json.dumps([{"text": t, "choices": c, "right": r} for t, c, r in quiz.questions]),
                )
            if unit.has_panel:
                ElementTree.SubElement(node, "ilp")
        return ElementTree.tostring(root, encoding="unicode")


def _course(written: dict, *, has_panel: bool) -> CourseOutline:
    return CourseOutline(
        id=written["id"],
        title=written["title"],
        about=written["about"],
        units=tuple(
            Unit(
                slug=unit["slug"],
                title=unit["title"],
                reading=tuple(unit["reading"]),
                quizzes=tuple(
                    Quiz(quiz["title"], quiz["points"], tuple((t, tuple(c), r) for t, c, r in quiz["questions"]))
                    for quiz in unit["quizzes"]
                ),
                has_panel=has_panel,
            )
            for unit in written["units"]
        ),
    )


COURSES = (_course(SCIENCE, has_panel=True), _course(MATHEMATICS, has_panel=False))


def course_outline(course_id: str) -> CourseOutline | None:
    return next((course for course in COURSES if course.id == course_id), None)
