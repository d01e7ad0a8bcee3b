"""`ilp-lms describe_courses`: the LMS and its courses as JSON, for programs."""

import json
from typing import Any
from urllib.parse import urlencode

from django.core.management.base import BaseCommand

from ilp_xblock.platform.addresses import address
from ilp_xblock.platform.configuration import issuer
from ilp_xblock.platform.ports import ports
from ilp_xblock.platform.vocabulary import ROLE_URIS
from ilp_xblock.workbench.gradebook import ROLES, unit_url
from ilp_xblock.workbench.models import Enrolment, Grade
from ilp_xblock.workbench.syllabus import COURSES, CourseOutline


class Command(BaseCommand):
    help = "Print the LMS's addresses, and its courses with their activities and people, as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        lms = {
            "issuer": issuer(),
            "openid_configuration_url": address("openid-configuration"),
            "auth_url": address("auth"),
            "token_url": address("token"),
            "jwks_url": address("jwks"),
        }
        self.stdout.write(json.dumps({"lms": lms, "courses": [_course(course) for course in COURSES]}))


def _course(course: CourseOutline) -> dict[str, Any]:
    return {
        "id": course.id,
        "title": course.title,
        "url": f"{issuer()}/courses/{course.id}/",
        "lineitems_url": address("lineitems", course.id),
        "memberships_url": address("memberships", course.id),
        "activities": [
            {"id": a.id, "label": a.label, "score_maximum": a.score_maximum, "url": a.url}
            for a in ports().grades.activities(course.id)
        ],
        "people": [
            _person(course, row)
            for row in Enrolment.objects.filter(course_id=course.id, active=True)
            .select_related("person")
            .order_by("id")
        ],
    }


def _person(course: CourseOutline, row: Enrolment) -> dict[str, Any]:
    sub = row.person.id_on_platform
    grades = Grade.objects.filter(course_id=course.id, person=row.person)
    scores = dict(grades.values_list("activity_id", "score_given"))
    return {
        "name": row.person.name,
        "sub": sub,
        "roles": list(ROLE_URIS[ROLES[Enrolment.Role(row.role)]]),
        "unit_url": f"{unit_url(course.id, course.units[0].slug)}?{urlencode({'student': sub})}",
        "launch_url": f"{address('launch')}?{urlencode({'course': course.id, 'student': sub})}",
        "scores": {a.id: scores.get(a.id) for a in course.graded} if row.role == Enrolment.Role.LEARNER else {},
    }
