"""A person's record as one file to keep: a page in plain words, the same as JSON, and the files (T52)."""

import io
import json
import zipfile
from dataclasses import asdict

from django.template.loader import render_to_string
from django.utils import translation

from lti_tool.plans.data import RECORD_FORMAT, Record

from . import cells


def package(record: Record) -> bytes:
    """A zip of `index.html`, which needs no network and no script, `record.json`, `tables/` and `files/`."""
    language = translation.get_language() or "en"
    direction = "rtl" if translation.get_language_info(language)["bidi"] else "ltr"
    context = {
        "record": record,
        "language": language,
        "direction": direction,
        "held_back": any(table.held_back for table in record.tables),
        "nothing": ("", None, [], {}),
    }
    whole = {
        "format": RECORD_FORMAT,
        "school": record.school,
        "person": {"id": str(record.person.id), "name": record.person.name},
        "made_at": record.made_at.isoformat(),
        "tables": [asdict(table) for table in record.tables],
        "opened": [
            {
                "at": opening.at.isoformat(),
                "who": opening.who.name if opening.who else None,
                "role": opening.role,
                "part": opening.part,
                "purpose": opening.purpose,
            }
            for opening in record.opened
        ],
        "files": sorted(record.files),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("index.html", render_to_string("ilp/mine/record.html", context))
        parts.writestr("record.json", json.dumps(whole, ensure_ascii=False, indent=2))
        for each in record.tables:
            parts.writestr(f"tables/{each.name}.csv", cells.table(each.rows))
        for path, data in record.files.items():
            parts.writestr(path, data)
    return made.getvalue()
