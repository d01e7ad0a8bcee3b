"""`ilp-lms seed_course`: fill an empty demo LMS with its people and first scores."""

from typing import Any

from django.core.management.base import BaseCommand

from ilp_xblock.workbench.seed import seed


class Command(BaseCommand):
    help = "Fill an empty demo LMS with its people and their first scores."

    def handle(self, *args: Any, **options: Any) -> None:
        seed()
