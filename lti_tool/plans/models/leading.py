"""Who leads what around one learner's plan, by name (002.21)."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import PLAN, Kind, Privacy

from ..data import Job
from .base import PublicRow
from .people import Person


class Lead(PublicRow):
    """Somebody does a job for a learner's plan, from when they were named until somebody else was."""

    privacy = Privacy(
        PLAN,
        about=("student",),
        plain="id school",
        personal={
            Kind.PERSON: "student person named_by",
            Kind.NAME: "name",
            Kind.STATUS: "job role",
            Kind.TIME: "named_at ended_at",
        },
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    job = models.CharField(max_length=8, choices=[(j.value, j.name) for j in Job])
    role = models.CharField(max_length=64, blank=True)  # the framework's key of what they are
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255, blank=True)  # of somebody without an account here
    named_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="ilp_lead_named"),
            models.UniqueConstraint(
                fields=["student", "job"],
                condition=Q(ended_at__isnull=True) & ~Q(job=Job.SUPPORT.value),
                name="ilp_lead_one_a_job",
            ),
        ]
        indexes = [models.Index(fields=["student", "ended_at"], name="ilp_lead_student")]
