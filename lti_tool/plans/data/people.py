"""People, what they are in a course, and who asks."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is to a student. Unknown or missing roles are NONE: nothing is shown.

    An LMS tells learners, class staff (teacher, assistant), administrators and families; the others a school
    appoints (001.26, 002.21). Families reach by guardian links, whatever tells of them (T28).
    """

    LEARNER = "learner"
    FAMILY = "family"
    TEACHER = "teacher"  # class staff
    ASSISTANT = "assistant"
    KEY_WORKER = "key_worker"  # learning advisor, tutor: one student's named supporter
    SUBJECT_TEACHER = "subject_teacher"
    PHASE_LEADER = "phase_leader"
    LEADERSHIP = "leadership"
    ADMINISTRATOR = "administrator"
    PROVIDER = "provider"  # somebody outside the school: placement, agency, off-site course
    NONE = "none"


class Look(StrEnum):
    """How somebody likes pages to look and sound, beside what their device already asks for (T87)."""

    EASY = "easy"  # larger, with pictures, fewer words
    WIDE = "wide"  # more room between letters, words and lines
    CREAM = "cream"
    BLUE = "blue"
    STILL = "still"  # nothing moves
    ALOUD = "aloud"  # buttons that read aloud


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Built by `web` from the server's session row on each request, never from the page.

    `course_id` is the course the launch came from; `role` is the role the *live* enrolment gives there; `appointed`
    are the roles of live appointments and guardian links, wherever the launch came from.
    """

    person_id: UUID
    school_id: UUID
    role: Role
    course_id: int | None = None
    appointed: frozenset[Role] = frozenset()
    looks: frozenset[Look] = field(default=frozenset(), compare=False)  # told with the roles, to spare a question
    fresh: bool = field(default=True, compare=False)  # False: staff who came from their LMS a while ago (T63)

    @property
    def roles(self) -> frozenset[Role]:
        """Everything they are. Whom each reaches, only a fetch can say."""
        return self.appointed | {self.role}

    @property
    def acts_as(self) -> Role:
        """What the trail says they acted as: their role in the course, or else what they are appointed to."""
        if self.role in (Role.NONE, Role.FAMILY) and self.appointed:
            return min(self.appointed, key=list(Role).index)
        return self.role


@dataclass(frozen=True, slots=True)
class PersonRef:
    id: UUID
    name: str  # never empty: a person whose LMS withholds the name is "Student 3F9A" (T74)
    pronouns: str = field(default="", compare=False)  # as they told them; told where somebody writes of them (T93)


class NameReason(StrEnum):
    """Why the school's office takes back the name somebody wrote of themselves."""

    HURTFUL = "hurtful"
    NOT_THEIRS = "not_theirs"  # another person's
    NOT_A_NAME = "not_a_name"
    ASKED = "asked"  # they or their family wanted it


@dataclass(frozen=True, slots=True)
class NameCard:
    """What somebody is called: by themselves ("": as listed), by the LMS, and how to speak of them.

    `taken_back`: why the school's office took back the name they last wrote, a code; "" where it did not.
    """

    own: str
    listed: str
    pronouns: str
    taken_back: str = ""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Whom somebody can ask, by name, and a number for whoever would rather speak than write."""

    people: tuple[PersonRef, ...]
    name: str  # whom the school names
    phone: str
    may_set: bool


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One member of a course as a roster or launch tells it."""

    person_id: UUID
    role: Role
