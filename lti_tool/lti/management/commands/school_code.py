"""`ilp-tool school_code`: prints a one-time code, alone on its line, for a school's IT."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lti_tool.lti import api
from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = (
        "Print a one-time code. Typed where an LMS first meets the tool, it makes that LMS the school's; "
        "typed on the page Connections, it makes a person the school's administrator. It works for a week."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="NAME", help="needed only when there are several schools")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["school"]
        named = [school_id for school_id, name in plans.schools() if wanted in {None, name}]
        if len(named) != 1:
            raise CommandError("Say which school with --school NAME; ilp-tool create_school NAME makes one.")
        self.stdout.write(api.school_code(named[0]))
