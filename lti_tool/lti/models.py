"""LTI's own rows (label ilp_lti), named as in the specifications. They point at the domain, never the reverse."""

from django.db import models
from django.db.models import Q

SPEC_ID = 255  # LTI Core 1.3, 5.3: identifiers are at most 255 ASCII characters


class RegistrationLink(models.Model):
    """A one-time link by which a school's IT connects an LMS (Dynamic Registration 1.0). Only a hash is stored."""

    token_hash = models.CharField(max_length=64)
    school = models.ForeignKey("ilp_plans.School", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="ilp_registration_link_unique")]


class Platform(models.Model):
    """A platform as a tool knows it: one (issuer, client_id). LTI Core 1.3, 3.1.3."""

    issuer = models.CharField(max_length=SPEC_ID)
    client_id = models.CharField(max_length=SPEC_ID)
    auth_url = models.URLField(max_length=1000)  # OIDC authentication endpoint
    token_url = models.URLField(max_length=1000)
    token_audience = models.CharField(max_length=1000, blank=True)  # Brightspace's differs from its token_url
    jwks_url = models.URLField(max_length=1000)
    product_family = models.CharField(max_length=64, blank=True)
    scopes = models.JSONField(default=list)  # granted at registration
    messages = models.JSONField(default=list)  # message types it took at registration; empty: it did not say
    frame_origins = models.JSONField(default=list)  # where its registration showed us in a frame (T64)
    jwks = models.JSONField(default=dict)  # last fetched key set, so that a restart needs no fetch
    jwks_fetched_at = models.DateTimeField(null=True, blank=True)
    jwks_expires_at = models.DateTimeField(null=True, blank=True)  # as its Cache-Control says
    # The registration named no deployment: the first one seen in a signed launch belongs to this school.
    claim_for = models.ForeignKey(
        "ilp_plans.School", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "client_id"], name="ilp_platform_unique")]


class Deployment(models.Model):
    """One installation of the tool in a platform. Without a school it is *unclaimed* and serves nobody.

    One that an operator switched off serves nobody in the same way; `held_for` remembers whose it is.
    """

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="deployments")
    deployment_id = models.CharField(max_length=SPEC_ID)
    school = models.ForeignKey("ilp_plans.School", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    held_for = models.ForeignKey(
        "ilp_plans.School", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    messages = models.JSONField(default=list)  # message types that came in signed launches
    frame_origins = models.JSONField(default=list)  # where signed launches were shown in a frame (T64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "deployment_id"], name="ilp_deployment_unique"),
            models.CheckConstraint(
                condition=models.Q(school=None) | models.Q(held_for=None), name="ilp_deployment_on_or_held"
            ),
        ]


class Context(models.Model):
    """A course of the platform. LTI Core 1.3, 5.4.1."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="contexts")
    id_on_platform = models.CharField(max_length=SPEC_ID)
    course = models.OneToOneField("ilp_plans.Course", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=255, blank=True)
    lineitems_url = models.URLField(max_length=1000, blank=True)  # AGS claim
    memberships_url = models.URLField(max_length=1000, blank=True)  # NRPS claim
    scopes = models.JSONField(default=list)  # of the AGS claim, re-read at each launch
    launched_on = models.DateField(null=True, blank=True)  # the last day somebody opened the tool in it (T73)
    groups_url = models.URLField(max_length=1000, blank=True)  # Course Groups claim
    group_sets_url = models.URLField(max_length=1000, blank=True)
    groups_read_at = models.DateTimeField(null=True, blank=True)
    differences_url = models.URLField(max_length=2000, blank=True)  # NRPS 2.0, 2.6: what changed since the last read
    roster_read_at = models.DateTimeField(null=True, blank=True)  # whole, not by differences
    history = models.CharField(max_length=64, blank=True)  # digest of the courses it was made from, as last told

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deployment", "id_on_platform"], name="ilp_context_unique")]


class ResourceLink(models.Model):
    """One placement of the tool in a context. LTI Core 1.3, 5.3.5."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="resource_links")
    id_on_platform = models.CharField(max_length=SPEC_ID)
    title = models.CharField(max_length=255, blank=True)
    lineitem_url = models.URLField(max_length=1000, blank=True)  # the gradebook column that belongs to it (AGS claim)
    lineitem_since = models.DateTimeField(null=True, blank=True)  # when we first heard of that column
    # What our own custom parameters say (`placed.About`), so that a copy of the link that lost them finds it again.
    about = models.JSONField(default=dict)
    # The round its column is for, as the last launch of it made out.
    cycle = models.ForeignKey(
        "ilp_plans.ReviewCycle", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    told_since = models.DateTimeField(
        null=True, blank=True
    )  # its column is told of reviews; null: unless the school is

    class Meta:
        constraints = [models.UniqueConstraint(fields=["context", "id_on_platform"], name="ilp_resource_link_unique")]


class PlatformUser(models.Model):
    """An account of a platform: (issuer, client, deployment, sub), never e-mail or name (T61)."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="users")
    sub = models.CharField(max_length=SPEC_ID)
    person = models.ForeignKey("ilp_plans.Person", on_delete=models.CASCADE, related_name="+")
    # Digest of the name this account last told: a person with two accounts is not renamed back and forth.
    name_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deployment", "sub"], name="ilp_platform_user_unique")]


class KeyState(models.TextChoices):
    NEXT = "next"  # published, so that platforms know it before it signs
    CURRENT = "current"  # signs
    RETIRED = "retired"  # signs no more; still published for a week


class ToolKey(models.Model):
    """One of the tool's RSA keys. At least two are published: the one in use and the next (T69)."""

    kid = models.CharField(max_length=64)  # RFC 7638 thumbprint
    private_pem = models.TextField()  # encrypted with a key from settings
    public_jwk = models.JSONField()
    state = models.CharField(max_length=8, choices=KeyState.choices)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    platform = models.ForeignKey(  # a key only this platform knows; null: the tool's own
        Platform, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kid"], name="ilp_tool_key_kid_unique"),
            # One current and one next key, whoever creates them first: two processes cannot both.
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(platform__isnull=True, state__in=["next", "current"]),
                name="ilp_tool_key_one_per_state",
            ),
            models.UniqueConstraint(
                fields=["platform"],
                condition=Q(platform__isnull=False, state="current"),
                name="ilp_tool_key_one_per_platform",
            ),
            models.CheckConstraint(
                condition=Q(state="retired", retired_at__isnull=False) | ~Q(state="retired"),
                name="ilp_tool_key_retired_has_time",
            ),
        ]


class Login(models.Model):
    """A login under way: state and nonce, one-time, ten minutes. The launch consumes the row atomically."""

    state_hash = models.CharField(max_length=64)
    nonce_hash = models.CharField(max_length=64)
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    target_link_uri = models.CharField(max_length=1000)
    storage_target = models.CharField(max_length=255, blank=True)  # set when the LMS's storage binds the browser
    parameters = models.JSONField()  # what the platform sent, to start again at the top level
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state_hash"], name="ilp_login_state_unique")]
        indexes = [models.Index(fields=["expires_at"], name="ilp_login_expiry")]


class LaunchSession(models.Model):
    """A session: found by its handle in the URL path, opened only by its secret (design.md)."""

    handle = models.CharField(max_length=32)
    secret_hash = models.CharField(max_length=64)
    in_cookie = models.BooleanField(default=True)  # False: the secret lives in the document only
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    context = models.ForeignKey(Context, null=True, on_delete=models.CASCADE, related_name="+")
    resource_link = models.ForeignKey(ResourceLink, null=True, on_delete=models.SET_NULL, related_name="+")
    platform_user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16)
    activity_ids = models.JSONField(default=list)  # external ids this placement is about; empty: the whole course
    locale = models.CharField(max_length=35, blank=True)
    return_url = models.CharField(max_length=1000, blank=True)
    frame_ancestors = models.CharField(max_length=1000, blank=True)  # origins, parted by spaces
    goal = models.CharField(max_length=32, blank=True)  # key of the goal this placement is about; blank: all of them
    area = models.CharField(max_length=64, blank=True)  # the same of an area
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # absolute
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handle"], name="ilp_launch_session_handle_unique"),
            models.CheckConstraint(condition=~Q(secret_hash=""), name="ilp_launch_session_secret_given"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="ilp_launch_session_expiry")]


class MediaPass(models.Model):
    """A one-time pass by which a session's browser fetches one file from the media host (T68). Hash only."""

    token_hash = models.CharField(max_length=64)
    session = models.ForeignKey(LaunchSession, on_delete=models.CASCADE, related_name="+")
    file_id = models.UUIDField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="ilp_media_pass_unique")]
        indexes = [models.Index(fields=["expires_at"], name="ilp_media_pass_expiry")]


class AccessToken(models.Model):
    """A client-credentials token cached until shortly before it ends, per platform and scope set. Encrypted."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    scope_hash = models.CharField(max_length=64)
    token = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "scope_hash"], name="ilp_access_token_unique")]


class SchoolCode(models.Model):
    """A one-time code by which a school proves that a deployment, or an administrator, is its own. Hash only."""

    code_hash = models.CharField(max_length=64)
    school = models.ForeignKey("ilp_plans.School", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code_hash"], name="ilp_school_code_unique")]


class WrongCode(models.Model):
    """A code that was none, by which account: so that nobody can go on guessing, whichever process answers."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    sub = models.CharField(max_length=SPEC_ID)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["deployment", "at"], name="ilp_wrong_code_when")]


class ClaimVisit(models.Model):
    """Somebody whose signed launch met an unclaimed deployment, for as long as they may type the code."""

    token_hash = models.CharField(max_length=64)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    sub = models.CharField(max_length=SPEC_ID)
    locale = models.CharField(max_length=35, blank=True)
    frame_ancestors = models.CharField(max_length=1000, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="ilp_claim_visit_unique")]


class Appointment(models.Model):
    """An account that looks after its school's connections. Made by a code, never by a role's claim (T61)."""

    school = models.ForeignKey("ilp_plans.School", on_delete=models.CASCADE, related_name="+")
    platform_user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="+")
    appointed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform_user"], condition=Q(ended_at=None), name="ilp_appointment_one_standing"
            )
        ]


class ServiceTry(models.Model):
    """How the last try of one of the LMS's services in a course ended. Nothing that was read is kept."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="+")
    service = models.CharField(max_length=32)
    outcome = models.CharField(max_length=32)
    tried_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["context", "service"], name="ilp_service_try_unique")]


class DeepLinking(models.Model):
    """A request to place something in a course, and that it was answered: once. Deep Linking 2.0."""

    session = models.OneToOneField(LaunchSession, on_delete=models.CASCADE, related_name="deep_linking")
    settings = models.JSONField()  # the request's settings as they were validated
    may_pick = models.BooleanField()  # False: the page only leads back
    answered_at = models.DateTimeField(null=True, blank=True)


class NoticeService(models.Model):
    """Where a deployment takes the address its notices go to. Platform Notification Service 1.0."""

    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="notice_service")
    url = models.URLField(max_length=1000)
    handler = models.CharField(max_length=1000, blank=True)  # the address it was given; blank: none yet
    tried_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=32, blank=True)  # code of the last try, when it failed


class Notice(models.Model):
    """A notice that was taken; the same one again changes nothing."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    notice_id = models.CharField(max_length=SPEC_ID)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deployment", "notice_id"], name="ilp_notice_once")]
        indexes = [models.Index(fields=["received_at"], name="ilp_notice_received")]


class ContextCopy(models.Model):
    """A course was made from another of the same deployment; perhaps nobody has opened it yet."""

    origin = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="+")
    id_on_platform = models.CharField(max_length=SPEC_ID)  # the copy's
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "id_on_platform"], name="ilp_context_copy_once")]
        indexes = [models.Index(fields=["told_at"], name="ilp_context_copy_told")]


class CourseGroup(models.Model):
    """A group of people in a course, as the LMS has it. Course Groups Service 1.0."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="groups")
    id_on_platform = models.CharField(max_length=SPEC_ID)
    name = models.CharField(max_length=255, blank=True)
    set_name = models.CharField(max_length=255, blank=True)  # of the group set it is in, if any

    class Meta:
        constraints = [models.UniqueConstraint(fields=["context", "id_on_platform"], name="ilp_course_group_unique")]


class GroupMember(models.Model):
    """Who is in a group now."""

    group = models.ForeignKey(CourseGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("ilp_plans.Person", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="ilp_group_member_unique")]


# Rows that point at those above, in a file of their own.
from .score_models import MarkState as MarkState  # noqa: E402
from .score_models import PlacementWish as PlacementWish  # noqa: E402
from .score_models import ReviewScore as ReviewScore  # noqa: E402
from .score_models import ScorePassback as ScorePassback  # noqa: E402
from .score_models import ScoreState as ScoreState  # noqa: E402
from .score_models import ScoreTime as ScoreTime  # noqa: E402
from .score_models import Withdrawal as Withdrawal  # noqa: E402
