"""Roles a school gives and links between adults and children: what reaches further than an LMS's word (T3, T28)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import RIGHTS, Kind, Privacy
from lti_tool.sealing import GuardedFlag

from ..data import GuardianEvidence, GuardianScope, Role
from .base import PublicRow, SchoolOwned
from .people import Course, Person


class Appointment(PublicRow):
    """Somebody acts as `role` for one student, one course, one phase or (none of these) the whole school."""

    privacy = Privacy(
        RIGHTS,
        about=("student", "person"),
        plain="id school course",
        personal={
            Kind.PERSON: "person student made_by",
            Kind.STATUS: "role phase",
            Kind.TIME: "starts_on ends_on made_at ended_at",
        },
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=[(r.value, r.name) for r in Role])
    student = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # its last day
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="ilp_appointment_days_ordered",
            ),
            models.CheckConstraint(
                condition=Q(student__isnull=True, course__isnull=True)
                | Q(student__isnull=True, phase="")
                | Q(course__isnull=True, phase=""),
                name="ilp_appointment_one_scope",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.PROVIDER.value) | Q(ends_on__isnull=False),
                name="ilp_appointment_provider_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ended_at"], name="ilp_appointment_person"),
            models.Index(fields=["student"], name="ilp_appointment_student"),
        ]


class GuardianLink(PublicRow):
    """One adult and one child, with what it rests on, how far it goes, when it ends, what stands against it (T28)."""

    privacy = Privacy(
        RIGHTS,
        about=("child", "guardian"),
        plain="id school",
        personal={Kind.PERSON: "child", Kind.STATUS: "scope evidence", Kind.TIME: "made_at ends_on ended_at"},
        restricted={Kind.PERSON: "guardian made_by", Kind.STATUS: "barred court_order no_contact hidden_address"},
    )

    guardian = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    evidence = models.CharField(max_length=8, choices=[(e.value, e.name) for e in GuardianEvidence])
    scope = models.CharField(
        max_length=8, choices=[(s.value, s.name) for s in GuardianScope], default=GuardianScope.SHARED.value
    )
    court_order = GuardedFlag(default=False)
    no_contact = GuardedFlag(default=False)
    hidden_address = GuardedFlag(default=False)
    # That one of the first two stands, not which: the database itself decides by it who reaches a child.
    barred = models.BooleanField(default=False, editable=False)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ends_on = models.DateField(null=True, blank=True)  # its last day
    ended_at = models.DateTimeField(null=True, blank=True)  # by staff: no LMS message opens it again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "child"], name="ilp_guardian_link_unique"),
            models.CheckConstraint(condition=~Q(guardian=models.F("child")), name="ilp_guardian_link_of_two"),
        ]
        indexes = [models.Index(fields=["child"], name="ilp_guardian_link_child")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.barred = self.court_order or self.no_contact
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "barred"}
        super().save(*args, **kwargs)


class GuardianNaming(SchoolOwned):
    """The last Mentor launch from this course (none: from outside a course) named the link's child."""

    privacy = Privacy(
        RIGHTS,
        about=("link__child", "link__guardian"),
        plain="id school link course",
    )

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(GuardianLink, on_delete=models.CASCADE, related_name="namings")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "course"], name="ilp_guardian_naming_unique"),
            models.UniqueConstraint(
                fields=["link"], condition=Q(course__isnull=True), name="ilp_guardian_naming_no_course"
            ),
        ]
