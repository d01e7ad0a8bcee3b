"""`ilp-tool new_authenticator NAME`: the way back in for an operator who lost the second factor (T71)."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Give an operator a new authenticator and new backup codes, printed once. The old ones end, and so does "
        "every page the operator has open. Be sure that it is really the operator who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the operator logs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ILP_OPERATOR_HOST:
            raise CommandError("The operator's pages are off. Set ILP_OPERATOR_HOST, then run: ilp-tool migrate")
        from django.contrib.auth import get_user_model

        from lti_tool.web.operators import factors

        user = get_user_model().objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError("There is no operator of that name. To make one: ilp-tool create_operator NAME")
        device = factors.replace_authenticator(user)
        codes = factors.new_backup_codes(user)
        self.stdout.write(f"Secret: {factors.secret_of(device)}")
        self.stdout.write(f"Address for an authenticator app: {device.config_url}")
        self.stdout.write(f"Backup codes, each works once: {' '.join(codes)}")
