"""Written targets: checked by a phase leader before a family receives them, and sent to the family (001.15)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, QualityView, TargetState
from .exceptions import Conflict, Invalid, Refused
from .frameworks.data import Framework
from .frameworks.keeping import framework_for
from .models import Plan, QualityCheck, Target
from .naming import author_ref
from .opening import lock_plan, plan_of
from .permissions import changing
from .permissions import student as reach_student
from .permissions import target as reach_target
from .revising import view
from .targets import hidden_fields, shown_to

NOTE_LENGTH = 5000


def check_target(actor: Actor, target_id: UUID, *, passed: bool, note: str = "", version: int) -> QualityView:
    """The actor's word on a target as it is worded now: fit to go home, or back to its writer with a note.

    Raises:
        Conflict: it was changed after `version`; `current` is a TargetView.
        Refused: "stopped", the target is no longer worked on.
        Invalid: note "required" where it goes back, "too_long".
    """
    with changing(actor, "target.check", "target", target_id):
        reached = reach_target(actor, Act.CHECK_QUALITY, target_id)
        plan = lock_plan(actor.school_id, reached.plan_id)
        row = Target.objects.of(actor.school_id).select_related("goal").get(pk=target_id)
        if row.state != TargetState.AGREED:
            raise Refused("stopped")
        if row.version != version:
            current = shown_to(view(row), hidden_fields(actor, plan))
            raise Conflict(current=current, mine={"passed": passed, "note": note})
        if len(note) > NOTE_LENGTH or (not passed and not note.strip()):
            raise Invalid({"note": "too_long" if note.strip() else "required"})
        check = QualityCheck.objects.create(
            school_id=plan.school_id,
            target=row,
            target_version=row.version,
            passed=passed,
            note=note.strip(),
            checked_by_id=actor.person_id,
            checked_at=timezone.now(),
        )
        row.checked_version = row.version if passed else 0
        row.save(update_fields=["checked_version"])
        detail = {"passed": passed, "version": row.version}
        audit.record(
            plan.school_id, "target.checked", "target", row.id, actor=actor, about_id=plan.student_id, detail=detail
        )
        return _view(check)


def share_with_family(actor: Actor, student_id: UUID) -> int:
    """Give the family the targets as they are worded now. Returns how many are new or changed for them.

    Raises:
        Refused: "not_checked": the framework wants each target checked before it goes home, and one is not.
    """
    with changing(actor, "plan.share_home", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        plan = plan_of(student, actor=actor)
        rows = list(Target.objects.of(plan.school_id).filter(plan=plan, state=TargetState.AGREED))
        if unchecked(framework_for(student), rows):
            raise Refused("not_checked")
        news = [row for row in rows if row.shared_version != row.version]
        for row in news:
            row.shared_version = row.version
        Target.objects.of(plan.school_id).bulk_update(news, ["shared_version"])
        if news:
            audit.record(
                plan.school_id, "plan.shared_home", "plan", plan.id, actor=actor, about_id=plan.student_id,
                detail={"targets": [str(row.id) for row in news], "version": plan.version},
            )  # fmt: skip
        return len(news)


def unchecked(framework: Framework, rows: Iterable[Target]) -> list[Target]:
    """Those the framework keeps from the family until somebody checked them as they are worded now."""
    if not framework.rules.quality_check_before_family:
        return []
    return [row for row in rows if row.checked_version != row.version]


def newest_checks(plan: Plan) -> dict[UUID, QualityView]:
    """The last check of each of the plan's targets. One query."""
    rows = QualityCheck.objects.of(plan.school_id).filter(target__plan=plan).select_related("checked_by")
    return {row.target_id: _view(row) for row in rows.order_by("checked_at")}


def _view(row: QualityCheck) -> QualityView:
    return QualityView(row.target_version, row.passed, row.note, author_ref(row.checked_by), row.checked_at)
