"""`Courses` of the workbench: the outline for courses, the loaded blocks for what an author chose."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.runtime import WorkbenchRuntime
from xblock.exceptions import NoSuchUsage

from ilp_xblock import studio
from ilp_xblock.platform.ports import Course, Origin, Placement

from .gradebook import unit_url
from .syllabus import COURSES, course_outline


class WorkbenchCourses:
    def course(self, course_id: str) -> Course | None:
        course = course_outline(course_id)
        if course is None:
            return None
        return Course(course.id, course.title, course.title, unit_url(course.id, course.units[0].slug))

    def placement(self, block_id: str, *, draft: bool = False) -> Placement | None:
        for course in COURSES:
            for unit in course.units:
                if course.panel_id(unit.slug) == block_id:
                    return Placement(
                        block_id,
                        course.id,
                        unit.title,
                        chosen_activities(block_id) or tuple(a.id for a in course.graded if a.unit == unit.slug),
                        unit_url(course.id, unit.slug),
                        chosen_content(block_id),
                    )
        return None

    def origins(self, course_id: str, block_id: str = "") -> Sequence[Origin]:
        return ()  # nobody copies the demo's courses


def chosen_activities(block_id: str) -> tuple[str, ...]:
    """What the author chose in Studio's view; () when the block keeps to its own unit."""
    block = _block(block_id)
    return studio.chosen_activities(block) if block is not None else ()


def chosen_content(block_id: str) -> Mapping[str, Any]:
    """What the author chose at the tool; {} for the panel as it is."""
    block = _block(block_id)
    return dict(block.chosen_content or {}) if block is not None else {}


def _block(block_id: str) -> Any:
    try:
        return WorkbenchRuntime(None).get_block(block_id)
    except NoSuchUsage:  # another process than the server: commands load no blocks
        return None
