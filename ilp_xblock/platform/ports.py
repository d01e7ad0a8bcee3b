"""What the platform asks of the LMS it lives in: grades, roster, courses, and who is logged in.

Two implementations: edx-platform's (`ilp_xblock.compat`) and the workbench's gradebook. The setting
`ILP_LTI_PORTS` names them by dotted path; each is called without arguments once a process:

    ILP_LTI_PORTS = {"grades": "...", "roster": "...", "courses": "...", "current_user": "...", "groups": "..."}

`groups` may be left out: the LMS then has no groups to show.

A *sub* is the platform's own stable, opaque id of a person, the same in launches, results and rosters. Course,
block and activity ids are the LMS's own strings. Cursors are opaque strings of the implementation; "" asks for the
first page, and as a page's `next` says that there is none. An implementation raises ValueError for a cursor it
never gave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string


class Role(StrEnum):
    """What a member is in a course."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Activity:
    """A graded activity of a course. `score_maximum` is greater than zero; `tag` is its kind ("Homework"), if any."""

    id: str
    label: str
    score_maximum: float
    url: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A learner's newest score for an activity. Zero is a score; who never attempted has no Result at all."""

    sub: str
    score: float
    maximum: float
    observed_at: datetime | None = None  # aware; when it was earned, if the LMS knows


@dataclass(frozen=True, slots=True)
class ResultPage:
    results: Sequence[Result]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """An enrolled person, or a member of the course's staff. Never empty `roles`."""

    sub: str
    roles: tuple[Role, ...]
    name: str = ""
    email: str = ""
    given_name: str = ""  # where the LMS keeps the parts of a name
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    members: Sequence[Member]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    id: str
    title: str
    label: str = ""  # short name
    url: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """A block that shows the panel. `activity_ids` empty: the whole course.

    `content` is what its author chose at a tool (`content.Chosen`), as the block holds it: not checked yet.
    """

    block_id: str
    course_id: str
    title: str = ""
    activity_ids: tuple[str, ...] = ()
    url: str = ""  # the page to come back to
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """A course that another was copied from, and the block there that the copy's block was made from ("": none)."""

    course_id: str
    block_id: str = ""


@dataclass(frozen=True, slots=True)
class GroupSet:
    """One way in which a course is divided."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    set_id: str = ""


class GradeSource(Protocol):
    """The course's gradebook, read-only."""

    def activities(self, course_id: str) -> Sequence[Activity]:
        """Every graded activity of the course in a stable order; () when it has none."""

    def results(
        self, course_id: str, activity_id: str, *, after: str = "", limit: int = 100, sub: str | None = None
    ) -> ResultPage:
        """At most `limit` results, of one person when `sub` is given. Following `next` visits each exactly once,
        also when results are added or changed meanwhile. Empty for an activity that the course does not have."""


class Roster(Protocol):
    """The people of a course."""

    def members(self, course_id: str, *, after: str = "", limit: int = 100, role: Role | None = None) -> MemberPage:
        """At most `limit` people who are enrolled now or staff of the course. Following `next` visits each once.

        With `role`, those who have it; an assistant is an instructor too, as the roles sent of one say.
        """

    def member(self, course_id: str, sub: str) -> Member | None:
        """The one person, or None when they are not of the course now."""


class Courses(Protocol):
    """The structure of courses."""

    def course(self, course_id: str) -> Course | None: ...

    def placement(self, block_id: str, *, draft: bool = False) -> Placement | None:
        """The block when it exists and shows the panel, else None. `draft`: as its author has it in Studio now."""

    def origins(self, course_id: str, block_id: str = "") -> Sequence[Origin]:
        """The courses this one was copied from, the nearest first; () when the LMS knows of none."""


class CurrentUser(Protocol):
    """Who is at the browser."""

    def launching(self, request: HttpRequest) -> str | None:
        """The sub of the person for whom this request starts a launch; None when nobody is logged in."""

    def is_current(self, request: HttpRequest, sub: str) -> bool:
        """Whether this browser is logged in as that person."""

    def sub_of(self, user_id: Any) -> str | None:
        """The sub of a user id of the LMS, as an XBlock's `user` service gives it; None for nobody's."""


class Groups(Protocol):
    """How the course's people are grouped (cohorts). Lists are whole and in a stable order."""

    def sets(self, course_id: str) -> Sequence[GroupSet]: ...

    def groups(self, course_id: str, *, sub: str | None = None) -> Sequence[Group]:
        """The course's groups; one person's when `sub` is given."""

    def group_ids(self, course_id: str, subs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The ids of these people's groups, by sub; who is in none may be missing."""


@dataclass(frozen=True, slots=True)
class Ports:
    grades: GradeSource
    roster: Roster
    courses: Courses
    current_user: CurrentUser
    groups: Groups | None = None


@lru_cache(maxsize=4)
def _load(grades: str, roster: str, courses: str, current_user: str, groups: str = "") -> Ports:
    return Ports(
        grades=cast(GradeSource, import_string(grades)()),
        roster=cast(Roster, import_string(roster)()),
        courses=cast(Courses, import_string(courses)()),
        current_user=cast(CurrentUser, import_string(current_user)()),
        groups=cast(Groups, import_string(groups)()) if groups else None,
    )


def ports() -> Ports:
    """The LMS's implementations, by the setting `ILP_LTI_PORTS`."""
    chosen: dict[str, str] = getattr(settings, "ILP_LTI_PORTS", None) or {}
    missing = {"grades", "roster", "courses", "current_user"} - chosen.keys()
    if missing:
        raise ImproperlyConfigured(f"ILP_LTI_PORTS does not name {', '.join(sorted(missing))}.")
    return _load(**chosen)
