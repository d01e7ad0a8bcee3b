"""What is wrong with a written framework, said so that whoever wrote it can mend it."""

from dataclasses import dataclass

from ..exceptions import PlanError


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
