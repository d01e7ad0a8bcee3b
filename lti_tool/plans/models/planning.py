"""What grows around targets: steps, the year's curriculum targets, checks, signatures and events in a life."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import PLAN, Kind, Privacy
from lti_tool.sealing import GuardedText

from ..data import Setting, SignedBy, Voice
from ..frameworks.data import Sensitivity
from .base import PublicRow, SchoolOwned
from .people import Person
from .plan import Goal, Plan, Target

_VOICES = [(v.value, v.name) for v in Voice]


class TargetStep(PublicRow):
    """What somebody does towards a target, by when (001.4, 003.4). What it said before stands in the revisions."""

    privacy = Privacy(
        PLAN,
        about=("target__plan__student",),
        plain="id school target position",
        personal={
            Kind.WORDS: "what",
            Kind.NAME: "who_name",
            Kind.STATUS: "who",
            Kind.TIME: "by_on done_on",
            Kind.PERSON: "done_by",
        },
    )

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    what = GuardedText()
    who = models.CharField(max_length=8, choices=_VOICES)  # learner, family, school or others
    who_name = models.CharField(max_length=255, blank=True)  # which of them, where it matters
    by_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="ilp_step_what_given")]
        indexes = [models.Index(fields=["target", "position"], name="ilp_step_target")]


class CurriculumTarget(PublicRow):
    """What a year's curriculum holds for the learner in one subject and strand, and how it goes (001.22)."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan version position",
        personal={Kind.WORDS: "subject strand wording progress", Kind.TIME: "ended_on"},
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=255)
    strand = models.CharField(max_length=255, blank=True)
    wording = GuardedText()
    progress = GuardedText(blank=True)
    version = models.PositiveIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(subject="") & ~Q(wording=""), name="ilp_curriculum_said"),
        ]


class ProgrammePart(PublicRow):
    """A part of the learner's programme: what its goals inform, in or out of school (000.1, 002.5, 002.20)."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan version position areas setting",
        personal={
            Kind.WORDS: "title provider days_times qualification level about",
            Kind.TIME: "ended_on",
        },
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=255)
    setting = models.CharField(max_length=16, choices=[(s.value, s.name) for s in Setting])
    provider = models.CharField(max_length=255, blank=True)  # where and with whom
    days_times = models.CharField(max_length=255, blank=True)
    qualification = models.CharField(max_length=255, blank=True)  # blank: learning without one (002.8)
    level = models.CharField(max_length=255, blank=True)
    about = GuardedText(blank=True)  # how it takes its goals up
    areas = models.JSONField(default=list, blank=True)  # the framework's keys: strands that meet here (002.1)
    version = models.PositiveIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="ilp_programme_titled")]


class ProgrammeGoal(SchoolOwned):
    """The part takes this goal up."""

    privacy = Privacy(PLAN, about=("part__plan__student",), plain="id school part goal")

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(ProgrammePart, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "goal"], name="ilp_programme_goal_unique")]


class QualityCheck(PublicRow):
    """A phase leader's look at one version of a written target, before a family receives it (001.15). Append-only."""

    privacy = Privacy(
        PLAN,
        about=("target__plan__student",),
        plain="id school target target_version",
        personal={
            Kind.STATUS: "passed",
            Kind.WORDS: "note",
            Kind.PERSON: "checked_by",
            Kind.TIME: "checked_at",
        },
    )

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    target_version = models.PositiveIntegerField()
    passed = models.BooleanField()
    note = GuardedText(blank=True)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(passed=True) | ~Q(note=""), name="ilp_quality_check_says_why"),
        ]
        indexes = [models.Index(fields=["target", "checked_at"], name="ilp_quality_check_target")]


class Signature(PublicRow):
    """One party signs up to the plan as it stands in one version, or says why not (002.14). Append-only.

    The learner's own signature is only ever made by the learner (T48).
    """

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan plan_version signer",
        personal={
            Kind.STATUS: "voice way agrees",
            Kind.PERSON: "person recorded_by",
            Kind.NAME: "name",
            Kind.WORDS: "text",
            Kind.TIME: "signed_on recorded_at",
        },
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    plan_version = models.PositiveIntegerField()
    signer = models.CharField(max_length=64)  # the framework's signer, or a voice where it names none
    voice = models.CharField(max_length=8, choices=_VOICES)
    way = models.CharField(max_length=16, choices=[(w.value, w.name) for w in SignedBy])
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)  # of a signer the tool does not know
    agrees = models.BooleanField(default=True)
    text = GuardedText(blank=True)  # why not
    signed_on = models.DateField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="ilp_signature_named"),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(text=""), name="ilp_signature_says_why"),
            models.CheckConstraint(
                condition=~Q(voice=Voice.LEARNER.value) | Q(person=models.F("recorded_by")),
                name="ilp_signature_learners_own",
            ),
        ]
        indexes = [models.Index(fields=["plan", "recorded_at"], name="ilp_signature_plan")]


class LifeEvent(PublicRow):
    """Something that happened in the learner's life and asks for a new look at the plan (001.5)."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        by_row=("sensitivity", "recorded_by"),
        plain="id school plan",
        personal={
            Kind.PERSON: "recorded_by answered_by",
            Kind.TIME: "happened_on recorded_at answered_at",
            Kind.STATUS: "sensitivity",
        },
        sensitive={Kind.WORDS: "kind text answer"},  # a row's own `sensitivity` may guard it more
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    kind = GuardedText(max_length=64)  # one of the framework's life events, or ""
    text = GuardedText(blank=True)
    happened_on = models.DateField()
    sensitivity = models.CharField(max_length=16, choices=[(s.value, s.name) for s in Sensitivity])
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)  # looked at: a review began, or nothing had to change
    answered_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answer = GuardedText(blank=True)  # why nothing had to change

    class Meta:
        indexes = [models.Index(fields=["plan", "happened_on"], name="ilp_life_event_plan")]
