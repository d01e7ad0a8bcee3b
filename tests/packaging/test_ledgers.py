"""The two ledgers agree with the tests, and the check itself notices when they don't."""

from pathlib import Path

import pytest

from tests import ledger
from tests.ledger import REQUIREMENTS, TRUST, Ledger, Row, faults, marks, rows

NUMBERS = ("T1", "T2")
TABLE = [Row("T1", "One", "here", "proven", ""), Row("T2", "Two", "there", "outside", "people do it")]
PROOFS = {"T1": ["test_one.py::test_one"]}


@pytest.mark.parametrize("one", [REQUIREMENTS, TRUST], ids=lambda one: one.name)
def test_every_line_is_proven_planned_or_outside_with_a_reason(one: Ledger) -> None:
    table = list(rows(one.table.read_text(encoding="utf-8")))
    assert faults(one.numbers, table, marks(one.mark)) == []


def test_a_table_in_agreement_has_no_fault() -> None:
    assert faults(NUMBERS, TABLE, PROOFS) == []


@pytest.mark.parametrize(
    ("table", "proofs", "said"),
    [
        (TABLE[:1], PROOFS, "T2 is not in the table"),
        ([*TABLE, TABLE[0]], PROOFS, "T1 stands twice in the table"),
        ([*TABLE, Row("T9", "", "", "planned", "")], PROOFS, "T9 is in the table, but no such line exists"),
        (TABLE, {}, "T1 is called proven, but no test is marked with it"),
        (TABLE, PROOFS | {"T9": ["a.py::test_a"]}, "T9 is marked by a.py::test_a, but no such line exists"),
        ([TABLE[0], Row("T2", "", "", "outside", "")], PROOFS, "T2 is outside software: say why"),
        ([TABLE[0], Row("T2", "", "", "done", "")], PROOFS, "T2 is done: say proven, planned or outside"),
    ],
)  # fmt: skip
def test_each_disagreement_is_named(table: list[Row], proofs: dict[str, list[str]], said: str) -> None:
    assert faults(NUMBERS, table, proofs) == [said]


def test_marks_are_read_from_functions_and_classes(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "import pytest\n@pytest.mark.trust('T1', 'T2')\ndef test_a(): ...\n"
        "@pytest.mark.trust('T2')\nclass TestB: ...\n"
    )
    assert marks("trust", tmp_path) == {"T1": ["test_a.py::test_a"], "T2": ["test_a.py::test_a", "test_a.py::TestB"]}


def test_the_command_prints_each_state_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert ledger.main("trust") == 0
    printed = capsys.readouterr().out
    assert all(f"{state}: " in printed for state in ledger.STATES)
