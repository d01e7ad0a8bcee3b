"""Reviews: started, read, listed. What a closed one shows comes from its freeze alone."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from . import audit
from .cycles import find_cycle
from .cycles import view as cycle_view
from .data import (
    Actor,
    ContributionView,
    CycleView,
    PastReview,
    PersonRef,
    ReviewPage,
    ReviewState,
    ReviewTarget,
    Role,
    TargetState,
    Voice,
)
from .figures import card, evidence, latest, of_target, suggest, target_rows, with_activities, with_labels
from .freezing import thaw
from .judgements import agreed_judgements, judgements_in
from .models import Contribution, Evidence, Judgement, Review, Target
from .models.base import SchoolQuerySet
from .naming import author_ref, student_ref
from .opening import plan_of
from .panels import in_unit
from .people import class_list
from .permissions import Act, asking, changing
from .permissions import review as reach_review
from .permissions import student as reach_student
from .syncs import sync_state
from .words import drafts


def start_review(actor: Actor, student_id: UUID, *, cycle_key: str | None = None) -> UUID:
    """The student's open review; started if there is none. Asking twice starts one.

    With `cycle_key` (the cycle's code, or its key in this school year) it is the review of that cycle, open or
    closed, and only a new one if there was none: a student has one of each cycle. Reviews of several cycles may be
    open at once, since teachers of different courses hold their own.
    What the student wrote ahead becomes part of the new review. Raises NotFound, also for an unknown cycle.
    """
    with changing(actor, "review.start", "person", student_id):
        student = reach_student(actor, Act.REVIEW, student_id)
        cycle = find_cycle(actor.school_id, cycle_key) if cycle_key is not None else None
        plan = plan_of(student, actor=actor)
        standing = _standing(actor.school_id, student_id, cycle).first()
        if standing:
            return standing.id
        review = Review.objects.create(
            school_id=actor.school_id,
            plan=plan,
            cycle_id=cycle.id if cycle else None,
            number=Review.objects.of(actor.school_id).filter(plan=plan).count() + 1,
            opened_at=timezone.now(),
            opened_by_id=actor.person_id,
        )
        Contribution.objects.of(actor.school_id).filter(plan=plan, review=None).update(review=review)
        audit.record(actor.school_id, "review.started", "review", review.id, actor=actor, about_id=student_id)
        return review.id


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

    Open: figures as they stand now. Closed: what was frozen. Staff reading it leave an event in the trail.
    A learner reads their own, once closed.
    """
    with asking(actor, "review.read", "review", review_id):
        row = reach_review(actor, Act.READ_PLAN, review_id)
    student = row.plan.student
    if actor.role is not Role.LEARNER:
        audit.record_once(actor, "review.read", "review", row.id, about_id=student.id)
    is_open = row.state == ReviewState.OPEN
    since = closed_before(row)
    seat = _seat(actor, student.id)
    return ReviewPage(
        id=row.id,
        version=row.version,
        number=row.number,
        state=ReviewState(row.state),
        student=student_ref(student.id, student.display_name),
        plan_id=row.plan_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=author_ref(row.closed_by) if row.closed_by else None,
        since=since,
        targets=live_targets(row, since, actor.course_id) if is_open else thaw(row),
        contributions=_contributions(row),
        next_steps=row.next_steps,
        next_review_on=row.next_review_on,
        problem=sync_state(actor.school_id, actor.course_id).problem if is_open and actor.course_id else None,
        drafts=drafts(actor, f"review:{row.id}") if is_open else {},
        previous_student=seat[0],
        next_student=seat[1],
        position=seat[2],
        class_size=seat[3],
        cycle=cycle_view(row.cycle) if row.cycle else None,
    )


def past_reviews(actor: Actor, student_id: UUID) -> tuple[PastReview, ...]:
    """The student's closed reviews, the newest first. Learners: their own."""
    with asking(actor, "review.list", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if actor.role is not Role.LEARNER:
        audit.record_once(actor, "review.listed", "person", student.id, about_id=student.id)
    judged = Judgement.objects.of(actor.school_id).filter(review=OuterRef("pk"), latest=True)
    rows = (
        Review.objects.of(actor.school_id)
        .filter(plan__student=student, state=ReviewState.CLOSED)
        .select_related("closed_by", "cycle")
        .annotate(judged=Subquery(judged.values("review").annotate(n=Count("id")).values("n")))
        .order_by("-closed_at", "-number")
    )
    return tuple(
        PastReview(
            id=row.id,
            number=row.number,
            closed_at=row.closed_at,
            closed_by=author_ref(row.closed_by) if row.closed_by else None,
            judged=row.judged or 0,
            cycle=cycle_view(row.cycle) if row.cycle else None,
        )
        for row in rows
        if row.closed_at
    )


def closed_before(row: Review) -> datetime | None:
    """When the student's last review before this one closed: what was received since is new."""
    earlier = Review.objects.of(row.school_id).filter(
        plan__student_id=row.plan.student_id, state=ReviewState.CLOSED, closed_at__lte=row.opened_at
    )
    return earlier.exclude(pk=row.pk).order_by("-closed_at").values_list("closed_at", flat=True).first()


def live_targets(row: Review, since: datetime | None, course_id: int | None) -> tuple[ReviewTarget, ...]:
    """The targets of an open review with their figures as they stand now. Five queries, whatever the size.

    A target stopped since it was judged here stays on the page with its judgement.
    """
    school_id, plan = row.school_id, row.plan
    judged = judgements_in(school_id, row.id)
    agreed = agreed_judgements(school_id, plan.student_id)
    shown = Target.objects.of(school_id).filter(plan=plan)
    rows = [t for t in target_rows(with_activities(shown)) if t.state is TargetState.AGREED or t.id in judged]
    activity_ids = {activity.id for target in rows for activity, _ in target.activities}
    seen = Evidence.objects.of(school_id).filter(person_id=plan.student_id, activity_id__in=activity_ids)
    newest = latest(evidence(with_labels(seen.filter(latest=True))))
    recent = evidence(with_labels(seen.filter(received_at__gt=since) if since else seen))
    here = in_unit(course_id, ())
    found = []
    for target in rows:
        mine = {activity.id for activity, _ in target.activities}
        found.append(
            ReviewTarget(
                card=card(target, newest, row.school, here, agreed.get(target.id)),
                since_last=tuple(value for _, value in recent if value.activity_id in mine),
                suggestion=suggest(of_target(target, newest), row.school),
                last_judgement=agreed.get(target.id),
                judgement=judged.get(target.id),
            )
        )
    return tuple(found)


def _contributions(row: Review) -> tuple[ContributionView, ...]:
    """The newest words of everybody who spoke in this review, by voice: a colleague's never hide another's."""
    said = Contribution.objects.of(row.school_id).filter(review=row).select_related("author").order_by("version")
    newest = {(words.voice, words.author_id): words for words in said}
    return tuple(
        ContributionView(
            voice=Voice(words.voice),
            author=author_ref(words.author),
            text=words.text,
            written_at=words.written_at,
            version=words.version,
        )
        for words in sorted(newest.values(), key=lambda words: (list(Voice).index(Voice(words.voice)), words.version))
    )


def _seat(actor: Actor, student_id: UUID) -> tuple[PersonRef | None, PersonRef | None, int, int]:
    """The student's neighbours, place and the number of places in the class; a learner sees no neighbours."""
    if actor.role is Role.LEARNER or actor.course_id is None:
        return None, None, 1, 1
    people = class_list(actor.school_id, actor.course_id)
    place = next((n for n, person in enumerate(people) if person.id == student_id), None)
    if place is None:  # reached by an appointment, from another course
        return None, None, 1, 1
    before = people[place - 1] if place else None
    after = people[place + 1] if place + 1 < len(people) else None
    return before, after, place + 1, len(people)
