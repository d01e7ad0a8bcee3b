"""The platform's own rows, in the LMS's database: MySQL, MariaDB or SQLite (label `ilp_xblock`).

No row holds a name or an e-mail address. Indexed strings are short (utf8mb4 index limits) and random or hashed in
lower-case hex, because MySQL's default collations ignore case. Free of XBlock and edx-platform imports.
"""

import hashlib
import secrets

from django.db import models
from django.utils import timezone

from .privacy import Privacy

CLIENT_ID_LENGTH = 32
HASH_LENGTH = 64
ID_LENGTH = 255  # LTI's own limit for ids


def random_id() -> str:
    """128 random bits in lower-case hex."""
    return secrets.token_hex(16)


def digest(text: str) -> str:
    """SHA-256 in hex: what is kept of a secret or an id of any length."""
    return hashlib.sha256(text.encode()).hexdigest()


class Tool(models.Model):
    """A registered LTI tool with its one deployment. Empty `courses`: allowed in every course."""

    privacy = Privacy(
        "Know the registered tools",
        "while registered",
        "id client_id deployment_id name login_url target_link_uri redirect_uris jwks_url jwks scopes courses custom"
        " messages personal_data created",
    )
    client_id = models.CharField(max_length=CLIENT_ID_LENGTH, default=random_id, editable=False)
    deployment_id = models.CharField(max_length=CLIENT_ID_LENGTH, default=random_id, editable=False)
    name = models.CharField(max_length=255)
    login_url = models.TextField()
    target_link_uri = models.TextField()
    redirect_uris = models.JSONField()  # compared exactly
    jwks_url = models.TextField(blank=True)
    jwks = models.JSONField(null=True, blank=True)  # instead of jwks_url
    scopes = models.JSONField(default=list)
    courses = models.JSONField(default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    # The messages it takes besides the launch of a resource link, each with its own target_link_uri.
    messages = models.JSONField(default=dict, blank=True)
    personal_data = models.JSONField(null=True, blank=True)  # "name", "email"; None: as the LMS's setting says
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="ilp_xblock_tool_client"),
            models.UniqueConstraint(fields=["deployment_id"], name="ilp_xblock_tool_deployment"),
        ]

    def __str__(self) -> str:
        return self.name

    def allowed_in(self, course_id: str) -> bool:
        return not self.courses or course_id in self.courses


class PlatformKey(models.Model):
    """A signing key pair. The newest generation is published as the next key, the one before it signs.

    `retired` is when it stopped signing; it stays published for a while after.
    """

    privacy = Privacy(
        "Sign messages",
        "a week after it stopped signing",
        "id generation kid public_jwk private_pem created retired",
    )
    generation = models.PositiveIntegerField()
    kid = models.CharField(max_length=HASH_LENGTH)  # RFC 7638 thumbprint
    public_jwk = models.JSONField()
    private_pem = models.TextField()  # encrypted by a key from the settings
    created = models.DateTimeField(default=timezone.now)
    retired = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation"], name="ilp_xblock_key_generation"),
            models.UniqueConstraint(fields=["kid"], name="ilp_xblock_key_kid"),
        ]

    def __str__(self) -> str:
        return self.kid


class LaunchRequest(models.Model):
    """A started launch, waiting for the tool's authentication request; deleted by the one that uses it.

    `message` is an LTI message type; `for_user` and `activity_id` are those of a review.
    """

    privacy = Privacy(
        "Carry a launch to the tool",
        "minutes: until used or expired",
        no_pii="id handle tool course_id block_id message activity_id expires",
        pii="sub for_user",
        account="sub for_user",
    )
    handle = models.CharField(max_length=CLIENT_ID_LENGTH, default=random_id)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE)
    sub = models.CharField(max_length=ID_LENGTH)
    course_id = models.CharField(max_length=ID_LENGTH)
    block_id = models.CharField(max_length=ID_LENGTH, blank=True)
    message = models.CharField(max_length=40, default="LtiResourceLinkRequest")
    for_user = models.CharField(max_length=ID_LENGTH, blank=True)
    activity_id = models.CharField(max_length=ID_LENGTH, blank=True)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handle"], name="ilp_xblock_launch_handle")]


class ContentRequest(models.Model):
    """An author's question to a tool what a block shall show (deep linking), and the tool's one answer.

    The answer waits in `content` until the same author's own session takes it into the block.
    """

    privacy = Privacy(
        "Let an author choose what a block shows",
        "minutes: until used or expired",
        no_pii="id handle tool course_id block_id block_hash answered content expires",
        pii="sub",
        account="sub",
    )
    handle = models.CharField(max_length=CLIENT_ID_LENGTH, default=random_id)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE)
    sub = models.CharField(max_length=ID_LENGTH)
    course_id = models.CharField(max_length=ID_LENGTH)
    block_id = models.CharField(max_length=ID_LENGTH)
    block_hash = models.CharField(max_length=HASH_LENGTH, db_index=True)
    answered = models.DateTimeField(null=True)
    content = models.JSONField(null=True)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handle"], name="ilp_xblock_content_handle")]


class UsedAssertion(models.Model):
    """A client assertion's jti, or a message's nonce, kept until it expires, so that none is taken twice."""

    privacy = Privacy(
        "Take no message twice",
        "until it expires",
        "id tool jti_hash expires",
    )
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE)
    jti_hash = models.CharField(max_length=HASH_LENGTH)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tool", "jti_hash"], name="ilp_xblock_assertion_jti")]


class RegistrationToken(models.Model):
    """Lets one tool register itself, once. Only the token's hash is kept."""

    privacy = Privacy(
        "Let a tool register itself once",
        "until it expires",
        "id token_hash expires used tool courses",
    )
    token_hash = models.CharField(max_length=HASH_LENGTH)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    tool = models.ForeignKey(Tool, null=True, on_delete=models.CASCADE)
    courses = models.JSONField(default=list, blank=True)  # what the registered tool is allowed in

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="ilp_xblock_registration_token")]


class RosterState(models.Model):
    """How far a course's roster has changed, as the platform last looked: each look that finds news counts one up.

    `handle` tells this count from one begun anew. Differences since before `floor` are not known any more.
    """

    privacy = Privacy(
        "Tell tools what changed in a roster",
        "as long as the course's roster is read",
        "id course_hash handle version floor looked",
    )
    course_hash = models.CharField(max_length=HASH_LENGTH)
    handle = models.CharField(max_length=CLIENT_ID_LENGTH, default=random_id)
    version = models.PositiveIntegerField(default=0)
    floor = models.PositiveIntegerField(default=0)
    looked = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course_hash"], name="ilp_xblock_roster_course")]


class RosterMember(models.Model):
    """An account as the platform last saw it in a course: which version it changed at, whether it left.

    `roles` are its last ones, parted by blanks; `shown` is a keyed digest of what else a roster may say of it.
    """

    privacy = Privacy(
        "Tell tools what changed in a roster",
        "thirty days after the person left the course",
        no_pii="id state sub_hash roles shown version roles_version left",
        pii="sub",
        account="sub",
    )
    state = models.ForeignKey(RosterState, on_delete=models.CASCADE, related_name="members")
    sub = models.CharField(max_length=ID_LENGTH)
    sub_hash = models.CharField(max_length=HASH_LENGTH)
    roles = models.CharField(max_length=100)
    shown = models.CharField(max_length=HASH_LENGTH)
    version = models.PositiveIntegerField()
    roles_version = models.PositiveIntegerField()
    left = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "sub_hash"], name="ilp_xblock_roster_member")]
        indexes = [models.Index(fields=["state", "version"], name="ilp_xblock_roster_news")]
