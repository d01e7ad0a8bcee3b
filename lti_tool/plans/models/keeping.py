"""What people asked of the records about them, and which persons turned out to be one."""

from django.db import models
from django.utils import timezone

from lti_tool.privacy import PLAN, RIGHTS, TRAIL, End, Kind, Privacy
from lti_tool.sealing import GuardedJSON, GuardedText

from .base import PublicRow, SchoolOwned
from .people import Person


class ErasureRequest(PublicRow):
    """Somebody asked that the school's record of a person be deleted (T50). The school decides, with a reason."""

    privacy = Privacy(
        RIGHTS,
        about=("person",),
        plain="id school",
        personal={
            Kind.PERSON: "person asked_by",
            Kind.TIME: "asked_at decided_at",
            Kind.STATUS: "granted",
            Kind.WORDS: "why answer",
        },
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    why = GuardedText(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True)
    answer = GuardedText(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(decided_at=None), name="ilp_erasure_request_one_open"
            )
        ]


class CorrectionRequest(PublicRow):
    """Somebody said that the school's record of a person has something wrong. The school answers, with a reason."""

    privacy = Privacy(
        RIGHTS,
        about=("person",),
        plain="id school",
        personal={
            Kind.PERSON: "person asked_by",
            Kind.TIME: "asked_at decided_at",
            Kind.STATUS: "granted",
            Kind.WORDS: "wrong answer",
        },
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    wrong = GuardedText()
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True)  # put right; else it stays
    answer = GuardedText(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "asked_by"],
                condition=models.Q(decided_at=None),
                name="ilp_correction_request_one_open",
            )
        ]


class Join(PublicRow):
    """Two persons were found to be one: what moved from `former` to `person`, so that it can be taken back."""

    privacy = Privacy(
        RIGHTS,
        about=("person", "former"),
        plain="id school moved",
        personal={Kind.PERSON: "person former made_by", Kind.TIME: "made_at undone_at"},
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    former = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    moved = models.JSONField(default=dict)  # ids of the rows that moved, by table and column

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["former"], condition=models.Q(undone_at=None), name="ilp_join_former_once"
            )
        ]


class BroughtRecord(PublicRow):
    """A record somebody took along from elsewhere, as this school read it: history that nobody here changes (T52)."""

    privacy = Privacy(
        PLAN,
        about=("student",),
        plain="id school digest",
        personal={
            Kind.PERSON: "student brought_by",
            Kind.NAME: "name from_school",
            Kind.TIME: "made_at brought_at",
        },
        sensitive={Kind.WORDS: "told"},
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    from_school = models.CharField(max_length=200)  # as the package calls it
    name = models.CharField(max_length=255)  # whom the package says it is about: nobody is found by it
    made_at = models.DateTimeField()
    brought_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # None: an operator
    brought_at = models.DateTimeField(default=timezone.now)
    digest = models.CharField(max_length=64)  # SHA-256 of the package: the same one comes in once
    told = GuardedJSON(default=list)  # of each table its rows, as `bringing` kept them

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "digest"], name="ilp_brought_record_once")]


class Erasure(SchoolOwned):
    """That a person was erased: a keyed hash of their id and nothing else, so that a restored backup can tell."""

    privacy = Privacy(
        TRAIL,
        end=End.KEEP,
        plain="id school tombstone at",
    )

    id = models.BigAutoField(primary_key=True)
    tombstone = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tombstone"], name="ilp_erasure_tombstone_unique")]
