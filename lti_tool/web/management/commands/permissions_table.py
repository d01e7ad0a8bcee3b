"""`ilp-tool permissions_table`: the table of who may do what, as `docs/permissions.md` holds it."""

from typing import Any

from django.core.management.base import BaseCommand

from lti_tool.plans import policy


class Command(BaseCommand):
    help = "Print who may do what."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(policy.table(), ending="")
