"""The frameworks a school made its own, version by version."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import SETUP, Kind, Privacy

from .base import PublicRow
from .people import Person


class FrameworkVersion(PublicRow):
    """One version of one framework of a school. A draft may change; published, it never does again.

    A school that uses a built-in framework unchanged has a row of it too, made when a plan first needs one, so that
    the plan keeps the words it began with when a later release of the tool words the framework anew.
    """

    privacy = Privacy(
        SETUP,
        plain="id school key number name text document state copied_from saved_at saves published_at",
        ordinary={Kind.PERSON: "published_by"},
    )

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    key = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    text = models.TextField()  # the YAML as its author wrote it; of a draft, perhaps not yet right
    document = models.JSONField(default=dict)  # what a published text says, its base taken in
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    copied_from = models.CharField(max_length=64, blank=True)  # the key of the framework it began as a copy of
    saved_at = models.DateTimeField(auto_now=True)
    saves = models.PositiveIntegerField(default=1)  # one more with every save: two editors never overwrite each other
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "key", "number"], name="ilp_framework_version_unique"),
            models.UniqueConstraint(
                fields=["school", "key"], condition=Q(state="draft"), name="ilp_framework_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(state="published", published_at__isnull=False),
                name="ilp_framework_published_has_time",
            ),
        ]
