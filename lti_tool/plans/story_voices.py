"""The voices in a plan's story: what people said for a review, how each saw it, what was judged and agreed (001.12).

The same readers as of the review itself: staff within reach read it as it grows, the learner their own words at any
time and everybody else's once the review is closed. An answer to a guarded question is for whoever may read the
question's class, and for its writer. One query for each kind.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from .data import Act, Actor, PersonRef, ReviewState, Role, TimelineItem, Voice
from .frameworks.data import Sensitivity, named
from .frameworks.wording import shown
from .guarding import Told
from .items import KINDS
from .models import Agreement, Closing, Contribution, Judgement, Opinion, Person, Plan, Review, Revision, Target
from .naming import author_ref
from .permissions import allows
from .policy import may_read
from .scales import area_called, kind_of, plan_framework, said

MOST = 300  # of each kind; older ones stay on record
_Worded = Callable[[Target, datetime], str]


def told_by_voices(
    actor: Actor,
    student: Person,
    limit: Sensitivity,
    reviews: Sequence[Review],
    revisions: Sequence[Revision],
    told: Told,
) -> Iterator[TimelineItem]:
    """Every item of these kinds that this reader of the student's plan may see, in no order.

    To `told` come the fields that stand in them.
    """
    worded = _worded(revisions)
    yield from _words(actor, student, limit, told)
    yield from _opinions(actor, student, worded)
    yield from _judgements(actor, student, worded)
    yield from _agreements(actor, student)
    if any(review.closings > (review.state == ReviewState.CLOSED) for review in reviews):
        yield from _closings(actor, student)


def _worded(revisions: Sequence[Revision]) -> _Worded:
    """How a target was worded at a moment: what people saw and judged then, whatever it says now."""
    said_at: dict[UUID, list[tuple[datetime, str]]] = {}
    for row in sorted(revisions, key=lambda row: row.made_at):
        if row.subject == "target" and row.after.get("wording"):
            said_at.setdefault(row.subject_id, []).append((row.made_at, row.after["wording"]))

    def at_the_time(target: Target, moment: datetime) -> str:
        before = [wording for at, wording in said_at.get(target.id, ()) if at <= moment]
        return before[-1] if before else target.wording

    return at_the_time


def _agreed(actor: Actor) -> Q:
    """What others say in a review the learner reads once it is closed (001.12); everybody else at once."""
    told = Q(review__state=ReviewState.CLOSED) if actor.role is Role.LEARNER else Q(review__isnull=False)
    return told if allows(actor, Act.SETTLE_REPORTS) else told & Q(review__hidden_at=None)  # not reported (T41)


def _words(actor: Actor, student: Person, limit: Sensitivity, told: Told) -> Iterator[TimelineItem]:
    kind = KINDS["words"]
    rows = Contribution.objects.of(student.school_id).filter(plan__student=student)
    mine = actor.person_id == student.id
    visible = rows.filter(kind.to_learner() if mine else kind.to_staff())
    for row in visible.select_related("author", "plan", "review").order_by("-written_at")[:MOST]:
        framework = plan_framework(student.school_id, row.plan)
        asked = kind_of(framework, row.review.kind if row.review else "").preparation
        field = named(asked, row.question) if row.question else None
        guarded = field is not None and not may_read(limit, field.sensitivity)
        if guarded and row.author_id != actor.person_id:
            continue
        if field is not None:
            told.append((f"preparation.{field.key}", field.sensitivity))
        after = {"question": shown(field.label) if field else "", "text": row.text}
        taken_back = "" if row.text else ".taken_back"
        yield _item(row.written_at, f"words.{Voice(row.voice)}{taken_back}", row.author, after)


def _opinions(actor: Actor, student: Person, worded: _Worded) -> Iterator[TimelineItem]:
    rows = Opinion.objects.of(student.school_id).filter(plan__student=student)
    visible = rows.filter(Q(author_id=actor.person_id) | _agreed(actor)).select_related("author", "plan", "target")
    for row in visible.order_by("-given_at")[:MOST]:
        about = _about(row.plan, row.target, row.area, row.given_at, worded)
        after = about | {"level": _level(row.plan, row.level), "text": row.text}
        if row.name:
            after["name"] = row.name
        yield _item(row.given_at, "opinion", row.author, after)


def _judgements(actor: Actor, student: Person, worded: _Worded) -> Iterator[TimelineItem]:
    """Each version: a later one names the reason and has the former one's words before it."""
    rows = Judgement.objects.of(student.school_id).filter(_agreed(actor), review__plan__student=student)
    chosen = rows.select_related("author", "review__plan", "target").order_by("-made_at")[:MOST]
    versions = {(row.review_id, row.target_id, row.area, row.version): row for row in chosen}
    for (review_id, target_id, area, version), row in versions.items():
        plan = row.review.plan
        about = _about(plan, row.target, row.area, row.made_at, worded)
        former = versions.get((review_id, target_id, area, version - 1))
        after = about | {"level": _level(plan, row.level), "comment": row.comment, "reason": row.reason}
        before = {"level": _level(plan, former.level), "comment": former.comment} if former else {}
        kind = "target.judged" if target_id else "area.judged"
        yield _item(row.made_at, kind, row.author, after, before)


def _agreements(actor: Actor, student: Person) -> Iterator[TimelineItem]:
    rows = Agreement.objects.of(student.school_id).filter(review__plan__student=student)
    visible = rows.filter(Q(person_id=actor.person_id) | _agreed(actor)).select_related("person", "recorded_by")
    for row in visible.order_by("-recorded_at")[:MOST]:
        name = author_ref(row.person).name if row.person else row.name
        kind = "review.agreed" if row.agrees else "review.seen_differently"
        yield _item(row.recorded_at, kind, row.recorded_by, {"name": name, "text": row.text})


def _closings(actor: Actor, student: Person) -> Iterator[TimelineItem]:
    """Reviews that were opened again: what they agreed before, and why."""
    rows = Closing.objects.of(student.school_id).filter(review__plan__student=student, reopened_at__isnull=False)
    for row in rows.select_related("review", "closed_by", "reopened_by").order_by("-closed_at")[:MOST]:
        number = {"number": str(row.review.number)}
        hidden = actor.role is Role.LEARNER and row.review.state != ReviewState.CLOSED
        hidden |= row.review.hidden_at is not None and not allows(actor, Act.SETTLE_REPORTS)
        agreed, reason = ("", "") if hidden else (row.next_steps, row.reason)
        yield _item(row.closed_at, "review.closed", row.closed_by, number | {"next_steps": agreed})
        if row.reopened_at:
            yield _item(row.reopened_at, "review.reopened", row.reopened_by, number | {"reason": reason})


def _about(plan: Plan, target: Target | None, area: str, at: datetime, worded: _Worded) -> dict[str, str]:
    if target is not None:
        return {"wording": worded(target, at)}
    return {"area_name": area_called(plan_framework(plan.school_id, plan), area, plan)}


def _level(plan: Plan, key: str) -> str:
    level = said(plan_framework(plan.school_id, plan), key, plan) if key else None
    return shown(level.name) if level else key


def _item(
    at: datetime, kind: str, who: Person | None, after: dict[str, str], before: dict[str, str] | None = None
) -> TimelineItem:
    return TimelineItem(at=at, kind=kind, who=_who(who), before=_told(before or {}), after=_told(after))


def _told(words: dict[str, str]) -> dict[str, str]:
    return {key: said for key, said in words.items() if said}


def _who(person: Person | None) -> PersonRef | None:
    return author_ref(person) if person else None
