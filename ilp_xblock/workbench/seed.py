"""The demo school's people and their first scores: a zero, a full mark, a half and never attempted among them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .models import Enrolment, Grade, Person
from .syllabus import COURSES

# (sub, given name, family name); subs say nothing about the person.
TEACHERS = [("u2001", "Grace", "Okafor"), ("u2002", "Tomás", "Lindqvist")]
ASSISTANT = ("u2101", "Priya", "Nair")
LEARNERS = [
    ("u1001", "Amara", "Diallo"),
    ("u1002", "Ben", "Carter"),
    ("u1003", "Chloe", "Tremblay"),
    ("u1004", "Daniyar", "Akhmetov"),
    ("u1005", "Elin", "Svensson"),
    ("u1006", "Farid", "Haddad"),
    ("u1007", "Gwen", "Pritchard"),
    ("u1008", "Hoani", "Walker"),
]
ENROLLED = {
    "year-8-science": {"teacher": TEACHERS[:1], "assistant": [ASSISTANT], "learner": LEARNERS},
    "year-8-mathematics": {"teacher": TEACHERS[1:], "assistant": [], "learner": LEARNERS[:5]},
}
# Shares of the points by learner, one for each activity of the course in order; None: never attempted.
SHARES = {
    "year-8-science": {
        "u1001": [0.5, 0.75, 0.5, 1, None, None, None],
        "u1002": [0, 0.25, None, 0.5, 0.5, None, None],
        "u1003": [1, 1, 0.75, 1, 1, 0.5, None],
        "u1004": [0.5, 0.5, 0.5, 0.25, None, None, None],
        "u1005": [1, 0.75, 1, 0.75, 0.5, 1, None],
        "u1006": [None, 0.5, 0.25, None, 0, None, None],
        "u1007": [0.5, 1, 0.75, 0.75, 1, None, None],
        "u1008": [None, None, None, None, None, None, None],
    },
    "year-8-mathematics": {
        "u1001": [1, 0.5, None],
        "u1002": [0, 0.5, 1],
        "u1003": [1, 1, None],
        "u1004": [0.5, None, None],
        "u1005": [None, 0, 0.5],
    },
}


@transaction.atomic
def seed() -> None:
    """Fill an empty LMS; one that holds people already is left as it is."""
    if Person.objects.exists():
        return
    now = timezone.now()
    for course in COURSES:
        for role, people in ENROLLED[course.id].items():
            for sub, given, family in people:
                person, _ = Person.objects.get_or_create(
                    id_on_platform=sub,
                    defaults={"name": f"{given} {family}", "given_name": given, "family_name": family},
                )
                Enrolment.objects.create(person=person, course_id=course.id, role=role)
        for sub, shares in SHARES[course.id].items():
            person = Person.objects.get(id_on_platform=sub)
            for place, (activity, share) in enumerate(zip(course.graded, shares, strict=True)):
                if share is not None:
                    Grade.objects.create(
                        person=person,
                        course_id=course.id,
                        activity_id=activity.id,
                        score_given=activity.points * share,
                        score_maximum=activity.points,
                        observed_at=now - timedelta(days=21 - 3 * place, minutes=7 * int(sub[-1])),
                    )
