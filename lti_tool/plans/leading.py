"""Who leads what for one learner, by name: needs, plan, reviews, and the one adult to turn to (002.21).

Where nobody was named, the jobs that lead fall to the learner's key worker. Former leads stay on record.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from lti_tool.nested import Nested

from . import audit
from .data import Act, Actor, Job, LeadEntry, LeadView, Role
from .exceptions import Invalid, NotFound
from .frameworks.data import Framework, named
from .frameworks.keeping import framework_for
from .frameworks.wording import shown
from .models import Lead, Person
from .naming import author_ref
from .permissions import changing, live_appointments
from .permissions import student as reach_student

NAME_LENGTH = 255
_ONE_LEADS = (Job.CONTACT, Job.NEEDS, Job.PLAN, Job.REVIEWS)


def name_lead(actor: Actor, student_id: UUID, entry: LeadEntry) -> UUID:
    """From now on this person does the job; whoever did it before does no longer. The same again changes nothing.

    Raises:
        Invalid: name "too_long", role "unknown".
    """
    with changing(actor, "lead.name", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        name, role = entry.name.strip(), entry.role
        if len(name) > NAME_LENGTH:
            raise Invalid({"name": "too_long"})
        if role and named(framework_for(student).roles, role) is None:
            raise Invalid({"role": "unknown"})
        Person.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=student.id)
        person_id = None if name else actor.person_id
        stands = Lead.objects.of(actor.school_id).filter(student=student, job=entry.job, ended_at=None)
        mine = {"person": None} if name else {"person": actor.person_id}
        same = stands.filter(**mine, name=name, role=role).first()
        if same:
            return same.id
        if entry.job is not Job.SUPPORT:
            stands.update(ended_at=timezone.now())
        row = Lead.objects.create(
            school_id=actor.school_id, student=student, job=entry.job, role=role, person_id=person_id, name=name,
            named_by_id=actor.person_id, named_at=timezone.now(),
        )  # fmt: skip
        detail = {"job": str(row.job)}
        audit.record(actor.school_id, "lead.named", "lead", row.id, actor=actor, about_id=student.id, detail=detail)
        return row.id


def end_lead(actor: Actor, lead_id: UUID) -> None:
    """They do the job no more."""
    with changing(actor, "lead.end", "lead", lead_id):
        row = Lead.objects.of(actor.school_id).filter(pk=lead_id).first()
        if row is None:
            raise NotFound
        reach_student(actor, Act.CHANGE_PLAN, row.student_id)
        if row.ended_at is None:
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            audit.record(actor.school_id, "lead.ended", "lead", row.id, actor=actor, about_id=row.student_id)


def nested_leads(school_id: UUID, student: str) -> Mapping[str, Nested]:
    """What `leads_in` reads, as columns of a query of persons; `student` is the path to the person there."""
    outer = models.OuterRef(student)
    rows = Lead.objects.of(school_id).filter(student=outer, ended_at=None)
    workers = live_appointments(school_id).filter(student=outer, role=Role.KEY_WORKER)
    return {
        "leads": Nested(_called(rows, F("name")), "id", "job", "role", "called", "person_id", "named_at"),
        "key_workers": Nested(_called(workers, Value("")), "called", "person_id", "starts_on"),
    }


def _called(rows: Any, name: Any) -> Any:
    return rows.annotate(called=Coalesce(NullIf(name, Value("")), F("person__display_name"), Value("")))


def leads_in(
    framework: Framework, leads: Iterable[Mapping[str, Any]], workers: Iterable[Mapping[str, Any]]
) -> tuple[LeadView, ...]:
    """Who leads what, in the order of the jobs; who supports comes last, in the order they were named."""
    by_job: dict[Job, list[LeadView]] = {}
    for row in sorted(leads, key=lambda row: row["named_at"]):
        view = LeadView(UUID(str(row["id"])), Job(row["job"]), _name(row), _role(framework, row["role"]))
        by_job.setdefault(view.job, []).append(view)
    worker = next(iter(sorted(workers, key=lambda row: row["starts_on"])), None)
    for job in _ONE_LEADS:
        if job not in by_job and worker is not None:
            by_job[job] = [LeadView(None, job, _name(worker), _key_worker(framework), appointed=True)]
    return tuple(view for job in (*_ONE_LEADS, Job.SUPPORT) for view in by_job.get(job, ()))


def unled(views: Iterable[LeadView]) -> bool:
    """Whether somebody still has to be named for a job that one person leads."""
    return bool(set(_ONE_LEADS) - {view.job for view in views})


def _name(row: Mapping[str, Any]) -> str:
    if row["called"] or not row["person_id"]:
        return str(row["called"])
    return author_ref(Person(id=UUID(str(row["person_id"])))).name


def _role(framework: Framework, key: str) -> str:
    found = named(framework.roles, key) if key else None
    return shown(found.name) if found else ""


def _key_worker(framework: Framework) -> str:
    found = next((role for role in framework.roles if role.acts_as == Role.KEY_WORKER), None)
    return shown(found.name) if found else ""
