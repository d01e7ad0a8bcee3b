"""Two persons found to be one: somebody with accounts in several LMSs has one plan. Done by the office, and undone.

Whatever points at the former person points at the other afterwards, accounts included, so that every launch and
roster finds one person. What both have and only one can have is settled: two plans of one year become one, of two
values of one activity the newer stands, of two guardian links the stricter flags. The rest stays with the former
person, unread. Every row that moved is kept by its id, so that `part_people` can move it back.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone

from . import audit
from .data import Act, Actor, PersonRef, ReviewState
from .exceptions import Invalid, NotFound, Refused
from .models import Contribution, Enrolment, Evidence, GuardianLink, Join, Person, Plan, Review, Revision
from .models.base import SchoolQuerySet
from .naming import author_ref
from .permissions import asking, changing, office

Moved = dict[str, list[Any]]


def join_people(actor: Actor, person_id: UUID, former_id: UUID) -> UUID:
    """`former_id` turned out to be `person_id`: from now on there is one person with one plan.

    Raises:
        NotFound: not the office's, or one of them is nobody of the school, erased, or joined before.
        Invalid: former "same", or "family" (one is the other's guardian).
        Refused: "both_under_review", both have an open review, or both have one of the same round.
    """
    with changing(actor, "person.join", "person", person_id):
        office(actor, Act.MANAGE_PEOPLE)
        if person_id == former_id:
            raise Invalid({"former": "same"})
        people = Person.objects.of(actor.school_id).select_for_update().filter(joined_into=None, erased_at=None)
        found = {row.id: row for row in people.filter(pk__in=[person_id, former_id])}
        if len(found) != 2:
            raise NotFound
        person, former = found[person_id], found[former_id]
        _check(person, former)
        moved: Moved = {}
        _settle_guardians(person, former)
        _settle_evidence(person, former)
        _merge_plans(person, former, moved)
        _settle_enrolments(person, former, moved)
        for model, name in _links():
            _move(model, name, person, former, moved)
        former.joined_into = person
        former.save(update_fields=["joined_into"])
        if not person.display_name:
            fields = ["display_name", "own_name", "told_name", "pronouns", "received_at"]
            for name in fields:
                setattr(person, name, getattr(former, name))
            person.save(update_fields=fields)
        join = Join.objects.create(
            school_id=actor.school_id, person=person, former=former, made_by_id=actor.person_id, moved=moved
        )
        detail = {"former": str(former.id), "rows": sum(map(len, moved.values()))}
        audit.record(
            actor.school_id, "person.joined", "person", person.id, actor=actor, about_id=person.id, detail=detail
        )
        return join.id


def part_people(actor: Actor, join_id: UUID) -> None:
    """They are two after all: every row that moved and still stands goes back to whose it was.

    What was written since stays with the person it was written for. Parted before, it stays so.
    """
    with changing(actor, "person.part", "join", join_id):
        office(actor, Act.MANAGE_PEOPLE)
        rows = Join.objects.of(actor.school_id).select_for_update().select_related("person", "former")
        join = rows.filter(pk=join_id).first()
        if join is None:
            raise NotFound
        if join.undone_at is not None:
            return
        join.former.joined_into = None
        join.former.save(update_fields=["joined_into"])
        for place, ids in reversed(join.moved.items()):
            label, name, *former_plan = place.split(" ")
            value = UUID(former_plan[0]) if former_plan else join.former_id
            change = {"active": True} if name == "active" else {f"{name}_id": value}
            apps.get_model(label)._base_manager.filter(pk__in=ids).update(**change)
        join.undone_at = timezone.now()
        join.save(update_fields=["undone_at"])
        audit.record(actor.school_id, "person.parted", "person", join.person_id, actor=actor, about_id=join.person_id)


def joins(actor: Actor) -> tuple[tuple[UUID, PersonRef, PersonRef], ...]:
    """The joins that stand: id, person, former; the newest first."""
    with asking(actor, "join.list", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    rows = Join.objects.of(actor.school_id).filter(undone_at=None).select_related("person", "former")
    return tuple((row.id, author_ref(row.person), author_ref(row.former)) for row in rows.order_by("-made_at"))


def _check(person: Person, former: Person) -> None:
    links = GuardianLink.objects.of(person.school_id)
    if links.filter(Q(guardian=person, child=former) | Q(guardian=former, child=person)).exists():
        raise Invalid({"former": "family"})
    for year in _shared_years(person, former):
        reviews = Review.objects.of(person.school_id).filter(plan__year=year)
        mine, theirs = reviews.filter(plan__student=person), reviews.filter(plan__student=former)
        open_ones = Q(state=ReviewState.OPEN, cycle=None)
        rounds = mine.exclude(cycle=None).values("cycle")
        if mine.filter(open_ones).exists() and theirs.filter(open_ones).exists():
            raise Refused("both_under_review")
        if theirs.filter(cycle__in=rounds).exists():
            raise Refused("both_under_review")


def _shared_years(person: Person, former: Person) -> list[int]:
    plans = Plan.objects.of(person.school_id)
    years = plans.filter(student=former).values_list("year", flat=True)
    return list(plans.filter(student=person, year__in=list(years)).values_list("year", flat=True))


def _settle_guardians(person: Person, former: Person) -> None:
    """What stands against a guardian stands whichever of their accounts or the child's it was written for (T28)."""
    links = GuardianLink.objects.of(person.school_id)
    for mine, other in (("guardian", "child"), ("child", "guardian")):
        for link in links.filter(**{mine: former}):
            kept = links.filter(**{mine: person, f"{other}_id": getattr(link, f"{other}_id")}).first()
            if kept is not None:
                for flag in ("court_order", "no_contact", "hidden_address"):
                    setattr(kept, flag, getattr(kept, flag) or getattr(link, flag))
                kept.ended_at = kept.ended_at or link.ended_at
                kept.save()


def _settle_evidence(person: Person, former: Person) -> None:
    """Of two values that stand for one activity the newer one stands; both are in the series."""
    values = Evidence.objects.of(person.school_id).filter(latest=True)
    theirs = {(row.activity_id, row.source): row for row in values.filter(person=former)}
    for row in values.filter(person=person, activity_id__in=[activity for activity, _ in theirs]):
        other = theirs.get((row.activity_id, row.source))
        if other is not None:
            older = min(row, other, key=lambda value: (value.observed_at, value.pk))
            older.latest = False
            older.save(update_fields=["latest"])


def _settle_enrolments(person: Person, former: Person, moved: Moved) -> None:
    """In a course both are in, one is enough; it is live while either is."""
    rows = Enrolment.objects.of(person.school_id)
    both = list(rows.filter(person=person).values_list("course_id", flat=True))
    live = rows.filter(person=former, active=True, course_id__in=both)
    ids = list(live.values_list("pk", flat=True))
    if ids:
        rows.filter(person=person, course__in=list(live.values_list("course_id", flat=True))).update(active=True)
        rows.filter(pk__in=ids).update(active=False)
        moved[f"{Enrolment._meta.label} active"] = ids


def _merge_plans(person: Person, former: Person, moved: Moved) -> None:
    """Everything in the former's plan of a year goes into the person's of that year, after what is there."""
    plans = Plan.objects.of(person.school_id).select_for_update()
    for year in _shared_years(person, former):
        plan, other = plans.get(student=person, year=year), plans.get(student=former, year=year)
        _renumber(Revision.objects.of(person.school_id), plan, other, "version")
        _renumber(Contribution.objects.of(person.school_id), plan, other, "version")
        _renumber(Review.objects.of(person.school_id), plan, other, "number")
        for model, name in _links(Plan):
            rows = model._base_manager.filter(**{name: other})
            ids = list(rows.values_list("pk", flat=True))
            if ids:
                rows.update(**{name: plan})
                moved[f"{model._meta.label} {name} {other.id}"] = [_plain(pk) for pk in ids]
        plan.version += other.version
        plan.save(update_fields=["version"])


def _renumber(rows: SchoolQuerySet[Any], plan: Plan, other: Plan, name: str) -> None:
    highest = rows.filter(plan=plan).aggregate(highest=Max(name))["highest"] or 0
    for row in rows.filter(plan=other).order_by(f"-{name}"):
        type(row)._base_manager.filter(pk=row.pk).update(**{name: F(name) + highest})


def _links(to: type[models.Model] = Person) -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every table that points at a person (or a plan)."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is to and model not in (Join, Person):
                yield model, field.name


def _move(model: type[models.Model], name: str, person: Person, former: Person, moved: Moved) -> None:
    rows = model._base_manager.filter(**{name: former})
    clashing: set[Any] = set()
    for unique in model._meta.constraints:
        if isinstance(unique, models.UniqueConstraint) and name in unique.fields:
            others = [field for field in unique.fields if field != name]
            held = unique.condition or Q()
            taken = model._base_manager.filter(held, **{name: person})
            keys = set(taken.values_list(*others)) if others else {()} if taken.exists() else set()
            theirs = rows.filter(held).values_list("pk", *others)
            clashing |= {pk for pk, *key in theirs if tuple(key) in keys}
    ids = [pk for pk in rows.values_list("pk", flat=True) if pk not in clashing]
    if ids:
        model._base_manager.filter(pk__in=ids).update(**{name: person})
        moved[f"{model._meta.label} {name}"] = [_plain(pk) for pk in ids]


def _plain(pk: Any) -> Any:
    return str(pk) if isinstance(pk, UUID) else pk
