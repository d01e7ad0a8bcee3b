"""Models of edx-platform that `ilp_xblock.compat` reads, with the fields they have there.

Real Django models over real opaque keys, so that the queries run on the database under test.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import connection, models
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField
from opaque_keys.edx.keys import CourseKey

USER = settings.AUTH_USER_MODEL


class UserProfile(models.Model):
    user = models.OneToOneField(USER, related_name="profile", on_delete=models.CASCADE)
    name = models.CharField(blank=True, max_length=255)

    class Meta:
        app_label = "edx"


class CourseEnrollment(models.Model):
    user = models.ForeignKey(USER, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "edx"
        ordering = ("user", "course_id")


class CourseAccessRole(models.Model):
    user = models.ForeignKey(USER, on_delete=models.CASCADE)
    org = models.CharField(max_length=64, blank=True)
    course_id = CourseKeyField(max_length=255, blank=True)
    role = models.CharField(max_length=64)

    class Meta:
        app_label = "edx"


class ExternalIdType(models.Model):
    name = models.CharField(max_length=32, unique=True)

    class Meta:
        app_label = "edx"


class ExternalId(models.Model):
    external_user_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    external_id_type = models.ForeignKey(ExternalIdType, on_delete=models.CASCADE)
    user = models.ForeignKey(USER, on_delete=models.CASCADE)

    class Meta:
        app_label = "edx"

    @classmethod
    def batch_get_or_create_user_ids(cls, users: Any, type_name: str) -> dict[int, "ExternalId"] | None:
        kind = ExternalIdType.objects.filter(name=type_name).first()
        if kind is None:
            return None
        found = {row.user_id: row for row in cls.objects.filter(user__in=users, external_id_type=kind)}
        new = [cls(user=user, external_id_type=kind) for user in users if user.id not in found]
        return found | {row.user_id: row for row in cls.objects.bulk_create(new)}


class CourseOverview(models.Model):
    id = CourseKeyField(primary_key=True, max_length=255)
    display_name_with_default = models.TextField()
    display_number_with_default = models.TextField()

    class Meta:
        app_label = "edx"

    @classmethod
    def get_from_id(cls, course_id: CourseKey) -> "CourseOverview":
        return cls.objects.get(id=course_id)


class CourseRerunState(models.Model):
    course_key = CourseKeyField(max_length=255, db_index=True)
    source_course_key = CourseKeyField(max_length=255, db_index=True)
    action = models.CharField(max_length=100, db_index=True)
    state = models.CharField(max_length=50)

    class Meta:
        app_label = "edx"


class CourseUserGroup(models.Model):
    COHORT = "cohort"
    name = models.CharField(max_length=255)
    course_id = CourseKeyField(max_length=255)
    group_type = models.CharField(max_length=20)

    class Meta:
        app_label = "edx"
        unique_together = [("name", "course_id")]


class CohortMembership(models.Model):
    course_user_group = models.ForeignKey(CourseUserGroup, on_delete=models.CASCADE)
    user = models.ForeignKey(USER, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        app_label = "edx"
        unique_together = [("user", "course_id")]


class CourseCohortsSettings(models.Model):
    is_cohorted = models.BooleanField(default=False)
    course_id = CourseKeyField(unique=True, max_length=255)

    class Meta:
        app_label = "edx"


class PersistentSubsectionGrade(models.Model):
    modified = models.DateTimeField()
    user_id = models.IntegerField()
    course_id = CourseKeyField(max_length=255)
    usage_key = UsageKeyField(max_length=255)
    earned_all = models.FloatField(default=0)
    possible_all = models.FloatField(default=0)
    earned_graded = models.FloatField()
    possible_graded = models.FloatField()
    first_attempted = models.DateTimeField(null=True)

    class Meta:
        app_label = "edx"
        unique_together = [("course_id", "user_id", "usage_key")]


class PersistentSubsectionGradeOverride(models.Model):
    grade = models.OneToOneField(PersistentSubsectionGrade, related_name="override", on_delete=models.CASCADE)
    modified = models.DateTimeField()
    earned_graded_override = models.FloatField(null=True)
    possible_graded_override = models.FloatField(null=True)

    class Meta:
        app_label = "edx"


MODELS = (
    UserProfile,
    CourseEnrollment,
    CourseAccessRole,
    ExternalIdType,
    ExternalId,
    CourseOverview,
    CourseRerunState,
    CourseUserGroup,
    CohortMembership,
    CourseCohortsSettings,
    PersistentSubsectionGrade,
    PersistentSubsectionGradeOverride,
)


def create_tables() -> None:
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def drop_tables() -> None:
    with connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)
