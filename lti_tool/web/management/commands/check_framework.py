"""`ilp-tool check_framework FILE`: whether a framework can be used, and if not what to mend, line by line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import FrameworkProblem


class Command(BaseCommand):
    help = "Check a framework written in YAML (lti_tool/docs/frameworks.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            text = file.read_bytes().decode("utf-8")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise CommandError(f"{file}:{line}: this is not UTF-8. Save the file anew as UTF-8.") from None
        try:
            framework = plans.check_framework(text)
        except FrameworkProblem as wrong:
            lines = [f"{file}:{each.line}: {each.where}: {each.what} {each.mend}" for each in wrong.problems]
            raise CommandError("\n".join(lines)) from None
        self.stdout.write(f"{file}: {framework.name} can be used.")
