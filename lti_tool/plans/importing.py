"""A school's existing plans, from JSON: what stood on paper or in another system comes in whole, once.

One plan is an object like this; only `student`, `year` and each target's `wording` must be there:

    {
      "student": "maia",                        a key of `person_of`
      "year": 2026,                             the calendar year its school year began in
      "goals": ["Run my own market stall"],     long-term goals, also such as no target serves yet
      "review_due_on": "2026-11-20",
      "own_words": "I want to ...",             the student's, for the coming review
      "targets": [
        {"wording": "...", "success": "...", "next_step": "...", "goal": "Run my own market stall",
         "due_on": "2026-12-18",
         "activities": [{"course_id": 1, "external_id": "block-v1:...", "label": "Fractions", "score_maximum": 10}]}
      ],
      "review": {                               the last one, already closed
        "closed_at": "2026-10-09T10:30:00Z", "by": "teacher", "next_steps": "...",
        "judgements": [{"target": 0, "level": "expected", "comment": "...", "by": "teacher"}]
      }
    }

`target` counts the list above from 0; `by` is a key of `person_of`: a judgement is always some person's (T48).
An activity no source has told of yet is made from what is said here; a source's telling wins later.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from . import audit
from .data import Level, ReviewState, ReviewTarget, TargetChange, Voice
from .exceptions import Invalid
from .figures import card, target_rows, with_activities
from .freezing import freeze
from .judgements import judgements_in
from .judging import COMMENT_LENGTH
from .models import Activity, Contribution, Course, Goal, Judgement, Person, Plan, Review, Target
from .opening import plan_of
from .targets import WORDING_LENGTH, add_target
from .words import TEXT_LENGTH


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Activity(_Told):
    course_id: int
    external_id: str = Field(min_length=1, max_length=255)
    label: str = Field("", max_length=255)
    score_maximum: float = Field(1, gt=0, allow_inf_nan=False)


class _Target(_Told):
    wording: str = Field(min_length=1, max_length=WORDING_LENGTH)
    success: str = Field("", max_length=WORDING_LENGTH)
    next_step: str = Field("", max_length=WORDING_LENGTH)
    goal: str = Field("", max_length=WORDING_LENGTH)
    due_on: date | None = None
    activities: tuple[_Activity, ...] = ()


class _Judgement(_Told):
    target: int = Field(ge=0)
    level: Level
    comment: str = Field("", max_length=COMMENT_LENGTH)
    by: str


class _Review(_Told):
    closed_at: AwareDatetime
    by: str
    next_steps: str = Field("", max_length=COMMENT_LENGTH)
    judgements: tuple[_Judgement, ...] = ()


class _Plan(_Told):
    student: str
    year: int = Field(ge=1900, le=2999)
    goals: tuple[Annotated[str, Field(min_length=1, max_length=WORDING_LENGTH)], ...] = ()
    review_due_on: date | None = None
    own_words: str = Field("", max_length=TEXT_LENGTH)
    targets: tuple[_Target, ...] = ()
    review: _Review | None = None


_PLANS = TypeAdapter(tuple[_Plan, ...])


def import_plans(school_id: UUID, plans: Sequence[Any], *, person_of: Mapping[str, UUID]) -> int:
    """Bring in plans as the module's text says. Returns how many were new.

    Idempotent by student and year: a plan that stands is left alone, whatever happened to it since.

    Raises:
        Invalid: by place ("0.targets.1.wording") and code; nothing was written.
    """
    try:
        told = _PLANS.validate_python(plans)
    except ValidationError as error:
        problems = {".".join(map(str, p["loc"])): p["type"] for p in error.errors(include_input=False)}
        raise Invalid(problems) from None
    people = Person.objects.of(school_id).select_related("school").in_bulk(list(person_of.values()))
    persons = {key: people[person_id] for key, person_id in person_of.items() if person_id in people}
    _check(school_id, told, persons)
    with transaction.atomic():
        return sum(_bring_in(one, persons) for one in told)


def _check(school_id: UUID, told: Sequence[_Plan], persons: Mapping[str, Person]) -> None:
    errors = {}
    courses = set(Course.objects.of(school_id).values_list("id", flat=True))
    for n, plan in enumerate(told):
        named = {"student": plan.student}
        if plan.review:
            named["review.by"] = plan.review.by
            for j, judgement in enumerate(plan.review.judgements):
                named[f"review.judgements.{j}.by"] = judgement.by
                if judgement.target >= len(plan.targets):
                    errors[f"{n}.review.judgements.{j}.target"] = "unknown"
        errors.update({f"{n}.{place}": "unknown" for place, key in named.items() if key not in persons})
        for t, target in enumerate(plan.targets):
            if not {activity.course_id for activity in target.activities} <= courses:
                errors[f"{n}.targets.{t}.activities"] = "unknown"
    if errors:
        raise Invalid(errors)


def _bring_in(told: _Plan, persons: Mapping[str, Person]) -> bool:
    student = persons[told.student]
    if Plan.objects.of(student.school_id).filter(student=student, year=told.year).exists():
        return False
    plan = plan_of(student, actor=None, year=told.year)
    plan.review_due_on = told.review_due_on
    plan.save(update_fields=["review_due_on"])
    for position, wording in enumerate(told.goals):
        Goal.objects.create(school_id=plan.school_id, plan=plan, wording=wording, position=position)
    targets = [
        add_target(
            plan,
            TargetChange(one.wording, one.success, one.next_step, one.goal, one.due_on),
            frozenset(_activity(plan.school_id, activity) for activity in one.activities),
            actor=None,
        )
        for one in told.targets
    ]
    if told.review:
        _closed_review(plan, told.review, targets, persons)
    if told.own_words:
        Contribution.objects.create(
            school_id=plan.school_id,
            plan=plan,
            voice=Voice.LEARNER,
            author=student,
            text=told.own_words,
            written_at=plan.created_at,
        )
    audit.record(plan.school_id, "plan.imported", "plan", plan.id, about_id=student.id)
    return True


def _activity(school_id: UUID, told: _Activity) -> int:
    row, _ = Activity.objects.of(school_id).get_or_create(
        school_id=school_id,
        course_id=told.course_id,
        external_id=told.external_id,
        defaults={"label": told.label or told.external_id, "score_maximum": told.score_maximum},
    )
    return row.id


def _closed_review(plan: Plan, told: _Review, targets: Sequence[Target], persons: Mapping[str, Person]) -> None:
    """A review that was held elsewhere: its judgements are theirs who made them, its figures are not known."""
    review = Review.objects.create(
        school_id=plan.school_id,
        plan=plan,
        number=1,
        state=ReviewState.CLOSED,
        opened_at=told.closed_at,
        closed_at=told.closed_at,
        closed_by=persons[told.by],
        next_steps=told.next_steps,
    )
    last = {judgement.target: judgement for judgement in told.judgements}
    for place, judgement in last.items():
        Judgement.objects.create(
            school_id=plan.school_id,
            review=review,
            target=targets[place],
            level=judgement.level,
            comment=judgement.comment,
            author=persons[judgement.by],
            made_at=told.closed_at,
            version=1,
            review_version=1,
            target_version=1,
        )
    judged, _ = judgements_in(plan.school_id, review.id)
    rows = target_rows(with_activities(Target.objects.of(plan.school_id).filter(plan=plan)))
    freeze(
        review,
        [
            ReviewTarget(
                card=card(row, {}, plan.school, lambda activity, course_id: False, None),
                since_last=(),
                suggestion=None,
                last_judgement=None,
                judgement=judged.get(row.id),
            )
            for row in rows
        ],
    )
