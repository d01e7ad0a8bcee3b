"""`ilp-tool import_plans FILE`: bring a school's existing plans in, whole or not at all."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import BaseModel, ConfigDict, ValidationError

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid


class _File(BaseModel):
    """One course of one LMS and the plans of its students, whose shape `plans/importing.py` describes.

    In this file students and teachers are named by the LMS's user ids, and activities by the LMS's ids alone.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str
    client_id: str
    deployment_id: str
    context_id: str
    plans: list[dict[str, Any]]


class Command(BaseCommand):
    help = "Bring in the plans a JSON file holds. Plans that stand already are left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        told = _read(options["file"])
        course = lti.find_services(
            issuer=told.issuer,
            client_id=told.client_id,
            deployment_id=told.deployment_id,
            context_id=told.context_id,
        )
        if course is None:
            raise CommandError("The tool does not know this course yet: open the panel in it once, then try again.")
        people = lti.persons_of(course.deployment_pk, _named(told.plans))
        for plan in told.plans:
            for target in _dicts(plan.get("targets")):
                for activity in _dicts(target.get("activities")):
                    activity.setdefault("course_id", course.course_id)
        try:
            new = plans.import_plans(course.school_id, told.plans, person_of=people)
        except Invalid as error:
            place, code = next(iter(error.errors.items()))
            raise CommandError(f"plans.{place}: {code}. Nothing was brought in.") from None
        self.stdout.write(f"{new} of {len(told.plans)} plans are new; the others stood already.")


def _read(path: Path) -> _File:
    try:
        return _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except (ValidationError, json.JSONDecodeError) as error:
        problem = error.errors(include_input=False)[0] if isinstance(error, ValidationError) else None
        where = ".".join(map(str, problem["loc"])) if problem else ""
        raise CommandError(f"{path}: {where or 'the file'}: {problem['msg'] if problem else 'not JSON'}") from None


def _named(told: list[dict[str, Any]]) -> set[str]:
    """Every user id a plan mentions."""
    found = set()
    for plan in told:
        review = plan.get("review") if isinstance(plan.get("review"), dict) else {}
        judgements = _dicts(review.get("judgements")) if review else []
        for holder, key in [(plan, "student"), (review or {}, "by"), *((j, "by") for j in judgements)]:
            if isinstance(holder.get(key), str):
                found.add(holder[key])
    return found


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
