"""The platform's ports on edx-platform: its grades, enrolments, courses and users.

With `cohorts` the only module that imports edx-platform, and only when it is asked something. It rests on signatures
read in public source and tested against fakes that keep to them; it has not been run inside a real LMS yet. An
*activity* here is a graded subsection, the unit in which Open edX keeps grades.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from .models import digest
from .platform.ports import Activity, Course, Member, MemberPage, Origin, Placement, Result, ResultPage, Role
from .studio import chosen_activities

EXTERNAL_ID_TYPE = "lti"  # the ids that Open edX's own LTI consumer uses: one person has one sub for every tool
ACTIVITIES_SECONDS = 60
BLOCK_TYPE = "ilp"
STAFF_ROLES = {"instructor": Role.INSTRUCTOR, "staff": Role.INSTRUCTOR, "limited_staff": Role.ASSISTANT}
MAX_DEPTH = 10  # of a block in its course
MOST_ORIGINS = 10  # a course rerun each year of a school's life


class EdxGrades:
    """`GradeSource` on the LMS's persisted subsection grades. A cursor is the last learner's user id."""

    def activities(self, course_id: str) -> Sequence[Activity]:
        key = course_key_of(course_id)
        if key is None:
            return ()
        if not _in_lms():  # Studio has no grades application
            return tuple(_studio_activities(key))
        name = f"ilp_xblock.activities.{digest(course_id)}"
        found: Sequence[Activity] = cache.get_or_set(name, lambda: tuple(_lms_activities(key)), ACTIVITIES_SECONDS)
        return found

    def results(
        self, course_id: str, activity_id: str, *, after: str = "", limit: int = 100, sub: str | None = None
    ) -> ResultPage:
        """Results of learners enrolled now. A teacher's override in the gradebook counts before what was earned."""
        from lms.djangoapps.grades.models import PersistentSubsectionGrade

        course_key, usage_key, last = course_key_of(course_id), _usage_key(activity_id), _cursor(after)
        if course_key is None or usage_key is None:
            return ResultPage([])
        attempted = Q(first_attempted__isnull=False) | Q(override__isnull=False)
        rows = PersistentSubsectionGrade.objects.filter(
            attempted,
            course_id=course_key,
            usage_key=usage_key,
            user_id__gt=last,
            user_id__in=_enrolled(course_key).values("user_id"),
        ).select_related("override")
        if sub is not None:
            user = user_of(sub)
            if user is None:
                return ResultPage([])
            rows = rows.filter(user_id=user.pk)
        found = list(rows.order_by("user_id")[: limit + 1])
        page = found[:limit]
        subs = _subs([row.user_id for row in page])
        results = [result for row in page if (result := _result(row, subs)) is not None]
        return ResultPage(results, str(page[-1].user_id) if len(found) > limit else "")


class EdxRoster:
    """`Roster` on enrolments and course team roles. A cursor is the last person's user id.

    Who is of the course team is staff here even when enrolled; an account's system-wide role counts for nothing. An
    account that is not active has not confirmed its e-mail address: Open edX lets it learn, and teach nobody.
    """

    def members(self, course_id: str, *, after: str = "", limit: int = 100, role: Role | None = None) -> MemberPage:
        key, last = course_key_of(course_id), _cursor(after)
        if key is None:
            return MemberPage([])
        people = _people(key, role).filter(pk__gt=last)
        found = list(people.order_by("pk").select_related("profile")[: limit + 1])
        page = found[:limit]
        return MemberPage(_members(key, page), str(page[-1].pk) if len(found) > limit else "")

    def member(self, course_id: str, sub: str) -> Member | None:
        key, user = course_key_of(course_id), user_of(sub)
        if key is None or user is None:
            return None
        return next(iter(_members(key, _people(key, None).filter(pk=user.pk).select_related("profile"))), None)


class EdxCourses:
    """`Courses` on course overviews and the modulestore."""

    def course(self, course_id: str) -> Course | None:
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        key = course_key_of(course_id)
        if key is None:
            return None
        try:
            overview = CourseOverview.get_from_id(key)
        except (CourseOverview.DoesNotExist, OSError):
            return None
        return Course(
            course_id,
            overview.display_name_with_default,
            overview.display_number_with_default or "",
            f"{settings.LMS_ROOT_URL}/courses/{course_id}/course/",
        )

    def placement(self, block_id: str, *, draft: bool = False) -> Placement | None:
        block = _block(block_id, draft=draft)
        if block is None or block.scope_ids.block_type != BLOCK_TYPE:
            return None
        course_id = str(block.scope_ids.usage_id.course_key)
        chosen = tuple(_here(each, block) for each in chosen_activities(block)) or own_activities(block)
        url = _jump_to(course_id, block_id)
        return Placement(block_id, course_id, block.display_name or "", chosen, url, block.chosen_content or {})

    def origins(self, course_id: str, block_id: str = "") -> Sequence[Origin]:
        """What Studio's course reruns say. A rerun's blocks keep their own ids under the new course's."""
        from common.djangoapps.course_action_state.models import CourseRerunState

        found: list[Origin] = []
        key, block = course_key_of(course_id), _usage_key(block_id) if block_id else None
        while key is not None and len(found) < MOST_ORIGINS:
            rows = CourseRerunState.objects.filter(course_key=key).order_by("-pk")
            key = rows.values_list("source_course_key", flat=True).first()
            if key is None or str(key) in {course_id, *(origin.course_id for origin in found)}:
                break
            found.append(Origin(str(key), str(block.map_into_course(key)) if block else ""))
        return found


class EdxCurrentUser:
    """`CurrentUser` by the LMS's login."""

    def launching(self, request: HttpRequest) -> str | None:
        if not request.user.is_authenticated:
            return None
        return _subs([request.user.pk])[request.user.pk]

    def is_current(self, request: HttpRequest, sub: str) -> bool:
        return self.launching(request) == sub

    def sub_of(self, user_id: Any) -> str | None:
        return _subs([user_id]).get(user_id) if user_id else None


def client_address(request: HttpRequest) -> str:
    """A request's client address behind the proxies that the LMS is set up for."""
    from edx_django_utils.ip import get_safest_client_ip

    return str(get_safest_client_ip(request))


def own_activities(block: Any) -> tuple[str, ...]:
    """The graded subsection that the block stands in; () when it is not graded."""
    parent = block
    for _ in range(MAX_DEPTH):
        parent = parent.get_parent()
        if parent is None:
            break
        if parent.scope_ids.block_type == "sequential":
            return (str(parent.scope_ids.usage_id),) if parent.graded else ()
    return ()


def _here(activity_id: str, block: Any) -> str:
    """The activity in the block's own course: a rerun or an import keeps the ids of its origin."""
    key = _usage_key(activity_id)
    return str(key.map_into_course(block.scope_ids.usage_id.course_key)) if key else activity_id


def _in_lms() -> bool:
    return apps.is_installed("lms.djangoapps.grades")


def course_key_of(course_id: str) -> Any:
    from opaque_keys import InvalidKeyError
    from opaque_keys.edx.keys import CourseKey

    try:
        key = CourseKey.from_string(course_id)
    except InvalidKeyError:
        return None
    return key if _whole(key) else None


def _usage_key(block_id: str) -> Any:
    from opaque_keys import InvalidKeyError
    from opaque_keys.edx.keys import UsageKey

    try:
        key = UsageKey.from_string(block_id)
    except InvalidKeyError:
        return None
    return key if _whole(key.context_key) else None


def _whole(course_key: Any) -> bool:
    """Whether it names a course, not a library, in full, and no branch or version of it: one course has one id."""
    parts = (getattr(course_key, name, None) for name in ("branch", "version_guid"))
    return bool(course_key.is_course and course_key.run and not any(parts))


def _cursor(after: str) -> int:
    if after and not (after.isascii() and after.isdigit() and len(after) < 20):
        raise ValueError("not a cursor of this gradebook")
    return int(after or 0)


def _jump_to(course_id: str, block_id: str) -> str:
    return f"{settings.LMS_ROOT_URL}/courses/{course_id}/jump_to/{block_id}"


def _block(block_id: str, *, draft: bool = False) -> Any:
    """The block as published, which is all that the LMS looks at by itself, or as its author has it."""
    from xmodule.modulestore import ModuleStoreEnum
    from xmodule.modulestore.django import modulestore
    from xmodule.modulestore.exceptions import ItemNotFoundError

    key, store = _usage_key(block_id), modulestore()
    if key is None:
        return None
    branch = store.branch_setting(ModuleStoreEnum.Branch.draft_preferred, key.course_key) if draft else nullcontext()
    try:
        with branch:
            return store.get_item(key)
    except ItemNotFoundError:
        return None


def _lms_activities(course_key: Any) -> Iterator[Activity]:
    """Graded subsections of the structure that the LMS grades by; it is cached there."""
    from lms.djangoapps.grades import api
    from lms.djangoapps.grades.transformer import GradesTransformer

    structure = api.course_data.CourseData(user=None, course_key=course_key).collected_structure

    def worth(key: Any) -> float:
        block = structure[key]
        if not getattr(block, "has_score", False) or not getattr(block, "graded", False):
            return 0.0
        raw = structure.get_transformer_block_field(key, GradesTransformer, "max_score")
        return _points(raw, getattr(block, "weight", None))

    for subsection in api.graded_subsections_for_course_id(course_key):
        keys = structure.post_order_traversal(start_node=subsection.location)
        yield _activity(course_key, subsection, (worth(key) for key in keys))


def _studio_activities(course_key: Any) -> Iterator[Activity]:
    """The same from the modulestore, for Studio's form."""
    from xmodule.modulestore.django import modulestore

    course = modulestore().get_course(course_key, depth=None)
    if course is None:
        return
    for chapter in course.get_children():
        for subsection in chapter.get_children():
            if subsection.graded:
                scored = (block for block in _descendants(subsection) if block.has_score and block.graded)
                points = (_points(block.max_score(), getattr(block, "weight", None)) for block in scored)
                yield _activity(course_key, subsection, points)


def _descendants(block: Any) -> Iterator[Any]:
    for child in block.get_children():
        yield child
        yield from _descendants(child)


def _points(raw: float | None, weight: float | None) -> float:
    """What a problem is worth: its weight, when it has one and can be scored at all."""
    if not raw:
        return 0.0
    return float(raw if weight is None else weight)


def _activity(course_key: Any, subsection: Any, points: Iterable[float]) -> Activity:
    activity_id = str(subsection.location)
    return Activity(
        id=activity_id,
        label=getattr(subsection, "display_name", "") or activity_id,
        score_maximum=sum(points) or 1.0,  # each result says its own maximum
        url=_jump_to(str(course_key), activity_id),
        tag=getattr(subsection, "format", "") or "",
    )


def _result(row: Any, subs: dict[int, str]) -> Result | None:
    """None where nothing could be scored."""
    override = getattr(row, "override", None)
    earned, possible, when = row.earned_graded, row.possible_graded, row.modified
    if override is not None:
        when = override.modified
        if override.earned_graded_override is not None:
            earned = override.earned_graded_override
        if override.possible_graded_override is not None:
            possible = override.possible_graded_override
    if possible <= 0 or row.user_id not in subs:
        return None
    return Result(subs[row.user_id], float(earned), float(possible), when)


def _enrolled(course_key: Any) -> QuerySet[Any]:
    from common.djangoapps.student.models import CourseEnrollment

    return CourseEnrollment.objects.filter(course_id=course_key, is_active=True).order_by()


def _team(course_key: Any) -> QuerySet[Any]:
    """The course's team: roles in the course itself, or in every course of its organisation."""
    from common.djangoapps.student.models import CourseAccessRole
    from opaque_keys.edx.django.models import CourseKeyField

    whole_organisation = Q(org=course_key.org, course_id=CourseKeyField.Empty)
    here = Q(course_id=course_key) | whole_organisation
    return CourseAccessRole.objects.filter(here, role__in=list(STAFF_ROLES), user__is_active=True)


def _people(course_key: Any, role: Role | None) -> QuerySet[Any]:
    """Accounts of the course, of one role if one is given."""
    everyone = get_user_model().objects.all()
    enrolled = Q(pk__in=_enrolled(course_key).values("user_id"))
    teaching, assisting = _in_team(course_key, Role.INSTRUCTOR), _in_team(course_key, Role.ASSISTANT)
    if role is Role.LEARNER:
        return everyone.filter(enrolled & ~teaching & ~assisting)
    if role is Role.INSTRUCTOR:
        return everyone.filter(teaching | assisting)
    if role is Role.ASSISTANT:
        return everyone.filter(assisting & ~teaching)
    return everyone.filter(enrolled | teaching | assisting)


def _in_team(course_key: Any, role: Role) -> Q:
    names = [name for name, value in STAFF_ROLES.items() if value is role]
    return Q(pk__in=_team(course_key).filter(role__in=names).values("user_id"))


def _members(course_key: Any, users: Iterable[Any]) -> list[Member]:
    people = list(users)
    subs = _subs([user.pk for user in people])
    roles: dict[int, set[Role]] = {}
    for user_id, name in _team(course_key).filter(user_id__in=list(subs)).values_list("user_id", "role"):
        roles.setdefault(user_id, set()).add(STAFF_ROLES[name])
    return [
        Member(
            subs[user.pk],
            (_leading(roles.get(user.pk, set())),),
            _name(user),
            user.email,
            user.first_name,
            user.last_name,
        )
        for user in people
        if user.pk in subs
    ]


def _leading(roles: set[Role]) -> Role:
    return next((role for role in (Role.INSTRUCTOR, Role.ASSISTANT) if role in roles), Role.LEARNER)


def _name(user: Any) -> str:
    try:
        return str(user.profile.name or user.get_full_name())
    except ObjectDoesNotExist:
        return str(user.get_full_name())


def _subs(user_ids: Sequence[int]) -> dict[int, str]:
    """The subs of these users, made where they have none yet."""
    from openedx.core.djangoapps.external_user_ids.models import ExternalId

    if not user_ids:
        return {}
    users = list(get_user_model().objects.filter(pk__in=user_ids))
    found = ExternalId.batch_get_or_create_user_ids(users, EXTERNAL_ID_TYPE)
    if found is None:
        raise ImproperlyConfigured(f"The LMS knows no external id type {EXTERNAL_ID_TYPE}; run its migrations.")
    return {user_id: str(external.external_user_id) for user_id, external in found.items()}


def user_of(sub: str) -> Any:
    from openedx.core.djangoapps.external_user_ids.models import ExternalId

    try:
        known = ExternalId.objects.select_related("user")
        return known.get(external_user_id=sub, external_id_type__name=EXTERNAL_ID_TYPE).user
    except (ExternalId.DoesNotExist, ValidationError, ValueError):
        return None
