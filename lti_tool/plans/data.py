"""What crosses the door of `plans`: frozen values, never a model and never a request.

Scores are plain numbers on the activity's own scale (`score_given` out of `score_maximum`); times are
aware datetimes in UTC; ids are UUIDs except activities and courses, which are integers.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
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


class Level(StrEnum):
    """Alfreton Park's judgement scale (001.11)."""

    EMERGING = "emerging"
    EXPECTED = "expected"
    EXCEEDED = "exceeded"


class TargetState(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    ACHIEVED = "achieved"
    STOPPED = "stopped"


class ReviewState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Voice(StrEnum):
    """Whose words a contribution holds (001.22)."""

    LEARNER = "learner"
    FAMILY = "family"
    SCHOOL = "school"


class Track(StrEnum):
    """How the newest figures of a target's activities stand: a hint with reasons, never a judgement (T25)."""

    ON_TRACK = "on_track"
    NEEDS_ATTENTION = "needs_attention"
    NO_EVIDENCE = "no_evidence"


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
class ActivityView:
    id: int
    external_id: str  # the platform's id: AGS resourceId (Open edX usage key) or line item URL
    label: str
    score_maximum: float
    url: str = ""  # where the LMS shows it, when known
    removed: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One observed value with its provenance (T19): of which activity, from where, seen when."""

    id: int
    activity_id: int
    activity_label: str
    score_given: float | None  # None: the LMS has a result without a score (never zero)
    score_maximum: float
    observed_at: datetime  # the time the platform gives
    received_at: datetime  # when we read it
    source: str  # kind of the source: "ags", ...

    @property
    def percent(self) -> float | None:
        if self.score_given is None or self.score_maximum <= 0:
            return None
        return 100 * self.score_given / self.score_maximum


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A level the figures suggest, with the arithmetic shown. It never becomes a judgement by itself (T25)."""

    level: Level
    mean_percent: float
    figures: tuple[EvidenceView, ...]  # the newest of each activity, the ones averaged
    emerging_below: float  # percent: below it "emerging"
    exceeded_from: float  # percent: from it on "exceeded"


@dataclass(frozen=True, slots=True)
class JudgementView:
    """T48: author, date, reason, version; corrections are new versions."""

    id: UUID
    level: Level
    comment: str
    author: PersonRef
    made_at: datetime
    version: int
    review_number: int
    reason: str = ""  # why a later version replaced an earlier one
    review_version: int = 0  # the review's version this judgement made
    evidence_seen: tuple[int, ...] = ()  # ids of the values the author had before them


@dataclass(frozen=True, slots=True)
class TargetCard:
    """A target as student and teacher see it beside the coursework."""

    id: UUID
    wording: str
    success: str
    next_step: str
    due_on: date | None
    state: TargetState
    goal: str
    version: int
    activities: tuple[ActivityView, ...]
    here: bool  # one of its activities is in this unit
    newest: EvidenceView | None
    attempted: int  # of `activities`, how many have a score
    mean_percent: float | None  # of the newest score of each attempted activity
    track: Track
    judgement: JudgementView | None  # of the last closed review


@dataclass(frozen=True, slots=True)
class SyncProblem:
    """Why evidence could not be read: shown as a sentence, never as "no evidence"."""

    source: str
    since: datetime
    code: str  # "unreachable", "slow", "refused", "throttled", "broken", "too_large", ...


@dataclass(frozen=True, slots=True)
class StudentPanel:
    student: PersonRef
    plan_id: UUID | None
    here: tuple[TargetCard, ...]
    elsewhere: int  # targets this unit does not serve
    problem: SyncProblem | None
    read_at: datetime | None  # when evidence was last read without failure
    next_steps: str  # of the last closed review
    last_closed_on: date | None
    review_open: bool
    review_due_on: date | None
    own_words: str  # what the student wrote for the coming review


@dataclass(frozen=True, slots=True)
class ClassRow:
    student: PersonRef
    targets: int
    targets_here: int
    track: Track
    review_due_on: date | None
    review_due: bool
    review_open: bool
    judged: int  # targets judged in the open review


@dataclass(frozen=True, slots=True)
class ClassPanel:
    course_title: str
    rows: tuple[ClassRow, ...]
    problem: SyncProblem | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class SharedGoal:
    """A goal several students of a class have, by the key a placement names it with."""

    key: str
    wording: str
    students: int


@dataclass(frozen=True, slots=True)
class ContributionView:
    voice: Voice
    author: PersonRef
    text: str
    written_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    card: TargetCard
    since_last: tuple[EvidenceView, ...]  # every value seen since the last review closed, oldest first
    suggestion: Suggestion | None
    last_judgement: JudgementView | None
    judgement: JudgementView | None  # in this review


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything one screen of a review needs. Closed: what it rested on is frozen and shown from the freeze."""

    id: UUID
    version: int  # send it back with next steps and closing; a judgement sends its own version (0: none yet)
    number: int
    state: ReviewState
    student: PersonRef
    plan_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    closed_by: PersonRef | None
    since: datetime | None  # when the last review closed
    targets: tuple[ReviewTarget, ...]
    contributions: tuple[ContributionView, ...]  # the newest of everybody who spoke
    next_steps: str
    next_review_on: date | None
    problem: SyncProblem | None
    previous_student: PersonRef | None
    next_student: PersonRef | None
    position: int  # 1-based place of the student in the class list
    class_size: int
    drafts: dict[str, str] = field(default_factory=dict)  # unsaved words of this actor, by field name


@dataclass(frozen=True, slots=True)
class TargetChange:
    """What a form says of a target; `activity_ids` is the whole set afterwards."""

    wording: str
    success: str = ""
    next_step: str = ""
    goal: str = ""
    due_on: date | None = None
    activity_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One member of a course as a roster or launch tells it."""

    person_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class ActivityRead:
    """One activity as a source tells it."""

    external_id: str
    label: str
    score_maximum: float
    url: str = ""


@dataclass(frozen=True, slots=True)
class ResultRead:
    """One value of one person in one activity as a source tells it."""

    person_id: UUID
    score_given: float | None
    score_maximum: float
    observed_at: datetime | None = None  # None: the source gives no time


@dataclass(frozen=True, slots=True)
class EvidenceWritten:
    """What one call changed: new values, and rows that stood already and were left alone.

    `missing`: activities where somebody else's score stands who was not told of, though several people were.
    `written_in`: new values by activity, those with none left out.
    """

    written: int
    unchanged: int
    missing: tuple[int, ...] = ()
    written_in: dict[int, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as it stands, in the form a page sends it back: for an edit form and for a Conflict."""

    id: UUID
    version: int
    state: TargetState
    change: TargetChange


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What a review agreed for the time ahead, and the review's version that says so."""

    next_steps: str
    next_review_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class PastReview:
    """A closed review in a list."""

    id: UUID
    number: int
    closed_at: datetime
    closed_by: PersonRef | None
    judged: int


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """That a review closed, and where its student learns now. Nothing of what it says."""

    id: UUID
    student_id: UUID
    closed_at: datetime
    course_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class SyncRef:
    """One due read: which source of which course, and of one person or (None) of everybody."""

    id: int
    school_id: UUID
    course_id: int
    source: str
    person_id: UUID | None
    attempts: int


@dataclass(frozen=True, slots=True)
class SyncLease:
    """A due read that is now the caller's, by its token. `attempts` counts this one, also of killed workers."""

    sync_id: int
    token: UUID
    school_id: UUID
    course_id: int
    source: str
    person_id: UUID | None
    attempts: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """How fresh a course's evidence is. A problem stands while nothing was read since it began."""

    read_at: datetime | None
    problem: SyncProblem | None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One event of the trail (T42): who, acting as what, did what, when. Ids and codes only."""

    number: int
    at: datetime
    actor_id: UUID | None
    role: str
    verb: str
    subject: str
    subject_id: str
    detail: dict[str, object]
    reason: str
