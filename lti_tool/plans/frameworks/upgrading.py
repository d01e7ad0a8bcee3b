"""A plan moves up to what new plans of its school begin with, after somebody saw what that changes.

Nothing written in the plan is touched. Words under a part the newer version no longer has stay where they are kept,
and are shown under the name that part had (`former_fields`).
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from .. import audit
from ..data import Act, Actor, FormerField, UpgradeDifference
from ..exceptions import Conflict, NotFound, Refused
from ..models import FrameworkVersion, Judgement, Plan, Review, Revision, School, Statement, Target
from ..naming import student_ref
from ..permissions import asking, changing, reaches
from ..policy import may_read, stricter
from .comparing import Path, compare, label_of, parts_of
from .data import Sensitivity
from .keeping import current_version, ensure_framework_version
from .loading import framework

# what every target has a place for; a framework only words it
_STANDARD = ("success", "baseline", "next_step", "support_inside", "support_outside", "resources", "due_on")


def plan_upgrade_difference(actor: Actor, plan_id: UUID) -> UpgradeDifference | None:
    """What moving the plan up would change; None: it has the newest there is.

    Raises:
        NotFound: the plan is out of reach.
    """
    with asking(actor, "plan.upgrade", "plan", plan_id):
        plan = _reached(actor, plan_id)
    return _difference(plan, _offered(plan))


def upgrade_plan(actor: Actor, plan_id: UUID, to: str) -> None:
    """Move the plan up to the version whose difference the actor saw.

    Raises:
        NotFound: the plan is out of reach.
        Conflict: a newer version was published meanwhile; `current` is the difference it would make.
        Refused: "up_to_date", somebody moved it up already.
    """
    with changing(actor, "plan.upgrade", "plan", plan_id):
        _reached(actor, plan_id)
        plan = Plan.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=plan_id)
        offered = _offered(plan)
        difference = _difference(plan, offered)
        if difference is None:
            raise Refused("up_to_date")
        if difference.to != to:
            raise Conflict(current=difference, mine=to)
        offered = ensure_framework_version(plan.school_id, offered.key)
        before, plan.framework = plan.framework, offered
        plan.version += 1
        plan.save(update_fields=["framework", "version"])
        Revision.objects.create(
            school_id=plan.school_id,
            plan=plan,
            version=plan.version,
            subject="framework",
            subject_id=plan.id,
            subject_version=plan.version,
            before={"framework": _named(before)},
            after={"framework": _named(offered)},
            author_id=actor.person_id,
        )
        audit.record(
            plan.school_id, "plan.upgraded", "plan", plan.id, actor=actor, about_id=plan.student_id,
            detail={"framework": offered.key, "number": offered.number},
        )  # fmt: skip


def former_fields(school_id: UUID, plan_id: UUID) -> dict[Path, FormerField]:
    """The fields whose words are guarded as they once were, with the strictest class they ever had in this plan.

    Those the plan's framework has no longer, by their newest name; and those it guards less than it once did: what
    was written then does not open because a newer version would let it (T4).
    """
    standing, befores = _versions(school_id, plan_id)
    found: dict[Path, FormerField] = {}
    for path, part in ((path, part) for parts in befores for path, part in parts.items()):
        if isinstance(part, dict) and "sensitivity" in part:
            classes = [Sensitivity(part["sensitivity"]), *([found[path].guarded] if path in found else [])]
            found[path] = FormerField(label_of(part), stricter(*classes), stands=path in standing)
    return {path: field for path, field in found.items() if not field.stands or _looser(standing[path], field)}


def _looser(part: Mapping[str, Any], once: FormerField) -> bool:
    """Whether the part as it stands opens what the field once kept closed."""
    return not may_read(Sensitivity(part.get("sensitivity", Sensitivity.PERSONAL)), once.guarded)


def _versions(school_id: UUID, plan_id: UUID) -> tuple[dict[Path, Any], list[dict[Path, Any]]]:
    """The parts of the framework the plan stands on, and of those it moved up from, the oldest first."""
    befores = Revision.moves(school_id).filter(plan=plan_id).order_by("version").values_list("before", flat=True)
    ids = [UUID(before["framework"]["id"]) for before in befores if before and before["framework"]]
    if not ids:
        return {}, []
    versions = FrameworkVersion.objects.of(school_id).in_bulk(ids)
    plan = Plan.objects.of(school_id).select_related("framework").get(pk=plan_id)
    now: Mapping[str, Any] = plan.framework.document if plan.framework else {}
    return parts_of(now), [parts_of(versions[version_id].document) for version_id in ids]


def _reached(actor: Actor, plan_id: UUID) -> Plan:
    plans = Plan.objects.of(actor.school_id).filter(reaches(actor, Act.UPGRADE_PLAN, "student_id"), pk=plan_id)
    plan = plans.select_related("framework", "student").first()
    if plan is None:
        raise NotFound
    return plan


def _offered(plan: Plan) -> FrameworkVersion:
    """What a new plan would begin with today."""
    key = School.objects.values_list("framework_key", flat=True).get(pk=plan.school_id)
    return current_version(plan.school_id, key)


def _difference(plan: Plan, offered: FrameworkVersion) -> UpgradeDifference | None:
    now = plan.framework
    if now is None or now.id == offered.id:
        return None
    return UpgradeDifference(
        plan_id=plan.id,
        student=student_ref(plan.student_id, plan.student.display_name),
        to=f"{offered.key}.{offered.number}",
        before_name=now.name,
        before_number=now.number,
        after_name=offered.name,
        after_number=offered.number,
        before=framework(now.document, now.number),
        after=framework(offered.document, offered.number),
        differences=compare(now.document, offered.document, _written(plan)),
    )


def _named(version: FrameworkVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {"id": str(version.id), "key": version.key, "number": version.number, "name": version.name}


def _written(plan: Plan) -> Counter[Path]:
    """How much stands in the plan under each part of its framework. Five queries."""
    found: Counter[Path] = Counter()
    kinds = plan.framework.document.get("review_kinds", []) if plan.framework else []
    scales = {kind["key"]: kind.get("scale", "") for kind in kinds}
    scales[""] = next(iter(scales.values()), "")  # a review that names no kind is of the first
    for target in Target.objects.of(plan.school_id).filter(plan=plan):
        found["areas", target.area] += bool(target.area)
        found["target_types", target.type] += bool(target.type)
        found.update(("contexts", context) for context in target.contexts)
        standard = {name: getattr(target, name) for name in _STANDARD}
        for key, words in (standard | target.details).items():
            if words:
                found["target_fields", key] += 1
                found["target_types", target.type, "fields", key] += 1
    for name, words in plan.details.items():
        section, _dot, field = name.partition(".")
        found["plan_sections", section, "fields", field] += bool(words)
    said = Statement.objects.of(plan.school_id).filter(student=plan.student_id, latest=True).exclude(text="")
    found.update(("needs", section, "fields", field) for section, field in said.values_list("section", "field"))
    for kind, level in (
        Judgement.objects.of(plan.school_id)
        .filter(review__plan=plan, latest=True)
        .values_list("review__kind", "level")
    ):
        scale = scales.get(kind, "")
        found["scales", scale, "levels", level] += 1
    for kind in Review.objects.of(plan.school_id).filter(plan=plan).values_list("kind", flat=True):
        found["review_kinds", kind] += bool(kind)
    return found
