"""What a plan would still like to know. Codes that ask and never block: a page words them (001.7, 003.5).

A measurable target is asked the SMART questions; of any other, a number, a day or a baseline is never
asked. The FAST habit is asked of both: talked of often, acted on, worded so that one knows, soon.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from .data import GoalPurpose, GoalView, LeadView, Party, PlanTarget, TargetChange
from .frameworks.data import Area, FieldKind, Framework
from .leading import unled

TALKED_WITHIN = timedelta(weeks=4)
SHORT = timedelta(weeks=8)  # an intermediate target's day is not further off (003.5)
FEW_WORDS = 4
_MEASURES = {FieldKind.NUMBER, FieldKind.DATE}
_CAREER = ("career", "planning")  # how the areas and target types are called that look beyond school (000.8)
_OWN = ("success", "baseline", "next_step", "support_inside", "support_outside", "resources")


def smart(framework: Framework, words: TargetChange) -> tuple[str, ...]:
    """What the target's type would like to know: SMART's five, and the type's own fields ("field:<key>")."""
    kind = framework.target_type(words.type)
    if kind is None:
        return ()
    asks = []
    if kind.measurable:
        said = {
            "specific": len(words.wording.split()) >= FEW_WORDS,
            "measurable": bool(words.success),
            "achievable": bool(words.baseline),
            "relevant": bool(words.goal),
            "timed": words.due_on is not None,
        }
        asks = [code for code, answered in said.items() if not answered]
    for field in kind.fields:
        if field.required and not _said(words, field.key) and (kind.measurable or field.kind not in _MEASURES):
            asks.append(f"field:{field.key}")
    return tuple(asks)


def fast(words: TargetChange, *, talked_on: date | None, today: date) -> tuple[str, ...]:
    """What the habit asks for now: "talk", "act", "say_more", "soon"."""
    steps = [step for step in words.steps or () if step.done_on is None]
    days = [day for day in (words.due_on, *(step.by_on for step in steps)) if day]
    habits = {
        "talk": talked_on is not None and today - talked_on <= TALKED_WITHIN,
        "act": bool(steps or words.next_step),
        "say_more": len(words.wording.split()) >= FEW_WORDS,
        "soon": bool(days) and min(days) - today <= SHORT,
    }
    return tuple(code for code, kept in habits.items() if not kept)


def missing(
    framework: Framework,
    *,
    year_group: int | None,
    goals: Collection[GoalView],
    targets: Sequence[PlanTarget],
    curriculum: int,
    parties: Sequence[Party],
    details: Mapping[str, str],
    talked: Collection[str],
    needs: bool = True,
    leads: Collection[LeadView] = (),
) -> tuple[str, ...]:
    """What a complete plan has by the framework's rules and this one has not.

    Codes; "area:<key>" for an area, "field:<section.field>" for an answer. `talked` are the voices that took part in
    talks this school year.
    """
    rules, lacks = framework.rules, []
    from_year = rules.career_goal_from_year
    if from_year is not None and year_group is not None and year_group >= from_year:  # 000.8
        purposes = any(goal.purpose is not GoalPurpose.ANY for goal in goals)
        about = [*(goal.area for goal in goals), *(target.words.area for target in targets)]
        about += [target.words.type for target in targets]
        if not purposes and not any(key.startswith(_CAREER) for key in about):
            lacks.append("career_goal")
    if framework.areas and targets:
        served = {target.words.area for target in targets}
        asked = [area.key for area in framework.areas if _is_asked(area, year_group)]
        lacks += [f"area:{key}" for key in asked if key not in served]
    if rules.goals_need_targets:
        if not goals:
            lacks.append("goals")
        elif any(not goal.targets for goal in goals):
            lacks.append("stepping_stones")
    if rules.annual_targets and not curriculum:
        lacks.append("curriculum")
    lacks += [
        f"field:{section.key}.{field.key}"
        for section in framework.plan_sections
        for field in section.fields
        if field.required and not details.get(f"{section.key}.{field.key}")
    ]
    if set(rules.written_with) - set(talked):  # 001.8
        lacks.append("talk")
    if not needs:  # 002.36
        lacks.append("needs")
    if rules.named_leads and unled(leads):  # 002.21
        lacks.append("leads")
    if rules.contract and any(
        party.signer.required and not (party.signature and party.signature.current) for party in parties
    ):
        lacks.append("signatures")
    return tuple(lacks)


def _is_asked(area: Area, year_group: int | None) -> bool:
    """Whether each plan has a target here. What belongs to some years is not asked of a year nobody told."""
    return not area.optional and (area.years is None or (year_group is not None and year_group in area.years))


def _said(words: TargetChange, key: str) -> bool:
    return bool(getattr(words, key) if key in _OWN else words.details.get(key))
