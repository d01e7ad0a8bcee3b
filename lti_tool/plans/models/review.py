"""Reviews: what people judged, said and agreed, and what it rested on."""

from django.db import models
from django.db.models import Q

from lti_tool.privacy import OWN, PLAN, SETUP, Kind, Privacy
from lti_tool.sealing import GuardedJSON, GuardedText

from ..data import Audience, Ending, ReviewState, SignedBy, Voice
from .base import PublicRow, SchoolOwned
from .people import Person
from .plan import Plan, Target
from .planning import LifeEvent


class ReviewCycle(PublicRow):
    """A round of reviews in one school year: "Autumn review" (000.11). A plan has at most one review of it."""

    privacy = Privacy(
        SETUP,
        plain="id school year key name opens_on due_on kind",
    )

    year = models.PositiveSmallIntegerField()  # the calendar year the school year began in
    key = models.CharField(max_length=64)  # a slug; placements in courses name the cycle by year and key
    name = models.CharField(max_length=255)
    opens_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)  # its last day
    kind = models.CharField(max_length=32, default="interim")  # a slug; what kinds there are, frameworks say

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "year", "key"], name="ilp_cycle_key_unique"),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(due_on__isnull=True) | Q(opens_on__lte=models.F("due_on")),
                name="ilp_cycle_days_ordered",
            ),
        ]


class Review(PublicRow):
    """Numbered within its plan (002.35). Closed, it never changes."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan number cycle kind life_event version next_steps_version closings hidden_at",
        personal={
            Kind.STATUS: "state",
            Kind.TIME: "opened_at closed_at next_review_on",
            Kind.PERSON: "opened_by closed_by next_steps_by",
            Kind.WORDS: "next_steps",
        },
        sensitive={Kind.WORDS: "why details"},
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reviews", related_query_name="review")
    number = models.PositiveIntegerField()
    cycle = models.ForeignKey(ReviewCycle, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=64, blank=True)  # the framework's review kind; blank: its first
    why = GuardedText(blank=True)  # of one held at need
    life_event = models.ForeignKey(LifeEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    details = GuardedJSON(default=dict, blank=True)  # what the kind has written down, by field
    state = models.CharField(
        max_length=8, choices=[(s.value, s.name) for s in ReviewState], default=ReviewState.OPEN.value
    )
    version = models.PositiveIntegerField(default=1)  # one more with every change
    next_steps_version = models.PositiveIntegerField(default=1)  # the version that last changed the next steps
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closings = models.PositiveSmallIntegerField(default=0)  # how often it was closed
    next_steps = GuardedText(blank=True)
    next_steps_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    next_review_on = models.DateField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="ilp_review_number_unique"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="open", cycle__isnull=True), name="ilp_review_one_open"
            ),
            models.UniqueConstraint(
                fields=["plan", "cycle"], condition=Q(cycle__isnull=False), name="ilp_review_cycle_unique"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
                name="ilp_review_closed_has_time",
            ),
        ]


class FrozenTarget(SchoolOwned):
    """What a closed review rested on for one target: wording, evidence and arithmetic as they stood then."""

    privacy = Privacy(
        PLAN,
        about=("review__plan__student",),
        plain="id school review target closing",
        sensitive={Kind.WORDS: "snapshot"},
    )

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    closing = models.PositiveSmallIntegerField(default=1)  # the first, or the one after so many reopenings
    snapshot = GuardedJSON()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "target", "closing"], name="ilp_frozen_target_closing_unique")
        ]


class Judgement(PublicRow):
    """One version of one person's judgement of one target or area. A correction is a new one, with a reason (T48).

    `level` is a key of the scale that the review's kind names in the plan's framework.
    """

    privacy = Privacy(
        PLAN,
        about=("review__plan__student",),
        plain="id school review target area version review_version target_version latest evidence_seen",
        personal={
            Kind.JUDGEMENT: "level",
            Kind.WORDS: "comment reason qualitative quantitative one_kind_because",
            Kind.PERSON: "author",
            Kind.TIME: "made_at",
        },
    )

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    area = models.CharField(max_length=64, blank=True)  # where no target is named
    level = models.CharField(max_length=64)
    comment = GuardedText(blank=True)
    qualitative = GuardedText(blank=True)  # what was seen and said (001.13)
    quantitative = GuardedText(blank=True)  # what was counted or measured, besides scores seen
    one_kind_because = GuardedText(blank=True)  # why it rests on one kind only, where both are asked
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    review_version = models.PositiveIntegerField()  # the review's version this judgement made
    target_version = models.PositiveIntegerField(default=0)  # the wording it was made of
    reason = GuardedText(blank=True)
    latest = models.BooleanField(default=True)
    evidence_seen = models.JSONField(default=list)  # ids of the Evidence rows the page showed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "target", "version"], name="ilp_judgement_version_unique"),
            models.UniqueConstraint(
                fields=["review", "target"], condition=Q(latest=True), name="ilp_judgement_latest_unique"
            ),
            models.UniqueConstraint(
                fields=["review", "area", "version"],
                condition=Q(target__isnull=True),
                name="ilp_judgement_area_version_unique",
            ),
            models.UniqueConstraint(
                fields=["review", "area"],
                condition=Q(target__isnull=True, latest=True),
                name="ilp_judgement_area_latest_unique",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=False, area="") | Q(Q(target__isnull=True) & ~Q(area="")),
                name="ilp_judgement_of_one_thing",
            ),
        ]


class TargetOutcome(PublicRow):
    """What a review agrees for one target: reached, carried on, changed or dropped. Closing the review does it."""

    privacy = Privacy(
        PLAN,
        about=("review__plan__student",),
        plain="id school review target version review_version put",
        personal={Kind.STATUS: "ending", Kind.WORDS: "text", Kind.PERSON: "author", Kind.TIME: "said_at"},
    )

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    ending = models.CharField(max_length=16, choices=[(e.value, e.name) for e in Ending])
    text = GuardedText(blank=True)  # the new words, or why
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    review_version = models.PositiveIntegerField()  # the review's version this made
    put = models.CharField(max_length=16, blank=True)  # the target's state a closing put it in, for the next closing

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "target"], name="ilp_target_outcome_unique")]


class Contribution(PublicRow):
    """Somebody's own words, kept by version; nobody writes in another's voice."""

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan review question review_version version hidden_at",
        personal={Kind.PERSON: "author", Kind.TIME: "written_at", Kind.STATUS: "voice audience"},
        sensitive={Kind.WORDS: "text sent_home_because"},
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    review = models.ForeignKey(Review, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    voice = models.CharField(max_length=8, choices=[(v.value, v.name) for v in Voice])
    question = models.CharField(max_length=64, blank=True)  # the preparation's field it answers; blank: free words
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = GuardedText()
    written_at = models.DateTimeField()
    review_version = models.PositiveIntegerField(default=0)  # the review's version these words made
    version = models.PositiveIntegerField(default=1)
    audience = models.CharField(  # as their writer chose; "not for home" stays so (T30)
        max_length=16, choices=[(a.value, a.name) for a in Audience], default=Audience.SHARED.value
    )
    sent_home_because = GuardedText(blank=True)  # why staff sent home what was marked "not for home"
    hidden_at = models.DateTimeField(null=True, blank=True)  # reported, and not yet looked at (T41)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "voice", "version"], name="ilp_contribution_version_unique")
        ]


class Opinion(PublicRow):
    """How one person sees one target or area, beside what is agreed (001.12). Kept by version.

    Given before a review begins it waits for the coming one, as a learner's words do.
    """

    privacy = Privacy(
        PLAN,
        about=("plan__student",),
        plain="id school plan review target area version review_version latest peer",
        personal={
            Kind.JUDGEMENT: "level",
            Kind.WORDS: "text",
            Kind.PERSON: "author",
            Kind.STATUS: "voice",
            Kind.TIME: "given_at",
            Kind.NAME: "name",
        },
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    review = models.ForeignKey(Review, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    area = models.CharField(max_length=64, blank=True)
    voice = models.CharField(max_length=8, choices=[(v.value, v.name) for v in Voice])
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)  # whose it is, where the author wrote it down for them
    peer = models.BooleanField(default=False)  # a classmate's (002.7)
    level = models.CharField(max_length=64, blank=True)
    text = GuardedText(blank=True)
    given_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    review_version = models.PositiveIntegerField(default=0)
    latest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, area="") | Q(Q(target__isnull=True) & ~Q(area="")),
                name="ilp_opinion_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["review", "latest"], name="ilp_opinion_review"),
            models.Index(fields=["plan", "author"], name="ilp_opinion_author"),
        ]


class Agreement(PublicRow):
    """One named person's word on what a review says: agreed, or seen differently and why (001.12). Append-only.

    With a target or an area it is a statement about that one judgement, which goes wherever the judgement goes (T54).
    The learner's own is only ever given by the learner (T48).
    """

    privacy = Privacy(
        PLAN,
        about=("review__plan__student",),
        plain="id school review closing target area",
        personal={
            Kind.PERSON: "person recorded_by",
            Kind.NAME: "name",
            Kind.STATUS: "voice agrees way",
            Kind.WORDS: "text",
            Kind.TIME: "recorded_at",
        },
    )

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    closing = models.PositiveSmallIntegerField()  # which closing it is about; of an open review, the coming one
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    area = models.CharField(max_length=64, blank=True)
    voice = models.CharField(max_length=8, choices=[(v.value, v.name) for v in Voice])
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)
    agrees = models.BooleanField()
    text = GuardedText(blank=True)
    way = models.CharField(max_length=16, choices=[(w.value, w.name) for w in SignedBy])
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="ilp_agreement_named"),
            models.CheckConstraint(condition=Q(target__isnull=True) | Q(area=""), name="ilp_agreement_of_one_thing"),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(text=""), name="ilp_agreement_says_why"),
            models.CheckConstraint(
                condition=~Q(voice=Voice.LEARNER.value) | Q(person=models.F("recorded_by")),
                name="ilp_agreement_learners_own",
            ),
        ]
        indexes = [models.Index(fields=["review", "recorded_at"], name="ilp_agreement_review")]


class Closing(SchoolOwned):
    """One time a review was closed: what it agreed then, and who opened it again and why. Append-only."""

    privacy = Privacy(
        PLAN,
        about=("review__plan__student",),
        plain="id school review number",
        personal={
            Kind.PERSON: "closed_by reopened_by",
            Kind.TIME: "closed_at next_review_on reopened_at",
            Kind.WORDS: "next_steps reason",
        },
        sensitive={Kind.WORDS: "snapshot"},
    )

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    next_steps = GuardedText(blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    snapshot = GuardedJSON(default=dict)  # areas, opinions and the kind's fields as they stood
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = GuardedText(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="ilp_closing_number_unique"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True) | ~Q(reason=""), name="ilp_closing_reopened_says_why"
            ),
        ]


class Draft(SchoolOwned):
    """Words typed and not yet saved: they come back after a closed tab or an ended session (T83)."""

    privacy = Privacy(
        OWN,
        about=("author",),
        plain="id school subject field",
        personal={Kind.PERSON: "author", Kind.TIME: "saved_at"},
        sensitive={Kind.WORDS: "text"},
    )

    id = models.BigAutoField(primary_key=True)
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=64)  # "review:<id>", "target:<id>", "words"
    field = models.CharField(max_length=64)
    text = GuardedText()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "subject", "field"], name="ilp_draft_field_unique")]
