"""The port between the tool and whatever tells it how coursework goes: a gradebook, an API, a file.

A source is a class named in `settings.ILP_EVIDENCE_SOURCES` (kind -> dotted path) and made anew for each read.
It finds out what it can, hands it to the desk as it comes, and raises when something could not be read: what was
handed over stays, and the failure is told to the teacher. A source never turns a failure into "no evidence".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from lti_tool.http import Outbound
from lti_tool.plans.data import ActivityRead, ResultRead


class SourceFailure(Exception):
    """A source could not be read, wholly or in part. `code` is what the panel turns into a sentence.

    `permanent`: another try by itself will not help. `retry_after`: seconds the other side asked us to wait.
    """

    def __init__(self, code: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


class NotConnected(SourceFailure):
    """The course's platform offers no such service."""

    def __init__(self) -> None:
        super().__init__("not_connected")


class Dormant(SourceFailure):
    """Nobody has opened the tool in the course for long: it is not asked until somebody does (T73)."""

    def __init__(self) -> None:
        super().__init__("dormant")


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What is to be read: a whole course, or one person in it."""

    school_id: UUID
    course_id: int
    person_id: UUID | None = None


class Desk(Protocol):
    """Takes a source's findings in. Every call may be repeated: the same finding twice changes nothing."""

    async def activities(self, reads: Sequence[ActivityRead], *, complete: bool = True) -> dict[str, int]:
        """The list of the course's activities; returns our ids by external id. `complete`: there are no others."""

    async def results(self, activity_id: int, reads: Sequence[ResultRead], *, complete: bool) -> bool:
        """Results of one activity. `complete`: there are no others, whoever is missing has none any more.

        Returns whether somebody whose score stands was not told of.
        """

    def count_members(self, number: int) -> None:
        """How many people the source's roster holds."""


class EvidenceSource(Protocol):
    """One way to evidence. `kind` is at most 16 letters and is stored with every value (T19)."""

    kind: ClassVar[str]

    async def read(self, request: ReadRequest, desk: Desk, out: Outbound) -> None:
        """Hand over everything there is. Raises SourceFailure or http.HttpError for what could not be read.

        Database calls go through `sync_to_async`: they then run in the caller's thread while this one goes on.
        """


def source(kind: str) -> EvidenceSource:
    """A fresh source of this kind. Raises KeyError for a kind that no setting names."""
    made: EvidenceSource = import_string(settings.ILP_EVIDENCE_SOURCES[kind])()
    return made


def kinds() -> tuple[str, ...]:
    """Every kind the settings name, in their order."""
    return tuple(settings.ILP_EVIDENCE_SOURCES)
