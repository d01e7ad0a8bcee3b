"""What a school restricts is read by key workers alone: on forms, sheets and logs, and in no export."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    Audience,
    Item,
    LogChange,
    NeedChange,
    Role,
    Scope,
    StepChange,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import Invalid, NotFound
from tests.factories.plans import Class, administrator_of, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T4")]

_SECRET = re.compile(r"SECRET-\w+")


@pytest.fixture
def room() -> Class:
    return make_class()


@pytest.fixture
def office(room: Class) -> Actor:
    """The school works by a general framework in which every field is restricted."""
    office = administrator_of(room)
    key = api.copy_framework(office, "general", "Ours")
    draft = api.framework_draft(office, key)
    every = r"(?m)^((?!.*key: next_steps).*sensitivity:) \w+"  # next steps are for whoever reads the review
    text = re.sub(every, r"\1 restricted", draft.text)
    api.publish_framework(office, key, api.save_framework_draft(office, key, text, draft.saves).saves)
    api.choose_framework(office, key)
    return office


@pytest.fixture
def ana(room: Class) -> Actor:
    return room.learner("Ana")


@pytest.fixture
def appointed(office: Actor, ana: Actor) -> Callable[[Role], Actor]:
    def appoint(role: Role) -> Actor:
        person_id = api.ensure_person(office.school_id, name=role.value)
        scope = Scope() if role is Role.LEADERSHIP else Scope(student_id=ana.person_id)
        api.appoint(office, person_id, role, scope, ends_on=timezone.localdate() + timedelta(days=9))
        return api.actor_for(office.school_id, person_id, None)

    return appoint


@pytest.fixture
def family(office: Actor, ana: Actor) -> Actor:
    person_id = api.ensure_person(office.school_id, name="Mere")
    api.link_guardian(office, person_id, ana.person_id)
    return api.actor_for(office.school_id, person_id, None)


def secrets(found: Any) -> set[str]:
    return set(_SECRET.findall(str(found)))


WORDS = TargetChange(
    "Buy bread", success="SECRET-success", baseline="SECRET-baseline", steps=(StepChange("SECRET-step"),),
    due_on=timezone.datetime(2030, 1, 1).date(),
)  # fmt: skip


def test_a_form_neither_shows_nor_asks_what_its_writer_may_not_read_and_leaves_it_as_it_is(
    room: Class, ana: Actor, appointed: Callable[[Role], Actor]
) -> None:
    key_worker, teacher = appointed(Role.KEY_WORKER), room.teacher()
    target_id = api.agree_target(key_worker, ana.person_id, WORDS)
    page = api.target_page(teacher, ana.person_id, target_id)
    assert page.stands is not None
    assert not secrets(page)
    assert page.stands.change.due_on is None
    assert {"success", "baseline", "steps", "due_on"} <= page.hidden
    assert "success" in api.target_page(teacher, ana.person_id).hidden
    assert secrets(api.target_page(key_worker, ana.person_id, target_id)) == {
        "SECRET-success", "SECRET-baseline", "SECRET-step",
    }  # fmt: skip
    change = TargetChange("Buy bread and milk", success="Mine", steps=())
    api.change_target(teacher, target_id, change, version=page.stands.version)
    stands = api.target(key_worker, target_id).change
    assert (stands.wording, stands.success, stands.due_on) == ("Buy bread and milk", "SECRET-success", WORDS.due_on)
    assert [step.what for step in stands.steps or ()] == ["SECRET-step"]


def test_a_new_target_says_nothing_in_a_field_its_writer_may_not_read_whatever_is_sent(
    room: Class, ana: Actor, appointed: Callable[[Role], Actor]
) -> None:
    about, key_worker, teacher = ana.person_id, appointed(Role.KEY_WORKER), room.teacher()
    for target_id in (api.agree_target(teacher, about, WORDS), api.propose_target(ana, WORDS)):
        stands = api.target(key_worker, target_id).change
        assert stands.wording == "Buy bread"
        assert (secrets(stands), stands.due_on, stands.steps) == (set(), None, ())
    assert "success" in api.plan_page(ana, about).hidden
    assert not api.plan_page(key_worker, about).hidden
    stands = api.target(key_worker, api.agree_target(key_worker, about, WORDS)).change
    assert (len(secrets(stands)), stands.due_on) == (3, WORDS.due_on)


def test_nobody_ticks_off_a_step_they_may_not_read(
    room: Class, ana: Actor, appointed: Callable[[Role], Actor]
) -> None:
    key_worker = appointed(Role.KEY_WORKER)
    target_id = api.agree_target(key_worker, ana.person_id, WORDS)
    ((step,),) = (api.target(key_worker, target_id).change.steps or (),)
    assert step.id is not None
    for who in (room.teacher(), ana):
        with pytest.raises(NotFound):
            api.tick_step(who, step.id, done=True)
    api.tick_step(key_worker, step.id, done=True)
    ((step,),) = (api.target(key_worker, target_id).change.steps or (),)
    assert step.done_on


def test_paper_is_not_keyed_in_over_an_answer_its_keyer_may_not_read(
    room: Class, ana: Actor, family: Actor, appointed: Callable[[Role], Actor]
) -> None:
    teacher, key_worker = room.teacher(), appointed(Role.KEY_WORKER)
    sheet_id = api.send_sheet(teacher, ana.person_id, "family_planning")
    api.answer_sheet(family, sheet_id, {"help": "SECRET-help"}, version=0)
    with pytest.raises(Invalid) as invalid:
        api.answer_sheet(teacher, sheet_id, {"help": "Forged"}, version=1, name="Mere")
    assert invalid.value.errors == {"answers": "answered"}
    assert dict(api.sheet(key_worker, sheet_id).answers) == {"help": "SECRET-help"}
    api.answer_sheet(key_worker, sheet_id, {"help": "From the paper"}, version=1, name="Mere")
    assert dict(api.sheet(family, sheet_id).answers) == {"help": "From the paper"}


def test_a_restricted_answer_of_a_sheet_is_for_whoever_gave_it_and_the_key_worker(
    room: Class, ana: Actor, family: Actor, appointed: Callable[[Role], Actor]
) -> None:
    teacher, key_worker = room.teacher(), appointed(Role.KEY_WORKER)
    sheet_id = api.send_sheet(teacher, ana.person_id, "family_planning")
    assert api.sheet(teacher, sheet_id).form.fields, "asked on paper, it is keyed in"
    api.answer_sheet(family, sheet_id, {"help": "SECRET-help"}, version=0)
    read = api.sheet(teacher, sheet_id)
    assert (secrets(read), read.form.fields, read.version) == (set(), (), 1)
    assert not secrets(api.sheets(teacher, ana.person_id))
    assert secrets(api.sheet(key_worker, sheet_id)) == secrets(api.sheet(family, sheet_id)) == {"SECRET-help"}


def test_a_restricted_prompt_of_the_log_opens_to_nobody_below_it_however_far_the_entry_is_shared(
    room: Class, ana: Actor, family: Actor, office: Actor, appointed: Callable[[Role], Actor]
) -> None:
    about = ana.person_id
    teacher, leader, key_worker = room.teacher(), appointed(Role.LEADERSHIP), appointed(Role.KEY_WORKER)
    change = LogChange({"how": "SECRET-how", "text": "We baked"}, audience=Audience.SHARED)
    entry = api.write_log(ana, change)
    for who in (teacher, leader, family):
        for read in (api.log(who, about), api.log_entry(who, entry.id), api.see(who, Item("log", entry.id))):
            assert not secrets(read)
            assert "We baked" in str(read)
    assert "We baked" in str(api.at_home(family, about))
    assert not secrets(api.at_home(family, about))
    assert not secrets(api.home_pack(teacher, about))
    for who in (ana, key_worker):
        assert secrets(api.log(who, about)) == {"SECRET-how"}


@pytest.mark.trust("T52")
def test_no_export_of_the_office_holds_what_is_restricted_and_a_learners_own_holds_their_words_alone(
    room: Class, ana: Actor, family: Actor, office: Actor, appointed: Callable[[Role], Actor]
) -> None:
    about, key_worker = ana.person_id, appointed(Role.KEY_WORKER)
    api.agree_target(key_worker, about, WORDS)
    api.say_plan(key_worker, about, {"aims.where_now": "SECRET-now"}, shown={})
    api.say_need(key_worker, about, NeedChange("support", "support", "SECRET-need", Voice.SCHOOL))
    api.prepare(ana, {"went_well": "SECRET-own1"})
    review_id = api.start_review(key_worker, about)
    api.write_review(key_worker, review_id, {"support": "SECRET-review"}, shown={})
    sheet_id = api.send_sheet(key_worker, about, "family_planning")
    api.answer_sheet(family, sheet_id, {"help": "SECRET-sheet"}, version=0)
    api.write_log(ana, LogChange({"how": "SECRET-own2"}))

    def exported(by: Actor) -> set[str]:
        tables = api.export_record(by, about).tables
        return secrets(json.dumps([list(table.rows) for table in tables]))

    assert exported(office) == set()
    assert exported(ana) == {"SECRET-own1", "SECRET-own2"}
