"""`ilp-tool verify_audit`: check that no school's trail was altered (T42)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Check each school's trail: nothing altered, left out or cut off."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = [name for school_id, name in plans.schools() if not plans.verify_audit(school_id)]
        if broken:
            raise CommandError("The trail was altered: " + ", ".join(broken))
        self.stdout.write("Every school's trail is whole.")
