"""`ilp-tool framework_format FOLDER`: write the description of the framework format, as a page and as JSON Schema."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Write frameworks.md and framework.schema.json into a folder (lti_tool/docs)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        schema, page = plans.framework_format()
        folder: Path = options["folder"]
        (folder / "frameworks.md").write_text(page, encoding="utf-8")
        (folder / "framework.schema.json").write_text(
            json.dumps(schema, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
