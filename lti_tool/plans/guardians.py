"""Guardian links: which adult reaches which child's shared plan, on what evidence, and what stands against it (T28).

A guardian sees their children and never another guardian, nor that there is one: every list here is either of one
guardian's children or for the school's own office.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from . import audit
from .data import Act, Actor, GuardianEvidence, GuardianFlags, GuardianScope, GuardianView, PersonRef, Role
from .exceptions import Invalid, NotFound
from .guarding import columns_shown, note_shown
from .models import GuardianLink, GuardianNaming, Person
from .naming import author_ref, by_name, student_ref
from .permissions import asking, changing, office, students

MOST_CHILDREN = 50  # one message can name


def link_guardian(
    actor: Actor,
    guardian_id: UUID,
    child_id: UUID,
    *,
    scope: GuardianScope = GuardianScope.SHARED,
    flags: GuardianFlags | None = None,
    ends_on: date | None = None,
) -> UUID:
    """The school saw proof: this adult may reach this child's shared plan, or (flags) may not, whatever an LMS says.

    Made anew or changed; `flags` None leaves what stands against it as it is.

    Raises:
        NotFound: the actor manages no people, or one of them is not of their school.
        Invalid: guardian "own_plan", ends_on "past".
    """
    with changing(actor, "guardian.link", "person", child_id):
        office(actor, Act.MANAGE_PEOPLE)
        people = Person.objects.of(actor.school_id).filter(pk__in={guardian_id, child_id}, erased_at=None)
        if guardian_id == child_id:
            raise Invalid({"guardian": "own_plan"})
        if people.filter(joined_into=None).count() != 2:
            raise NotFound
        if ends_on is not None and ends_on < timezone.localdate():
            raise Invalid({"ends_on": "past"})
        row, _ = GuardianLink.objects.of(actor.school_id).get_or_create(
            school_id=actor.school_id,
            guardian_id=guardian_id,
            child_id=child_id,
            defaults={"evidence": GuardianEvidence.SCHOOL, "made_by_id": actor.person_id},
        )
        row.evidence, row.scope, row.ends_on, row.ended_at = GuardianEvidence.SCHOOL, scope, ends_on, None
        if flags is not None:
            row.court_order, row.no_contact = flags.court_order, flags.no_contact
            row.hidden_address = flags.hidden_address
        row.save()
        _record(row, "guardian.linked", actor)
        return row.id


def end_guardian(actor: Actor, link_id: UUID) -> None:
    """The link opens nothing any more; no later message of an LMS opens it again, only the school."""
    with changing(actor, "guardian.end", "guardian", link_id):
        office(actor, Act.MANAGE_PEOPLE)
        row = GuardianLink.objects.of(actor.school_id).select_for_update().filter(pk=link_id).first()
        if row is None:
            raise NotFound
        if row.ended_at is None:
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            _record(row, "guardian.ended", actor)


def guardians(actor: Actor) -> tuple[GuardianView, ...]:
    """Every link of the school that was not ended, by child: for its office only."""
    with asking(actor, "guardian.list", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    rows = list(GuardianLink.objects.of(actor.school_id).filter(ended_at=None).select_related("guardian", "child"))
    told = columns_shown(GuardianLink, rows, "guardian", "court_order", "no_contact", "hidden_address")
    note_shown(actor, None, "guardians", told)
    return tuple(sorted(map(_view, rows), key=lambda view: (by_name(view.child), by_name(view.guardian))))


def tell_children(school_id: UUID, guardian_id: UUID, course_id: int | None, child_ids: Collection[UUID]) -> None:
    """A Mentor launch from this course (None: from outside one) named exactly these children.

    New links rest on the LMS's word; whom it no longer names is out of reach from here. What the school ended or
    flagged stays so: a message never lifts it. Writes only what changed.
    """
    wanted = set(list(child_ids)[:MOST_CHILDREN]) - {guardian_id}
    here = GuardianNaming.objects.of(school_id).filter(link__guardian_id=guardian_id, course=course_id)
    if set(here.values_list("link__child_id", flat=True)) == wanted:
        return
    with transaction.atomic():
        for naming in here.exclude(link__child_id__in=wanted).select_related("link"):
            naming.delete()
            _record(naming.link, "guardian.unnamed", None)
        for child_id in wanted:
            link, _ = GuardianLink.objects.of(school_id).get_or_create(
                school_id=school_id,
                guardian_id=guardian_id,
                child_id=child_id,
                defaults={"evidence": GuardianEvidence.LMS},
            )
            if not here.filter(link=link).exists():
                GuardianNaming.objects.create(school_id=school_id, link=link, course_id=course_id)
                _record(link, "guardian.named", None)


def my_children(actor: Actor) -> tuple[PersonRef, ...]:
    """The children whose shared plan the actor may read, by name. One query.

    Raises:
        NotFound: no live link.
    """
    with asking(actor, "children.read", "person", actor.person_id):
        rows = students(actor, Act.READ_SHARED)
    return tuple(sorted((student_ref(*row) for row in rows.values_list("id", "display_name")), key=by_name))


def children_of_sheets(actor: Actor) -> tuple[PersonRef, ...]:
    """The children for whom the actor answers the family's sheets and reads nothing else, by name. Two queries.

    Raises:
        NotFound: no live link.
    """
    with asking(actor, "children.read", "person", actor.person_id):
        answers, reads = students(actor, Act.ANSWER_SHEET), students(actor, Act.READ_SHARED)
    rows = answers.exclude(pk__in=reads.values("pk")).values_list("id", "display_name")
    return tuple(sorted((student_ref(*row) for row in rows), key=by_name))


def _record(row: GuardianLink, verb: str, actor: Actor | None) -> None:
    detail = {
        "guardian": str(row.guardian_id),
        "evidence": str(row.evidence),
        "scope": str(row.scope),
        "barred": row.court_order or row.no_contact,
    }
    audit.record(row.school_id, verb, "guardian", row.id, actor=actor, about_id=row.child_id, detail=detail)


def _view(row: GuardianLink) -> GuardianView:
    return GuardianView(
        id=row.id,
        guardian=author_ref(row.guardian),
        child=student_ref(row.child.id, row.child.display_name),
        evidence=GuardianEvidence(row.evidence),
        scope=GuardianScope(row.scope),
        flags=GuardianFlags(row.court_order, row.no_contact, row.hidden_address),
        since=row.made_at,
        ends_on=row.ends_on,
    )


def may_know_guardians(actor: Actor, student_id: UUID) -> bool:
    """Whether the actor may learn who else is family: the student and the school's people, no guardian (T28)."""
    return actor.person_id == student_id or bool(actor.roles - {Role.FAMILY, Role.NONE})
