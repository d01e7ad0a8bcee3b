"""A course's cohorts on edx-platform as the platform's groups. Of `compat`, and under the same reservation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .compat import EXTERNAL_ID_TYPE, course_key_of, user_of
from .platform.ports import Group, GroupSet

COHORTS = "cohorts"


class EdxGroups:
    """`Groups` on cohorts, where a course uses them: one set, in which a person is in one cohort at most."""

    def sets(self, course_id: str) -> Sequence[GroupSet]:
        return (GroupSet(COHORTS, str(_("Cohorts"))),) if _cohorted(course_key_of(course_id)) else ()

    def groups(self, course_id: str, *, sub: str | None = None) -> Sequence[Group]:
        from openedx.core.djangoapps.course_groups.models import CohortMembership, CourseUserGroup

        key = course_key_of(course_id)
        if not _cohorted(key):
            return ()
        found = CourseUserGroup.objects.filter(course_id=key, group_type=CourseUserGroup.COHORT)
        if sub is not None:
            user = user_of(sub)
            mine = (
                CohortMembership.objects.filter(course_id=key, user=user) if user else CohortMembership.objects.none()
            )
            found = found.filter(pk__in=mine.values("course_user_group_id"))
        return [Group(str(group.pk), group.name, COHORTS) for group in found.order_by("pk")]

    def group_ids(self, course_id: str, subs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        from openedx.core.djangoapps.course_groups.models import CohortMembership
        from openedx.core.djangoapps.external_user_ids.models import ExternalId

        key = course_key_of(course_id)
        if not _cohorted(key):
            return {}
        known = ExternalId.objects.filter(external_user_id__in=subs, external_id_type__name=EXTERNAL_ID_TYPE)
        users = dict(known.values_list("user_id", "external_user_id"))
        rows = CohortMembership.objects.filter(course_id=key, user_id__in=users)
        return {str(users[user]): [str(group)] for user, group in rows.values_list("user_id", "course_user_group_id")}


def _cohorted(course_key: Any) -> bool:
    from openedx.core.djangoapps.course_groups.models import CourseCohortsSettings

    return bool(course_key and CourseCohortsSettings.objects.filter(course_id=course_key, is_cohorted=True).exists())
