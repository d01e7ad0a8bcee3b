"""The form on which a target is written asks in the words of the plan's framework, and for nothing withheld."""

from collections.abc import Callable

import pytest

from lti_tool.plans import api as plans
from lti_tool.plans.models import Target
from tests.factories.plans import administrator_of, make_class

from .conftest import Visitor

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(
    ("framework", "asked"),
    [
        (
            "alfreton_park",
            ("What will the pupil do, and where?", "Actions: what, how and when", "Exactly what will be"),
        ),
        ("key_elements", ("How will you measure or see it?", "Timeline", "Who is responsible for what")),
        ("quarter_notes", ("Individualized actions", "What will be different when you get there?")),
    ],
)
def test_a_target_is_asked_for_in_the_frameworks_words(
    visitor: Callable[..., Visitor], framework: str, asked: tuple[str, ...]
) -> None:
    room = make_class()
    plans.choose_framework(administrator_of(room), framework)
    student = room.learner()
    page = visitor(room.teacher()).get("target-new", student.person_id).content.decode()
    assert [words for words in asked if words not in page] == []


@pytest.mark.trust("T4")
def test_the_form_has_no_place_for_what_its_writer_may_not_read(visitor: Callable[..., Visitor]) -> None:
    room = make_class()
    office = administrator_of(room)
    key = plans.copy_framework(office, "general", "Ours")
    draft = plans.framework_draft(office, key)
    text = draft.text
    for field in ("success, label: How I will know", "baseline, label: Where I start", "steps, label: Steps"):
        line = next(line for line in text.splitlines() if field in line)
        text = text.replace(line, line.replace("sensitivity: personal", "sensitivity: restricted"))
    plans.publish_framework(office, key, plans.save_framework_draft(office, key, text, draft.saves).saves)
    plans.choose_framework(office, key)
    student, teacher = room.learner(), visitor(room.teacher())
    page = teacher.get("target-new", student.person_id).content.decode()
    assert not [name for name in ("success", "baseline", "step_what_0") if f'name="{name}"' in page]
    sent = {"wording": "Buy bread at the shop", "more": "1", "next_step": "Find the shop"}
    assert teacher.post("target-new", student.person_id, data=sent).status_code == 302
    (target,) = plans.plan_page(teacher.door.actor, student.person_id).targets
    assert (target.words.wording, target.words.next_step) == ("Buy bread at the shop", "Find the shop")


@pytest.mark.trust("T4")
def test_a_forged_form_writes_nothing_in_what_its_sender_may_not_read(visitor: Callable[..., Visitor]) -> None:
    room = make_class()
    office = administrator_of(room)
    key = plans.copy_framework(office, "general", "Ours")
    draft = plans.framework_draft(office, key)
    line = next(line for line in draft.text.splitlines() if "success, label: How I will know" in line)
    text = draft.text.replace(line, line.replace("sensitivity: personal", "sensitivity: restricted"))
    plans.publish_framework(office, key, plans.save_framework_draft(office, key, text, draft.saves).saves)
    plans.choose_framework(office, key)
    student = room.learner()
    mine, teacher = visitor(student), visitor(room.teacher())
    assert 'name="new_success"' not in mine.get("plan", student.person_id).content.decode()
    sent = {"do": "propose", "new_wording": "Buy bread", "new_success": "Forged"}
    assert mine.post("plan", student.person_id, data=sent).status_code == 302
    sent = {"wording": "Buy milk", "success": "Forged", "more": "1"}
    assert teacher.post("target-new", student.person_id, data=sent).status_code == 302
    assert [row.wording for row in Target.objects.of(room.school_id).exclude(success="")] == []
    assert Target.objects.of(room.school_id).count() == 2
