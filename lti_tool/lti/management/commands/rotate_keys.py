"""`ilp-tool rotate_keys`: the next key signs from now on, the old one stays published for a week."""

from typing import Any

from django.core.management.base import BaseCommand

from lti_tool.lti import keys


class Command(BaseCommand):
    help = "Sign with the next key from now on, publish a new one, keep the old one published for a week."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(keys.rotate())
