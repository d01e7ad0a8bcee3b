"""A school with years of plans, written in bulk: what pages cost where there is a lot of everything.

Rows as the domain writes them, but for the trail's hashes, which are no chain: nothing here is verified.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Audience, ReviewState, Role, Sensitivity, TargetState, Voice
from lti_tool.plans.frameworks.keeping import ensure_framework_version, school_framework
from lti_tool.plans.models import (
    Activity,
    AuditEvent,
    AuditHead,
    Closing,
    Contribution,
    Course,
    Discussion,
    Enrolment,
    Evidence,
    FrozenTarget,
    Goal,
    Judgement,
    LogEntry,
    Person,
    Plan,
    PortfolioItem,
    PortfolioTarget,
    Review,
    Revision,
    School,
    Statement,
    Target,
    TargetActivity,
    TargetStep,
)
from lti_tool.plans.opening import school_year

FRAMEWORK = "alfreton_park"
AREAS = ("communication", "personal", "social", "academic")
FIELDS = (("voice", "strengths"), ("voice", "likes"), ("voice", "wishes"), ("strengths_and_needs", "support"))
CLASS, ACTIVITIES, EVENTS, ENTRIES = 30, 20, 24, 8  # the last two of each student
_BATCH = 2000


@dataclass(frozen=True)
class BigSchool:
    school_id: UUID
    teacher: Actor  # of the class `student` is in
    student: Actor
    rows: int


@dataclass
class _Class:
    course_id: int
    teacher: UUID
    students: list[UUID]
    activities: list[int]


def make_big_school(
    *, students: int = 2000, years: int = 3, targets: int = 6, framework: str = FRAMEWORK
) -> BigSchool:
    """So many students in classes of thirty, each with a plan of every year; this year's review is open."""
    school_id = api.create_school(f"Big School {framework} {students} {targets}")
    School.objects.filter(pk=school_id).update(framework_key=framework)
    made = _Made(school_id, years, targets)
    with transaction.atomic():
        classes = list(made.classes(students))
        made.events = AuditEvent.objects.of(school_id).count()
        made.write(row for room in classes for student in room.students for row in made.of_student(room, student))
        AuditHead.objects.update_or_create(school_id=school_id, defaults={"number": made.events, "hash": "f" * 64})
    middle = classes[len(classes) // 2]
    return BigSchool(
        school_id,
        api.actor_for(school_id, middle.teacher, middle.course_id),
        api.actor_for(school_id, middle.students[len(middle.students) // 2], middle.course_id),
        made.rows,
    )


class _Made:
    def __init__(self, school_id: UUID, years: int, targets: int) -> None:
        self.school_id, self.targets, self.rows = school_id, targets, 0
        self.events = 0  # in the trail
        school = School.objects.get(pk=school_id)
        self.this_year = school_year(school.year_starts_month)
        self.years = range(self.this_year - years + 1, self.this_year + 1)
        self.framework = ensure_framework_version(school_id, school.framework_key)
        self.levels = [level.key for level in school_framework(school).scales[0].levels]
        self.now = timezone.now()

    def write(self, rows: Iterable[models.Model]) -> None:
        """In the order of their tables, some thousand students' rows at a time."""
        order: Callable[[type[models.Model]], int] = _ORDER.index
        rows = iter(rows)
        while batch := list(islice(rows, 50_000)):
            by_table: dict[type[models.Model], list[models.Model]] = {}
            for row in batch:
                by_table.setdefault(type(row), []).append(row)
            for table in sorted(by_table, key=order):
                table._base_manager.bulk_create(by_table[table], batch_size=_BATCH)
            self.rows += len(batch)

    def classes(self, students: int) -> Iterator[_Class]:
        for start in range(0, students, CLASS):
            size = min(CLASS, students - start)
            course = Course.objects.create(school_id=self.school_id, title=f"Class {start // CLASS + 1}")
            names = [f"Teacher {start}", "Helper", *(f"Student {start + n:04}" for n in range(size))]
            people = api.persons_bulk(self.school_id, names)
            roles = [Role.TEACHER, Role.ASSISTANT, *[Role.LEARNER] * size]
            told = {"school_id": self.school_id, "course": course, "active": True, "received_at": self.now}
            self.write(Enrolment(person_id=who, role=role, **told) for who, role in zip(people, roles, strict=True))
            activities = [
                Activity(
                    school_id=self.school_id, course=course, external_id=f"{course.id}-{number}", position=number,
                    label=f"Activity {number}", score_maximum=10, received_at=self.now,
                )
                for number in range(ACTIVITIES)
            ]  # fmt: skip
            made = Activity.objects.bulk_create(activities)
            yield _Class(course.id, people[0], people[2:], [row.id for row in made])

    def of_student(self, room: _Class, student: UUID) -> Iterator[models.Model]:
        """Everything of one student, years from the first on."""
        about: dict[str, Any] = {"school_id": self.school_id}
        for section, field in FIELDS:
            yield Statement(
                **about, statement_id=uuid4(), version=1, student_id=student, section=section, field=field,
                text="Likes to work with others", voice=Voice.LEARNER, author_id=room.teacher, made_at=self.now,
                sensitivity=Sensitivity.PERSONAL,
            )  # fmt: skip
        for activity in room.activities:
            for day in range(3):
                yield Evidence(
                    **about, activity_id=activity, person_id=student, source="ags", score_given=4 + day,
                    score_maximum=10, observed_at=self._at(day), received_at=self._at(day), latest=day == 2,
                )  # fmt: skip
        for number in range(ENTRIES):
            yield LogEntry(
                **about, owner_id=student, answers={"text": "I measured the pond"}, audience=Audience.SHARED,
                written_at=self._at(number),
            )  # fmt: skip
        yield Discussion(
            **about, student_id=student, held_on=self.now.date(), about="Hopes", recorded_by_id=room.teacher,
            recorded_at=self.now,
        )  # fmt: skip
        for year in self.years:
            yield from self._of_year(room, student, year, about)
        for number in range(EVENTS):
            self.events += 1
            yield AuditEvent(
                **about, number=self.events, at=self._at(number + 1), actor_id=room.teacher, role="teacher",
                verb=("plan.read", "target.judged", "review.read")[number % 3], subject="person",
                subject_id=str(student), about_id=student, previous_hash="", hash=f"{self.events:064x}",
            )  # fmt: skip

    def _of_year(self, room: _Class, student: UUID, year: int, about: dict[str, Any]) -> Iterator[models.Model]:
        now = year == self.this_year
        last = Plan(
            **about, student_id=student, year=year, version=self.targets + 1, framework=self.framework,
            details={"aims.where_now": "Reads short words"}, review_due_on=self.now.date(),
        )  # fmt: skip
        goal = Goal(**about, plan=last, wording="Get ready for work", area=AREAS[0])
        number = self.this_year - year
        closed = Review(
            **about, plan=last, number=1, kind="interim", state=ReviewState.CLOSED, version=self.targets + 2,
            opened_at=self._at(number * 300 + 60), opened_by_id=room.teacher, closed_by_id=room.teacher,
            closed_at=self._at(number * 300 + 50), closings=1, next_steps="Practise every day",
        )  # fmt: skip
        yield from (last, goal, closed)
        yield Closing(
            **about, review=closed, number=1, closed_at=closed.closed_at, closed_by_id=room.teacher,
            next_steps=closed.next_steps, snapshot={"areas": []},
        )  # fmt: skip
        opened = Review(
            **about, plan=last, number=2, kind="interim", state=ReviewState.OPEN, opened_at=self._at(2),
            opened_by_id=room.teacher,
        )  # fmt: skip
        if now:
            yield opened
        for version, review in enumerate((closed, opened) if now else (closed,), start=1):
            yield Contribution(
                **about, plan=last, review=review, voice=Voice.LEARNER, author_id=student, text="It went well",
                written_at=self._at(3), version=version, audience=Audience.SHARED,
            )  # fmt: skip
        for position in range(self.targets):
            yield from self._target(room, last, goal, closed, position, now, about)

    def _target(
        self, room: _Class, plan: Plan, goal: Goal, closed: Review, position: int, now: bool, about: dict[str, Any]
    ) -> Iterator[models.Model]:
        wording = f"Explain step {position} of my work to {plan.student_id.hex[:6]}"
        state = TargetState.AGREED if now else TargetState.ACHIEVED
        target = Target(
            **about, plan=plan, goal=goal, wording=wording, success="I do it four times of five", state=state,
            area=AREAS[position % 4], type="smart", checked_version=1, position=position,
            due_on=self.now.date() + timedelta(days=60),
        )  # fmt: skip
        yield target
        yield TargetActivity(**about, target=target, activity_id=room.activities[position % ACTIVITIES])
        yield TargetStep(**about, target=target, what="Say it to a friend", who=Voice.LEARNER)
        said = {"state": state.value, "wording": wording, "success": target.success}
        yield Revision(
            **about, plan=plan, version=position + 2, subject="target", subject_id=target.pk, before=None, after=said,
            author_id=room.teacher,
        )  # fmt: skip
        level = self.levels[position % len(self.levels)]
        yield Judgement(
            **about, review=closed, target=target, level=level, comment="Seen twice", author_id=room.teacher,
            made_at=closed.closed_at, version=1, review_version=position + 2, target_version=1,
            qualitative="In class", quantitative="4 of 5",
        )  # fmt: skip
        yield FrozenTarget(**about, review=closed, target=target, closing=1, snapshot=_frozen(target, level))
        item = PortfolioItem(
            **about, owner_id=plan.student_id, kind="observations", title="A model bridge", added_by_id=room.teacher,
            voice=Voice.SCHOOL, audience=Audience.NOT_FOR_HOME, added_at=self._at(position),
        )  # fmt: skip
        yield item
        yield PortfolioTarget(**about, item=item, target=target)

    def _at(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


def _frozen(target: Target, level: str) -> dict[str, Any]:
    """A review target as it is frozen, with little on it."""
    card = {
        "id": str(target.pk), "wording": target.wording, "success": target.success, "next_step": "",
        "due_on": None, "state": "agreed", "goal": "Get ready for work", "version": 1, "activities": [],
        "here": False, "newest": None, "attempted": 0, "mean_percent": None, "track": "no_evidence",
        "judgement": None, "area": target.area, "type": target.type, "steps": [],
    }  # fmt: skip
    empty = {"since_last": [], "suggestion": None, "last_judgement": None, "judgement": None, "opinions": []}
    return {"card": card, **empty}


_ORDER: list[type[models.Model]] = [
    Person, Enrolment, Plan, Goal, Target, Review, Closing, TargetActivity, TargetStep, Revision, Judgement,
    FrozenTarget, Contribution, Statement, Discussion, Evidence, LogEntry, PortfolioItem, PortfolioTarget, AuditEvent,
]  # fmt: skip
