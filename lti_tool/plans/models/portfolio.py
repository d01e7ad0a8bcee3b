"""What a learner makes and is seen to do: portfolio items, log entries, and the files that belong to them."""

import secrets
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import OWN, Kind, Privacy
from lti_tool.sealing import GuardedJSON, GuardedText

from ..data import MediaUse, Voice
from ..media.checking import MediaKind
from .activity import Activity
from .base import SchoolOwned
from .keeping import BroughtRecord
from .needs import Discussion, Statement
from .people import Person
from .plan import Target
from .review import Contribution, Review
from .sharing import OwnWords
from .sheets import SheetAnswer


def storage_key() -> str:
    """Where a file lies: random, so that no name and no order can be read from it (T66, T80)."""
    return secrets.token_hex(24)


class LogEntry(OwnWords):
    """One entry of the learner's own log (002.29). `answers` are words by the framework's prompt."""

    privacy = Privacy(
        OWN,
        about=("owner",),
        plain="id school version hidden_at",
        personal={
            Kind.PERSON: "owner",
            Kind.STATUS: "audience activity",
            Kind.TIME: "private_again_on written_at changed_at",
        },
        sensitive={Kind.WORDS: "answers feeling"},
    )

    answers = GuardedJSON(default=dict)
    feeling = GuardedText(max_length=16, blank=True)  # a symbol chosen instead of, or beside, words
    activity = models.ForeignKey(Activity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        indexes = [models.Index(fields=["owner", "-written_at"], name="ilp_log_owner")]


class PortfolioItem(OwnWords):
    """One piece of evidence people add (001.10). It serves as many targets and contexts as it likes."""

    privacy = Privacy(
        OWN,
        about=("owner",),
        plain="id school version hidden_at brought",
        personal={
            Kind.PERSON: "owner added_by",
            Kind.STATUS: "audience kind contexts voice",
            Kind.TIME: "private_again_on made_on added_at",
            Kind.WORDS: "title about",
        },
    )

    kind = models.CharField(max_length=64)  # one of the framework's evidence kinds
    title = models.CharField(max_length=200)
    about = GuardedText(blank=True)
    made_on = models.DateField(null=True, blank=True)
    contexts = models.JSONField(default=list)  # keys of the framework's contexts
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    voice = models.CharField(max_length=8, choices=[(v.value, v.name) for v in Voice])
    version = models.PositiveIntegerField(default=1)
    added_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)
    brought = models.ForeignKey(  # the record it came with from another school
        BroughtRecord, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="ilp_portfolio_title_given")]
        indexes = [models.Index(fields=["owner", "-added_at"], name="ilp_portfolio_owner")]


class PortfolioTarget(SchoolOwned):
    """The item is evidence for this target."""

    privacy = Privacy(
        OWN,
        about=("item__owner",),
        plain="id school item target",
    )

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(PortfolioItem, on_delete=models.CASCADE, related_name="serves")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "target"], name="ilp_portfolio_target_unique")]


class StoredFile(OwnWords):
    """A file made anew from an upload (`media.checking`). Its audience is that of what it belongs to."""

    privacy = Privacy(
        OWN,
        about=("owner",),
        plain="id school item entry size width height seconds digest",
        personal={
            Kind.PERSON: "owner added_by others_checked_by",
            Kind.STATUS: "audience uses shows_others kind media_type kept",
            Kind.TIME: "private_again_on added_at withdrawn_at words_at sound_gone_at",
        },
        sensitive={Kind.FILE: "key", Kind.WORDS: "words"},
    )

    item = models.ForeignKey(PortfolioItem, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    entry = models.ForeignKey(LogEntry, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    key = GuardedText(max_length=64, default=storage_key)
    kind = models.CharField(max_length=8, choices=[(k.value, k.name) for k in MediaKind])
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    width = models.PositiveIntegerField(default=0)  # pixels
    height = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    digest = models.CharField(max_length=64)  # SHA-256 of what is stored
    words = GuardedText(blank=True)  # what can be seen or heard, for whoever cannot (T84)
    uses = models.CharField(max_length=32, default=" ".join(MediaUse), blank=True)  # MediaUse, parted by blanks
    words_at = models.DateTimeField(null=True, blank=True)  # since when they stand
    kept = models.BooleanField(default=False)  # a recording its child keeps although its words are written down (T27)
    sound_gone_at = models.DateTimeField(null=True, blank=True)  # the bytes went, the words stay
    shows_others = models.BooleanField(default=False)  # other people can be seen or heard (T16)
    others_checked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ilp_file_key_unique"),
            models.CheckConstraint(
                condition=Q(item__isnull=True, entry__isnull=False) | Q(item__isnull=False, entry__isnull=True),
                name="ilp_file_belongs_once",
            ),
        ]


def _one_of(*names: str) -> Q:
    """Exactly one of these columns is told."""
    ways = [Q(**{f"{name}__isnull": name != told for name in names}) for told in names]
    return reduce(or_, ways)


class Report(SchoolOwned):
    """Somebody said that an item or words are not right; out of sight until a second adult has looked (T41)."""

    privacy = Privacy(
        OWN,
        about=(
            "item__owner",
            "entry__owner",
            "words__plan__student",
            "review__plan__student",
            "need__student",
            "talk__student",
            "answers__sheet__student",
        ),
        plain="id school item entry words review need talk answers",
        personal={Kind.TIME: "at settled_at", Kind.STATUS: "kept"},
        restricted={Kind.PERSON: "by settled_by"},
    )

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(PortfolioItem, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(LogEntry, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    words = models.ForeignKey(Contribution, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    review = models.ForeignKey(Review, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    need = models.ForeignKey(Statement, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    talk = models.ForeignKey(Discussion, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    answers = models.ForeignKey(SheetAnswer, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    settled_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    kept = models.BooleanField(null=True)  # shown again; else deleted

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_one_of("item", "entry", "words", "review", "need", "talk", "answers"),
                name="ilp_report_of_one",
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(settled_at=None), name="ilp_report_item_open"),
            models.UniqueConstraint(fields=["entry"], condition=Q(settled_at=None), name="ilp_report_entry_open"),
            models.UniqueConstraint(fields=["words"], condition=Q(settled_at=None), name="ilp_report_words_open"),
            models.UniqueConstraint(fields=["review"], condition=Q(settled_at=None), name="ilp_report_review_open"),
            models.UniqueConstraint(fields=["need"], condition=Q(settled_at=None), name="ilp_report_need_open"),
            models.UniqueConstraint(fields=["talk"], condition=Q(settled_at=None), name="ilp_report_talk_open"),
            models.UniqueConstraint(fields=["answers"], condition=Q(settled_at=None), name="ilp_report_answers_open"),
        ]
