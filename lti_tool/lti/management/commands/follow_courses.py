"""`ilp-tool follow_courses`: what beat does every five minutes, at once."""

from typing import Any

from django.core.management.base import BaseCommand

from lti_tool.lti import api


class Command(BaseCommand):
    help = "Ask platforms to tell of copied courses, and carry targets into the copies heard of."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{api.follow_courses()} links made")
