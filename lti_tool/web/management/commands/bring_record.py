"""`ilp-tool bring_record --school NAME --student ID FILE.zip`: take a record from another school in (T52)."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid, NotFound


class Command(BaseCommand):
    help = "Take in the package a student brings along from another school. The same package comes in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, help="the school's name")
        parser.add_argument("--student", required=True, type=UUID, help="the student's id here, never the package's")

    def handle(self, *args: Any, **options: Any) -> None:
        school_id = next((pk for pk, name in plans.schools() if name == options["school"]), None)
        if school_id is None:
            raise CommandError("There is no school of this name.")
        try:
            made = plans.bring_record_as_operator(school_id, options["student"], options["file"].read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from None
        except NotFound:
            raise CommandError("There is no such student in this school.") from None
        except Invalid as invalid:
            raise CommandError(f"The package is {invalid.errors['file']}. Nothing was brought in.") from None
        self.stdout.write(f"Brought in with {made.items} pieces of the portfolio; {made.refused} files were refused.")
