"""`ilp-tool retire_account ISSUER CLIENT_ID DEPLOYMENT_ID SUB`: an LMS retired somebody; forget them (OEP-30)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lti_tool.lti import retiring


class Command(BaseCommand):
    help = "Delete what is kept of the person of one account of an LMS. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("issuer", "client_id", "deployment_id", "sub"):
            parser.add_argument(name)

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("issuer", "client_id", "deployment_id", "sub")
        gone = retiring.retire_account(*(options[name] for name in names))
        self.stdout.write("Deleted." if gone else "There was nothing to delete.")
