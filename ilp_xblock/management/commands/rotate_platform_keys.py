"""Change the key that signs, by hand or by a schedule.

By cron, once a day (Celery beat may call it the same, by `django.core.management.call_command`):

    17 3 * * *  manage.py lms rotate_platform_keys --if-older-than 90
"""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ilp_xblock.platform.keys import rotate, rotate_if_older


class Command(BaseCommand):
    help = (
        "Let the next published key sign, and publish a new next one. The old key stays published for a week. "
        "Run it daily with --if-older-than 90 to change keys every three months."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-older-than", type=int, metavar="DAYS", help="only when the key has signed for more days than that"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["if_older_than"]
        kid = rotate() if days is None else rotate_if_older(timedelta(days=days))
        if kid:
            self.stdout.write(kid)
