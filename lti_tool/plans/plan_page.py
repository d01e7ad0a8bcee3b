"""The whole plan as one page: aims, goals, targets by area, the year's curriculum, who signed, what is still asked.

The number of queries is fixed, however much the plan holds.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from lti_tool.nested import Nested

from . import audit
from .aims import curriculum_in, goal_views, nested_curriculum
from .asks import fast, missing, smart
from .data import (
    Act,
    Actor,
    PlanPage,
    PlanSection,
    PlanTarget,
    Reached,
    ReviewState,
    Step,
    Talk,
    TargetChange,
    TargetState,
)
from .exceptions import NotFound
from .figures import TargetRow, card, evidence, latest, target_rows, with_activities, with_labels
from .former import (
    above,
    former_in,
    gone_names,
    plan_hidden,
    plan_keys,
    standing,
    target_classes,
    target_labels,
    target_shown,
)
from .frameworks.data import Form, Framework, Sensitivity
from .frameworks.keeping import framework_of
from .frameworks.years import band_of, in_year, moves_of
from .framing import veiled, veiled_card
from .guarding import ceiling, columns_shown, readable_columns, told_singly
from .judgements import Path, travelled
from .leading import leads_in, nested_leads
from .life import open_events
from .likeness import alike, others
from .models import (
    Discussion,
    DiscussionPart,
    Evidence,
    Goal,
    Person,
    Plan,
    PortfolioItem,
    PortfolioTarget,
    Review,
    Revision,
    Statement,
    Target,
    TargetActivity,
)
from .naming import student_ref
from .opening import LIVE, school_year
from .panels import in_unit
from .permissions import asking, reaches
from .policy import may_read
from .programme import nested_programme, programme_in
from .quality import newest_checks
from .revising import TEXTS, as_change, nested_steps, steps_in
from .sheets import provider_answers
from .signing import parties
from .work import seen

_MORE = (
    "baseline", "support_inside", "support_outside", "resources", "contexts", "details", "checked_version",
    "shared_version", "steps",
)  # fmt: skip


def plan_page(actor: Actor, student_id: UUID) -> PlanPage:
    """The student's newest plan. Staff reading it leave an event in the trail (T43)."""
    with asking(actor, "plan.read", "person", student_id):
        student, may = _reached(actor, student_id)
    own = actor.person_id == student_id
    plan = _newest(actor, student)
    framework = _framework(student, plan)
    head: dict[str, Any] = {
        "student": student_ref(student.id, student.display_name, student.pronouns),
        "framework": framework,
        "may_change": Act.CHANGE_PLAN in may,
        "may_check": Act.CHECK_QUALITY in may,
        "may_contribute": own or Act.CHANGE_PLAN in may,
        "band": band_of(framework, student.year_group),
        "stands_under": tuple(tags for tags in framework.tag_sets if tags.every_plan),
        "moves": moves_of(framework, student.year_group),
    }
    head["leads"] = leads_in(framework, student.leads, student.key_workers)
    needs_by, limit = _needs_by(framework, student), ceiling(actor, student.id)
    if plan is None:
        year = school_year(student.school.year_starts_month)
        sections = _sections(limit, framework, {})
        hidden = above(limit, target_classes(framework, {}))
        _noted(actor, student.id)
        return PlanPage(id=None, version=0, year=year, sections=sections, hidden=hidden, needs_by=needs_by, **head)
    former = former_in(plan.school_id, [plan.id]) if plan.moved else {}
    ways, area_ways = travelled(student.school_id, student.id)
    by_goal, by_target = _talks(plan, limit)
    places = _places(plan)
    classes = target_classes(framework, former)
    hidden = above(limit, classes)
    targets = _targets(actor, plan, framework, by_target, places, ways, hidden, staff=Act.CHANGE_PLAN in may)
    agreed = tuple(target for target in targets if target.card.state is TargetState.AGREED)
    goals = tuple(goal_views(plan, by_goal).values())
    curriculum = curriculum_in(plan.curriculum)
    signed = parties(actor, framework, plan)
    page = PlanPage(
        id=plan.id,
        version=plan.version,
        year=plan.year,
        sections=_sections(limit, framework, plan.details, plan_hidden(former, limit)),
        goals=goals,
        targets=agreed,
        hidden=hidden,
        proposed=tuple(target for target in targets if target.card.state is TargetState.DRAFT),
        curriculum=curriculum,
        parties=signed,
        programme=programme_in(plan),
        area_ways=area_ways,
        providers=_from_providers(student, limit),
        reached=_reached_before(plan, places),
        events=open_events(actor, plan),
        former=standing(former, plan.details, limit),
        former_labels=target_labels(former) | (gone_names(plan) if plan.moved else {}),
        needs_by=needs_by,
        missing=missing(
            framework,
            needs=needs_by is None,
            leads=head["leads"],
            year_group=student.year_group,
            goals=goals,
            targets=agreed,
            curriculum=len(curriculum),
            parties=signed,
            details=plan.details,
            talked={part["voice"] for part in plan.talked_with},
        ),
        **head,
    )
    _noted(actor, student.id, _shown(page, classes, plan_keys(former)))
    return page


def _noted(actor: Actor, student_id: UUID, shown: Iterable[tuple[str, Sensitivity]] = ()) -> None:
    """Staff read the plan: one event, and what it names of what they were shown beside it with no query more."""
    if actor.person_id != student_id:
        named = told_singly(actor, student_id, "plan", shown)
        audit.record_once(actor, "plan.read", "person", student_id, about_id=student_id, also=named)


def _shown(
    page: PlanPage, classes: Mapping[str, Sensitivity], once: Mapping[str, Sensitivity]
) -> Iterator[tuple[str, Sensitivity]]:
    """Which fields stand on the page, of which class: `classes` of targets, `once` of the plan's own when moved."""
    for part in page.sections:
        own = {f"{part.section.key}.{f.key}": f.sensitivity for f in part.fields if part.answers[f.key]}
        yield from ((key, once.get(key, guarded)) for key, guarded in own.items())
    for target in (*page.targets, *page.proposed):
        yield from target_shown(target.words, classes)
    for form, said, _ in page.providers:
        yield from ((f"{form.key}.{field.key}", field.sensitivity) for field in form.fields if field.key in said)
    yield from (("life_event", event.sensitivity) for event in page.events)
    yield from ((one.key, one.guarded) for one in page.former)
    talks = [*(one.talks for one in page.goals), *(one.talks for one in (*page.targets, *page.proposed))]
    yield from columns_shown(Discussion, [talk for some in talks for talk in some], "about")


def _needs_by(framework: Framework, student: Any) -> date | None:
    """The day by which the learner's needs are to be known (002.36); None: they are, or the framework sets none."""
    weeks = framework.rules.needs_within_weeks
    if weeks is None or student.known or student.entered_on is None:
        return None
    return student.entered_on + timedelta(weeks=weeks)  # type: ignore[no-any-return]


def _took_part(student: Person) -> Any:
    """Who took part in this school year's talks about the plan."""
    starts = student.school.year_starts_month
    since = date(school_year(starts), starts, 1)
    parts = DiscussionPart.objects.of(student.school_id)
    return parts.filter(discussion__student=OuterRef("student"), discussion__held_on__gte=since)


def _reached(actor: Actor, student_id: UUID) -> tuple[Any, set[Act]]:
    """The student, if the actor may read their plan, and which acts the page offers them. One query."""
    offered = {}
    for act in (Act.CHANGE_PLAN, Act.CHECK_QUALITY):
        with suppress(NotFound):  # out of anybody's reach in this role
            offered[f"may_{act}"] = reaches(actor, act, "id")
    people = Person.objects.of(actor.school_id).filter(reaches(actor, Act.READ_PLAN, "id"), id=student_id)
    said = Statement.objects.of(actor.school_id).filter(student=OuterRef("id"), latest=True).exclude(text="")
    around = nested_leads(actor.school_id, "id")
    student = people.select_related("school").annotate(**offered, **around, known=Exists(said)).first()
    if student is None:
        raise NotFound
    return student, {act for act in Act if getattr(student, f"may_{act}", False)}


def _from_providers(student: Person, limit: Sensitivity) -> tuple[tuple[Form, dict[str, str], date], ...]:
    """Other providers' last answers, without what this reader may not read (T4)."""
    return tuple(
        (form, {f.key: said[f.key] for f in form.fields if f.key in said and may_read(limit, f.sensitivity)}, day)
        for form, said, day in provider_answers(student)
    )


def _about_something(student: Person) -> Any:
    """Talks about a goal or a target (000.1)."""
    talks = Discussion.objects.of(student.school_id).filter(student=OuterRef("student"), hidden_at=None)
    return talks.filter(Q(goal__isnull=False) | Q(target__isnull=False))


def _achieved(student: Person) -> Any:
    rows = Target.objects.of(student.school_id)
    return rows.filter(plan__student=OuterRef("student"), state=TargetState.ACHIEVED)


_Talks = tuple[dict[str, tuple[Talk, ...]], dict[UUID, tuple[Talk, ...]]]


def _talks(plan: Any, limit: Sensitivity) -> _Talks:
    """Talks by the goal's wording and by target, the newest first. What was said is for whoever may read it (T4)."""
    goals, targets = defaultdict(list), defaultdict(list)
    for row in sorted(plan.talks, key=lambda row: row["held_on"], reverse=True):
        about = row["about"] if "about" in readable_columns(Discussion, limit) else ""
        talk = Talk(date.fromisoformat(row["held_on"]), about)
        if row["goal__wording"]:
            goals[row["goal__wording"]].append(talk)
        if row["target_id"]:
            targets[UUID(row["target_id"])].append(talk)
    return {key: tuple(said) for key, said in goals.items()}, {key: tuple(said) for key, said in targets.items()}


def _work(actor: Actor, student: Person) -> Any:
    """The links of the student's work to targets, of the pieces this reader may see (001.6)."""
    items = seen(actor, PortfolioItem).filter(owner=student)
    return PortfolioTarget.objects.of(student.school_id).filter(item__in=items)


def _places(plan: Any) -> dict[UUID, Counter[str]]:
    """In which contexts the work shows each target."""
    found: dict[UUID, Counter[str]] = defaultdict(Counter)
    for row in plan.work:
        contexts = row["item__contexts"]  # SQLite keeps a list inside an object as text
        found[UUID(row["target_id"])].update(json.loads(contexts) if isinstance(contexts, str) else contexts)
    return found


def _reached_before(plan: Any, places: Mapping[UUID, Counter[str]]) -> tuple[Reached, ...]:
    rows = sorted(plan.achieved, key=lambda row: row["created_at"], reverse=True)
    ids = [UUID(row["id"]) for row in rows]
    return tuple(
        Reached(target_id, row["wording"], row["area"], tuple(places.get(target_id, ())))
        for target_id, row in zip(ids, rows, strict=True)
    )


def _framework(student: Person, plan: Any) -> Framework:
    """What is asked in the student's school year, and what stands from earlier ones (000.7)."""
    whole = framework_of(student.school_id, plan)
    if plan is None:
        return in_year(whole, student.year_group)
    areas = {row["area"] for row in (*plan.areas_of_targets, *plan.areas_of_goals)}
    return in_year(whole, student.year_group, areas=areas, answered=plan.details)


def _newest(actor: Actor, student: Person) -> Any:
    """The student's newest plan, with its curriculum targets, the last talk on record, the last closed review and
    where the student's work shows each target.

    None: there is no plan. One query.
    """
    talks = Discussion.objects.of(student.school_id).filter(student=OuterRef("student")).order_by("-held_on")
    reviews = Review.objects.of(student.school_id).filter(plan__student=OuterRef("student"), state=ReviewState.CLOSED)
    plans = Plan.objects.of(student.school_id).filter(student=student).select_related("student__school")
    moves = Revision.objects.of(student.school_id).filter(plan=OuterRef("pk"), subject="framework")
    live = Target.objects.of(student.school_id).filter(plan=OuterRef("pk"), state__in=LIVE)
    goals = Goal.objects.of(student.school_id).filter(plan=OuterRef("pk"), ended_on=None)
    return (
        plans.annotate(
            moved=Exists(moves),
            curriculum=nested_curriculum(student.school_id),
            areas_of_targets=Nested(live, "area"),
            areas_of_goals=Nested(goals, "area"),
            **nested_programme(student.school_id),
            talks=Nested(_about_something(student), "held_on", "about", "goal__wording", "target_id"),
            achieved=Nested(_achieved(student), "id", "wording", "area", "created_at"),
            talked_with=Nested(_took_part(student), "voice"),
            work=Nested(_work(actor, student), "target_id", "item__contexts"),
            talked_on=Subquery(talks.values("held_on")[:1]),
            reviewed_at=Subquery(reviews.order_by("-closed_at").values("closed_at")[:1]),
        )
        .order_by("-year")
        .first()
    )


def _sections(
    limit: Sensitivity, framework: Framework, details: dict[str, str], hidden: Collection[str] = ()
) -> tuple[PlanSection, ...]:
    found = []
    for section in framework.plan_sections:
        fields = tuple(
            field for field in section.fields
            if may_read(limit, field.sensitivity) and f"{section.key}.{field.key}" not in hidden
        )  # fmt: skip
        answers = {field.key: details.get(f"{section.key}.{field.key}", "") for field in fields}
        if fields:
            found.append(PlanSection(section, fields, answers))
    return tuple(found)


def _targets(
    actor: Actor,
    plan: Plan,
    framework: Framework,
    talks: Mapping[UUID, tuple[Talk, ...]],
    places: Mapping[UUID, Counter[str]],
    ways: Path,
    hidden: Collection[str],
    *,
    staff: bool,
) -> tuple[PlanTarget, ...]:
    school = plan.student.school
    live = Target.objects.of(plan.school_id).filter(plan=plan, state__in=LIVE)
    rows = target_rows(with_activities(live.annotate(steps=nested_steps(plan.school_id)), _MORE), _MORE)
    linked = TargetActivity.objects.of(plan.school_id).filter(target__in=live.values("id")).values("activity_id")
    seen = Evidence.objects.of(plan.school_id).filter(person_id=plan.student_id, latest=True)
    newest = latest(evidence(with_labels(seen.filter(activity_id__in=linked))))
    checks = newest_checks(plan) if framework.rules.quality_check_before_family else {}
    class_targets = others(actor, plan.student_id) if staff and framework.rules.clone_warning else []
    talked_on, today, here = _talked_on(plan), timezone.localdate(), in_unit(actor.course_id, ())
    found = []
    for row in rows:
        mine = steps_in(row.more["steps"])
        said = _words(row, mine)
        found.append(
            PlanTarget(
                card=veiled_card(
                    card(row, newest, school, here, (ways.get(str(row.id)) or (None,))[-1], mine), hidden
                ),
                words=veiled(said, hidden),
                asks=smart(framework, said),
                habits=fast(said, talked_on=talked_on, today=today),
                alike=alike(said.wording, class_targets),
                quality=checks.get(row.id),
                checked=row.more["checked_version"] == row.version,
                with_family=row.more["shared_version"] == row.version,
                shown_in=dict(places.get(row.id, {})),
                talks=talks.get(row.id, ()),
                travelled=ways.get(str(row.id), ()),
            )
        )
    return tuple(found)


def _words(row: TargetRow, steps: tuple[Step, ...]) -> TargetChange:
    return TargetChange(
        **{name: row.more[name] if name in row.more else getattr(row, name) for name in TEXTS},
        area=row.area,
        type=row.type,
        goal=row.goal,
        due_on=row.due_on,
        activity_ids=tuple(sorted(activity.id for activity, _ in row.activities)),
        contexts=tuple(row.more["contexts"]),
        details=dict(row.more["details"]),
        steps=tuple(as_change(step) for step in steps),
    )


def _talked_on(plan: Any) -> date | None:
    """The last day somebody talked with the learner about the plan: a talk on record, or a review."""
    reviewed_on = timezone.localdate(plan.reviewed_at) if plan.reviewed_at else None
    return max((day for day in (plan.talked_on, reviewed_on) if day), default=None)
