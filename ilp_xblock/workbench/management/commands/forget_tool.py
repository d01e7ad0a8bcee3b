"""`ilp-lms forget_tool CLIENT_ID`: remove a registered tool from the demo LMS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ilp_xblock.models import Tool


class Command(BaseCommand):
    help = "Remove a registered tool. One that is not registered is no error."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client_id")

    def handle(self, *args: Any, **options: Any) -> None:
        Tool.objects.filter(client_id=options["client_id"]).delete()
