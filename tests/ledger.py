"""`make requirements` and `make trust`: what is proven by which test, what is planned, what software cannot do.

The table in `lti_tool/docs/` names every line with where it lives and its state; the marks on the tests say
which lines they prove. The two must agree: a line in none of the three states, a line called proven
that no test is marked with, and a mark of a line that is not in the table all fail.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "lti_tool" / "docs"
STATES = ("proven", "planned", "outside")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One numbered list: where its table stands, which mark proves a line, and the numbers it must hold."""

    name: str
    mark: str
    numbers: tuple[str, ...]

    @property
    def table(self) -> Path:
        return DOCS / f"{self.name}.md"


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    what: str
    where: str
    state: str
    remark: str  # why it is outside; what of it still waits


REQUIREMENTS = Ledger(
    "requirements",
    "requirement",
    tuple(
        f"{document}.{line}"
        for document, lines in {"000": 17, "001": 26, "002": 37, "003": 16, "004": 10}.items()
        for line in range(1, lines + 1)
    ),
)
TRUST = Ledger("trust", "trust", tuple(f"T{line}" for line in range(1, 103)))


def rows(text: str) -> Iterator[Row]:
    """The table's rows: `| number | what | where | state: remark |`."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"(T|\d{3}\.)\d+", cells[0]):
            state, _, remark = cells[3].partition(":")
            yield Row(cells[0], cells[1], cells[2], state.strip(), remark.strip())


def marks(mark: str, folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Which tests carry which number: read from the source, so that it needs no run."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == mark:
                    for argument in call.args:
                        if isinstance(argument, ast.Constant):
                            found[str(argument.value)].append(f"{path.relative_to(folder)}::{node.name}")  # type: ignore[attr-defined]
    return found


def faults(numbers: tuple[str, ...], table: list[Row], proofs: Mapping[str, list[str]]) -> list[str]:
    """What table and tests disagree on, a sentence each; none is agreement."""
    listed = [row.number for row in table]
    found = [f"{number} is not in the table" for number in numbers if number not in listed]
    found += [f"{number} stands twice in the table" for number in sorted({n for n in listed if listed.count(n) > 1})]
    found += [f"{number} is in the table, but no such line exists" for number in listed if number not in numbers]
    found += [f"{number} is marked by {tests[0]}, but no such line exists" for number, tests in proofs.items()
              if number not in numbers]  # fmt: skip
    for row in table:
        if row.state not in STATES:
            found.append(f"{row.number} is {row.state or 'nothing'}: say proven, planned or outside")
        elif row.state == "proven" and not proofs.get(row.number):
            found.append(f"{row.number} is called proven, but no test is marked with it")
        elif row.state == "outside" and not row.remark:
            found.append(f"{row.number} is outside software: say why")
    return found


def main(name: str) -> int:
    ledger = {"requirements": REQUIREMENTS, "trust": TRUST}[name]
    table, proofs = list(rows(ledger.table.read_text(encoding="utf-8"))), marks(ledger.mark)
    for state in STATES:
        members = [row for row in table if row.state == state]
        print(f"{state}: {len(members)} of {len(ledger.numbers)}")
        for row in members:
            tests = proofs.get(row.number, [])
            said = {
                "proven": f"{len(tests)} test{'s' if len(tests) != 1 else ''}, first {tests[0] if tests else '-'}",
                "planned": row.remark + (f" [so far {len(tests)} marked]" if tests else ""),
                "outside": row.remark,
            }[state]
            print(f"  {row.number:7} {row.what}: {said}")
    found = faults(ledger.numbers, table, proofs)
    for sentence in found:
        print(f"FAULT: {sentence}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
