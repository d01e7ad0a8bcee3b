"""`ilp-tool seal`: bring every guarded column, and the tool's keys, to today's key and today's classes (T2, T70)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lti_tool.lti import keys
from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Seal what lies plain or under an earlier ILP_SECRET_KEY; open what is no longer sensitive."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"private keys: {keys.encrypt_anew()}")
        broken = plans.seal_anew(lambda place, rows: rows and self.stdout.write(f"{place}: {rows}"))
        if broken:
            raise CommandError(f"{broken} values do not open with ILP_SECRET_KEY or ILP_SECRET_KEYS_BEFORE.")
        self.stdout.write("Everything is sealed as its class says.")
