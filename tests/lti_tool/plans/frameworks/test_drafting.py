"""A school's own frameworks: copied, worked on, published, chosen; and a plan keeps the version it began with."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Changed, Role, Sensitivity, TargetChange
from lti_tool.plans.data.planning import FormerField
from lti_tool.plans.exceptions import Conflict, FrameworkProblem, Invalid, NotFound, Refused
from lti_tool.plans.frameworks import keeping
from lti_tool.plans.frameworks.upgrading import former_fields
from lti_tool.plans.models import AuditEvent, Plan, Revision
from tests.factories.plans import Class, administrator_of, make_cast, make_class

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def room() -> Class:
    return make_class("fractions")


@pytest.fixture
def office(room: Class) -> Actor:
    return administrator_of(room)


def line(office: Actor, key: str):
    return next(line for line in api.frameworks(office) if line.key == key)


def own(office: Actor, *changes: tuple[str, str], of: str = "alfreton_park", name: str = "Our plan") -> str:
    """A published copy with these changes."""
    key = api.copy_framework(office, of, name)
    publish(office, key, *changes)
    return key


def publish(office: Actor, key: str, *changes: tuple[str, str]) -> int:
    draft = api.framework_draft(office, key)
    text = draft.text
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return api.publish_framework(office, key, api.save_framework_draft(office, key, text, draft.saves).saves or 1)


def plan_of(room: Class) -> tuple[Actor, Plan]:
    """A teacher, and the plan of a student of theirs with a target."""
    teacher, student = room.teacher(), room.learner()
    room.target(teacher, student)
    return teacher, Plan.objects.of(room.school_id).get(student_id=student.person_id)


def test_a_new_school_works_by_the_general_framework(room: Class, office: Actor):
    assert line(office, "general").chosen
    _teacher, plan = plan_of(room)
    assert keeping.framework_of(room.school_id, plan).key == "general"


def test_a_copy_keeps_every_word_and_remark_but_its_name(office: Actor):
    key = api.copy_framework(office, "alfreton_park", "  Ysgol y Bryn: “ein cynllun”  ")
    draft = api.framework_draft(office, key)

    assert key == "ysgol_y_bryn_ein_cynllun"
    assert draft.framework.name == draft.name == "Ysgol y Bryn: “ein cynllun”"
    assert "# 001.11" in draft.text
    assert draft.framework.areas == api.framework_to_see(office, "alfreton_park").areas
    assert line(office, key).copied_from == "alfreton_park"
    assert not line(office, key).number
    assert api.copy_framework(office, "alfreton_park", "Ysgol y Bryn: ein cynllun") == f"{key}_2"


@pytest.mark.parametrize("name", ["Ngā mahi", "学校", "general", "123", "a: b # c", '"', "{x}", "\\", "- y", "null"])
def test_any_name_makes_a_copy_that_can_be_published(office: Actor, name: str):
    key = api.copy_framework(office, "general", name)

    assert api.framework_draft(office, key).framework.name == name
    assert api.publish_framework(office, key, api.framework_draft(office, key).saves) == 1


@pytest.mark.parametrize(("name", "code"), [(" ", "required"), ("x" * 201, "too_long"), ("a\u202eb", "unreadable")])
def test_a_name_nobody_could_read_is_refused(office: Actor, name: str, code: str):
    with pytest.raises(Invalid) as invalid:
        api.copy_framework(office, "general", name)
    assert invalid.value.errors == {"name": code}


def test_a_draft_is_kept_though_wrong_and_says_what_to_mend(office: Actor):
    key = api.copy_framework(office, "general", "Ours")
    draft = api.framework_draft(office, key)
    wrong = api.save_framework_draft(office, key, draft.text.replace("areas:", "areaz:"), draft.saves)

    assert wrong.framework is None
    assert any("Write “areas” instead." in problem.mend for problem in wrong.problems)
    assert api.framework_draft(office, key).text == wrong.text
    with pytest.raises(FrameworkProblem):
        api.publish_framework(office, key, wrong.saves)


def test_two_who_edit_at_once_lose_nothing(office: Actor):
    key = api.copy_framework(office, "general", "Ours")
    draft = api.framework_draft(office, key)
    theirs = api.save_framework_draft(office, key, draft.text + "# theirs\n", draft.saves)

    with pytest.raises(Conflict) as clash:
        api.save_framework_draft(office, key, draft.text + "# mine\n", draft.saves)
    assert clash.value.current == theirs
    assert clash.value.mine.endswith("# mine\n")
    with pytest.raises(Conflict):
        api.publish_framework(office, key, draft.saves)
    assert api.save_framework_draft(office, key, draft.text + "# mine\n", theirs.saves).text.endswith("# mine\n")


def test_the_key_of_a_framework_never_changes(office: Actor):
    key = api.copy_framework(office, "general", "Ours")
    draft = api.framework_draft(office, key)
    changed = api.save_framework_draft(office, key, draft.text.replace(f"key: {key}\n", "key: theirs\n"), draft.saves)

    assert [problem.mend for problem in changed.problems] == [f"Write: key: {key}"]


def test_a_version_that_says_nothing_new_is_not_published(office: Actor):
    key = own(office)
    draft = api.framework_draft(office, key)
    remarked = api.save_framework_draft(office, key, draft.text + "# a remark\n", draft.saves)

    with pytest.raises(Refused, match="unchanged"):
        api.publish_framework(office, key, remarked.saves)
    api.discard_framework_draft(office, key)
    assert not line(office, key).has_draft
    assert line(office, key).number == 1


def test_what_was_never_published_cannot_be_chosen(office: Actor):
    key = api.copy_framework(office, "general", "Ours")

    with pytest.raises(NotFound):
        api.choose_framework(office, key)
    with pytest.raises(NotFound):
        api.choose_framework(office, "nothing")


def test_a_plan_keeps_the_version_it_began_with(room: Class, office: Actor):
    _teacher, before = plan_of(room)
    key = own(office)
    api.choose_framework(office, key)
    _teacher, first = plan_of(room)
    publish(office, key, ("name: Communication,", "name: Talking,"))
    _teacher, second = plan_of(room)
    before.refresh_from_db()

    assert keeping.framework_of(room.school_id, before).key == "general"
    assert (keeping.framework_of(room.school_id, first).version, first.framework.number) == (1, 1)
    assert keeping.framework_of(room.school_id, first).areas[0].name == "Communication"
    assert keeping.framework_of(room.school_id, second).areas[0].name == "Talking"


def test_moving_up_shows_what_was_added_removed_and_renamed(room: Class, office: Actor):
    key = own(office)
    api.choose_framework(office, key)
    teacher, plan = plan_of(room)
    assert api.plan_upgrade_difference(teacher, plan.id) is None
    publish(
        office,
        key,
        ("name: Communication,", "name: Talking,"),
        ('  - {key: evidence_plan, label: How evidence is captured, prompt: "The way the class records this target, '
         'perhaps weekly.", sensitivity: ordinary, filled_by: [school]}\n', ""),
        ("  - {key: due_on,", "  - {key: reward, label: Reward, sensitivity: personal}\n  - {key: due_on,"),
        ("  annual_targets: true  # 001.22\n", ""),
    )  # fmt: skip
    difference = api.plan_upgrade_difference(teacher, plan.id)

    assert (difference.before_number, difference.after_number) == (1, 2)
    assert {(each.what, each.path, each.before, each.after) for each in difference.differences} == {
        (Changed.RENAMED, ("areas", "communication"), "Communication", "Talking"),
        (Changed.ADDED, ("target_fields", "reward"), "", "Reward"),
        (Changed.REMOVED, ("target_fields", "evidence_plan"), "How evidence is captured", ""),
        (Changed.REMOVED, ("rules", "annual_targets"), "True", ""),
    }


def test_moving_up_is_one_step_in_the_plans_story(room: Class, office: Actor):
    key = own(office)
    api.choose_framework(office, key)
    teacher, plan = plan_of(room)
    publish(office, key, ("name: Communication,", "name: Talking,"))
    difference = api.plan_upgrade_difference(teacher, plan.id)
    api.upgrade_plan(teacher, plan.id, difference.to)

    plan.refresh_from_db()
    assert keeping.framework_of(room.school_id, plan).areas[0].name == "Talking"
    assert api.plan_upgrade_difference(teacher, plan.id) is None
    revision = Revision.objects.of(room.school_id).filter(plan=plan).latest("version")
    assert (revision.before["framework"]["number"], revision.after["framework"]["number"]) == (1, 2)
    assert AuditEvent.objects.of(room.school_id).filter(verb="plan.upgraded", about_id=plan.student_id).exists()
    with pytest.raises(Refused, match="up_to_date"):
        api.upgrade_plan(teacher, plan.id, difference.to)


def test_nobody_moves_a_plan_up_to_what_they_did_not_see(room: Class, office: Actor):
    key = own(office)
    api.choose_framework(office, key)
    teacher, plan = plan_of(room)
    publish(office, key, ("name: Communication,", "name: Talking,"))
    seen = api.plan_upgrade_difference(teacher, plan.id)
    publish(office, key, ("name: Personal,", "name: Myself,"))

    with pytest.raises(Conflict) as clash:
        api.upgrade_plan(teacher, plan.id, seen.to)
    assert clash.value.current.after_number == 3


@pytest.mark.trust("T1", "T61")
def test_only_the_schools_administrators_reach_its_frameworks():
    cast = make_cast()
    office = administrator_of(cast.maths)
    key = own(office, of="general")
    other = administrator_of(make_class("fractions"))
    asked = [
        lambda actor: api.frameworks(actor),
        lambda actor: api.framework_to_see(actor, key),
        lambda actor: api.framework_draft(actor, key),
        lambda actor: api.copy_framework(actor, key, "Mine"),
        lambda actor: api.save_framework_draft(actor, key, "x", 1),
        lambda actor: api.publish_framework(actor, key, 1),
        lambda actor: api.discard_framework_draft(actor, key),
        lambda actor: api.choose_framework(actor, key),
    ]
    for who in cast.everybody().values():
        for ask in asked:
            with pytest.raises(NotFound):
                ask(who)
    for ask in asked[1:]:  # another school's administrator sees their own school's only
        with pytest.raises(NotFound):
            ask(other)
    assert key not in {each.key for each in api.frameworks(other)}


def test_the_list_costs_the_same_however_many_frameworks_there_are(office: Actor):
    api.frameworks(office)
    with CaptureQueriesContext(connection) as few:
        api.frameworks(office)
    for number in range(5):
        own(office, of="general", name=f"Plan {number}")
    with CaptureQueriesContext(connection) as many:
        api.frameworks(office)
    assert len(many) == len(few) <= 5


def test_what_changes_among_frameworks_is_in_the_trail(office: Actor):
    key = own(office, of="general")
    api.choose_framework(office, key)
    verbs = AuditEvent.objects.of(office.school_id).filter(subject="framework").values_list("verb", flat=True)

    assert list(verbs) == ["framework.copied", "framework.published", "framework.chosen"]
    assert api.verify_audit(office.school_id)


def test_words_under_a_part_that_is_gone_are_counted_kept_and_still_named(room: Class, office: Actor):
    key = own(office)
    api.choose_framework(office, key)
    teacher, student = room.teacher(), room.learner()
    details = {"evidence_plan": "A sticker each day"}
    target_id = api.agree_target(
        teacher, student.person_id, TargetChange(wording="Ask for a turn", area="social", details=details)
    )
    plan = Plan.objects.of(room.school_id).get(student_id=student.person_id)
    publish(
        office,
        key,
        ('  - {key: evidence_plan, label: How evidence is captured, prompt: "The way the class records this target, '
         'perhaps weekly.", sensitivity: ordinary, filled_by: [school]}\n', ""),
    )  # fmt: skip
    difference = api.plan_upgrade_difference(teacher, plan.id)
    api.upgrade_plan(teacher, plan.id, difference.to)

    assert [(each.path, each.kept) for each in difference.differences] == [(("target_fields", "evidence_plan"), 1)]
    assert difference.kept == 1
    assert api.target(teacher, target_id).change.details == details
    former = former_fields(room.school_id, plan.id)
    gone = FormerField("How evidence is captured", Sensitivity.ORDINARY, stands=False)
    assert former == {("target_fields", "evidence_plan"): gone}


@pytest.mark.trust("T4")
def test_words_under_a_part_that_is_gone_are_read_under_its_old_name_by_whoever_could_read_them_then(
    room: Class, office: Actor
):
    key = api.copy_framework(office, "key_elements", "Ours")
    publish(office, key)
    api.choose_framework(office, key)
    teacher, student = room.teacher(), room.learner()
    assistant = room.person(Role.ASSISTANT)
    about = student.person_id
    details = {"adaptations": "A scribe because of her wrist", "strategies": "Draw first"}
    api.agree_target(teacher, about, TargetChange(wording="Explain it", area="academic", details=details))
    api.say_plan(teacher, about, {"other_plans.iep": "Signed in May"}, shown={})
    api.say_plan(student, about, {"record.resume": "Baked"}, shown={})
    plan = Plan.objects.of(room.school_id).get(student_id=about)
    draft = api.framework_draft(office, key)
    gone = ("key: adaptations,", "key: strategies,", "key: iep,", "key: resume, label")
    lines = [line for line in draft.text.splitlines(True) if not any(key in line for key in gone)]
    assert len(lines) < len(draft.text.splitlines())
    api.publish_framework(office, key, api.save_framework_draft(office, key, "".join(lines), draft.saves).saves)
    api.upgrade_plan(teacher, plan.id, api.plan_upgrade_difference(teacher, plan.id).to)

    page = api.plan_page(teacher, about)
    assert {(one.label, one.words) for one in page.former} == {
        ("Individualized Education Plan (IEP)", "Signed in May"), ("Resume", "Baked"),
    }  # fmt: skip
    assert page.former_labels["adaptations"] == "Adaptations"
    assert page.targets[0].words.details == details
    for read in (api.plan_page, api.plan_story):
        assert "Draw first" in repr(read(assistant, about))
        for guarded in ("wrist", "Signed in May"):
            assert guarded in repr(read(teacher, about)), (read, guarded)
            assert guarded not in repr(read(assistant, about)), (read, guarded)
