"""What both job commands share: the file, a database that is up to date, one clear line where something is wrong."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from lti_tool.tasks import job as jobs


class JobCommand(BaseCommand):
    requires_system_checks: list[str] = []  # a job serves no pages

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--job", required=True, metavar="FILE", help="the JSON file that describes the platform")

    def handle(self, *args: Any, job: str, **options: Any) -> str:
        """The answer goes out as the last line, and only when all went well."""
        try:
            described = jobs.read(job)
            self._migrate()
            return self.answer(described)
        except jobs.JobError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"the database: {str(error).splitlines()[0]}") from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def answer(self, job: jobs.Job) -> str:
        raise NotImplementedError

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
