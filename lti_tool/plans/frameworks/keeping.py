"""Which framework a plan or a school works by. A plan keeps the version it began with."""

from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lti_tool import glossary

from ..exceptions import NotFound
from ..models import FrameworkVersion, Person, Plan, Revision, School
from ..models.base import SchoolQuerySet
from .data import Framework
from .loading import BUILT_IN, built_in, built_in_text, document, framework

DEFAULT = BUILT_IN[0]


def published(school_id: UUID, key: str) -> SchoolQuerySet[FrameworkVersion]:
    """The school's published versions of a framework, newest first."""
    rows = FrameworkVersion.objects.of(school_id).filter(key=key, state=FrameworkVersion.State.PUBLISHED)
    return rows.order_by("-number")


def current_version(school_id: UUID, key: str) -> FrameworkVersion:
    """The version a new plan of the school would begin with; of the tool's own perhaps not written down yet.

    Raises:
        NotFound: the school has no such framework.
    """
    newest = published(school_id, key).first()
    if key not in BUILT_IN:
        if newest is None:
            raise NotFound
        return newest
    part = built_in(key)
    kept = document(part)
    if newest is not None and newest.document == kept:
        return newest
    return FrameworkVersion(
        school_id=school_id,
        key=key,
        number=newest.number + 1 if newest else 1,
        name=part.name,
        text=built_in_text(key),
        document=kept,
        state=FrameworkVersion.State.PUBLISHED,
        published_at=timezone.now(),
    )


def ensure_framework_version(school_id: UUID, key: str) -> FrameworkVersion:
    """The same, written down now if it was not yet."""
    row = current_version(school_id, key)
    if row._state.adding:
        with transaction.atomic():
            School.objects.select_for_update(no_key=True).get(pk=school_id)  # plans opened at once: one version
            row = current_version(school_id, key)
            if row._state.adding:
                row.save(force_insert=True)
    return row


def framework_of(school_id: UUID, plan: Plan | None) -> Framework:
    """The framework a plan works by; None, or a plan that names none yet: the school's own."""
    if plan is not None and plan.framework_id is not None:
        return in_its_words(_kept(school_id, plan.framework_id))
    return in_its_words(school_framework(School.objects.get(pk=school_id)))


def framework_for(student: Person) -> Framework:
    """The framework of the student's newest plan, or the school's while they have none. One query, or two."""
    newest = Plan.objects.of(student.school_id).filter(student=student).order_by("-year").only("framework_id").first()
    if newest is not None and newest.framework_id is not None:
        return in_its_words(_kept(student.school_id, newest.framework_id))
    return in_its_words(school_framework(student.school))


def former_frameworks(plan: Plan) -> tuple[Framework, ...]:
    """What the plan worked by before it moved up, the newest first: what was said under it is called so still."""
    return _formers(plan.school_id, plan.id, plan.version)


@lru_cache(maxsize=256)
def _formers(school_id: UUID, plan_id: UUID, _version: int) -> tuple[Framework, ...]:
    """Moving up is a version of the plan, so each is asked for once by a process."""
    moves = Revision.moves(school_id).filter(plan=plan_id).order_by("-version").values_list("before", flat=True)
    ids = [UUID(before["framework"]["id"]) for before in moves if before and before["framework"]]
    return tuple(_kept(school_id, version_id) for version_id in ids)


def in_its_words(framework: Framework) -> Framework:
    """A page that read it is about its plan, and says what the framework says for a student, a family (T91)."""
    glossary.about_plan(framework.terms)
    return framework


def school_framework(school: School) -> Framework:
    """What a new plan of the school begins with."""
    if school.framework_key in BUILT_IN:
        return _built_in(school.framework_key)
    newest = published(school.id, school.framework_key).values_list("id", flat=True).first()
    return _kept(school.id, newest) if newest else _built_in(DEFAULT)


def newest_version(school_id: UUID, key: str) -> Framework:
    """The newest published version of a framework of the school's own.

    Raises:
        NotFound: nothing of it is published.
    """
    newest = published(school_id, key).values_list("id", flat=True).first()
    if newest is None:
        raise NotFound
    return _kept(school_id, newest)


@lru_cache(maxsize=256)
def _kept(school_id: UUID, version_id: UUID) -> Framework:
    """A published version never changes, so each is read once by a process."""
    row = FrameworkVersion.objects.of(school_id).get(pk=version_id, state=FrameworkVersion.State.PUBLISHED)
    return framework(row.document, row.number)


@lru_cache(maxsize=len(BUILT_IN))
def _built_in(key: str) -> Framework:
    return built_in(key).made()


def framework_version_for(student: Person) -> FrameworkVersion:
    """The version `framework_for` reads, as a row to point at; written down if the tool's own has none yet."""
    newest = Plan.objects.of(student.school_id).filter(student=student).order_by("-year").first()
    if newest is not None and newest.framework is not None:
        return newest.framework
    return ensure_framework_version(student.school_id, student.school.framework_key)


def kept_framework(school_id: UUID, version_id: UUID) -> Framework:
    """A published version by its row."""
    return _kept(school_id, version_id)
