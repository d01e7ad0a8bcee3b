"""What changed in a course's roster since a tool last read it (Names and Role Provisioning Services 2.0, 2.4.2).

The LMS says who is in a course now and not who was, so each read of a roster is compared with what the last one found
and what differs is counted. A *state* is such a count: it comes in the address that a tool asks the next differences
at, and means nothing but to this platform. Names are kept as digests only; that somebody left is told for a month
(`forgetting`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ilp_xblock.models import RosterMember, RosterState, digest

from .configuration import PAGE_SIZE
from .ports import Member, Role, ports

MOST_MEMBERS = 5_000  # of a course whose differences are told; a bigger one's roster is read whole
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """Somebody who came, changed or went. `member` None: gone, with the `roles` they had."""

    sub: str
    roles: tuple[Role, ...]
    member: Member | None


@dataclass(frozen=True, slots=True)
class Look:
    """A course's state, and everybody in it by sub; neither where it is too big."""

    state: str = ""
    people: Mapping[str, Member] | None = None


@dataclass(frozen=True, slots=True)
class Differences:
    """One page of them; `next` is a cursor, "" at the end."""

    found: Sequence[Difference]
    next: str = ""


def look(course_id: str) -> Look:
    """The course now, what changed since the last look counted. Four statements where nothing did."""
    people = _people(course_id)
    return Look() if people is None else Look(_name(_counted(course_id, people)), people)


def is_state(text: str, course_id: str) -> bool:
    """Whether this is a state of the course's roster since which all that changed is known."""
    return _version(text, course_id) is not None


def since(
    state: str, course_id: str, *, after: str = "", limit: int = PAGE_SIZE, role: Role | None = None
) -> Differences:
    """Who changed since that state, each once. ValueError for a state or cursor that this platform never gave.

    With `role`, who has it now, and who may have had it then: their roles changed, or they left.
    """
    version, last = _version(state, course_id), _cursor(after)
    if version is None:
        raise ValueError("no state of this roster")
    people = _people(course_id)
    if people is None:
        raise ValueError("the course has become too big to tell differences")
    rows = RosterMember.objects.filter(
        state__course_hash=digest(course_id), version__gt=version, pk__gt=last
    ).order_by("pk")
    found: list[tuple[int, Difference]] = []
    for row in rows.iterator(chunk_size=CHUNK):
        member = people.get(row.sub)
        roles = member.roles if member else tuple(Role(name) for name in row.roles.split())
        if role is None or has(roles, role) or row.roles_version > version:
            found.append((row.pk, Difference(row.sub, roles, member)))
        if len(found) > limit:
            break
    page = found[:limit]
    return Differences([each for _, each in page], str(page[-1][0]) if len(found) > limit else "")


def has(roles: Sequence[Role], role: Role) -> bool:
    """Whether a roster of that role lists who has these: an assistant is an instructor too."""
    return role in roles or (role is Role.INSTRUCTOR and Role.ASSISTANT in roles)


def _people(course_id: str) -> dict[str, Member] | None:
    """Everybody of the course by sub; None where they are too many."""
    people: dict[str, Member] = {}
    after = ""
    while True:
        page = ports().roster.members(course_id, after=after, limit=PAGE_SIZE)
        people |= {member.sub: member for member in page.members}
        if len(people) > MOST_MEMBERS:
            return None
        after = page.next
        if not after:
            return people


def _counted(course_id: str, people: Mapping[str, Member]) -> RosterState:
    mine = RosterState.objects.filter(course_hash=digest(course_id))
    state = mine.first()
    if state is not None and not _changed(state, _known(state), people):
        return state  # nothing to write: nobody waits for anybody
    if state is None:
        mine.get_or_create(defaults={"course_hash": digest(course_id)})
    with transaction.atomic():
        # A write first: two that look at once then do so one after the other, on any database.
        mine.update(looked=timezone.now())
        state = mine.select_for_update().get()
        state.version += 1
        _write(_changed(state, _known(state), people))
        state.save(update_fields=["version"])
    return state


def _known(state: RosterState) -> dict[str, RosterMember]:
    return {row.sub_hash: row for row in state.members.all()}


def _write(rows: Sequence[RosterMember]) -> None:
    new, old = [row for row in rows if row.pk is None], [row for row in rows if row.pk is not None]
    RosterMember.objects.bulk_create(new, batch_size=CHUNK)
    if old:
        fields = ["roles", "shown", "version", "roles_version", "left"]
        RosterMember.objects.bulk_update(old, fields, batch_size=CHUNK)


def _changed(
    state: RosterState, known: Mapping[str, RosterMember], people: Mapping[str, Member]
) -> list[RosterMember]:
    """The rows of who differs from what is known, as they must be at the state's version."""
    changed = []
    here = set()
    version = state.version
    for member in people.values():
        sub_hash = digest(member.sub)
        here.add(sub_hash)
        roles, shown = " ".join(sorted(member.roles)), _shown(member)
        # Who is new had no other role before.
        row = known.get(sub_hash) or RosterMember(
            state=state, sub=member.sub, sub_hash=sub_hash, roles=roles, roles_version=0
        )
        if (row.roles, row.shown, row.left) != (roles, shown, None):
            if row.roles != roles or row.left is not None:
                row.roles_version = version
            row.roles, row.shown, row.left, row.version = roles, shown, None, version
            changed.append(row)
    for sub_hash, row in known.items():
        if sub_hash not in here and row.left is None:
            row.left, row.version = timezone.now(), version
            changed.append(row)
    return changed


def _shown(member: Member) -> str:
    said = "\0".join((member.name, member.given_name, member.family_name, member.email))
    return salted_hmac("ilp_xblock.roster", said, algorithm="sha256").hexdigest()


def _name(state: RosterState) -> str:
    return f"{state.handle}-{state.version}"


def _version(text: str, course_id: str) -> int | None:
    handle, _, number = text.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    state = RosterState.objects.filter(course_hash=digest(course_id)).first()
    known = state is not None and state.handle == handle and state.floor <= int(number) <= state.version
    return int(number) if known else None


def _cursor(after: str) -> int:
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise ValueError("no such page")
    return int(after or 0)
