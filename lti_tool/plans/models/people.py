"""Schools, people, courses and who is what in which."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import ROSTER, SETUP, End, Kind, Privacy
from lti_tool.sealing import GuardedText

from ..data import Role
from .base import Imported, PublicRow, SchoolOwned


class School(models.Model):
    """A tenant."""

    privacy = Privacy(
        SETUP,
        plain="id name emerging_below exceeded_from review_every_days year_starts_month framework_key keep_years"
        " keep_restricted_years"
        " help_name help_phone share_days learners_share learners_end_providers readers_named"
        " links_on_paper terms created_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    emerging_below = models.FloatField(default=50)  # percent; a suggestion's thresholds, the school's to set
    exceeded_from = models.FloatField(default=80)
    review_every_days = models.PositiveSmallIntegerField(default=42)
    help_name = models.CharField(max_length=200, blank=True)  # whom to ask for help, as the school says
    help_phone = models.CharField(max_length=40, blank=True)
    year_starts_month = models.PositiveSmallIntegerField(default=8)
    framework_key = models.CharField(max_length=64, default="general")  # what new plans begin with
    keep_years = models.PositiveSmallIntegerField(default=7)  # a plan, after its student left every course
    keep_restricted_years = models.PositiveSmallIntegerField(default=1)  # what only named people may know: sooner
    share_days = models.PositiveSmallIntegerField(default=90)  # the longest a share may last: about a term
    learners_share = models.BooleanField(default=True)  # learners may share items with named staff
    learners_end_providers = models.BooleanField(default=True)  # and end an outside provider's access
    readers_named = models.BooleanField(default=True)  # "who opened my plan" tells names, not only roles (T44)
    links_on_paper = models.BooleanField(default=False)  # a one-time link to a sheet may be printed for the family
    terms = models.TextField(blank=True)  # what it calls things, by language (`glossary.written`)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="ilp_school_name_unique"),
            models.CheckConstraint(
                condition=Q(keep_years__gte=1, keep_years__lte=60), name="ilp_school_keeps_nothing_for_ever"
            ),
            models.CheckConstraint(
                condition=Q(keep_restricted_years__gte=1, keep_restricted_years__lte=7),
                name="ilp_school_keeps_restricted_less",
            ),
            models.CheckConstraint(condition=Q(share_days__gte=1, share_days__lte=366), name="ilp_school_shares_end"),
            models.CheckConstraint(
                condition=Q(emerging_below__gte=0)
                & Q(exceeded_from__lte=100)
                & Q(emerging_below__lte=models.F("exceeded_from")),
                name="ilp_school_thresholds_ordered",
            ),
        ]


class Person(PublicRow, Imported):
    """One row per school, however many LMS accounts point at it (lti.PlatformUser)."""

    privacy = Privacy(
        ROSTER,
        about=("id",),
        end=End.BLANK,
        plain="id school source received_at erased_at joined_into",
        ordinary={Kind.STATUS: "phase year_group", Kind.TIME: "entered_on left_on"},
        personal={Kind.NAME: "display_name own_name"},
        sensitive={Kind.STATUS: "looks pronouns"},
        restricted={Kind.NAME: "told_name"},
    )

    display_name = models.CharField(max_length=255, blank=True)  # the own name, else the LMS's; blank if withheld
    own_name = models.CharField(max_length=80, blank=True)  # what they say they are called (T93)
    told_name = GuardedText(max_length=255, blank=True)  # the LMS's name, where another stands in its place
    pronouns = GuardedText(max_length=40, blank=True)
    phase = models.CharField(max_length=64, blank=True)  # the school's own word: "Key Stage 2"
    year_group = models.PositiveSmallIntegerField(null=True, blank=True)
    entered_on = models.DateField(null=True, blank=True, default=timezone.localdate)  # first told of, or the office's
    left_on = models.DateField(null=True, blank=True)  # first seen in no course; retention counts from it
    looks = GuardedText(max_length=64, blank=True)  # how they like pages to look (`data.Look`), parted by blanks
    erased_at = models.DateTimeField(null=True, blank=True)  # the row stays, so that the trail's ids mean somebody
    joined_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")


class Course(SchoolOwned, Imported):
    """A class or course a school teaches. LMS contexts point at it; the domain knows nothing of them."""

    privacy = Privacy(
        SETUP,
        plain="id school source received_at title",
    )

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=255, blank=True)


class Enrolment(SchoolOwned, Imported):
    """A live relationship: staff reach a student only through it (T3). Leavers become inactive, never deleted."""

    privacy = Privacy(
        ROSTER,
        about=("person",),
        plain="id school course source received_at",
        ordinary={Kind.PERSON: "person", Kind.STATUS: "role active"},
    )

    id = models.BigAutoField(primary_key=True)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=[(r.value, r.name) for r in Role])
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="ilp_enrolment_unique"),
        ]
        indexes = [models.Index(fields=["person", "active"], name="ilp_enrolment_person")]
