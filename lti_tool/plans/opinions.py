"""How each sees it: views of learner, family, school and others beside what is agreed, disagreement kept (001.12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, JudgementView, OpinionEntry, OpinionView, ReviewState, Role, TargetState, Voice
from .exceptions import Invalid, NotFound, Refused
from .frameworks.data import Framework
from .models import Opinion, Plan, Review, Target
from .naming import author_ref
from .opening import lock_plan, plan_of
from .permissions import changing, standing
from .permissions import review as reach_review
from .scales import of_review, plan_framework, said

TEXT_LENGTH = 5000
NAME_LENGTH = 255
_ByTarget = Mapping[UUID, tuple[OpinionView, ...]]
_ByArea = Mapping[str, tuple[OpinionView, ...]]


def say_opinion(
    actor: Actor, *, target_id: UUID | None = None, area: str = "", level: str = "", text: str = "",
    review_id: UUID | None = None,
) -> None:  # fmt: skip
    """How the actor sees a target or an area, in their own voice: a level, words, or both.

    A learner's goes to their open review, or waits for the coming one. Staff name the review. Saying the same again
    writes nothing; another view is a new version beside the former.

    Raises:
        NotFound: no such target or area in the plan. Refused: "closed".
        Invalid: text "required" (neither level nor words) or "too_long"; level "unknown".
    """
    with changing(actor, "opinion.give", "target" if target_id else "person", target_id or actor.person_id):
        if actor.role is Role.LEARNER:
            voice, plan, review = Voice.LEARNER, plan_of(standing(actor, Act.CONTRIBUTE).person, actor=actor), None
            reviews = Review.objects.of(actor.school_id).filter(plan=plan, state=ReviewState.OPEN)
            review = reviews.select_related("plan").order_by("-opened_at").first()
            if review_id is not None and (review is None or review.id != review_id):
                raise NotFound
        else:
            if review_id is None:
                raise NotFound
            reached = reach_review(actor, Act.CONTRIBUTE, review_id)
            voice, plan = Voice.SCHOOL, lock_plan(actor.school_id, reached.plan_id)
            review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
            if review.state != ReviewState.OPEN:
                raise Refused("closed")
        target = _target(plan, target_id)
        _check(plan, review, target, area, level, text)
        _keep(actor, voice, plan, review, target, area, level, text.strip())


def record_opinion(
    actor: Actor, review_id: UUID, entry: OpinionEntry, *, target_id: UUID | None = None, area: str = ""
) -> None:
    """Write down how somebody without a place here sees a target or an area: family, a classmate, others (002.7).

    Said again by the same name it is a new version. Classmates read nothing of it.

    Raises:
        Refused: "closed"; "learners_own": the learner's view is the learner's to give (T48).
        Invalid: name "required" or "too_long"; voice "unknown"; else as `say_opinion`.
    """
    with changing(actor, "opinion.record", "review", review_id):
        reached = reach_review(actor, Act.REVIEW, review_id)
        if entry.voice is Voice.LEARNER:
            raise Refused("learners_own")
        errors = {} if entry.name.strip() else {"name": "required"}
        if len(entry.name) > NAME_LENGTH:
            errors["name"] = "too_long"
        if entry.voice is Voice.SCHOOL or (entry.peer and entry.voice is not Voice.OTHERS):
            errors["voice"] = "unknown"
        if errors:
            raise Invalid(errors)
        plan = lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        if review.state != ReviewState.OPEN:
            raise Refused("closed")
        target = _target(plan, target_id)
        _check(plan, review, target, area, entry.level, entry.text)
        _keep(
            actor, entry.voice, plan, review, target, area, entry.level, entry.text.strip(),
            name=entry.name.strip(), peer=entry.peer,
        )  # fmt: skip


def _target(plan: Plan, target_id: UUID | None) -> Target | None:
    if target_id is None:
        return None
    shown = Target.objects.of(plan.school_id).filter(plan=plan, pk=target_id, state=TargetState.AGREED)
    target = shown.first()
    if target is None:
        raise NotFound
    return target


def _check(plan: Plan, review: Review | None, target: Target | None, area: str, level: str, text: str) -> None:
    framework = plan_framework(plan.school_id, plan)
    if target is None and framework.area(area) is None:
        raise NotFound
    scales = (of_review(review)[2],) if review else framework.scales
    errors = {}
    if level and level not in {one.key for scale in scales for one in scale.levels}:
        errors["level"] = "unknown"
    if not level and not text.strip():
        errors["text"] = "required"
    if len(text) > TEXT_LENGTH:
        errors["text"] = "too_long"
    if errors:
        raise Invalid(errors)


def _keep(
    actor: Actor, voice: Voice, plan: Plan, review: Review | None, target: Target | None, area: str, level: str,
    text: str, *, name: str = "", peer: bool = False,
) -> None:  # fmt: skip
    area = "" if target else area
    of_one = Opinion.objects.of(plan.school_id).filter(plan=plan, target=target, area=area, review=review)
    mine = of_one.filter(voice=voice, name=name, latest=True)
    if not name:
        mine = mine.filter(author_id=actor.person_id)
    before = mine.first()
    if before and (before.level, before.text) == (level, text):
        return
    mine.update(latest=False)
    if review:
        review.version += 1  # whoever closes the review must have seen it
        review.save(update_fields=["version"])
    row = Opinion.objects.create(
        school_id=plan.school_id,
        plan=plan,
        review=review,
        target=target,
        area=area,
        voice=voice,
        author_id=actor.person_id,
        name=name,
        peer=peer,
        level=level,
        text=text,
        given_at=timezone.now(),
        version=before.version + 1 if before else 1,
        review_version=review.version if review else 0,
    )
    detail = {"version": row.version, "voice": str(voice)}
    audit.record(
        plan.school_id, "opinion.given", "opinion", row.id, actor=actor, about_id=plan.student_id, detail=detail
    )


def views_of(framework: Framework, plan: Plan, rows: Iterable[Opinion]) -> tuple[_ByTarget, _ByArea]:
    """Opinions by target and by area, learner first. Their authors must be loaded."""
    targets, areas = defaultdict(list), defaultdict(list)
    order = list(Voice)
    for row in sorted(rows, key=lambda row: (order.index(Voice(row.voice)), row.given_at)):
        view = OpinionView(
            Voice(row.voice),
            author_ref(row.author),
            row.level,
            said(framework, row.level, plan) if row.level else None,
            row.text,
            row.given_at,
            name=row.name,
            peer=row.peer,
        )
        if row.target_id is not None:
            targets[row.target_id].append(view)
        else:
            areas[row.area].append(view)
    return (
        {key: tuple(views) for key, views in targets.items()},
        {key: tuple(views) for key, views in areas.items()},
    )


def beside(views: tuple[OpinionView, ...], judgement: JudgementView | None) -> tuple[OpinionView, ...]:
    """The views, each with whether it differs from the judgement that stands."""
    return tuple(
        replace(view, differs=bool(judgement and view.level and view.level != judgement.level)) for view in views
    )
