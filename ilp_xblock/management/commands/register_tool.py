"""Register an LTI tool by hand: for tools that can't register themselves."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ilp_xblock.platform.tools import RefusedTool, described, register, warnings
from ilp_xblock.platform.vocabulary import DEEP_LINKING, SCOPES, SUBMISSION_REVIEW

MESSAGES = {DEEP_LINKING: "deep_linking_url", SUBMISSION_REVIEW: "review_url"}
OPTIONS = {
    "initiate_login_uri": "--login-url",
    "target_link_uri": "--launch-url",
    "redirect_uris": "--redirect-uri",
    "jwks_uri": "--jwks-url",
}


class Command(BaseCommand):
    help = "Register an LTI 1.3 tool. Prints one line of JSON: what the tool's side must be told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--login-url", required=True, help="where the tool starts a login")
        parser.add_argument("--launch-url", required=True, help="target_link_uri of launches")
        parser.add_argument("--redirect-uri", action="append", required=True, help="exact; may be given again")
        parser.add_argument("--jwks-url", required=True, help="where the tool publishes its public keys")
        parser.add_argument("--deep-linking-url", help="where an author chooses what to show; by default nowhere")
        parser.add_argument("--review-url", help="where a teacher opens a learner's review; by default nowhere")
        parser.add_argument("--scope", action="append", help=f"one of {', '.join(SCOPES)}; by default all of them")
        parser.add_argument("--course", action="append", help="a course it is allowed in; by default every course")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [scope for scopes in options["scope"] or SCOPES for scope in scopes.split()]
        for scope in asked:
            if scope not in SCOPES:
                self.stderr.write(f"Not granted, because this platform only lets tools read: {scope}")
        try:
            tool = register(
                name=options["name"],
                login_url=options["login_url"],
                target_link_uri=options["launch_url"],
                redirect_uris=options["redirect_uri"],
                jwks_url=options["jwks_url"],
                scopes=asked,
                courses=options["course"] or (),
                messages={kind: options[name] for kind, name in MESSAGES.items() if options[name]},
            )
        except RefusedTool as error:
            raise CommandError(f"{OPTIONS.get(error.field, error.field)}: {error.reason}") from error
        for warning in warnings(tool):
            self.stderr.write(warning)
        self.stdout.write(json.dumps(described(tool)))
