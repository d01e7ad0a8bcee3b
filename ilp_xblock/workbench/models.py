"""What the workbench does not keep: who takes part in a course, and the grades its blocks publish."""

from django.db import models
from django.db.models import Q


class Person(models.Model):
    """An account of the demo LMS. `id_on_platform` says nothing about the person (T80)."""

    id_on_platform = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id_on_platform"], name="ilp_workbench_one_person")]


class Enrolment(models.Model):
    """A person in a course, in one role. Someone who left stays, inactive, as an LMS keeps them."""

    class Role(models.TextChoices):
        LEARNER = "learner"
        TEACHER = "teacher"
        ASSISTANT = "assistant"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    course_id = models.CharField(max_length=60)
    role = models.CharField(max_length=12, choices=Role.choices)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_id", "person"], name="ilp_workbench_one_enrolment"),
            models.CheckConstraint(
                condition=Q(role__in=["learner", "teacher", "assistant"]), name="ilp_workbench_known_role"
            ),
        ]


class Grade(models.Model):
    """The newest score of one person in one activity. A zero is a score; never attempted has no row."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grades")
    course_id = models.CharField(max_length=60)
    activity_id = models.CharField(max_length=255)
    score_given = models.FloatField()
    score_maximum = models.FloatField()
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity_id", "person"], name="ilp_workbench_one_grade"),
            models.CheckConstraint(
                condition=Q(score_given__gte=0, score_maximum__gt=0), name="ilp_workbench_sane_score"
            ),
        ]
        indexes = [models.Index(fields=["course_id", "activity_id", "id"], name="ilp_workbench_by_activity")]
