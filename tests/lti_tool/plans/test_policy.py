"""The table of who may do what, tried cell by cell against the fetches; the page in the docs says the same (T1)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from lti_tool.plans import api, permissions, policy
from lti_tool.plans.data import Act, Actor, GuardianFlags, GuardianScope, Reach, Role, Scope
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.models import Appointment, Person
from tests.factories.plans import Class, administrator_of, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T1")]

PAGE = Path(policy.__file__).parent.parent / "docs" / "permissions.md"


@cache
def cells() -> dict[tuple[str, str], str]:
    """The printed table, as a reader of the docs sees it: reach by (role, act)."""
    page, _, _ = PAGE.read_text().partition("\n## ")  # the page's second table is of classes
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")]
    roles = lines[0][1:]
    return {(role, act): cell for act, *row in lines[2:-1] for role, cell in zip(roles, row, strict=True)}


def said(role: Role, act: Act) -> Reach:
    words = cells()[role.value.replace("_", " "), act.value.replace("_", " ")]
    return Reach.NONE if words == "·" else Reach(words)


@dataclass
class Town:
    """One student for each distance there can be, and one in another school."""

    maths: Class
    students: dict[str, UUID]
    elsewhere: Class


def make_town() -> Town:
    maths, elsewhere = make_class(title="Maths"), make_class(title="Maths")
    music = make_class(school_id=maths.school_id, title="Music")
    students = {
        "appointed": music.learner().person_id,
        "child": music.learner().person_id,
        "course": maths.learner().person_id,
        "phase": music.learner().person_id,
        "school": music.learner().person_id,
        "other school": elsewhere.learner().person_id,
    }
    Person.objects.of(maths.school_id).filter(pk=students["phase"]).update(phase="Upper")
    Person.objects.of(elsewhere.school_id).filter(pk=students["other school"]).update(phase="Upper")
    return Town(maths, students, elsewhere)


def appointed(town: Town, role: Role, scope: Scope, **changes: object) -> Actor:
    """Somebody in no course's roster, appointed without asking whether that makes sense."""
    person_id = api.ensure_person(town.maths.school_id)
    row = {"student_id": scope.student_id, "course_id": scope.course_id, "phase": scope.phase}
    row |= {"starts_on": timezone.localdate(), "ends_on": timezone.localdate(), **changes}
    Appointment.objects.create(school_id=town.maths.school_id, person_id=person_id, role=role, **row)
    return api.actor_for(town.maths.school_id, person_id, None)


def reached(actor: Actor, act: Act, town: Town) -> set[str]:
    found = set()
    for distance, student_id in {**town.students, "self": actor.person_id}.items():
        try:
            assert permissions.student(actor, act, student_id).id == student_id
        except NotFound:
            continue
        found.add(distance)
    return found


TOLD = [Role.LEARNER, Role.TEACHER, Role.ASSISTANT, Role.ADMINISTRATOR, Role.FAMILY]
SCOPES = [Reach.APPOINTED, Reach.COURSE, Reach.PHASE, Reach.SCHOOL]


def test_the_page_in_the_docs_is_the_table() -> None:
    assert PAGE.read_text() == policy.table(), "run: ilp-tool permissions_table > lti_tool/docs/permissions.md"


@pytest.mark.trust("T61")
@pytest.mark.parametrize("role", TOLD)
def test_what_an_lms_tells_reaches_oneself_or_ones_course_and_never_more(role: Role) -> None:
    town = make_town()
    actor = town.maths.person(role)
    for act in Act:
        cell = said(role, act)
        expected = {Reach.SELF: {"self"}, Reach.COURSE: {"course"}}.get(cell, set())
        assert reached(actor, act, town) == expected, act
        assert reached(replace(actor, course_id=None), act, town) == set(), act


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.LEARNER, Role.FAMILY, Role.NONE)])
@pytest.mark.parametrize("scope", SCOPES)
def test_an_appointment_reaches_what_it_names_as_far_as_the_table_lets_its_role(role: Role, scope: Reach) -> None:
    town = make_town()
    everybody = {"appointed", "child", "course", "phase", "school"}
    named = {
        Reach.APPOINTED: Scope(student_id=town.students["appointed"]),
        Reach.COURSE: Scope(course_id=town.maths.course_id),
        Reach.PHASE: Scope(phase="Upper"),
        Reach.SCHOOL: Scope(),
    }[scope]
    actor = appointed(town, role, named)
    for act in Act:
        far_enough = policy.includes(said(role, act), scope)
        expected = (everybody | {"self"} if scope is Reach.SCHOOL else {scope.value}) if far_enough else set()
        assert reached(actor, act, town) == expected, act


@pytest.mark.trust("T28")
def test_a_guardian_reaches_their_child_and_nobody_elses() -> None:
    town = make_town()
    guardian_id = api.ensure_person(town.maths.school_id)
    boss = administrator_of(town.maths)
    api.link_guardian(boss, guardian_id, town.students["child"])
    for course_id in (None, town.maths.course_id):
        actor = api.actor_for(town.maths.school_id, guardian_id, course_id)
        for act in Act:
            expected = {"child"} if said(Role.FAMILY, act) is Reach.CHILD else set()
            assert reached(actor, act, town) == expected, act


def before_and_after() -> Iterator[dict[str, object]]:
    today = timezone.localdate()
    yield {"starts_on": today + timedelta(days=1), "ends_on": None}
    yield {"starts_on": today - timedelta(days=9), "ends_on": today - timedelta(days=1)}
    yield {"ended_at": timezone.now()}


@pytest.mark.trust("T3")
def test_an_appointment_opens_nothing_before_its_first_day_after_its_last_or_once_it_was_ended() -> None:
    town = make_town()
    for days in before_and_after():
        actor = appointed(town, Role.KEY_WORKER, Scope(student_id=town.students["appointed"]), **days)
        assert actor.appointed == frozenset()
        claims = replace(actor, appointed=frozenset({Role.KEY_WORKER}))
        assert reached(claims, Act.READ_PLAN, town) == set()


def test_claiming_a_role_that_nobody_gave_reaches_nothing() -> None:
    town = make_town()
    person = town.maths.person(Role.NONE)
    for role in Role:
        for actor in (replace(person, role=role), replace(person, appointed=frozenset({role}))):
            assert all(reached(actor, act, town) == set() for act in Act), role


def test_only_an_appointed_administrator_appoints_and_only_within_what_a_role_can_reach() -> None:
    town = make_town()
    boss, student_id = administrator_of(town.maths), town.students["appointed"]
    anna = api.ensure_person(town.maths.school_id)
    for nobody in (town.maths.teacher(), town.maths.person(Role.ADMINISTRATOR), town.maths.learner()):
        with pytest.raises(NotFound):
            api.appoint(nobody, anna, Role.KEY_WORKER, Scope(student_id=student_id))
    appointment_id = api.appoint(boss, anna, Role.KEY_WORKER, Scope(student_id=student_id))
    assert api.appoint(boss, anna, Role.KEY_WORKER, Scope(student_id=student_id)) == appointment_id
    anna_now = api.actor_for(town.maths.school_id, anna, None)
    assert [ref.id for ref in api.my_students(anna_now)] == [student_id]
    wrong = {
        "role": (Role.LEARNER, Scope(student_id=student_id)),
        "scope": (Role.KEY_WORKER, Scope()),
        "ends_on": (Role.PROVIDER, Scope(student_id=student_id)),
    }
    for field, (role, scope) in wrong.items():
        with pytest.raises(Invalid) as refused:
            api.appoint(boss, anna, role, scope)
        assert set(refused.value.errors) == {field}
    with pytest.raises(Invalid):
        api.appoint(boss, student_id, Role.KEY_WORKER, Scope(student_id=student_id))
    for away in (Scope(student_id=town.students["other school"]), Scope(course_id=town.elsewhere.course_id)):
        with pytest.raises(NotFound):
            api.appoint(boss, anna, Role.SUBJECT_TEACHER, away)
    api.end_appointment(boss, appointment_id)
    with pytest.raises(NotFound):
        api.student(anna_now, student_id)


@pytest.mark.trust("T28")
@pytest.mark.parametrize("flags", [GuardianFlags(court_order=True), GuardianFlags(no_contact=True)])
def test_a_court_order_or_no_contact_shuts_a_guardian_out_of_every_act(flags: GuardianFlags) -> None:
    town = make_town()
    guardian_id = api.ensure_person(town.maths.school_id)
    boss = administrator_of(town.maths)
    api.link_guardian(boss, guardian_id, town.students["child"], flags=flags)
    actor = api.actor_for(town.maths.school_id, guardian_id, None)
    assert Role.FAMILY not in actor.roles
    stale = replace(actor, appointed=frozenset({Role.FAMILY}))  # said before the flag stood
    assert all(reached(one, act, town) == set() for act in Act for one in (actor, stale))


@pytest.mark.trust("T28")
def test_a_guardian_for_sheets_only_reaches_their_child_with_the_sheets_and_nothing_else() -> None:
    town = make_town()
    guardian_id = api.ensure_person(town.maths.school_id)
    boss = administrator_of(town.maths)
    api.link_guardian(boss, guardian_id, town.students["child"], scope=GuardianScope.SHEETS)
    actor = api.actor_for(town.maths.school_id, guardian_id, None)
    assert {act for act in Act if reached(actor, act, town)} == {Act.ANSWER_SHEET}
    assert [child.id for child in api.children_of_sheets(actor)] == [town.students["child"]]
    assert api.my_children(actor) == ()
