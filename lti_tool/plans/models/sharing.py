"""What is shared with whom, beyond what the policy gives: by the learner, item by item, with an end (T11, T12)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import RIGHTS, Kind, Privacy
from lti_tool.sealing import GuardedText

from ..data import Audience
from .base import PublicRow, SchoolOwned
from .people import Person


class Share(PublicRow):
    """One person may read the items of this share until its last day, or until somebody ends it."""

    privacy = Privacy(
        RIGHTS,
        about=("student", "recipient"),
        plain="id school",
        personal={
            Kind.PERSON: "student recipient made_by",
            Kind.WORDS: "purpose",
            Kind.TIME: "made_at ends_on ended_at",
        },
    )

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    purpose = GuardedText()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(purpose=""), name="ilp_share_purpose_given")]
        indexes = [
            models.Index(fields=["recipient", "ends_on"], name="ilp_share_recipient"),
            models.Index(fields=["student"], name="ilp_share_student"),
        ]


class ShareItem(SchoolOwned):
    """Exactly this item. What is added to the plan later is not in the share."""

    privacy = Privacy(
        RIGHTS,
        about=("share__student", "share__recipient"),
        plain="id school share kind item_id",
    )

    id = models.BigAutoField(primary_key=True)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=32)
    item_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "kind", "item_id"], name="ilp_share_item_unique")]
        indexes = [models.Index(fields=["kind", "item_id"], name="ilp_share_item")]


class OwnWords(PublicRow):
    """Abstract: something a learner made themselves, private until they choose (T5).

    `private_again_on`: the day a looser choice runs out, at the latest with the school's term.
    """

    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    audience = models.CharField(
        max_length=16, choices=[(a.value, a.name) for a in Audience], default=Audience.PRIVATE.value
    )
    private_again_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
