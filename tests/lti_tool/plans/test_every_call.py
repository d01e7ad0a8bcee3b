"""Every call a person can make of the domain, by everybody, about whom they reach and about whom they do not (T1).

What is expected is read off the policy's table; the calls are found by their signature, so that a new one fails here
until it says which act it is.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Reach, Role
from lti_tool.plans.exceptions import NotFound, Refused
from lti_tool.plans.policy import POLICY
from tests.factories.furnished import UPPER, Kept, cast_of, furnish, furnished_school, publish_another
from tests.factories.plans import make_class
from tests.lti_tool.plans.calls import CALLS, Call

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T1")]

# Whom each reach of the table comes to, in the world below.
REACHED = {
    Reach.NONE: set(),
    Reach.SELF: {"own"},
    Reach.CHILD: {"own"},
    Reach.APPOINTED: {"own"},
    Reach.COURSE: {"own", "classmate"},
    Reach.PHASE: {"own", "classmate"},
    Reach.SCHOOL: {"own", "classmate", "other class"},
}


@dataclass(frozen=True)
class World:
    students: dict[str, Kept]
    cast: dict[Role, Actor]
    rows: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two schools, made once; nothing a test does to them stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        here, away = furnished_school("Ours"), furnished_school("Theirs")
        art = make_class(school_id=here.room.school_id, title="Art")
        beside = replace(here, room=art, teacher=art.teacher())
        students = {
            "own": furnish(here, here.room.learner("Ana")),
            "classmate": furnish(here, here.room.learner("Ben")),
            "other class": furnish(beside, art.learner("Cleo")),
            "other school": furnish(away, away.room.learner("Dora")),
        }
        for school, names in ((here, ("own", "classmate")), (away, ("other school",))):
            api.set_schooling(school.office, {students[name].id: (UPPER, 7) for name in names})
            publish_another(school)
        yield World(students, cast_of(here, students["own"]), rows())
        transaction.set_rollback(True)


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of plans, but the trail: a refusal is written there (T42)."""
    tables = [model for model in apps.get_app_config("ilp_plans").get_models() if not _of_trail(model._meta.db_table)]
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in tables}


def _of_trail(words: str) -> bool:
    return "audit" in words.lower()


@contextmanager
def tried() -> Iterator[list[str]]:
    """What was written meanwhile, taken back afterwards: the statements that write anywhere but in the trail."""
    written: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE"} and not _of_trail(sql):
            written.append(sql)
        return execute(sql, *args)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            yield written
        transaction.set_rollback(True)


def reached(call: Call, role: Role) -> set[str]:
    """About whom the table lets this role make the call."""
    if call.anybody:
        return set(REACHED[Reach.SCHOOL]) | {"other school"}
    if role in call.never or (call.only and role not in call.only):
        return set()
    acts = call.own if role is Role.LEARNER and call.own else call.acts
    found = set().union(*(REACHED[POLICY[role].get(act, Reach.NONE)] for act in acts))
    if call.of_actor and found:  # names nobody: it is about the actor, their class or their school
        return {*REACHED[Reach.SCHOOL], "other school"}
    return {*REACHED[Reach.SCHOOL]} if call.of_school and found else found


def test_every_call_with_an_actor_stands_in_the_table() -> None:
    asked = {name for name in api.__all__ if "actor" in list(inspect.signature(getattr(api, name)).parameters)[:1]}
    assert asked == {call.name for call in CALLS.values()}


@pytest.mark.parametrize("name", CALLS)
def test_it_is_allowed_exactly_where_the_table_says_and_changes_nothing_elsewhere(world: World, name: str) -> None:
    call = CALLS[name]
    for role, actor in world.cast.items():
        allowed = reached(call, role)
        for distance, kept in world.students.items():
            with tried() as written:
                outcome = _outcome(call, actor, kept)
                changed = bool(written) and outcome == "not found" and rows() != world.rows
            expected = "not found" if distance not in allowed else call.refused.get(role, "done")
            assert outcome == expected, (role, distance)
            assert not changed, (role, distance, written)


def _outcome(call: Call, actor: Actor, kept: Kept) -> str:
    try:
        with transaction.atomic():
            call.ask(actor, kept)
    except NotFound:
        return "not found"
    except Refused as refused:
        return refused.code
    return "done"


def test_ids_of_nobody_are_answered_as_ids_out_of_reach(world: World) -> None:
    nowhere = UUID(int=7)
    for actor in world.cast.values():
        for read in (api.plan_page, api.needs, api.plan_story, api.portfolio, api.log, api.sheets, api.at_home):
            with pytest.raises(NotFound), tried():
                read(actor, nowhere)
