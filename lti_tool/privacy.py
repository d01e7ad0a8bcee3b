"""What every stored field is, why it is kept, how long, and what erasing a person does to it (T2, T96).

Each model says so of itself in a class attribute `privacy`; a test finds a field that is not named. Export and
erasure read these annotations and nothing else, so that a new field is in both from its first day. What is done to
a field because of its class stands in one table, `HANDLING`.
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
class Handling:
    """What happens to a field of one class. Who reads it, `plans.policy.CEILING` says."""

    sealed: bool  # where it lies (`sealing`)
    told_singly: bool  # beside the page, the trail names it each time somebody else reads it (`plans.guarding`)
    rule: str  # the school's rule for how many years after somebody left it is kept (`plans.retention`)
    most_years: int  # that the rule may be
    logged: bool  # the log, which is all the telemetry there is, may tell it
    exported: bool  # it leaves in the package of somebody's record (`plans.records`)


HANDLING: Mapping[Sensitivity, Handling] = {
    Sensitivity.ORDINARY: Handling(
        sealed=False, told_singly=False, rule="keep_years", most_years=60, logged=True, exported=True
    ),
    Sensitivity.PERSONAL: Handling(
        sealed=False, told_singly=False, rule="keep_years", most_years=60, logged=False, exported=True
    ),
    Sensitivity.SENSITIVE: Handling(
        sealed=True, told_singly=False, rule="keep_years", most_years=60, logged=False, exported=True
    ),
    Sensitivity.RESTRICTED: Handling(
        sealed=True, told_singly=True, rule="keep_restricted_years", most_years=7, logged=False, exported=False
    ),
}


@dataclass(frozen=True, slots=True)
class Why:
    """Purpose, lawful basis and retention, as the record of processing tells them."""

    purpose: str
    basis: str
    retention: str
    by_class: bool = False  # each field goes when its class is over, if that is sooner


_SCHOOL = "public task: the school's record of education (UK/EU GDPR 6(1)(e); NZ IPP 1; FERPA education record)"
PLAN = Why(
    "Plan, support and review a learner's progress",
    _SCHOOL,
    "School.keep_years after the learner left, what is restricted School.keep_restricted_years",
    by_class=True,
)
OWN = Why(
    "A learner's own log, drafts and portfolio",
    _SCHOOL,
    "until they delete it, at the latest with the plan",
    by_class=True,
)
ROSTER = Why(
    "Know who learns and works where",
    _SCHOOL,
    "names a day after an LMS last told them; the rest as the plan",
    by_class=True,
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
    `find`: the same as a condition, where no path leads there. Where each row has a class of its own, `by_row` names
    its column and that of who wrote it, who reads it whatever its class. A column that holds answers to several
    fields is declared as guarded as they may be: that seals it, and each answer keeps to the class its field has.
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

    def of_class(self, *guarded: Sensitivity) -> tuple[str, ...]:
        """The personal fields of these classes."""
        return tuple(name for name, told in self.fields.items() if told.guarded in guarded and told.kind is not None)

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


def handled(what: Callable[[Handling], bool]) -> tuple[Sensitivity, ...]:
    """The classes that are handled so."""
    return tuple(guarded for guarded, handling in HANDLING.items() if what(handling))


def class_of(model: type[models.Model], name: str) -> Sensitivity:
    """The class a column was declared to have."""
    told: Any = model
    guarded: Sensitivity = told.privacy.fields[name].guarded
    return guarded


def unnamed(model: type[models.Model]) -> set[str]:
    """Fields of the model its annotation does not name, and names in it that are no field: both are to be mended."""
    told: Any = model
    stored = {stored.name for stored in model._meta.concrete_fields}
    return stored ^ set(told.privacy.fields)
