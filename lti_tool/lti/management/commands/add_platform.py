"""`ilp-tool add_platform`: connect an LMS that cannot register tools by itself, with the values it shows."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from lti_tool.lti.registration.by_hand import Refused, Values, add_platform
from lti_tool.plans import api as plans


class Command(BaseCommand):
    help = "Connect an LMS by hand: give the values it shows, and paste the printed ones into it."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("--issuer", "--client-id", "--deployment-id", "--auth-url", "--token-url", "--jwks-url"):
            parser.add_argument(name, required=True)
        parser.add_argument("--token-audience", default="", help="where it differs from the token URL (Brightspace)")
        parser.add_argument(
            "--product-family", default="", help="moodle, canvas, blackboard, desire2learn, sakai ..."
        )
        parser.add_argument("--school", metavar="NAME", help="needed only when there are several schools")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["school"]
        named = [school_id for school_id, name in plans.schools() if wanted in {None, name}]
        if len(named) != 1:
            raise CommandError("Say which school with --school NAME; ilp-tool create_school NAME makes one.")
        try:
            values = Values(
                issuer=options["issuer"],
                client_id=options["client_id"],
                auth_url=options["auth_url"],
                token_url=options["token_url"],
                token_audience=options["token_audience"],
                jwks_url=options["jwks_url"],
                product_family=options["product_family"],
            )
            add_platform(values, school_id=named[0], deployment_id=options["deployment_id"])
        except Refused as error:
            raise CommandError(str(error)) from None
        base = settings.ILP_BASE_URL
        for label, name in (
            ("Login URL (initiate login)", "lti-login"),
            ("Redirect and target link URL", "lti-launch"),
            ("Public key set URL", "lti-jwks"),
        ):
            self.stdout.write(f"{label}: {base}{reverse(name)}")
