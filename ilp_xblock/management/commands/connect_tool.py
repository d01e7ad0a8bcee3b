"""Register a tool by its registration link, as an administrator's browser would."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ilp_xblock.platform.registration import Unconnected, connect
from ilp_xblock.platform.tools import described, warnings


class Command(BaseCommand):
    help = (
        "Connect a tool by the registration link that its makers gave you (LTI Dynamic Registration). "
        "The LMS must be running, because the tool asks it back. Prints one line of JSON."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("link", help="the tool's registration link")
        parser.add_argument("--course", action="append", help="a course it is allowed in; by default every course")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tool = connect(options["link"], courses=options["course"] or [])
        except Unconnected as error:
            raise CommandError(str(error)) from error
        for warning in warnings(tool):
            self.stderr.write(warning)
        self.stdout.write(json.dumps(described(tool)))
