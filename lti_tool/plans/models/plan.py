"""A student's plan: goals, the targets that are their stepping stones, and what each is linked to."""

from typing import Any

from django.db import models
from django.db.models import Q

from lti_tool.privacy import PLAN, Kind, Privacy
from lti_tool.sealing import GuardedJSON, GuardedText

from ..data import TargetState
from .activity import Activity
from .base import PublicRow, SchoolOwned, SchoolQuerySet
from .framework import FrameworkVersion
from .people import Person


class Plan(PublicRow):
    """One per student and school year (000.2: a living document; every change is kept as a Revision)."""

    privacy = Privacy(
        PLAN,
        about=("student",),
        plain="id school year version framework",
        personal={Kind.PERSON: "student", Kind.TIME: "review_due_on created_at"},
        sensitive={Kind.WORDS: "details"},  # a framework's field may guard its answer so, or more
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()  # the calendar year the school year began in
    version = models.PositiveIntegerField(default=1)
    framework = models.ForeignKey(  # None until something first asks for it
        FrameworkVersion, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    details = GuardedJSON(default=dict, blank=True)  # what the framework's plan sections ask: "section.field"
    review_due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "year"], name="ilp_plan_student_year_unique")]


class Goal(PublicRow):
    """A long-term goal; short-term targets are its stepping stones (002.16)."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan area purpose version position",
        personal={Kind.WORDS: "wording strategies resources", Kind.TIME: "ended_on"},
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    wording = GuardedText()
    strategies = GuardedText(blank=True)  # what makes teaching and learning towards it work (000.6)
    resources = GuardedText(blank=True)
    area = models.CharField(max_length=64, blank=True)  # the framework's key
    purpose = models.CharField(  # what a framework may ask for (000.8)
        max_length=16, blank=True, choices=[("", "ANY"), ("career", "CAREER"), ("planning", "PLANNING")]
    )
    version = models.PositiveIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(null=True, blank=True)


class Target(PublicRow):
    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan goal area type contexts version checked_version shared_version position",
        personal={
            Kind.WORDS: "wording success next_step baseline resources",
            Kind.TIME: "due_on created_at",
            Kind.STATUS: "state",
        },
        sensitive={Kind.WORDS: "support_inside support_outside details"},
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="targets")
    wording = GuardedText()
    success = GuardedText(blank=True)  # how the learner will know (002.6)
    next_step = GuardedText(blank=True)
    area = models.CharField(max_length=64, blank=True)  # the framework's keys
    type = models.CharField(max_length=64, blank=True)
    baseline = GuardedText(blank=True)  # where the learner is now with this
    support_inside = GuardedText(blank=True)
    support_outside = GuardedText(blank=True)
    resources = GuardedText(blank=True)
    contexts = models.JSONField(default=list, blank=True)  # keys of where it is to be shown (001.6)
    details = GuardedJSON(default=dict, blank=True)  # what else the framework and the type ask, by field
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.name) for s in TargetState], default=TargetState.AGREED.value
    )
    version = models.PositiveIntegerField(default=1)
    checked_version = models.PositiveIntegerField(default=0)  # the wording that passed its quality check
    shared_version = models.PositiveIntegerField(default=0)  # the wording the family received
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(wording=""), name="ilp_target_wording_given"),
        ]


class TargetActivity(SchoolOwned):
    """An ordinary activity of a course that serves a target."""

    privacy = Privacy(
        PLAN,
        about=("target__plan__student",),
        plain="id school target activity",
    )

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="links")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "activity"], name="ilp_target_activity_unique")]


class Revision(SchoolOwned):
    """The wording a change replaced: nothing a plan ever said is lost (001.9)."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan version subject subject_id subject_version",
        personal={Kind.PERSON: "author", Kind.TIME: "made_at"},
        sensitive={Kind.WORDS: "before after"},  # what was sensitive in its row is so here
    )

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()  # the plan's version this change made
    subject = models.CharField(max_length=32)  # "target", "goal", "plan", "framework", "curriculum"
    subject_id = models.UUIDField()
    subject_version = models.PositiveIntegerField(default=1)  # the subject's own version it made
    before = GuardedJSON(null=True)
    after = GuardedJSON()
    author = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="ilp_revision_version_unique")]

    @classmethod
    def moves(cls, school_id: Any) -> SchoolQuerySet["Revision"]:
        """What is on record of plans that moved to another version of their framework."""
        return cls.objects.of(school_id).filter(subject="framework")
