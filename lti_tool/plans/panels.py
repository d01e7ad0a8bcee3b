"""What stands beside the coursework: a student's own targets, a teacher's class.

The number of queries is fixed, however many targets, students and activities there are: these pages are
loaded with every unit of a course and asked again every few seconds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lti_tool.prepared import Prepared

from .cycles import cycles_of_year
from .data import (
    ActivityView,
    Actor,
    Audience,
    ClassPanel,
    ClassRow,
    ReviewState,
    Role,
    StudentPanel,
    TargetState,
    Voice,
)
from .figures import (
    Here,
    TargetRow,
    card,
    evidence,
    latest,
    mean_percent,
    of_target,
    target_rows,
    track,
    with_activities,
    with_labels,
    worst,
)
from .former import former_in, guarded_in
from .frameworks.keeping import in_its_words, kept_framework, school_framework
from .framing import veiled_card
from .goals import goal_key
from .judgements import agreed_judgements
from .models import Contribution, Evidence, Judgement, Plan, Review, Revision, School, Target, TargetActivity
from .naming import by_name, student_ref
from .opening import school_year
from .people import learners
from .permissions import Act, asking, standing
from .policy import CEILING
from .starting import framework_in, start_in, starting_columns
from .syncs import sync_state


def in_unit(course_id: int | None, external_ids: Sequence[str]) -> Here:
    """Which activities are "here": those the placement names, or the whole course where it names none."""
    named = frozenset(external_ids)

    def here(activity: ActivityView, activity_course_id: int) -> bool:
        return activity_course_id == course_id and (not named or activity.external_id in named)

    return here


@dataclass(frozen=True, slots=True)
class Placed:
    """What a placement is about: its unit, or one goal or area whatever the unit. `area` is a known one or blank."""

    school_id: UUID
    here: Here
    goal: str = ""
    area: str = ""
    area_name: str = ""
    area_is_gone: bool = False

    def shows(self, row: TargetRow) -> bool:
        if not (self.goal or self.area):
            return any(self.here(*linked) for linked in row.activities)
        of_goal = not self.goal or goal_key(self.school_id, row.goal) == self.goal
        return of_goal and self.area in {"", row.area}


def _placed(school: School, here: Here, goal: str, area: str, rows: Iterable[TargetRow]) -> Placed:
    """An area that left the framework still holds the targets set in it. One that neither has is no area.

    No query, or one where an area is named and the framework is a school's own.
    """
    known = school_framework(school).area(area) if area else None
    is_gone = bool(area) and known is None and all(row.area != area for row in rows)
    return Placed(school.id, here, goal, "" if is_gone else area, known.name if known else "", is_gone)


def student_panel(
    actor: Actor, *, activity_external_ids: Sequence[str], goal: str = "", area: str = ""
) -> StudentPanel:
    """A learner's own panel: the targets this unit serves, newest evidence, what was agreed. Six queries.

    `goal` and `area` are keys of the one goal or area the placement is about; blank: whatever the unit's activities
    serve.
    """
    with asking(actor, "panel.read", "person", actor.person_id):
        me = standing(actor, Act.READ_OWN_PANEL)
    mine = {"school_id": actor.school_id, "student_id": actor.person_id}
    plan = _CURRENT_PLAN.first(**mine)
    newest = {}
    rows: list[TargetRow] = []
    cards = []
    here = in_unit(actor.course_id, activity_external_ids)
    if plan:
        rows = target_rows(_OWN_TARGETS(school_id=actor.school_id, plan_id=plan["id"]))
        newest = latest(evidence(_OWN_EVIDENCE(**mine, plan_id=plan["id"])))
        judged = agreed_judgements(actor.school_id, actor.person_id)
        hidden = _hidden(me.school, plan)
        cards = [veiled_card(card(row, newest, me.school, here, judged.get(row.id)), hidden) for row in rows]
    placed = _placed(me.school, here, goal, area, rows)
    on_show = [card for row, card in zip(rows, cards, strict=True) if placed.shows(row)]
    state = sync_state(actor.school_id, me.course_id, person_id=actor.person_id)
    return StudentPanel(
        student=student_ref(me.person.id, me.person.display_name),
        plan_id=plan["id"] if plan else None,
        here=tuple(on_show),
        elsewhere=len(cards) - len(on_show),
        problem=state.problem,
        read_at=state.read_at,
        next_steps=plan["last_next_steps"] or "" if plan else "",
        last_closed_on=_day(plan["last_closed_at"]) if plan else None,
        review_open=bool(plan and plan["review_open"]),
        review_due_on=plan["review_due_on"] if plan else None,
        own_words=plan["own_words"] or "" if plan else "",
        own_at_home=not plan or plan["own_audience"] in (None, Audience.SHARED),
        area=placed.area_name,
        area_is_gone=placed.area_is_gone,
    )


def _hidden(school: School, plan: Mapping[str, Any]) -> frozenset[str]:
    """The fields of targets that a learner does not read, by the frameworks their plan stands and stood on. No query,
    where it stands on the tool's own and never moved."""
    framework = kept_framework(school.id, plan["framework_id"]) if plan["framework_id"] else school_framework(school)
    former = former_in(school.id, [plan["id"]]) if plan["moved"] else {}
    return guarded_in(in_its_words(framework), CEILING[Role.LEARNER], former)


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _current_plan(school_id: Any, student_id: Any) -> "QuerySet[Any, Any]":
    """The learner's newest plan with what its reviews and their own words say."""
    reviews = Review.objects.of(school_id).filter(plan=OuterRef("pk"))
    mine = Review.objects.of(school_id).filter(plan__student=OuterRef("student"))  # a new year forgets nothing
    closed = mine.filter(state=ReviewState.CLOSED, hidden_at=None).order_by("-closed_at", "-number")
    words = Contribution.objects.of(school_id).filter(plan=OuterRef("pk"), voice=Voice.LEARNER)
    coming = words.filter(Q(review=None) | Q(review__state=ReviewState.OPEN)).order_by("-version")
    return (
        Plan.objects.of(school_id)
        .filter(student_id=student_id)
        .order_by("-year")
        .annotate(
            review_open=Exists(reviews.filter(state=ReviewState.OPEN)),
            last_next_steps=Subquery(closed.values("next_steps")[:1]),
            last_closed_at=Subquery(closed.values("closed_at")[:1]),
            own_words=Subquery(coming.filter(question="").values("text")[:1]),
            own_audience=Subquery(coming.values("audience")[:1]),
            moved=Exists(Revision.moves(school_id).filter(plan=OuterRef("pk"))),
        )
        .values(
            "id",
            "framework_id",
            "review_due_on",
            "review_open",
            "last_next_steps",
            "last_closed_at",
            "own_words",
            "own_audience",
            "moved",
        )[:1]
    )


def _own_targets(school_id: Any, plan_id: Any) -> "QuerySet[Target]":
    return Target.objects.of(school_id).filter(plan_id=plan_id, state=TargetState.AGREED)


def _own_evidence(school_id: Any, student_id: Any, plan_id: Any) -> "QuerySet[Evidence, tuple[Any, ...]]":
    """The values that stand of the activities the plan's targets are linked to."""
    linked = TargetActivity.objects.of(school_id).filter(target__in=_own_targets(school_id, plan_id))
    return with_labels(
        Evidence.objects.of(school_id).filter(
            person_id=student_id, activity_id__in=linked.values("activity_id"), latest=True
        )
    )


_CURRENT_PLAN = Prepared(_current_plan, "school_id", "student_id")
_OWN_TARGETS = Prepared(
    lambda school_id, plan_id: with_activities(_own_targets(school_id, plan_id)), "school_id", "plan_id"
)
_OWN_EVIDENCE = Prepared(_own_evidence, "school_id", "student_id", "plan_id")


def class_panel(
    actor: Actor,
    *,
    activity_external_ids: Sequence[str],
    goal: str = "",
    area: str = "",
    only: Collection[UUID] | None = None,
) -> ClassPanel:
    """The learners of the actor's course, by name: who has a target here, how it stands, whose review is due.

    `only` narrows the list to these people, a course group for one; it widens nothing.

    Six queries. It shows standing, not words: the trail tells of plans that were opened, not of this list.
    """
    with asking(actor, "class.read", "course", actor.course_id):
        me = standing(actor, Act.READ_CLASS)
    here_is = {"school_id": actor.school_id, "course_id": me.course_id}
    learners = _CLASS(**here_is)
    here = in_unit(actor.course_id, activity_external_ids)
    today = timezone.localdate()
    newest = latest(evidence(_CLASS_EVIDENCE(**here_is)))
    targets = defaultdict(list)
    all_targets = target_rows(_CLASS_TARGETS(**here_is))
    placed = _placed(me.school, here, goal, area, all_targets)
    for row in all_targets:
        targets[row.plan_id].append(row)
    rows = []
    for learner in learners:
        if only is not None and learner["person_id"] not in only:
            continue
        mine = targets[learner["plan_id"]] if learner["plan_id"] else []
        due_on = learner["due_on"]
        rows.append(
            ClassRow(
                student=student_ref(learner["person_id"], learner["person__display_name"]),
                targets=len(mine),
                targets_here=sum(map(placed.shows, mine)),
                track=worst({track(mean_percent(of_target(row, newest)), me.school) for row in mine}),
                review_due_on=due_on,
                review_due=due_on is not None and due_on <= today,
                review_open=learner["review_id"] is not None,
                judged=learner["judged"] or 0,
                start=start_in(framework_in(me.school, learner), learner),
            )
        )
    state = sync_state(actor.school_id, me.course_id)
    return ClassPanel(
        course_title=me.course.title,
        rows=tuple(sorted(rows, key=lambda row: by_name(row.student))),
        problem=state.problem,
        read_at=state.read_at,
        cycles=cycles_of_year(actor.school_id, school_year(me.school.year_starts_month)),
        area=placed.area_name,
        area_is_gone=placed.area_is_gone,
    )


def _learners(school_id: Any, course_id: Any) -> "QuerySet[Any, Any]":
    """The class with each one's newest plan and open review."""
    plans = Plan.objects.of(school_id).filter(student=OuterRef("person")).order_by("-year")
    open_review = (
        Review.objects.of(school_id)
        .filter(plan__student=OuterRef("person"), state=ReviewState.OPEN)
        .order_by("-opened_at")
    )
    judgements = Judgement.objects.of(school_id).filter(review=OuterRef("review_id"), latest=True, area="")
    starts = starting_columns(school_id, "person", "person__")
    rows: QuerySet[Any, Any] = (
        learners(school_id, course_id)
        .annotate(
            plan_id=Subquery(plans.values("id")[:1]),
            due_on=Subquery(plans.values("review_due_on")[:1]),
            review_id=Subquery(open_review.values("id")[:1]),
            judged=Subquery(judgements.values("school").annotate(n=Count("id")).values("n")),
            **starts,
        )
        .values("person_id", "person__display_name", "plan_id", "due_on", "review_id", "judged", *starts)
    )
    return rows


def _targets(school_id: Any, course_id: Any) -> "QuerySet[Target]":
    students = learners(school_id, course_id).values("person_id")
    return Target.objects.of(school_id).filter(plan__student__in=students, state=TargetState.AGREED)


def _evidence_of_targets(school_id: Any, course_id: Any) -> "QuerySet[Evidence]":
    """The values that stand of exactly those activities that serve a target of the same student."""
    serves = TargetActivity.objects.of(school_id).filter(
        activity=OuterRef("activity"), target__plan__student=OuterRef("person"), target__state=TargetState.AGREED
    )
    students = learners(school_id, course_id).values("person_id")
    # Named outright too, since evidence is indexed by activity first.
    linked = (
        TargetActivity.objects.of(school_id).filter(target__in=_targets(school_id, course_id)).values("activity_id")
    )
    return Evidence.objects.of(school_id).filter(
        Exists(serves), activity__in=linked, person__in=students, latest=True
    )


_CLASS = Prepared(_learners, "school_id", "course_id")
_CLASS_TARGETS = Prepared(
    lambda school_id, course_id: with_activities(_targets(school_id, course_id)), "school_id", "course_id"
)
_CLASS_EVIDENCE = Prepared(
    lambda school_id, course_id: with_labels(_evidence_of_targets(school_id, course_id)), "school_id", "course_id"
)
