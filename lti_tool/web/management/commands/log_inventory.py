"""`ilp-tool log_inventory`: every log sink with its fields, place, reader and days (T78)."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from lti_tool import logs


class Command(BaseCommand):
    help = "Print the log inventory as the settings in force make it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(logs.inventory(settings.LOGGING), ending="")
