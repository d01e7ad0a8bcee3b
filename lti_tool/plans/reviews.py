"""Reviews: started, read, listed. What a closed one shows comes from its freeze alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from . import audit
from .agreements import agreements_of
from .cycles import find_cycle
from .cycles import view as cycle_view
from .data import (
    Actor,
    AreaView,
    ContributionView,
    CycleView,
    JudgementView,
    PastReview,
    PersonRef,
    Reach,
    ReviewPage,
    ReviewState,
    ReviewTarget,
    Role,
    TargetState,
    Voice,
)
from .exceptions import Invalid, NotFound
from .figures import card, newest_and_since, of_target, suggest, target_rows, with_activities
from .former import above, former_in, review_keys, target_classes, target_shown
from .frameworks.data import Framework, ReviewKind, Sensitivity, named
from .framing import veiled_card
from .freezing import thaw, thawed_areas
from .grounds import asks_both
from .guarding import ceiling, told_singly
from .judgements import judgements_for, judgements_in
from .life import answered, open_events
from .models import Closing, Contribution, Evidence, Judgement, LifeEvent, Opinion, Person, Review, Target
from .models.base import SchoolQuerySet
from .naming import author_ref, student_ref
from .occasions import due_kind, kind_at_need
from .opening import plan_of
from .opinions import beside, views_of
from .outcomes import nested_outcomes, outcome_in
from .panels import in_unit
from .people import class_list
from .permissions import Act, allows, asking, changing
from .permissions import review as reach_review
from .permissions import student as reach_student
from .policy import may_read, reach
from .preparing import answers
from .readings import readings_of
from .reopening import closings_of
from .revising import nested_steps, steps_in
from .scales import of_review, plan_framework
from .syncs import sync_state
from .words import contribution_view, drafts
from .writing import asked

WHY_LENGTH = 2000
_MORE = ("steps", "outcomes")


def start_review(
    actor: Actor,
    student_id: UUID,
    *,
    cycle_key: str | None = None,
    kind: str = "",
    why: str = "",
    life_event_id: UUID | None = None,
    at_need: bool = False,
) -> UUID:
    """The student's open review; started if there is none. Asking twice starts one.

    With `cycle_key` (the cycle's code, or its key in this school year) it is the review of that cycle, open or
    closed, and only a new one if there was none: a student has one of each cycle. Reviews of several cycles may be
    open at once, since teachers of different courses hold their own.
    `kind` is one of the framework's; blank: the cycle's, what is held outside the calendar where it is at need or
    answers an event, or else what the calendar asks for now. `why` says what one held at need is for;
    `life_event_id` is the event it answers. What the student wrote ahead becomes part of the new review.

    Raises:
        NotFound: also for an unknown cycle or event.
        Invalid: kind "unknown"; why "required" of one held at need, or "too_long".
    """
    with changing(actor, "review.start", "person", student_id):
        student = reach_student(actor, Act.REVIEW, student_id)
        cycle = find_cycle(actor.school_id, cycle_key) if cycle_key is not None else None
        plan = plan_of(student, actor=actor)
        standing = _standing(actor.school_id, student_id, cycle).first()
        if standing:
            return standing.id
        framework = plan_framework(actor.school_id, plan)
        if kind and framework.review_kind(kind) is None:
            raise Invalid({"kind": "unknown"})
        if len(why) > WHY_LENGTH or (at_need and not why.strip()):
            raise Invalid({"why": "too_long" if why.strip() else "required"})
        if life_event_id and life_event_id not in {event.id for event in open_events(actor, plan)}:
            raise NotFound
        review = Review.objects.create(
            school_id=actor.school_id,
            plan=plan,
            cycle_id=cycle.id if cycle else None,
            kind=kind or _kind(student, framework, cycle, unplanned=at_need or life_event_id is not None).key,
            why=why.strip(),
            life_event_id=life_event_id,
            number=Review.objects.of(actor.school_id).filter(plan=plan).count() + 1,
            opened_at=timezone.now(),
            opened_by_id=actor.person_id,
        )
        for words in (Contribution, Opinion):
            words.objects.of(actor.school_id).filter(plan=plan, review=None).update(review=review)
        if life_event_id:
            answered(actor, plan, [life_event_id])
        audit.record(actor.school_id, "review.started", "review", review.id, actor=actor, about_id=student_id)
        return review.id


def _kind(student: Person, framework: Framework, cycle: CycleView | None, *, unplanned: bool) -> ReviewKind:
    """What a review is that nobody chose a kind for."""
    if unplanned:
        return kind_at_need(framework)
    return (framework.review_kind(cycle.kind) if cycle else None) or due_kind(student, framework)


def _standing(school_id: UUID, student_id: UUID, cycle: CycleView | None) -> SchoolQuerySet[Review]:
    """The student's review of this cycle, in whichever plan; without one, those that are open, the newest first."""
    reviews = Review.objects.of(school_id).filter(plan__student_id=student_id)
    found = reviews.filter(cycle_id=cycle.id) if cycle else reviews.filter(state=ReviewState.OPEN)
    return found.order_by("-opened_at")


def cycle_review(actor: Actor, student_id: UUID, cycle_key: str) -> UUID | None:
    """The student's review of a cycle (its code, or its key in this school year); None while there is none.

    To the learner there is none before it is closed (001.12). Raises NotFound: no such cycle, or no such student.
    """
    with asking(actor, "review.find", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
        found = _standing(actor.school_id, student.id, find_cycle(actor.school_id, cycle_key))
    if actor.role is Role.LEARNER:
        found = found.filter(state=ReviewState.CLOSED)
    return found.values_list("id", flat=True).first()


def review(actor: Actor, review_id: UUID) -> ReviewPage:
    """Everything one screen of a review needs, by the review's id or, for the open one, its student's.

    Open: figures as they stand now. Closed: what was frozen. Reading it leaves an event in the trail (T43).
    A learner reads their own, once closed.
    """
    with asking(actor, "review.read", "review", review_id):
        row = reach_review(actor, Act.READ_PLAN, review_id)
    student, own = row.plan.student, row.plan.student_id == actor.person_id
    is_open = row.state == ReviewState.OPEN
    framework, kind, scale = of_review(row)
    closed = _closed(row.school_id, student.id)
    last = _before(row, closed)
    said = _said(row, actor)
    limit = ceiling(actor, student.id)
    former = former_in(row.school_id, [row.plan_id]) if row.moved else {}  # type: ignore[attr-defined]
    classes, once = target_classes(framework, former), review_keys(former, kind.key)
    hidden, closed_to = above(limit, classes), above(limit, once)
    targets, areas = _live(row, last.closed_at if last else None, actor.course_id) if is_open else _kept(row)
    seat = _seat(actor, student.id)
    fields = tuple(f for f in asked(kind) if may_read(limit, f.sensitivity) and f.key not in closed_to)
    told = answers(framework, kind, said)
    told = tuple(
        one for one in told if own or (may_read(limit, one.field.sensitivity) and one.field.key not in closed_to)
    )
    page = ReviewPage(
        id=row.id,
        version=row.version,
        number=row.number,
        hidden=row.hidden_at is not None,
        state=ReviewState(row.state),
        student=student_ref(student.id, student.display_name, student.pronouns),
        plan_id=row.plan_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=author_ref(row.closed_by) if row.closed_by else None,
        since=last.closed_at if last else None,
        targets=tuple(replace(one, card=veiled_card(one.card, hidden)) for one in targets),
        contributions=_contributions(said),
        next_steps=row.next_steps,
        next_review_on=row.next_review_on,
        problem=sync_state(actor.school_id, actor.course_id).problem if is_open and actor.course_id else None,
        drafts=drafts(actor, f"review:{row.id}") if is_open else {},
        previous_student=seat[0],
        next_student=seat[1],
        position=seat[2],
        class_size=seat[3],
        cycle=cycle_view(row.cycle) if row.cycle else None,
        kind=kind,
        levels=scale.levels,
        judges_areas=kind.judges in ("areas", "both"),
        asks_both_kinds=asks_both(row),
        why=row.why,
        life_event=_event(framework, row.life_event, limit),
        answers=told,
        areas=areas,
        fields=fields,
        written={field.key: row.details.get(field.key, "") for field in fields},
        agreements=agreements_of(actor, row),
        readings=() if is_open else readings_of(actor, row),
        closings=closings_of(row) if row.closings > (not is_open) else (),
        last=last,
        earlier=tuple(one for one in closed if one.closed_at < (row.closed_at or timezone.now())),
    )
    named = told_singly(actor, student.id, "review", _shown(page, classes, once, row.life_event))
    audit.record_once(actor, "review.read", "review", row.id, about_id=student.id, also=named)
    return page


def _shown(
    page: ReviewPage,
    classes: Mapping[str, Sensitivity],
    once: Mapping[str, Sensitivity],
    event: LifeEvent | None,
) -> Iterator[tuple[str, Sensitivity]]:
    """Which fields stand on the page, of which class: `classes` of targets, `once` of the review's when moved."""
    for target in page.targets:
        yield from target_shown(target.card, classes)
    said = [("preparation", one.field) for one in page.answers if one.words]
    said += [("review", field) for field in page.fields if page.written[field.key]]
    yield from ((f"{where}.{field.key}", once.get(field.key, field.sensitivity)) for where, field in said)
    if event is not None and page.life_event:
        yield "life_event", Sensitivity(event.sensitivity)


def past_reviews(actor: Actor, student_id: UUID) -> tuple[PastReview, ...]:
    """The student's closed reviews, the newest first. Learners: their own."""
    with asking(actor, "review.list", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if actor.role is not Role.LEARNER:
        audit.record_once(actor, "review.listed", "person", student.id, about_id=student.id)
    settles = allows(actor, Act.SETTLE_REPORTS)
    return tuple(one for one in _closed(actor.school_id, student.id) if settles or not one.hidden)


def _closed(school_id: UUID, student_id: UUID) -> list[PastReview]:
    """The student's closed reviews, of whatever school year, the newest first. One query."""
    judged = Judgement.objects.of(school_id).filter(review=OuterRef("pk"), latest=True, area="")
    rows = (
        Review.objects.of(school_id)
        .filter(plan__student_id=student_id, state=ReviewState.CLOSED)
        .select_related("closed_by", "cycle")
        .annotate(judged=Subquery(judged.values("review").annotate(n=Count("id")).values("n")))
        .order_by("-closed_at", "-number")
    )
    return [
        PastReview(
            id=row.id,
            number=row.number,
            closed_at=row.closed_at,
            closed_by=author_ref(row.closed_by) if row.closed_by else None,
            judged=row.judged or 0,
            cycle=cycle_view(row.cycle) if row.cycle else None,
            next_steps=row.next_steps,
            hidden=row.hidden_at is not None,
        )
        for row in rows
        if row.closed_at
    ]


def _before(row: Review, closed: Sequence[PastReview]) -> PastReview | None:
    """The student's last review that closed before this one began: what was received since is new."""
    return next((one for one in closed if one.id != row.id and one.closed_at <= row.opened_at), None)


def live(row: Review, course_id: int | None) -> tuple[tuple[ReviewTarget, ...], tuple[AreaView, ...]]:
    """What an open review rests on as it stands now: what closing it freezes."""
    last = _before(row, _closed(row.school_id, row.plan.student_id))
    return _live(row, last.closed_at if last else None, course_id)


def _live(
    row: Review, since: datetime | None, course_id: int | None
) -> tuple[tuple[ReviewTarget, ...], tuple[AreaView, ...]]:
    """Targets and areas of an open review with figures and views as they stand now. Four queries, whatever the size.

    A target ended since it was judged here stays on the page with its judgement.
    """
    school_id, plan = row.school_id, row.plan
    framework, kind, scale = of_review(row)
    (judged, judged_areas), (agreed, agreed_areas) = judgements_for(row)
    opinions = Opinion.objects.of(school_id).filter(review=row, latest=True).select_related("author")
    of_targets, of_areas = views_of(framework, plan, opinions)
    shown = Target.objects.of(school_id).filter(plan=plan)
    columns = {"steps": nested_steps(school_id), "outcomes": nested_outcomes(school_id, row.id)}
    nested = with_activities(shown.annotate(**columns), _MORE)
    rows = [
        t for t in target_rows(nested, _MORE) if t.state is TargetState.AGREED or t.id in judged or t.more["outcomes"]
    ]
    activity_ids = {activity.id for target in rows for activity, _ in target.activities}
    seen = Evidence.objects.of(school_id).filter(person_id=plan.student_id, activity_id__in=activity_ids)
    newest, recent = newest_and_since(seen, since)
    here = in_unit(course_id, ())
    found = []
    for target in rows:
        mine = {activity.id for activity, _ in target.activities}
        judgement = judged.get(target.id)
        found.append(
            ReviewTarget(
                card=card(target, newest, row.school, here, agreed.get(target.id), steps_in(target.more["steps"])),
                since_last=tuple(value for value in recent if value.activity_id in mine),
                suggestion=suggest(of_target(target, newest), row.school, scale),
                last_judgement=agreed.get(target.id),
                judgement=judgement,
                opinions=beside(of_targets.get(target.id, ()), judgement),
                outcome=outcome_in(target.more["outcomes"]),
            )
        )
    areas = tuple(
        AreaView(
            area=area.key,
            name=area.name,
            judgement=judged_areas.get(area.key),
            last_judgement=agreed_areas.get(area.key),
            opinions=beside(of_areas.get(area.key, ()), judged_areas.get(area.key)),
        )
        for area in framework.areas
        if kind.judges in ("areas", "both")
    )
    return tuple(found), areas


def _kept(row: Review) -> tuple[tuple[ReviewTarget, ...], tuple[AreaView, ...]]:
    """What a closed review rested on."""
    closing = Closing.objects.of(row.school_id).filter(review=row, number=row.closings).first()
    judged, judged_areas = judgements_in(row.school_id, row.id)
    targets = thaw(row)
    areas = thawed_areas(row.school_id, closing.snapshot.get("areas") if closing else None)
    return (
        tuple(replace(one, judgement=_answered(one.judgement, judged.get(one.card.id))) for one in targets),
        tuple(replace(one, judgement=_answered(one.judgement, judged_areas.get(one.area))) for one in areas),
    )


def _answered(frozen: JudgementView | None, stands: JudgementView | None) -> JudgementView | None:
    """A frozen judgement with what was said against it since (T54)."""
    return replace(frozen, statements=stands.statements) if frozen and stands else frozen


def _event(framework: Framework, event: LifeEvent | None, limit: Sensitivity) -> str:
    """What the event is called that the review answers, for whoever may read of it."""
    if event is None or not may_read(limit, Sensitivity(event.sensitivity)):
        return ""
    known = named(framework.life_events, event.kind)
    return known.name if known else event.text


def _said(row: Review, actor: Actor) -> list[Contribution]:
    """What was said in the review; what somebody reported only to its writer and to whoever settles it (T41)."""
    rows = list(
        Contribution.objects.of(row.school_id).filter(review=row).select_related("author").order_by("version")
    )
    if allows(actor, Act.SETTLE_REPORTS):
        return rows
    newest = {(words.voice, words.author_id, words.question): words for words in rows}
    hidden = {key for key, words in newest.items() if words.hidden_at and words.author_id != actor.person_id}
    return [words for words in rows if (words.voice, words.author_id, words.question) not in hidden]


def _contributions(said: Sequence[Contribution]) -> tuple[ContributionView, ...]:
    """The newest free words of everybody who spoke in this review, by voice: a colleague's never hide another's."""
    newest = {(words.voice, words.author_id): words for words in said if not words.question}
    return tuple(
        contribution_view(words)
        for words in sorted(newest.values(), key=lambda words: (list(Voice).index(Voice(words.voice)), words.version))
    )


def _seat(actor: Actor, student_id: UUID) -> tuple[PersonRef | None, PersonRef | None, int, int]:
    """The student's neighbours, place and the number of places in the class, for whoever reads the class."""
    if actor.course_id is None or reach(actor.role, Act.READ_CLASS) is not Reach.COURSE:
        return None, None, 1, 1
    people = class_list(actor.school_id, actor.course_id)
    place = next((n for n, person in enumerate(people) if person.id == student_id), None)
    if place is None:  # reached by an appointment, from another course
        return None, None, 1, 1
    before = people[place - 1] if place else None
    after = people[place + 1] if place + 1 < len(people) else None
    return before, after, place + 1, len(people)
