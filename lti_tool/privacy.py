"""What every stored field is, why it is kept, how long, and what erasing a person does to it (T2, T96).

Each model says so of itself in a class attribute `privacy`; a test finds a field that is not named. Export and
erasure read these annotations and nothing else, so that a new field is in both from its first day.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from lti_tool.plans.frameworks.data import Sensitivity


class Kind(StrEnum):
    """What sort of personal data a field holds (OEP-30's types, in plain words)."""

    PERSON = "person"  # a link to somebody
    ACCOUNT = "account"  # an id another system knows somebody by
    NAME = "name"
    WORDS = "words"  # somebody's own, or about somebody
    GRADE = "grade"
    JUDGEMENT = "judgement"
    STATUS = "status"  # role, phase, year group, state of something of theirs
    TIME = "time"  # when they did or shall do something
    FILE = "file"
    PROOF = "proof"  # a hash of something only they hold


class End(StrEnum):
    """What erasing the person a row is about does to it."""

    DELETE = "delete"
    BLANK = "blank"  # the row stays, its personal fields are emptied
    KEEP = "keep"  # ids and codes that name nobody any more
    LATER = "later"  # what erasing itself has still to do elsewhere; goes when that is done


@dataclass(frozen=True, slots=True)
class Why:
    """Purpose, lawful basis and retention, as the record of processing tells them."""

    purpose: str
    basis: str
    retention: str


_SCHOOL = "public task: the school's record of education (UK/EU GDPR 6(1)(e); NZ IPP 1; FERPA education record)"
PLAN = Why("Plan, support and review a learner's progress", _SCHOOL, "School.keep_years after the learner left")
OWN = Why("A learner's own log, drafts and portfolio", _SCHOOL, "until they delete it, at the latest with the plan")
ROSTER = Why(
    "Know who learns and works where", _SCHOOL, "names a day after an LMS last told them; the rest as the plan"
)
RIGHTS = Why("Decide who may see what", _SCHOOL, "with the record of the person it is about")
TRAIL = Why(
    "Show who did and read what", "legal obligation to account (6(1)(c), 5(2))", "as long as the school is served"
)
ENTRY = Why("Let people in from their LMS", _SCHOOL, "minutes to a day after it ran out")
TAKE_BACK = Why(
    "Take back what was written about somebody into another system",
    "legal obligation: erasure reaches recipients (UK/EU GDPR 17(1), 19)",
    "until it is taken back, or the school did it by hand; a year at most",
)
SETUP = Why("Connect an LMS and run the tool", "no personal data, or the school's own staff's", "while connected")


@dataclass(frozen=True, slots=True)
class Told:
    """What one field was declared to be."""

    guarded: Sensitivity
    kind: Kind | None  # None: no personal data


@dataclass(frozen=True)
class Privacy:
    """A model's annotation. Fields are named in strings parted by blanks, personal ones under what they are.

    `about`: the paths from a row to the persons it is about; export and erasure find rows by them. Empty: nobody.
    `find`: the same as a condition, where no path leads there. Restricted fields are in no export; where each row has
    a class of its own, `by_row` names its column and that of who wrote it, who reads it whatever its class.
    `before` is called with the person before an erasure deletes anything: what was told elsewhere is noted there.
    """

    why: Why
    about: tuple[str, ...] = ()
    find: Callable[[UUID], models.Q] | None = None
    by_row: tuple[str, str] = ("", "")
    end: End = End.DELETE
    before: Callable[[UUID], None] | None = None
    plain: str = ""  # no personal data
    ordinary: Mapping[Kind, str] = field(default_factory=dict)
    personal: Mapping[Kind, str] = field(default_factory=dict)
    sensitive: Mapping[Kind, str] = field(default_factory=dict)
    restricted: Mapping[Kind, str] = field(default_factory=dict)

    def whose(self, person_id: UUID) -> models.Q | None:
        """The condition "this row is about the person"; None where no row is about anybody."""
        if self.find is not None:
            return self.find(person_id)
        ways = [models.Q(**{path: person_id}) for path in self.about]
        return reduce(or_, ways) if ways else None

    @property
    def fields(self) -> dict[str, Told]:
        """Every named field."""
        told = {name: Told(Sensitivity.ORDINARY, None) for name in self.plain.split()}
        for guarded in Sensitivity:
            for kind, names in getattr(self, guarded.value).items():
                told |= {name: Told(guarded, kind) for name in names.split()}
        return told


def annotated(*labels: str) -> Iterator[tuple[type[models.Model], Privacy]]:
    """The models of these apps (none named: all that say anything) with what they say of themselves.

    Raises AttributeError for a model of a named app that says nothing.
    """
    configs = [apps.get_app_config(label) for label in labels] or apps.get_app_configs()
    for model in chain.from_iterable(config.get_models() for config in configs):
        told: Any = model
        if labels or hasattr(told, "privacy"):
            yield model, told.privacy


def unnamed(model: type[models.Model]) -> set[str]:
    """Fields of the model its annotation does not name, and names in it that are no field: both are to be mended."""
    told: Any = model
    stored = {stored.name for stored in model._meta.concrete_fields}
    return stored ^ set(told.privacy.fields)
