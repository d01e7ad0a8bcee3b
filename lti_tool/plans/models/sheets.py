"""Sheets a school sends home: the Planning Sheet, the Progress Monitoring Sheet, and others (001.23-24)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import ENTRY, PLAN, Kind, Privacy
from lti_tool.sealing import GuardedJSON, GuardedText

from ..data import SheetWay
from .base import PublicRow, SchoolOwned
from .framework import FrameworkVersion
from .people import Person


class Sheet(PublicRow):
    """One form of the framework, asked about one learner; `audience` answers. Of one form one is open at a time."""

    privacy = Privacy(
        PLAN,
        about=("student",),
        plain="id school form audience framework language version",
        personal={
            Kind.PERSON: "student sent_by answered_by keyed_by",
            Kind.NAME: "answered_name",
            Kind.STATUS: "way",
            Kind.TIME: "sent_at due_on answered_at taken_back_at",
        },
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=64)  # one of the framework's sheets
    audience = models.CharField(max_length=8, default="family")  # "family" or "provider"
    framework = models.ForeignKey(FrameworkVersion, null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=16, blank=True)  # blank: the family chooses
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)  # of the answers; 0: none yet
    way = models.CharField(max_length=8, choices=[(w.value, w.name) for w in SheetWay], blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answered_name = models.CharField(max_length=200, blank=True)  # who said so on paper or through a link
    keyed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "form"],
                condition=Q(answered_at=None, taken_back_at=None),
                name="ilp_sheet_one_open",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, version=0) | Q(answered_at__isnull=False, version__gt=0),
                name="ilp_sheet_answered_has_words",
            ),
        ]
        indexes = [models.Index(fields=["student", "-sent_at"], name="ilp_sheet_student")]


class SheetAnswer(SchoolOwned):
    """One version of a sheet's answers, append-only. `answers` are words by the form's field."""

    privacy = Privacy(
        PLAN,
        about=("sheet__student",),
        plain="id school sheet version hidden_at",
        personal={Kind.PERSON: "by", Kind.TIME: "at"},
        sensitive={Kind.WORDS: "answers"},
    )

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="said")
    version = models.PositiveIntegerField()
    answers = GuardedJSON(default=dict)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "version"], name="ilp_sheet_answer_version_unique")]


class SheetLink(SchoolOwned):
    """A one-time way to one sheet for a family without an account: a link, and a code of ten minutes (T13)."""

    privacy = Privacy(
        ENTRY,
        about=("sheet__student",),
        plain="id school sheet tries",
        personal={
            Kind.PERSON: "made_by",
            Kind.PROOF: "token_hash code_hash",
            Kind.TIME: "made_at expires_at used_at code_until",
        },
        sensitive={Kind.ACCOUNT: "address", Kind.WORDS: "begun"},
    )

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64)
    # where codes go; forgotten with the answer. Blank: staff tell the code
    address = GuardedText(max_length=254, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # wrong codes since the link was made
    begun = GuardedJSON(default=dict)  # what is typed and not sent yet, by the form's field; gone with the link

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="ilp_sheet_link_unique")]
