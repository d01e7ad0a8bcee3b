"""One policy: who reaches what, for everybody and for any sequence of comings and goings (T1, T3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.data import Actor, CycleView, Level, Role, RosterEntry, TargetChange
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import Contribution, Draft, Goal, Judgement, Plan, Review, Revision, Target
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T1")]


@dataclass(frozen=True)
class Scene:
    """The student's plan with a closed and an open review: everything there is to reach for."""

    cast: Cast
    closed_id: UUID
    open_id: UUID


def make_scene() -> Scene:
    cast = make_cast()
    teacher, student = cast.teacher, cast.student
    closed_id = api.start_review(teacher, student.person_id)
    api.judge_target(teacher, closed_id, cast.target_id, level=Level.EXPECTED, comment="Good", version=0)
    api.close_review(teacher, closed_id, version=api.review(teacher, closed_id).version)
    return Scene(cast, closed_id, api.start_review(teacher, student.person_id))


CHANGE = TargetChange(wording="Something else")


def _cycle(scene: Scene) -> CycleView:
    return api.ensure_cycle(scene.cast.maths.school_id, "autumn", "Autumn review")


# Everything that can be asked about the student, and the roles whose live enrolment in the class allows it.
STAFF = {Role.TEACHER, Role.ASSISTANT}
ASKED: dict[str, tuple[set[Role], Callable[[Actor, Scene], Any]]] = {
    "class_panel": (STAFF, lambda a, s: api.class_panel(a, activity_external_ids=[])),
    "cycle_panel": (STAFF, lambda a, s: api.cycle_panel(a, _cycle(s).id)),
    "cycle_review": (
        {*STAFF, Role.LEARNER},
        lambda a, s: api.cycle_review(a, s.cast.student.person_id, _cycle(s).code),
    ),
    "start a cycle's review": (
        {Role.TEACHER},
        lambda a, s: api.start_review(a, s.cast.student.person_id, cycle_key=_cycle(s).code),
    ),
    "activities": ({Role.TEACHER}, lambda a, s: api.activities(a)),
    "find_activities": ({Role.TEACHER}, lambda a, s: api.find_activities(a, "frac")),
    "student": ({*STAFF, Role.LEARNER}, lambda a, s: api.student(a, s.cast.student.person_id)),
    "open_plan": ({Role.TEACHER}, lambda a, s: api.open_plan(a, s.cast.student.person_id)),
    "target": ({Role.TEACHER}, lambda a, s: api.target(a, s.cast.target_id)),
    "agree_target": ({Role.TEACHER}, lambda a, s: api.agree_target(a, s.cast.student.person_id, CHANGE)),
    "change_target": ({Role.TEACHER}, lambda a, s: api.change_target(a, s.cast.target_id, CHANGE, version=1)),
    "stop_target": ({Role.TEACHER}, lambda a, s: api.stop_target(a, s.cast.target_id, version=1)),
    "start_review": ({Role.TEACHER}, lambda a, s: api.start_review(a, s.cast.student.person_id)),
    "review": (STAFF, lambda a, s: api.review(a, s.open_id)),
    "review by student": (STAFF, lambda a, s: api.review(a, s.cast.student.person_id)),
    "closed review": ({*STAFF, Role.LEARNER}, lambda a, s: api.review(a, s.closed_id)),
    "past_reviews": ({*STAFF, Role.LEARNER}, lambda a, s: api.past_reviews(a, s.cast.student.person_id)),
    "history": (STAFF, lambda a, s: api.judgement_history(a, s.open_id, s.cast.target_id)),
    "judge_target": (
        {Role.TEACHER},
        lambda a, s: api.judge_target(a, s.open_id, s.cast.target_id, level=Level.EMERGING, comment="", version=0),
    ),
    "set_next_steps": (
        {Role.TEACHER},
        lambda a, s: api.set_next_steps(a, s.open_id, next_steps="More", next_review_on=None, version=9),
    ),
    "close_review": ({Role.TEACHER}, lambda a, s: api.close_review(a, s.open_id, version=9)),
    "contribute": (
        {Role.TEACHER, Role.LEARNER},
        lambda a, s: api.contribute(a, text="My words", review_id=s.open_id),
    ),
    "draft of a review": ({Role.TEACHER}, lambda a, s: api.save_draft(a, f"review:{s.open_id}", "comment", "…")),
    "draft of a target": ({Role.TEACHER}, lambda a, s: api.save_draft(a, f"target:{s.cast.target_id}", "w", "…")),
    "draft of a new target": (
        {Role.TEACHER},
        lambda a, s: api.save_draft(a, f"target:new:{s.cast.student.person_id}", "w", "…"),
    ),
    "audit_trail": ({Role.TEACHER}, lambda a, s: api.audit_trail(a, s.cast.student.person_id)),
}


def state(scene: Scene) -> dict[str, list[dict[str, Any]]]:
    """Everything a plan holds, of the whole school: what a refused attempt must leave as it was."""
    tables = (Plan, Goal, Target, Revision, Review, Judgement, Contribution, Draft)
    school_id = scene.cast.maths.school_id
    return {table.__name__: list(table.objects.of(school_id).order_by("pk").values()) for table in tables}


@pytest.mark.database
@pytest.mark.parametrize("asked", ASKED)
def test_each_of_the_cast_reaches_exactly_what_the_table_gives(asked: str) -> None:
    scene = make_scene()
    roles, ask = ASKED[asked]
    allowed = {name for name, role in {"teacher": Role.TEACHER, "assistant": Role.ASSISTANT}.items() if role in roles}
    allowed |= {"student"} if Role.LEARNER in roles else set()
    of_their_own = {"class_panel": {"other_teacher", "stranger"}, "activities": {"other_teacher", "stranger"}}
    of_their_own["find_activities"] = of_their_own["activities"]
    of_their_own["cycle_panel"] = {"other_teacher"}  # the same round in their own class
    before = state(scene)
    for name, actor in scene.cast.everybody().items():
        if name in allowed or name in of_their_own.get(asked, set()):
            with transaction.atomic():
                ask(actor, scene)
                transaction.set_rollback(True)
        else:
            with pytest.raises(NotFound):
                ask(actor, scene)
            assert state(scene) == before


@pytest.mark.parametrize("asked", ASKED)
def test_nobody_reaches_anything_from_outside_a_course(asked: str) -> None:
    scene = make_scene()
    for actor in scene.cast.everybody().values():
        with pytest.raises(NotFound):
            ASKED[asked][1](replace(actor, course_id=None), scene)


def test_ids_that_exist_nowhere_are_answered_like_ids_one_may_not_see() -> None:
    cast = make_cast()
    nowhere = uuid4()
    for ask in (
        lambda: api.start_review(cast.teacher, nowhere),
        lambda: api.review(cast.teacher, nowhere),
        lambda: api.target(cast.teacher, nowhere),
        lambda: api.agree_target(cast.teacher, nowhere, CHANGE),
        lambda: api.start_review(cast.teacher, cast.assistant.person_id),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.trust("T3")
def test_whoever_leaves_the_roster_reaches_nothing_from_the_next_request_on() -> None:
    cast = make_cast()
    maths, teacher, student = cast.maths, cast.teacher, cast.student
    left = api.sync_roster(maths.school_id, maths.course_id, [RosterEntry(student.person_id, Role.LEARNER)])
    assert teacher.person_id in left
    assert student.person_id not in left
    assert api.actor_for(maths.school_id, teacher.person_id, maths.course_id).role is Role.NONE
    with pytest.raises(NotFound):
        api.class_panel(teacher, activity_external_ids=[])
    api.sync_roster(maths.school_id, maths.course_id, [RosterEntry(teacher.person_id, Role.TEACHER)])
    with pytest.raises(NotFound):
        api.start_review(teacher, student.person_id)


@pytest.mark.trust("T3")
def test_a_teacher_who_is_no_longer_one_ends_their_sessions_but_a_learner_who_stays_does_not() -> None:
    cast = make_cast()
    maths = cast.maths
    entries = [
        RosterEntry(cast.teacher.person_id, Role.LEARNER),
        RosterEntry(cast.student.person_id, Role.TEACHER),
        RosterEntry(cast.classmate.person_id, Role.LEARNER),
    ]
    ended = api.sync_roster(maths.school_id, maths.course_id, entries)
    assert cast.teacher.person_id in ended
    assert {cast.student.person_id, cast.classmate.person_id}.isdisjoint(ended)
    assert api.sync_roster(maths.school_id, maths.course_id, entries) == []


Step = tuple[str, str, Role, bool]  # who, what they ask, the role they claim, whether to ask or be enrolled so
PEOPLE = st.sampled_from(["student", "teacher", "classmate", "assistant", "parent", "other_teacher", "outsider"])
STEPS = st.lists(st.tuples(PEOPLE, st.sampled_from(sorted(ASKED)), st.sampled_from(Role), st.booleans()), max_size=8)


@pytest.mark.trust("T3")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_sequence_of_enrolments_and_claims_reaches_what_the_table_forbids(steps: list[Step]) -> None:
    with transaction.atomic():
        scene = make_scene()
        people, maths = scene.cast.everybody(), scene.cast.maths
        live = {name: actor.role for name, actor in people.items() if actor.course_id == maths.course_id}
        live.update(dict.fromkeys(("left_teacher", "nobody"), Role.NONE))
        for who, asked, claimed, asks in steps:
            person = people[who]
            if not asks:
                api.set_enrolment(maths.school_id, maths.course_id, person.person_id, claimed)
                live[who] = claimed
                continue
            actor = Actor(person.person_id, maths.school_id, claimed, maths.course_id)
            roles, ask = ASKED[asked]
            of_the_class = asked in {"class_panel", "activities", "find_activities"}
            allowed = claimed is live.get(who) and claimed in roles
            if claimed is Role.LEARNER:
                allowed = allowed and who == "student"
            elif not of_the_class:
                allowed = allowed and live["student"] is Role.LEARNER
            before = state(scene)
            with transaction.atomic():
                try:
                    ask(actor, scene)
                except NotFound:
                    reached = False
                else:
                    reached = True
                    before = state(scene) if allowed else before
                assert reached == allowed, (who, asked, claimed)
                assert state(scene) == before
                transaction.set_rollback(True)
        transaction.set_rollback(True)
