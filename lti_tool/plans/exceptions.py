"""What can go wrong in the domain. Each carries what its page needs to say what to do next."""

from dataclasses import dataclass
from typing import Any


class PlanError(Exception):
    """Base of every error the domain raises on purpose. `recorded`: the trail has this refusal already (T43)."""

    recorded = False


class NotFound(PlanError):
    """No such row *for this actor*: what may not be seen does not exist (T1)."""


class Ended(NotFound):
    """It was the actor's to see, and is no more: somebody ended the share, or its last day has gone by (T12)."""


class Refused(PlanError):
    """The actor may see it and may not do this. `code` names the rule for the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Invalid(PlanError):
    """Input that cannot be taken. `errors` maps a field to a code; nothing was written."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in errors.items()))
        self.errors = errors


class Conflict(PlanError):
    """Somebody saved meanwhile. `current` is what stands now, `mine` is what was sent; neither is lost."""

    def __init__(self, current: Any, mine: Any) -> None:
        super().__init__("changed meanwhile")
        self.current = current
        self.mine = mine


class UnscopedQuery(PlanError):
    """A query over school data that names no school: a programming error, refused (T7)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1, `where` is the path (`areas.2.name`), the rest are sentences."""

    line: int
    where: str
    what: str
    mend: str


class FrameworkProblem(PlanError):
    """The text is no framework yet. `problems` is never empty and in the order of the lines."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.where)))
        super().__init__("; ".join(f"line {each.line}: {each.what} {each.mend}" for each in self.problems))

    @property
    def line(self) -> int:
        return self.problems[0].line

    @property
    def mend(self) -> str:
        return self.problems[0].mend
