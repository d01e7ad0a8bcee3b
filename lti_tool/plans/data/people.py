"""People, what they are in a course, and who asks."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is in one course. Unknown or missing roles are NONE: nothing is shown."""

    LEARNER = "learner"
    TEACHER = "teacher"
    ASSISTANT = "assistant"
    ADMINISTRATOR = "administrator"
    FAMILY = "family"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Built by `web` from the server's session row on each request, never from the page.

    `course_id` is the course the launch came from; `role` is the role the *live* enrolment gives there.
    """

    person_id: UUID
    school_id: UUID
    role: Role
    course_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonRef:
    id: UUID
    name: str  # never empty: a person whose LMS withholds the name is "Student 3F9A" (T74)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One member of a course as a roster or launch tells it."""

    person_id: UUID
    role: Role
