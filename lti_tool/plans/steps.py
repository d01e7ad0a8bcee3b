"""Ticking a step off, by whoever did it or sees that it is done (001.4)."""

from uuid import UUID

from django.utils import timezone

from . import audit
from .aims import writer
from .data import Actor
from .exceptions import NotFound, Refused
from .models import Target, TargetStep
from .opening import LIVE, lock_plan
from .permissions import changing
from .revising import revise_target, view
from .targets import hidden_fields


def tick_step(actor: Actor, step_id: UUID, *, done: bool) -> None:
    """The step is done, or not after all. Learners tick their plan's steps, staff those of plans they change.

    Raises:
        NotFound: also where the actor may not read the plan's steps (T4).
        Refused: "stopped", the target is no longer worked on.
    """
    with changing(actor, "step.tick", "step", step_id):
        found = TargetStep.objects.of(actor.school_id).select_related("target__plan").filter(pk=step_id).first()
        if found is None:
            raise NotFound
        writer(actor, found.target.plan.student_id)
        plan = lock_plan(actor.school_id, found.target.plan_id)
        if "steps" in hidden_fields(actor, plan):
            raise NotFound
        target = Target.objects.of(actor.school_id).select_related("goal").get(pk=found.target_id)
        step = TargetStep.objects.of(actor.school_id).filter(pk=step_id).first()
        if step is None:  # taken out of the plan meanwhile
            raise NotFound
        if target.state not in LIVE:
            raise Refused("stopped")
        if (step.done_on is not None) == done:
            return
        before = view(target)
        step.done_on = timezone.localdate() if done else None
        step.done_by_id = actor.person_id if done else None
        step.save(update_fields=["done_on", "done_by"])
        revise_target(plan, target, before=before, actor=actor)
        verb = "step.done" if done else "step.undone"
        audit.record(plan.school_id, verb, "step", step.id, actor=actor, about_id=plan.student_id)
