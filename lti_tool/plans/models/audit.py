"""The append-only trail: who did what, when, as what, why (T42)."""

from django.db import models

from lti_tool.privacy import TRAIL, End, Kind, Privacy

from .base import SchoolOwned


class AuditHead(SchoolOwned):
    """The end of a school's chain: the row writers lock, so that numbers have no gap and no double."""

    privacy = Privacy(
        TRAIL,
        plain="school number hash",
    )

    school = models.OneToOneField("ilp_plans.School", primary_key=True, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")


class AuditEvent(SchoolOwned):
    """One link of the school's hash chain. Triggers refuse UPDATE and DELETE; no personal data, ids only."""

    privacy = Privacy(
        TRAIL,
        about=("about_id",),
        end=End.KEEP,
        plain="id school number subject subject_id detail reason previous_hash hash",
        personal={Kind.PERSON: "actor_id about_id", Kind.TIME: "at", Kind.STATUS: "role verb"},
    )

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("ilp_plans.School", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=16)
    verb = models.CharField(max_length=64)
    subject = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    about_id = models.UUIDField(null=True)  # the student it concerns
    detail = models.JSONField(default=dict)  # ids and codes only
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "number"], name="ilp_audit_number_unique")]
        indexes = [
            models.Index(fields=["about_id", "number"], name="ilp_audit_about"),
            models.Index(fields=["actor_id", "at"], name="ilp_audit_actor"),
        ]
