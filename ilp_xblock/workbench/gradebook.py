"""The demo LMS's gradebook and roster: what blocks published, kept, and shown to the platform through its ports."""

import math
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ilp_xblock.platform.ports import Activity, Member, MemberPage, Result, ResultPage, Role

from .models import Enrolment, Grade, Person
from .syllabus import COURSES, course_outline

ROLES = {
    Enrolment.Role.LEARNER: Role.LEARNER,
    Enrolment.Role.TEACHER: Role.INSTRUCTOR,
    Enrolment.Role.ASSISTANT: Role.ASSISTANT,
}


def course_of(activity_id: str) -> str | None:
    """The course whose graded activity this is."""
    return next((course.id for course in COURSES if any(a.id == activity_id for a in course.graded)), None)


def record_score(
    sub: str, activity_id: str, score: float, maximum: float, *, observed_at: datetime | None = None
) -> bool:
    """Keep the newest score, as an LMS does when a block publishes a grade; False when it is not one to keep.

    Only scores of learners of the course for its graded activities are kept; a teacher who tries a quiz has no grade.
    """
    course_id = course_of(activity_id)
    if course_id is None or not math.isfinite(score) or not math.isfinite(maximum) or score < 0 or maximum <= 0:
        return False
    learner = Enrolment.objects.filter(
        course_id=course_id, person__id_on_platform=sub, role=Enrolment.Role.LEARNER, active=True
    )
    person = Person.objects.filter(enrolments__in=learner).first()
    if person is None:
        return False
    with transaction.atomic():
        Grade.objects.update_or_create(
            activity_id=activity_id,
            person=person,
            defaults={
                "course_id": course_id,
                "score_given": score,
                "score_maximum": maximum,
                "observed_at": observed_at or timezone.now(),
            },
        )
    return True


def score_of(sub: str, activity_id: str) -> tuple[float, float] | None:
    """(score, maximum), or None when never attempted."""
    found = Grade.objects.filter(activity_id=activity_id, person__id_on_platform=sub)
    return found.values_list("score_given", "score_maximum").first()


def unit_url(course_id: str, unit: str) -> str:
    return f"{settings.ILP_LTI_ISSUER}/courses/{course_id}/{unit}/"


def _after(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise ValueError("not a cursor of this gradebook")
    return int(cursor)


class WorkbenchGrades:
    """`GradeSource` over the kept grades. A cursor is the last row's number: rows added meanwhile come later."""

    def activities(self, course_id: str) -> Sequence[Activity]:
        course = course_outline(course_id)
        return [
            Activity(a.id, a.title, a.points, f"{unit_url(course_id, a.unit)}#{a.id}", "Quiz")
            for a in (course.graded if course else ())
        ]

    def results(
        self, course_id: str, activity_id: str, *, after: str = "", limit: int = 100, sub: str | None = None
    ) -> ResultPage:
        found = Grade.objects.filter(course_id=course_id, activity_id=activity_id, id__gt=_after(after))
        if sub is not None:
            found = found.filter(person__id_on_platform=sub)
        rows = list(
            found.order_by("id").values_list(
                "id", "person__id_on_platform", "score_given", "score_maximum", "observed_at"
            )[: limit + 1]
        )
        page = rows[:limit]
        return ResultPage([Result(*row[1:]) for row in page], str(page[-1][0]) if len(rows) > limit else "")


class WorkbenchRoster:
    """`Roster` over the enrolments; who left is not listed."""

    def members(self, course_id: str, *, after: str = "", limit: int = 100, role: Role | None = None) -> MemberPage:
        found = Enrolment.objects.filter(course_id=course_id, active=True, id__gt=_after(after))
        if role is not None:
            wanted = (role, Role.ASSISTANT) if role is Role.INSTRUCTOR else (role,)
            found = found.filter(role__in=[name for name, value in ROLES.items() if value in wanted])
        rows = list(found.select_related("person").order_by("id")[: limit + 1])
        page = rows[:limit]
        return MemberPage([_member(row) for row in page], str(page[-1].id) if len(rows) > limit else "")

    def member(self, course_id: str, sub: str) -> Member | None:
        row = (
            Enrolment.objects.filter(person__id_on_platform=sub, course_id=course_id, active=True)
            .select_related("person")
            .first()
        )
        return _member(row) if row else None


def _member(row: Enrolment) -> Member:
    person, roles = row.person, (ROLES[Enrolment.Role(row.role)],)
    return Member(
        person.id_on_platform,
        roles,
        person.name,
        given_name=person.given_name,
        family_name=person.family_name,
    )
