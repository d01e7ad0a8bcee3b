"""What a framework once guarded in a target stays guarded wherever it is read, also when the field is gone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Item, Role, Sensitivity, TargetChange
from lti_tool.plans.policy import CEILING, may_read
from tests.factories.plans import Class, administrator_of, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T4")]
FIELDS = {
    "success": ("- {key: success, label: How I will know,", "I do it alone at the shop"),
    "next_step": ("- {key: next_step, label: Next step,", "Ask the nurse at noon"),
}
CLASSES = st.sampled_from([Sensitivity.PERSONAL, Sensitivity.SENSITIVE, Sensitivity.RESTRICTED])


def published(office: Actor, key: str, change: Callable[[str], str]) -> None:
    draft = api.framework_draft(office, key)
    saved = api.save_framework_draft(office, key, change(draft.text), draft.saves)
    api.publish_framework(office, key, saved.saves)


def guarding(classes: dict[str, Sensitivity]) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(True)
        for name, guarded in classes.items():
            at = next(n for n, line in enumerate(lines) if FIELDS[name][0] in line)
            lines[at] = lines[at].replace("sensitivity: personal", f"sensitivity: {guarded.value}")
        return "".join(lines)

    return change


def without(text: str) -> str:
    return "".join(
        line for line in text.splitlines(True) if not any(begins in line for begins, _words in FIELDS.values())
    )


def everything_read(who: Actor, role: Role, student: Actor, target: Any, review: Any) -> str:
    """All the places somebody in this role reads a target."""
    about = student.person_id
    if role is Role.FAMILY:
        found = [api.at_home(who, about), api.home_review(who, review), api.home_story(who, about)]
    else:
        found = [api.plan_page(who, about), api.plan_story(who, about), api.review(who, review)]
        found.append(api.closing_targets(who, review, 1))
    if role is Role.LEARNER:
        found.append(api.student_panel(who, activity_external_ids=()))
    return str([*found, api.see(who, Item("target", target))])


def loosened(text: str) -> str:
    lines = text.splitlines(True)
    for begins, _words in FIELDS.values():
        at = next(n for n, line in enumerate(lines) if begins in line)
        lines[at] = re.sub(r"sensitivity: \w+", "sensitivity: personal", lines[at])
    return "".join(lines)


@pytest.mark.parametrize("newer", [without, loosened])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(classes=st.fixed_dictionaries(dict.fromkeys(FIELDS, CLASSES)))
def test_a_field_that_left_the_framework_or_is_guarded_less_is_read_by_nobody_who_could_not_read_it_then(
    newer: Callable[[str], str], classes: dict[str, Sensitivity], db: None
) -> None:
    room: Class = make_class()
    office = administrator_of(room)
    key = api.copy_framework(office, "general", "Ours")
    published(office, key, guarding(classes))
    api.choose_framework(office, key)
    teacher, student, assistant = room.teacher(), room.learner("Ana"), room.person(Role.ASSISTANT)
    mere = api.ensure_person(room.school_id, name="Mere")
    api.link_guardian(office, mere, student.person_id)
    target = api.agree_target(
        teacher,
        student.person_id,
        TargetChange("Buy bread", success=FIELDS["success"][1], next_step=FIELDS["next_step"][1]),
    )
    review = api.start_review(teacher, student.person_id)
    api.close_review(teacher, review, version=api.review(teacher, review).version)
    readers = {
        Role.TEACHER: teacher,
        Role.ASSISTANT: assistant,
        Role.LEARNER: student,
        Role.FAMILY: api.actor_for(room.school_id, mere, None),
    }
    for moved in (False, True):
        if moved:
            if newer is loosened and set(classes.values()) == {Sensitivity.PERSONAL}:
                return  # nothing to loosen
            published(office, key, newer)
            plan = api.student_panel(student, activity_external_ids=()).plan_id
            difference = api.plan_upgrade_difference(teacher, plan)
            assert difference is not None
            api.upgrade_plan(teacher, plan, difference.to)
        for role, who in readers.items():
            read = everything_read(who, role, student, target, review)
            for name, guarded in classes.items():
                if not may_read(CEILING[role], guarded):
                    assert FIELDS[name][1] not in read, (moved, role, name, guarded)
        open_again = api.start_review(teacher, student.person_id)
        read = str(api.review(assistant, open_again))
        hidden = [name for name, guarded in classes.items() if not may_read(CEILING[Role.ASSISTANT], guarded)]
        assert not any(FIELDS[name][1] in read for name in hidden)


def test_what_the_plan_says_stays_as_guarded_as_when_it_was_written(db: None) -> None:
    where = "- {key: where_now, label: Where I am now, sensitivity: "
    room: Class = make_class()
    office = administrator_of(room)
    key = api.copy_framework(office, "general", "Ours")
    published(office, key, lambda text: text.replace(f"{where}personal", f"{where}sensitive"))
    api.choose_framework(office, key)
    teacher, student, assistant = room.teacher(), room.learner("Ana"), room.person(Role.ASSISTANT)
    about, words = student.person_id, "I take medicine at noon"
    api.say_plan(teacher, about, {"aims.where_now": words}, shown={})
    published(office, key, lambda text: text.replace(f"{where}sensitive", f"{where}personal"))
    plan = api.student_panel(student, activity_external_ids=()).plan_id
    difference = api.plan_upgrade_difference(teacher, plan)
    assert difference is not None
    api.upgrade_plan(teacher, plan, difference.to)
    assert words in str(api.plan_page(teacher, about))
    for read in (api.plan_page, api.plan_story):
        assert words not in str(read(assistant, about))
