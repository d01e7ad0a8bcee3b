"""`ilp-tool score_passback on|off`: whether a school's gradebooks are told that a review is done."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lti_tool.lti import api
from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = (
        "Mark a review that closed as done (1 of 1, no judgement) in the gradebook column a teacher placed for it, "
        "or stop that. It is off unless switched on, and holds for reviews that close from then on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", choices=["on", "off"])
        parser.add_argument("--school", metavar="NAME", help="needed only when there are several schools")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["school"]
        named = [(school_id, name) for school_id, name in plans.schools() if wanted in {None, name}]
        if len(named) != 1:
            raise CommandError("Say which school with --school NAME; ilp-tool create_school NAME makes one.")
        (school_id, name), on = named[0], options["state"] == "on"
        news = api.switch_passback(school_id, on=on)
        now = "on" if on else "off"
        self.stdout.write(
            f"{name}: score passback is {now}." if news else f"{name}: score passback was {now} already."
        )
