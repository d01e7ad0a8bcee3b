"""Records as another school sends them along."""

import io
import json
import zipfile
from typing import Any

from lti_tool.plans.data import RECORD_FORMAT


def packed(tables: dict[str, list[dict[str, Any]]] | None = None) -> bytes:
    """A record with rows of these tables, by model's name; without any, the smallest there is."""
    told = {
        "format": RECORD_FORMAT,
        "school": "Bay Road School",
        "person": {"name": "Aroha"},
        "made_at": "2026-07-03T10:00:00Z",
        "tables": [{"name": f"ilp_plans.{name}", "rows": rows} for name, rows in (tables or {}).items()],
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("record.json", json.dumps(told))
    return made.getvalue()
