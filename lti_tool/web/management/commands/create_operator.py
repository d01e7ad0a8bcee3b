"""`ilp-tool create_operator NAME`: somebody who may create schools in the browser, with a second factor (T71)."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction


class Command(BaseCommand):
    help = (
        "Create an operator. Asks for a password; prints the second factor's secret for an authenticator app and ten "
        "backup codes, once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the operator logs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ILP_OPERATOR_HOST:
            raise CommandError("The operator's pages are off. Set ILP_OPERATOR_HOST, then run: ilp-tool migrate")
        from django.contrib.auth import get_user_model
        from django.contrib.auth.password_validation import validate_password

        from lti_tool.web.operators import factors

        user = get_user_model()(username=options["name"])
        password = self._password()
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save()
                device, codes = factors.replace_authenticator(user), factors.new_backup_codes(user)
        except IntegrityError:
            raise CommandError("There is an operator of that name already.") from None
        self.stdout.write(f"Secret: {factors.secret_of(device)}")
        self.stdout.write(f"Address for an authenticator app: {device.config_url}")
        self.stdout.write(f"Backup codes, each works once: {' '.join(codes)}")

    def _password(self) -> str:
        """Typed twice at a terminal; one line where a program writes it."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ.")
        return password
