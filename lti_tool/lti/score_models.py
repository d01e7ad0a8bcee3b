"""Rows of what is written into gradebooks: wishes, what was told, and when. To be imported from `models`."""

from django.db import models
from django.db.models import Q

from .models import SPEC_ID, Context, Deployment, ResourceLink


class ScoreTime(models.Model):
    """The time last given to a score of one account in one column: the next one is later (AGS 2.0, 3.4)."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    line_item_hash = models.CharField(max_length=64)
    sub = models.CharField(max_length=SPEC_ID)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "line_item_hash", "sub"], name="ilp_score_time_unique")
        ]


class PlacementWish(models.Model):
    """That a placement's column is to be told of reviews: ticked when it was placed, for its first launch there."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=32)  # comes back in the link's custom parameters
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("ilp_plans.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token"], name="ilp_placement_wish_unique")]
        indexes = [models.Index(fields=["asked_at"], name="ilp_placement_wish_asked")]


class ScorePassback(models.Model):
    """A school whose gradebooks are told "review done", all or some placements'. No row: none, as is usual."""

    school = models.OneToOneField("ilp_plans.School", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(null=True, blank=True)  # all of them, for reviews closed from then on; null: some
    looked_until = models.DateTimeField()  # reviews closed by then were looked at


class ScoreState(models.TextChoices):
    DUE = "due"
    SENT = "sent"  # the platform took it
    KEPT = "kept"  # a grade stood there already and was left alone
    UNFIT = "unfit"  # nothing to tell there: no account, or outside the column's dates
    GIVEN_UP = "given_up"


class ReviewScore(models.Model):
    """That a closed review is to be marked done in a placement's column, and how far that came."""

    review = models.ForeignKey("ilp_plans.Review", on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey("ilp_plans.Person", on_delete=models.CASCADE, related_name="+")
    resource_link = models.ForeignKey(ResourceLink, on_delete=models.CASCADE, related_name="+")
    closed_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ScoreState.choices, default=ScoreState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)  # also the end of a worker's lease; null: settled
    failure = models.CharField(max_length=32, blank=True)  # code of the last try, when it failed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "resource_link"], name="ilp_review_score_unique"),
            models.CheckConstraint(
                condition=Q(state="due", next_try_at__isnull=False) | (~Q(state="due") & Q(next_try_at=None)),
                name="ilp_review_score_due_has_time",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="ilp_review_score_due")]


class MarkState(models.TextChoices):
    DUE = "due"
    TAKEN = "taken"  # nothing of ours stands there
    LEFT = "left"  # somebody gave another grade since: theirs, and left alone
    BY_HAND = "by_hand"  # somebody at the school has to, in the gradebook


class Withdrawal(models.Model):
    """A mark we wrote into a gradebook and take back: all that this needs, so that it outlives its person (T55).

    Settled, it names no account and no address any more, but where somebody has to do it by hand.
    """

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=255, blank=True)  # of the column's placement
    line_item_url = models.URLField(max_length=1000, blank=True)
    sub = models.CharField(max_length=SPEC_ID, blank=True)
    sure = models.BooleanField()  # that we wrote it: not known of one whose telling never came to its end
    given_at = models.DateTimeField(null=True, blank=True)  # the last time given to a score of theirs there
    state = models.CharField(max_length=8, choices=MarkState.choices, default=MarkState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)  # also the end of a worker's lease; null: settled
    failure = models.CharField(max_length=32, blank=True)  # why it did not go
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="due", next_try_at__isnull=False) | (~Q(state="due") & Q(next_try_at=None)),
                name="ilp_withdrawal_due_has_time",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="ilp_withdrawal_due")]
