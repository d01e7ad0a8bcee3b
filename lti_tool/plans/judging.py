"""Judging, agreeing what comes next, and closing: only people do it, and nothing of anybody's is lost.

Two people at once. A judgement is sent with the version of the judgement it replaces (0: none yet), so a
colleague's judgement of *another* target is no conflict. Next steps and closing are sent with the review's
version, which every change raises by one: next steps conflict when others were agreed meanwhile, closing when
anybody else changed anything the closing page did not show. `Conflict` carries both sides; nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Actor, Grounds, JudgementView, NextSteps, ReviewState
from .exceptions import Conflict, Invalid, NotFound, Refused
from .frameworks.data import Scale
from .freezing import freeze, frozen_areas
from .grounds import asks_both, rests, told
from .judgements import readable, view
from .models import Closing, Contribution, Evidence, Judgement, Opinion, Person, Plan, Review, Target, TargetOutcome
from .occasions import next_day
from .opening import lock_plan
from .outcomes import do_outcomes
from .permissions import Act, changing
from .permissions import review as reach_review
from .reviews import live
from .scales import of_review, plan_framework

COMMENT_LENGTH = 5000  # characters


def judge_target(
    actor: Actor,
    review_id: UUID,
    target_id: UUID,
    *,
    level: str,
    comment: str,
    version: int,
    evidence_seen: Sequence[int] = (),
    reason: str = "",
    grounds: Grounds = Grounds(),  # noqa: B008 (frozen)
) -> JudgementView:
    """The actor's judgement of one target. A later one is a new version and says why; the former is kept (T48).

    `level` is a key of the scale of this kind of review. `version` is that of the judgement the page showed for this
    target, 0 for none. Sent twice with the same content it is one judgement.

    Raises:
        Conflict: another version stands. `current` is that JudgementView (None: there is none), `mine` a dict
            of level, comment and reason as sent.
        Refused: "closed", what a closed review says stays; "not_judged_here", this kind judges no targets.
        Invalid: reason "required" (it replaces a judgement), comment, reason or grounds "too_long", evidence_seen
            "unknown" (not this student's), level "unknown", evidence "both_kinds" where the framework asks for
            qualitative and quantitative evidence and one is missing without a word why.
    """
    with changing(actor, "target.judge", "target", target_id):
        review, plan = _locked(actor, review_id)
        target = Target.objects.of(actor.school_id).filter(pk=target_id, plan=plan).first()
        if target is None:
            raise NotFound
        sent = _Sent(level, comment, reason, version, tuple(sorted(set(evidence_seen))), grounds)
        return _judge(actor, review, plan, sent, target=target)


def judge_area(
    actor: Actor,
    review_id: UUID,
    area: str,
    *,
    level: str,
    comment: str,
    version: int,
    reason: str = "",
    grounds: Grounds = Grounds(),  # noqa: B008 (frozen)
) -> JudgementView:
    """The actor's judgement of one area of the framework, as of a target (001.11). The same rules, the same errors.

    Raises:
        NotFound: the framework has no such area.
    """
    with changing(actor, "area.judge", "review", review_id):
        review, plan = _locked(actor, review_id)
        if of_review(review)[0].area(area) is None:
            raise NotFound
        return _judge(actor, review, plan, _Sent(level, comment, reason, version, (), grounds), area=area)


@dataclass(frozen=True, slots=True)
class _Sent:
    level: str
    comment: str
    reason: str
    version: int
    evidence_seen: tuple[int, ...]
    grounds: Grounds


def _judge(
    actor: Actor, review: Review, plan: Plan, sent: _Sent, *, target: Target | None = None, area: str = ""
) -> JudgementView:
    _, kind, scale = of_review(review)
    if kind.judges not in ("both", "targets" if target else "areas"):
        raise Refused("not_judged_here")
    errors = _errors(plan, sent, scale)
    standing = Judgement.objects.of(actor.school_id).filter(review=review, target=target, area=area, latest=True)
    before = readable(actor.school_id, standing).first()
    said = (actor.person_id, sent.level, sent.comment.strip(), *told(sent.grounds))
    if before:
        stands = (before.author_id, before.level, before.comment)
        if said == (*stands, before.qualitative, before.quantitative, before.one_kind_because):
            return view(before)
        if before.version == sent.version and not sent.reason.strip():
            errors["reason"] = "required"
    if sent.version != (before.version if before else 0):
        mine = {"level": str(sent.level), "comment": sent.comment, "reason": sent.reason}
        raise Conflict(current=view(before) if before else None, mine=mine)
    if asks_both(review) and not rests(sent.grounds, sent.evidence_seen, target):
        errors.setdefault("evidence", "both_kinds")
    if errors:
        raise Invalid(errors)
    standing.update(latest=False)
    _raise_version(review)
    qualitative, quantitative, one_kind_because = told(sent.grounds)
    judgement = Judgement.objects.create(
        school_id=actor.school_id,
        review=review,
        target=target,
        area=area,
        level=str(sent.level),
        comment=sent.comment.strip(),
        author_id=actor.person_id,
        made_at=timezone.now(),
        version=before.version + 1 if before else 1,
        review_version=review.version,
        target_version=target.version if target else 0,
        reason=sent.reason.strip() if before else "",
        evidence_seen=list(sent.evidence_seen),
        qualitative=qualitative,
        quantitative=quantitative,
        one_kind_because=one_kind_because,
    )
    audit.record(
        actor.school_id,
        "target.judged" if target else "area.judged",
        "target" if target else "area",
        target.id if target else area,
        actor=actor,
        about_id=plan.student_id,
        detail={"review": str(review.id), "judgement": str(judgement.id), "version": judgement.version},
    )
    return view(judgement)


def judgement_history(actor: Actor, review_id: UUID, target_id: UUID) -> tuple[JudgementView, ...]:
    """Every version of a judgement, the first first: a correction never replaces what was said (T48)."""
    with changing(actor, "judgement.history", "target", target_id):
        review = reach_review(actor, Act.READ_PLAN, review_id)
        rows = Judgement.objects.of(actor.school_id).filter(review=review, target_id=target_id)
        return tuple(view(row) for row in readable(actor.school_id, rows).order_by("version"))


def set_next_steps(
    actor: Actor, review_id: UUID, *, next_steps: str, next_review_on: date | None, version: int
) -> NextSteps:
    """What was agreed for the time ahead, and when the next review is. Returns the review's new version.

    Raises:
        Conflict: other next steps were agreed after `version`. `current` is a NextSteps, `mine` a dict of
            next_steps and next_review_on as sent.
        Refused: "closed". Invalid: next_steps "too_long", next_review_on "past".
    """
    with changing(actor, "review.next_steps", "review", review_id):
        review, plan = _locked(actor, review_id)
        errors = {}
        if len(next_steps) > COMMENT_LENGTH:
            errors["next_steps"] = "too_long"
        if next_review_on and next_review_on < timezone.localdate():
            errors["next_review_on"] = "past"
        if errors:
            raise Invalid(errors)
        current = NextSteps(review.next_steps, review.next_review_on, review.version)
        if (next_steps.strip(), next_review_on) == (current.next_steps, current.next_review_on):
            return current
        if review.next_steps_version > version:
            mine = {"next_steps": next_steps, "next_review_on": next_review_on}
            raise Conflict(current=current, mine=mine)
        review.next_steps, review.next_review_on = next_steps.strip(), next_review_on
        review.next_steps_version, review.next_steps_by_id = review.version + 1, actor.person_id
        _raise_version(review)
        audit.record(actor.school_id, "review.next_steps", "review", review.id, actor=actor, about_id=plan.student_id)
        return NextSteps(review.next_steps, review.next_review_on, review.version)


def close_review(actor: Actor, review_id: UUID, *, version: int) -> None:
    """End the review and freeze what it rested on; later grades and changed targets never alter it.

    The plan's next review is due on the agreed date, or as the framework's calendar and cadence have it.
    Closing again what this actor closed is no error.

    Raises:
        Conflict: somebody else judged, wrote or agreed something after `version`: whoever closes has not seen
            it. `current` is a NextSteps with the review's version, `mine` a dict of the version sent.
        Refused: "closed" by somebody else.
    """
    with changing(actor, "review.close", "review", review_id):
        try:
            review, plan = _locked(actor, review_id)
        except Refused:
            closed = reach_review(actor, Act.REVIEW, review_id)
            if closed.closed_by_id == actor.person_id:
                return
            raise
        if _changed_by_others(review, actor, version):
            current = NextSteps(review.next_steps, review.next_review_on, review.version)
            raise Conflict(current=current, mine={"version": version})
        _freeze(review, actor)
        review.state, review.closed_at = ReviewState.CLOSED, timezone.now()
        review.closed_by_id = actor.person_id
        _raise_version(review)
        keep_closing(review)
        do_outcomes(review, plan, actor)
        student = Person.objects.of(actor.school_id).select_related("school").get(pk=plan.student_id)
        due_on = next_day(student, plan_framework(actor.school_id, plan))
        plan.review_due_on = review.next_review_on or due_on
        plan.save(update_fields=["review_due_on"])
        audit.record(actor.school_id, "review.closed", "review", review.id, actor=actor, about_id=plan.student_id)


def _freeze(review: Review, actor: Actor) -> None:
    review.closings += 1
    targets, areas = live(review, actor.course_id)
    freeze(review, targets, closing=review.closings)
    Closing.objects.create(
        school_id=review.school_id,
        review=review,
        number=review.closings,
        closed_at=timezone.now(),
        closed_by_id=actor.person_id,
        snapshot={"areas": frozen_areas(areas)},
    )


def keep_closing(review: Review) -> None:
    """What the newest closing agreed, as the review now says it."""
    Closing.objects.of(review.school_id).filter(review=review, number=review.closings).update(
        closed_at=review.closed_at, next_steps=review.next_steps, next_review_on=review.next_review_on
    )


def _locked(actor: Actor, review_id: UUID) -> tuple[Review, Plan]:
    """The open review as it stands once its plan is ours."""
    reached = reach_review(actor, Act.REVIEW, review_id)
    plan = lock_plan(actor.school_id, reached.plan_id)
    reviews = Review.objects.of(actor.school_id).select_related("plan", "school")
    review = reviews.get(pk=reached.pk)
    if review.state != ReviewState.OPEN:
        raise Refused("closed")
    return review, plan


def _changed_by_others(review: Review, actor: Actor, version: int) -> bool:
    """Whether the review holds something of somebody else that came after this version."""
    news = {"review": review, "review_version__gt": version}
    judged = Judgement.objects.of(review.school_id).filter(**news).exclude(author_id=actor.person_id)
    said = Contribution.objects.of(review.school_id).filter(**news).exclude(author_id=actor.person_id)
    agreed = review.next_steps_version > version and review.next_steps_by_id != actor.person_id
    seen = Opinion.objects.of(review.school_id).filter(**news).exclude(author_id=actor.person_id)
    ended = TargetOutcome.objects.of(review.school_id).filter(**news).exclude(author_id=actor.person_id)
    return agreed or ended.exists() or judged.exists() or said.exists() or seen.exists()


def _raise_version(review: Review) -> None:
    review.version += 1
    review.save()


def _errors(plan: Plan, sent: _Sent, scale: Scale) -> dict[str, str]:
    errors = {}
    if sent.level not in {level.key for level in scale.levels}:
        errors["level"] = "unknown"
    texts = {"comment": sent.comment, "reason": sent.reason}
    texts |= dict(zip(("qualitative", "quantitative", "one_kind_because"), told(sent.grounds), strict=True))
    errors |= {name: "too_long" for name, text in texts.items() if len(text) > COMMENT_LENGTH}
    seen = set(sent.evidence_seen)
    rows = Evidence.objects.of(plan.school_id).filter(pk__in=seen, person_id=plan.student_id)
    if seen and rows.count() != len(seen):
        errors["evidence_seen"] = "unknown"
    return errors
