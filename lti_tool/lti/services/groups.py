"""Course Groups Service 1.0: the groups a course's people are in, as the LMS has them.

Who is in which comes with the roster where the platform tells it there; else each learner is asked for, in a course
that is not too big for that.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from lti_tool.http import Broken
from lti_tool.lti.models import Context, CourseGroup, GroupMember
from lti_tool.lti.shapes import tidy
from lti_tool.plans.data import Role

from .ags import NO_NUL
from .connector import Connector, with_query
from .course import GROUPS_READ, Services
from .nrps import Member
from .people import persons_of
from .rosters import is_old

GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SETS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"
MOST_ASKED = 200  # learners asked for one by one

Row = TypeVar("Row")


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]
    name: Annotated[str, BeforeValidator(tidy)] = ""


class _Group(_Row):
    set_id: Annotated[str, Field(max_length=255)] | None = None


class _Set(_Row):
    groups: list[_Group] = []


class _Groups(BaseModel):
    groups: list[Any]


class _Sets(BaseModel):
    sets: list[Any]


GROUP, SET = TypeAdapter(_Group), TypeAdapter(_Set)


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the platform tells it. `subs` are the accounts in it."""

    id: str
    name: str
    set_name: str
    subs: frozenset[str]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of a course. `set_name` is blank where it is in no group set."""

    id: int
    name: str
    set_name: str
    person_ids: frozenset[UUID]
    id_on_platform: str = ""
    key: str = ""  # what a link in a course names it with


def group_key(school_id: UUID, set_name: str, name: str) -> str:
    """What a link names a group with: the same in a copied course, and says nothing by itself."""
    words = [" ".join(part.casefold().split()) for part in (set_name, name)]
    return hashlib.sha256("\n".join([str(school_id), *words]).encode()).hexdigest()[:32]


def is_due(services: Services) -> bool:
    """Whether the course's groups can be read, and were not today."""
    granted = services.granted_of(GROUPS_READ)
    return bool(services.groups_url and granted) and is_old(services.groups_read_at)


async def read(connector: Connector, members: Sequence[Member]) -> list[Group]:
    """The groups, with who is in them. Raises HttpError.

    Not for everybody's: where a course has more learners than can be asked for, groups come without people.
    """
    own = connector.with_scopes(GROUPS_READ)
    services = own.services
    rows = await _groups(own, services.groups_url)
    sets = await _sets(own, services.group_sets_url) if services.group_sets_url else {}
    inside = {row.id: set[str]() for row in rows}
    if any(member.group_ids is not None for member in members):
        told = {member.sub: member.group_ids or () for member in members}
    else:
        learners = [member.sub for member in members if member.role is Role.LEARNER]
        told = await _asked(own, learners) if rows and len(learners) <= MOST_ASKED else {}
    for sub, ids in told.items():
        for group_id in ids:
            inside.get(group_id, set()).add(sub)
    return [
        Group(row.id, row.name, sets.get(row.set_id or "", sets.get(f"of {row.id}", "")), frozenset(inside[row.id]))
        for row in rows
    ]


async def _groups(connector: Connector, url: str) -> list[_Group]:
    found: dict[str, _Group] = {}
    async for answer in connector.pages(url, GROUPS_TYPE, "groups"):
        try:
            rows = _Groups.model_validate_json(answer.body).groups
        except ValidationError:
            raise Broken("not a group container") from None
        found |= {row.id: row for row in _good(GROUP, rows)}
    return list(found.values())


async def _sets(connector: Connector, url: str) -> dict[str, str]:
    """Names of the group sets by id, and by "of <group>" where a set lists its groups instead."""
    names: dict[str, str] = {}
    async for answer in connector.pages(url, SETS_TYPE, "group sets"):
        try:
            rows = _Sets.model_validate_json(answer.body).sets
        except ValidationError:
            raise Broken("not a group set container") from None
        for row in _good(SET, rows):
            names[row.id] = row.name
            names |= {f"of {group.id}": row.name for group in row.groups}
    return names


async def _asked(connector: Connector, subs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for sub in subs:
        rows = await _groups(connector, with_query(connector.services.groups_url, user_id=sub))
        found[sub] = tuple(row.id for row in rows)
    return found


def _good(kind: TypeAdapter[Row], rows: Sequence[Any]) -> list[Row]:
    good = []
    for row in rows:
        try:
            good.append(kind.validate_python(row))
        except ValidationError:
            continue
    return good


def take(services: Services, groups: Sequence[Group]) -> None:
    """Make the course's groups exactly these: those that are gone go, people we do not know are left out."""
    persons = persons_of(services.deployment_pk, sorted({sub for group in groups for sub in group.subs}))
    with transaction.atomic():
        Context.objects.filter(pk=services.context_pk).update(groups_read_at=timezone.now())
        CourseGroup.objects.filter(context_id=services.context_pk).exclude(
            id_on_platform__in=[group.id for group in groups]
        ).delete()
        for group in groups:
            row, _ = CourseGroup.objects.update_or_create(
                context_id=services.context_pk,
                id_on_platform=group.id,
                defaults={"name": group.name, "set_name": group.set_name},
            )
            _fill(row, {persons[sub] for sub in group.subs if sub in persons})


def _fill(row: CourseGroup, persons: set[UUID]) -> None:
    had = set(row.members.values_list("person_id", flat=True))
    row.members.filter(person_id__in=had - persons).delete()
    GroupMember.objects.bulk_create(
        [GroupMember(group=row, person_id=person) for person in persons - had], ignore_conflicts=True
    )


def groups(school_id: UUID, course_id: int) -> list[GroupView]:
    """The groups of a course of this school by set and name, as they were last read. One query."""
    rows = CourseGroup.objects.filter(context__course_id=course_id, context__deployment__school_id=school_id)
    inside: dict[tuple[int, str, str, str], set[UUID]] = {}
    told = rows.values_list("pk", "name", "set_name", "id_on_platform", "members__person_id")
    for pk, name, set_name, told_id, person_id in told:
        members = inside.setdefault((pk, name, set_name, told_id), set())
        if person_id is not None:
            members.add(person_id)
    views = [
        GroupView(
            id=pk,
            name=name,
            set_name=set_name,
            person_ids=frozenset(members),
            id_on_platform=id_on_platform,
            key=group_key(school_id, set_name, name),
        )
        for (pk, name, set_name, id_on_platform), members in inside.items()
    ]
    return sorted(views, key=lambda group: (group.set_name.casefold(), group.name.casefold(), group.id))
