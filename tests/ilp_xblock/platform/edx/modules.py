"""Modules of edx-platform over a course in memory: grades API, block structure, modulestore."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from opaque_keys.edx.keys import CourseKey, UsageKey

from .models import (
    CohortMembership,
    CourseAccessRole,
    CourseCohortsSettings,
    CourseEnrollment,
    CourseOverview,
    CourseRerunState,
    CourseUserGroup,
    ExternalId,
    PersistentSubsectionGrade,
)


class ItemNotFoundError(Exception):
    pass


class GradesTransformer:
    pass


@dataclass
class Block:
    """A block as the modulestore gives it, and as the block structure does."""

    location: UsageKey
    display_name: str = ""
    graded: bool = False
    has_score: bool = False
    weight: float | None = None
    raw: float | None = None
    format: str = ""
    published: bool = True
    activity_ids: list[str] = field(default_factory=list)
    chosen_content: dict[str, Any] = field(default_factory=dict)
    children: list["Block"] = field(default_factory=list)
    parent: "Block | None" = None

    def __post_init__(self) -> None:
        self.scope_ids = SimpleNamespace(usage_id=self.location, block_type=self.location.block_type)
        for child in self.children:
            child.parent = self

    def get_children(self) -> list["Block"]:
        return self.children

    def get_parent(self) -> "Block | None":
        return self.parent

    def max_score(self) -> float | None:
        return self.raw

    def walk(self) -> Iterator["Block"]:
        for child in self.children:
            yield from child.walk()
        yield self


class Structure:
    """A collected block structure."""

    def __init__(self, course: Block) -> None:
        self.blocks = {block.location: block for block in course.walk()}

    def __getitem__(self, usage_key: UsageKey) -> Block:
        return self.blocks[usage_key]

    def post_order_traversal(self, filter_func: Any = None, start_node: UsageKey | None = None) -> Iterator[UsageKey]:
        for block in self.blocks[start_node].walk():
            yield block.location

    def get_transformer_block_field(
        self, usage_key: UsageKey, transformer: type, key: str, default: Any = None
    ) -> Any:
        assert (transformer, key) == (GradesTransformer, "max_score")
        block = self.blocks[usage_key]
        return block.raw if block.has_score else default


class ModuleStoreEnum:
    class Branch:
        draft_preferred = "draft-preferred"


class ModuleStore:
    drafts = False

    def __init__(self, courses: dict[CourseKey, Block]) -> None:
        self.courses = courses

    def get_course(self, course_id: CourseKey, depth: int | None = 0) -> Block | None:
        return self.courses.get(course_id)

    def get_item(self, usage_key: UsageKey, depth: int | None = 0) -> Block:
        for course in self.courses.values():
            for block in course.walk():
                if block.location == usage_key and (block.published or ModuleStore.drafts):
                    return block
        raise ItemNotFoundError

    @contextmanager
    def branch_setting(self, branch_setting: str, course_id: CourseKey | None = None) -> Iterator[None]:
        assert branch_setting == ModuleStoreEnum.Branch.draft_preferred
        ModuleStore.drafts = True
        yield
        ModuleStore.drafts = False


def modules(courses: dict[CourseKey, Block]) -> dict[str, ModuleType]:
    """The modules of edx-platform by name, over these courses."""

    class CourseData:
        def __init__(self, user: Any, course: Any = None, course_key: CourseKey | None = None) -> None:
            self.collected_structure = Structure(courses[course_key])

    def graded_subsections_for_course_id(course_id: CourseKey) -> Iterator[Block]:
        for chapter in courses[course_id].children:
            yield from (subsection for subsection in chapter.children if subsection.graded)

    contents: dict[str, dict[str, Any]] = {
        "common.djangoapps.student.models": {
            "CourseEnrollment": CourseEnrollment,
            "CourseAccessRole": CourseAccessRole,
        },
        "common.djangoapps.course_action_state.models": {"CourseRerunState": CourseRerunState},
        "openedx.core.djangoapps.external_user_ids.models": {"ExternalId": ExternalId},
        "openedx.core.djangoapps.content.course_overviews.models": {"CourseOverview": CourseOverview},
        "lms.djangoapps.grades.models": {"PersistentSubsectionGrade": PersistentSubsectionGrade},
        "lms.djangoapps.grades.transformer": {"GradesTransformer": GradesTransformer},
        "lms.djangoapps.grades.api": {
            "course_data": SimpleNamespace(CourseData=CourseData),
            "graded_subsections_for_course_id": graded_subsections_for_course_id,
        },
        "openedx.core.djangoapps.course_groups.models": {
            "CohortMembership": CohortMembership,
            "CourseCohortsSettings": CourseCohortsSettings,
            "CourseUserGroup": CourseUserGroup,
        },
        "xmodule.modulestore": {"ModuleStoreEnum": ModuleStoreEnum},
        "xmodule.modulestore.django": {"modulestore": lambda: ModuleStore(courses)},
        "xmodule.modulestore.exceptions": {"ItemNotFoundError": ItemNotFoundError},
    }
    found: dict[str, ModuleType] = {}
    for name, values in contents.items():
        parts = name.split(".")
        for depth in range(1, len(parts)):
            package = ".".join(parts[:depth])
            found.setdefault(package, ModuleType(package)).__path__ = []
        module = found.setdefault(name, ModuleType(name))
        module.__dict__.update(values)
    for name, module in found.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(found[parent], last, module)
    return found


def install(monkeypatch: pytest.MonkeyPatch, courses: dict[CourseKey, Block]) -> None:
    """Let edx-platform be importable in this test."""
    for name, module in modules(courses).items():
        monkeypatch.setitem(sys.modules, name, module)
