"""`ilp-tool create_school NAME`: a new tenant."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Create a school."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the school's name, up to 200 characters")

    def handle(self, *args: Any, **options: Any) -> None:
        name = " ".join(str(options["name"]).split())
        if not 0 < len(name) <= 200:
            raise CommandError("Give the school a name of 1 to 200 characters.")
        try:
            school_id = plans.create_school(name)
        except IntegrityError:
            raise CommandError(f"There is a school of that name already: {name}") from None
        self.stdout.write(str(school_id))
