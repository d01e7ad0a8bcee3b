"""A platform's accounts and the persons they are: looked up and made in bulk, written only where new."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from lti_tool.lti.models import PlatformUser
from lti_tool.plans import api as plans
from lti_tool.plans.data import RosterEntry

from .course import Services
from .nrps import Member

CHUNK = 500  # accounts in one IN list


def persons_of(deployment_pk: int, subs: Iterable[str]) -> dict[str, UUID]:
    """The persons of these accounts; an account nobody has seen is not in it."""
    wanted = list(subs)
    known: dict[str, UUID] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = PlatformUser.objects.filter(deployment_id=deployment_pk, sub__in=wanted[start : start + CHUNK])
        known.update(rows.values_list("sub", "person_id"))
    return known


def subs_of(deployment_pk: int, person_id: UUID) -> list[str]:
    """The accounts a person has in this deployment, usually one."""
    rows = PlatformUser.objects.filter(deployment_id=deployment_pk, person_id=person_id)
    return list(rows.order_by("pk").values_list("sub", flat=True))


def take_roster(
    services: Services, members: Sequence[Member], *, complete: bool, gone: Sequence[str] = ()
) -> tuple[dict[str, UUID], list[UUID]]:
    """Make persons, accounts and enrolments what the roster says, all of it or nothing.

    Returns the person of each account, and the people whose sessions must end (T3). With `complete` False nobody
    is taken off but the accounts told to be `gone`: rows that could not be read may be theirs.
    """
    with transaction.atomic():
        persons = persons_of(services.deployment_pk, (member.sub for member in members))
        unknown = [member for member in members if member.sub not in persons]
        if unknown:
            # Two readers of two courses can meet the same new account: the unique key decides, the other re-reads.
            ids = plans.persons_bulk(services.school_id, [member.name for member in unknown])
            rows = [
                PlatformUser(deployment_id=services.deployment_pk, sub=member.sub, person_id=person_id)
                for member, person_id in zip(unknown, ids, strict=True)
            ]
            PlatformUser.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)
            persons |= persons_of(services.deployment_pk, (member.sub for member in unknown))
        plans.tell_names(services.school_id, {persons[member.sub]: member.name for member in members if member.name})
        entries = [RosterEntry(persons[member.sub], member.role) for member in members]
        left = _only_here(services.deployment_pk, persons_of(services.deployment_pk, gone))
        ended = plans.sync_roster(services.school_id, services.course_id, entries, complete=complete, gone=left)
    return persons, ended


def _only_here(deployment_pk: int, persons: dict[str, UUID]) -> set[UUID]:
    """Of these accounts' persons those who have no other account there: of the others one may still be in."""
    rows = PlatformUser.objects.filter(deployment_id=deployment_pk, person_id__in=set(persons.values()))
    others = rows.exclude(sub__in=list(persons)).values_list("person_id", flat=True)
    return set(persons.values()).difference(others)
