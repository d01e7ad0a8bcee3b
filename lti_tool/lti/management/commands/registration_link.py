"""`ilp-tool registration_link`: prints a one-time link, alone on its line, to paste into a school's LMS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lti_tool.lti import api
from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Print a one-time link that connects a school's LMS. It works for a week."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="NAME", help="needed only when there are several schools")

    def handle(self, *args: Any, **options: Any) -> None:
        schools = plans.schools()
        wanted = options["school"]
        named = [school_id for school_id, name in schools if wanted in {None, name}]
        if not schools:
            raise CommandError("There is no school yet. Make one: ilp-tool create_school NAME")
        if not named:
            raise CommandError(f"There is no school of that name: {wanted}")
        if len(named) > 1:
            raise CommandError("There are several schools. Say which: ilp-tool registration_link --school NAME")
        self.stdout.write(api.registration_link(named[0]))
