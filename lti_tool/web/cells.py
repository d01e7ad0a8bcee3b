"""Tables for a spreadsheet: comma-separated, and no cell that a spreadsheet would take for a formula (T9)."""

import csv
import io
import json
from collections.abc import Iterable, Mapping

from lti_tool.plans.data import Value

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def table(rows: Iterable[Mapping[str, Value]]) -> str:
    """The rows under the names of their fields, in the order these first appear."""
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    return lines(names, ([row.get(name) for name in names] for row in listed))


def lines(heads: Iterable[str], rows: Iterable[Iterable[Value]]) -> str:
    """The rows under these headings. With a mark that it is UTF-8, so that spreadsheets read every name."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(map(cell, heads))
    writer.writerows(map(cell, row) for row in rows)
    return "\ufeff" + written.getvalue()


def cell(value: Value) -> str:
    """The value as one cell. Words that begin like a formula stand behind an apostrophe; numbers stay numbers.

    Source: OWASP, CSV Injection (ASVS 5.0, 1.2.10).
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
