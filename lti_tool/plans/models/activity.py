"""Activities of a course and the evidence gradebooks give of them."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import ENTRY, PLAN, SETUP, Kind, Privacy

from .base import Imported, SchoolOwned
from .people import Course, Person


class Activity(SchoolOwned, Imported):
    """A graded piece of ordinary coursework, named by the id its platform gives it."""

    privacy = Privacy(
        SETUP,
        plain="id school course source received_at external_id label score_maximum url position removed_at",
    )

    id = models.BigAutoField(primary_key=True)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=255)
    label = models.CharField(max_length=255)
    score_maximum = models.FloatField()
    url = models.URLField(max_length=1000, blank=True)
    position = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "external_id"], name="ilp_activity_external_unique"),
            models.CheckConstraint(condition=Q(score_maximum__gt=0), name="ilp_activity_maximum_positive"),
        ]


class Evidence(SchoolOwned):
    """One value seen in a gradebook, append-only: a changed score is a new row, the old one stays for the plot.

    `latest` marks the row that stands now; at most one per activity, person and source. Written in bulk, so
    it carries only the two indexes its readers use, both in the order columns are read and stored.
    """

    privacy = Privacy(
        PLAN,
        about=("person",),
        plain="id school activity source score_maximum latest",
        personal={Kind.PERSON: "person", Kind.GRADE: "score_given", Kind.TIME: "observed_at received_at"},
    )

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("ilp_plans.School", on_delete=models.CASCADE, related_name="+", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=16)
    score_given = models.FloatField(null=True)
    score_maximum = models.FloatField()
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    latest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "person", "source"], condition=Q(latest=True), name="ilp_evidence_latest_unique"
            ),
        ]
        indexes = [models.Index(fields=["activity", "person"], name="ilp_evidence_series")]


class SourceSync(SchoolOwned):
    """When one source of one course is read next, who is reading it, and why it failed.

    The queue is only a hint: this row is the truth. A worker holds it by a lease; whatever is due or whose
    lease ran out is queued again by beat, so a killed worker or broker loses nothing. `due_at` null: not
    until somebody asks. While a lease runs `due_at` is its end, and what is asked meanwhile waits in `asked_for`.
    """

    privacy = Privacy(
        ENTRY,
        about=("person",),
        plain="id school course source due_at asked_for lease_token leased_until attempts read_at failing_since"
        " failure_code",
        ordinary={Kind.PERSON: "person"},
    )

    id = models.BigAutoField(primary_key=True)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=16)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    asked_for = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure_code = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "source", "person"],
                condition=Q(person__isnull=False),
                name="ilp_sync_person_unique",
            ),
            models.UniqueConstraint(
                fields=["course", "source"], condition=Q(person__isnull=True), name="ilp_sync_course_unique"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="ilp_sync_due")]
