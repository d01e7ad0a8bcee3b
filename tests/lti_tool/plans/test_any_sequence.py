"""Any people, any acts, in any order: nobody reads or changes what the table forbids (T1, T3, T28).

The oracle knows nothing of the fetches: it keeps, in plain sets, who is enrolled, appointed, linked and let in, and
reads from the printed table how far each role reaches.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lti_tool.plans import api, permissions, policy
from lti_tool.plans.data import Act, Actor, GuardianFlags, Item, Reach, Role, Scope, TargetChange
from lti_tool.plans.exceptions import NotFound, PlanError
from lti_tool.plans.models import AuditEvent, Contribution, Person, Target
from tests.factories.plans import Class, administrator_of, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T1", "T3", "T28")]

ADULTS = ["one", "two", "three"]
LEARNERS = ["ana", "ben"]
COURSES = ["maths", "music"]
PHASES = ["", "lower", "upper"]
GIVEN = [Role.TEACHER, Role.KEY_WORKER, Role.SUBJECT_TEACHER, Role.PHASE_LEADER, Role.LEADERSHIP]
WIDTHS = [Reach.APPOINTED, Reach.COURSE, Reach.PHASE, Reach.SCHOOL]
TOLD = [Role.TEACHER, Role.ASSISTANT, Role.LEARNER, Role.FAMILY, Role.ADMINISTRATOR, Role.NONE]


@dataclass(frozen=True)
class Given:
    """An appointment as it was made."""

    who: str
    role: Role
    student: str = ""
    course: str = ""
    phase: str = ""

    @property
    def width(self) -> Reach:
        if self.student:
            return Reach.APPOINTED
        if self.course:
            return Reach.COURSE
        return Reach.PHASE if self.phase else Reach.SCHOOL


class AnySequence(RuleBasedStateMachine):
    @initialize(
        made=st.lists(
            st.tuples(st.sampled_from(ADULTS), st.sampled_from(GIVEN), st.sampled_from(WIDTHS)),
            min_size=3,
            max_size=6,
        ),
        linked=st.lists(st.tuples(st.sampled_from(ADULTS), st.sampled_from(LEARNERS), st.booleans()), max_size=3),
    )
    def a_school(self, made: list[tuple[str, Role, Reach]], linked: list[tuple[str, str, bool]]) -> None:
        self.point = transaction.atomic()
        self.point.__enter__()
        first = make_class("task")
        self.courses: dict[str, Class] = {"maths": first, "music": make_class("song", school_id=first.school_id)}
        self.school_id = first.school_id
        self.office = administrator_of(first)
        names = [*ADULTS, *LEARNERS]
        self.ids: dict[str, UUID] = dict(zip(names, api.persons_bulk(self.school_id, names), strict=True))
        self.enrolled: dict[tuple[str, str], Role] = {}
        self.appointed: dict[Given, UUID] = {}
        self.guardians: dict[tuple[str, str], bool] = {}  # whether nothing stands against them
        self.phase = dict.fromkeys(LEARNERS, "")
        self.shared: dict[tuple[str, str], UUID] = {}
        self.targets: dict[str, UUID] = {}
        for learner in LEARNERS:
            self.enrol(learner, "maths", Role.LEARNER)
            teacher = first.teacher()
            self.targets[learner] = first.target(teacher, self.actor(learner, "maths"), f"Target of {learner}")
            api.set_enrolment(self.school_id, first.course_id, teacher.person_id, Role.NONE)
        for who, role, width in made:
            self.appoint(who, role, width, "ana", "maths", "upper")
        for who, learner, barred in linked:
            self.link(who, learner, barred)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    def actor(self, who: str, course: str) -> Actor:
        course_id = self.courses[course].course_id if course else None
        return api.actor_for(self.school_id, self.ids[who], course_id)

    # what happens

    @rule(who=st.sampled_from([*ADULTS, *LEARNERS]), course=st.sampled_from(COURSES), role=st.sampled_from(TOLD))
    def enrol(self, who: str, course: str, role: Role) -> None:
        api.set_enrolment(self.school_id, self.courses[course].course_id, self.ids[who], role)
        self.enrolled[who, course] = role

    @rule(
        who=st.sampled_from(ADULTS),
        role=st.sampled_from(GIVEN),
        width=st.sampled_from(WIDTHS),
        learner=st.sampled_from(LEARNERS),
        course=st.sampled_from(COURSES),
        phase=st.sampled_from(PHASES[1:]),
    )
    def appoint(self, who: str, role: Role, width: Reach, learner: str, course: str, phase: str) -> None:
        given = {
            Reach.APPOINTED: Given(who, role, student=learner),
            Reach.COURSE: Given(who, role, course=course),
            Reach.PHASE: Given(who, role, phase=phase),
            Reach.SCHOOL: Given(who, role),
        }[width]
        scope = Scope(
            student_id=self.ids[given.student] if given.student else None,
            course_id=self.courses[given.course].course_id if given.course else None,
            phase=given.phase,
        )
        try:
            self.appointed[given] = api.appoint(self.office, self.ids[who], role, scope)
        except PlanError:
            assert not policy.includes(policy.widest(role), width)

    @precondition(lambda self: self.appointed)
    @rule(data=st.data())
    def dismiss(self, data: st.DataObject) -> None:
        given = data.draw(st.sampled_from(sorted(self.appointed, key=repr)))
        api.end_appointment(self.office, self.appointed.pop(given))

    @rule(who=st.sampled_from(ADULTS), learner=st.sampled_from(LEARNERS), barred=st.booleans())
    def link(self, who: str, learner: str, barred: bool) -> None:
        api.link_guardian(self.office, self.ids[who], self.ids[learner], flags=GuardianFlags(court_order=barred))
        self.guardians[who, learner] = not barred

    @rule(learner=st.sampled_from(LEARNERS), phase=st.sampled_from(PHASES))
    def move_up(self, learner: str, phase: str) -> None:
        api.set_schooling(self.office, {self.ids[learner]: (phase, None)})
        self.phase[learner] = phase

    @rule(learner=st.sampled_from(LEARNERS), who=st.sampled_from(ADULTS))
    def share(self, learner: str, who: str) -> None:
        me = next((c for c in COURSES if self.enrolled.get((learner, c)) is Role.LEARNER), "")
        items = [Item("target", self.targets[learner])]
        try:
            share_id = api.share(
                self.actor(learner, me), self.ids[who], items, purpose="Help", ends_on=timezone.localdate()
            )
        except NotFound:
            assert not me or not self.on_staff(who)
        else:
            assert me
            assert self.on_staff(who)
            self.shared[learner, who] = share_id

    @precondition(lambda self: self.shared)
    @rule(data=st.data())
    def unshare(self, data: st.DataObject) -> None:
        learner, who = data.draw(st.sampled_from(sorted(self.shared)))
        me = next((c for c in COURSES if self.enrolled.get((learner, c)) is Role.LEARNER), "")
        if me:
            api.end_share(self.actor(learner, me), self.shared.pop((learner, who)))

    # what anybody tries, and what the table says of it

    @rule(
        who=st.sampled_from([*ADULTS, *LEARNERS]),
        course=st.sampled_from(["", *COURSES]),
        learner=st.sampled_from(LEARNERS),
        asked=st.sampled_from(["change", "review", "words", "home", "opened", "trail", "export", "erase", "delete"]),
        claimed=st.sampled_from([None, *Role]),
    )
    def try_it(self, who: str, course: str, learner: str, asked: str, claimed: Role | None) -> None:
        truth = self.actor(who, course)
        actor = truth if claimed is None else Actor(truth.person_id, truth.school_id, claimed, truth.course_id)
        act, ask = ASKED[asked]
        before = self.stands()
        allowed = self.may(who, course, learner, act, told=frozenset({actor.role}), appointed=actor.appointed)
        with transaction.atomic():
            try:
                ask(actor, self.ids[learner], self.targets[learner])
            except NotFound:
                reached = False
            except PlanError:
                reached = True
            else:
                reached = True
            transaction.set_rollback(True)
        assert reached == allowed, (who, course, learner, asked, claimed)
        assert self.stands() == before

    @invariant()
    def everybody_reaches_exactly_what_the_table_says(self) -> None:
        if not hasattr(self, "ids"):
            return
        act = Act.READ_PLAN
        for who in ADULTS:
            for course in ("", *COURSES):
                actor = self.actor(who, course)
                for learner in LEARNERS:
                    assert found(actor, act, self.ids[learner]) == self.may(who, course, learner, act)
                    seen = self.may(who, course, learner, act) or self.may(who, course, learner, Act.READ_SHARED)
                    seen = seen or ((learner, who) in self.shared and self.on_staff(who))
                    assert sees(actor, Item("target", self.targets[learner])) == seen

    def may(
        self,
        who: str,
        course: str,
        learner: str,
        act: Act,
        *,
        told: frozenset[Role] = frozenset(Role),
        appointed: frozenset[Role] = frozenset(Role),
    ) -> bool:
        """The table's answer, worked out from what happened; what an actor says of its roles only narrows it."""
        here = self.enrolled.get((who, course)) if course else None
        if here in told and here is not None:
            cell = policy.reach(here, act)
            if cell is Reach.SELF and who == learner:
                return True
            if cell is Reach.COURSE and self.enrolled.get((learner, course)) is Role.LEARNER:
                return True
        for given in self.appointed:
            if (
                given.who == who
                and given.role in appointed
                and policy.includes(policy.reach(given.role, act), given.width)
            ):
                learns = any(c == given.course and self.enrolled.get((learner, c)) is Role.LEARNER for c in COURSES)
                phase = bool(given.phase) and self.phase[learner] == given.phase
                if given.student == learner or learns or phase or given.width is Reach.SCHOOL:
                    return True
        child = policy.reach(Role.FAMILY, act) is Reach.CHILD and Role.FAMILY in appointed
        return child and self.guardians.get((who, learner), False) and act is not Act.ASK_ERASURE

    def on_staff(self, who: str) -> bool:
        teaches = any(self.enrolled.get((who, c)) in (Role.TEACHER, Role.ASSISTANT) for c in COURSES)
        return teaches or any(given.who == who for given in self.appointed)

    def stands(self) -> tuple[Any, ...]:
        """Everything a plan holds and who may what."""
        return (
            list(Target.objects.of(self.school_id).order_by("pk").values()),
            list(Contribution.objects.of(self.school_id).order_by("pk").values()),
            list(Person.objects.of(self.school_id).order_by("pk").values()),
        )


def found(actor: Actor, act: Act, student_id: UUID) -> bool:
    try:
        permissions.student(actor, act, student_id)
    except NotFound:
        return False
    return True


def sees(actor: Actor, item: Item) -> bool:
    try:
        api.see(actor, item)
    except NotFound:
        return False
    return True


Ask = Callable[[Actor, UUID, UUID], Any]
ASKED: dict[str, tuple[Act, Ask]] = {
    "change": (Act.CHANGE_PLAN, lambda a, s, t: api.change_target(a, t, TargetChange(wording="Other"), version=1)),
    "review": (Act.REVIEW, lambda a, s, t: api.start_review(a, s)),
    "words": (Act.READ_PLAN, lambda a, s, t: api.past_reviews(a, s)),
    "home": (Act.READ_SHARED, lambda a, s, t: api.at_home(a, s)),
    "opened": (Act.SEE_READERS, lambda a, s, t: api.who_opened(a, s)),
    "trail": (Act.READ_TRAIL, lambda a, s, t: api.audit_trail(a, s)),
    "export": (Act.EXPORT, lambda a, s, t: api.export_record(a, s)),
    "erase": (Act.ERASE, lambda a, s, t: api.erase_person(a, s)),
    "delete": (Act.DELETE_MINE, lambda a, s, t: own(a, s)),
}


def own(actor: Actor, student_id: UUID) -> None:
    """Deleting is only ever of one's own: for others there is no way to ask."""
    if actor.person_id != student_id:
        raise NotFound
    api.delete_mine(actor)


@cache
def machine() -> Any:
    AnySequence.TestCase.settings = settings(
        max_examples=15, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return AnySequence


def test_no_sequence_of_comings_goings_and_attempts_reaches_what_the_table_forbids() -> None:
    machine().TestCase().runTest()


def test_what_was_refused_is_in_the_trail_and_says_nothing_of_the_plan() -> None:
    room = make_class()
    student = room.learner("Ana Secret")
    stranger = room.person(Role.NONE)
    for ask in (lambda: api.at_home(stranger, student.person_id), lambda: api.student(stranger, student.person_id)):
        with pytest.raises(NotFound):
            ask()
    events = AuditEvent.objects.of(room.school_id).filter(verb__endswith=".refused")
    assert {event.verb for event in events} == {"home.read.refused", "student.read.refused"}
    assert "Secret" not in repr(list(events.values()))
