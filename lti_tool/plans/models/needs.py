"""What is known of a learner before a plan is made (stage 1), and the talks it came from."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import PLAN, Kind, Privacy
from lti_tool.sealing import GuardedText

from ..data import Voice
from ..frameworks.data import Sensitivity
from .base import PublicRow, SchoolOwned
from .people import Person
from .plan import Goal, Target

_VOICES = [(v.value, v.name) for v in Voice]


class Statement(SchoolOwned):
    """One version of one statement about a learner, append-only. Section and field are the framework's keys.

    It is the learner's, not one plan's: a new school year begins with what is known (002.4, 004.8).
    """

    privacy = Privacy(
        PLAN,
        about=("student",),
        by_row=("sensitivity", "author"),
        plain="id school statement_id version latest section field source hidden_at",
        personal={
            Kind.PERSON: "student author",
            Kind.TIME: "made_at",
            Kind.STATUS: "voice own_hand sensitivity",
        },
        sensitive={Kind.WORDS: "text source_note"},  # a row's own `sensitivity` may guard it more
    )

    id = models.BigAutoField(primary_key=True)
    statement_id = models.UUIDField()  # the same in every version
    version = models.PositiveIntegerField(default=1)
    latest = models.BooleanField(default=True)
    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    section = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    text = GuardedText(blank=True)  # blank: taken back
    voice = models.CharField(max_length=8, choices=_VOICES)  # whose words
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who wrote them down
    own_hand = models.BooleanField(default=False)
    source = models.CharField(max_length=64, blank=True)
    source_note = GuardedText(blank=True)
    sensitivity = models.CharField(max_length=16, choices=[(s.value, s.name) for s in Sensitivity])
    made_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement_id", "version"], name="ilp_statement_version_unique"),
            models.UniqueConstraint(
                fields=["statement_id"], condition=Q(latest=True), name="ilp_statement_latest_unique"
            ),
        ]
        indexes = [models.Index(fields=["student", "latest"], name="ilp_statement_student")]


class Discussion(PublicRow):
    """A talk about a learner's plan: evidence that it was made with them (000.9, 001.18). Append-only."""

    privacy = Privacy(
        PLAN,
        about=("student",),
        plain="id school goal target hidden_at",
        personal={Kind.PERSON: "student recorded_by", Kind.TIME: "held_on recorded_at"},
        sensitive={Kind.WORDS: "about note"},
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    held_on = models.DateField()
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    about = GuardedText()
    note = GuardedText(blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        indexes = [models.Index(fields=["student", "held_on"], name="ilp_discussion_student")]


class DiscussionPart(SchoolOwned):
    """One person who took part, as whom."""

    privacy = Privacy(
        PLAN,
        about=("discussion__student",),
        plain="id school discussion",
        personal={Kind.PERSON: "person", Kind.NAME: "name", Kind.STATUS: "voice"},
    )

    id = models.BigAutoField(primary_key=True)
    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=255, blank=True)  # blank where `person` says it
    voice = models.CharField(max_length=8, choices=_VOICES)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="ilp_discussion_part_named"),
        ]
