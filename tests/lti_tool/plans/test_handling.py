"""One word in a field's annotation decides what happens to it, all of it and with no other code (T2)."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import lti_tool
from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    DiscussionEntry,
    GuardianFlags,
    NeedChange,
    Participant,
    Role,
    Scope,
    Sensitivity,
    TargetChange,
    Voice,
)
from lti_tool.plans.models import (
    AuditEvent,
    Discussion,
    FrozenTarget,
    GuardianLink,
    Person,
    Revision,
    School,
    Statement,
    Target,
)
from lti_tool.privacy import HANDLING, Kind, annotated
from lti_tool.sealing import MARK
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.lti_tool.plans.test_former_fields import guarding, published
from tests.lti_tool.plans.test_sealing import raw

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T2")]
WORDS = "Her brother is in hospital"
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
# What log lines tell today: ids, codes, counts, and errors that are told by their type. A new name is looked at once.
TOLD = {
    "row", "place", "why", "purpose", "number", "user", "request", "deployment", "deployment_id", "platform",
    "platform_id", "school_id", "error", "code", "_where", "failed", "refused", "reference", "service", "failure",
    "pk", "id", "here", "where", "self", "state", "value", "kid", "course_id", "_services", "read", "sync_id", "kind",
    "fault", "type", "__name__", "getattr",
}  # fmt: skip


@dataclass(frozen=True)
class Happens:
    """What is done to a field."""

    read_by: frozenset[str]
    sealed: bool
    named_in_trail: int  # how often, of two openings by the same person within a minute
    kept: bool  # two years after the student left, where the record is kept seven and restricted words one
    logged: bool
    exported: bool


EVERYBODY = frozenset({"student", "assistant", "teacher", "key worker"})
TABLE = {
    Sensitivity.ORDINARY: Happens(EVERYBODY, False, 0, True, True, True),
    Sensitivity.PERSONAL: Happens(EVERYBODY, False, 0, True, False, True),
    Sensitivity.SENSITIVE: Happens(EVERYBODY - {"assistant"}, True, 0, True, False, True),
    Sensitivity.RESTRICTED: Happens(frozenset({"key worker"}), True, 2, False, False, False),
}


def key_worker(cast: Cast) -> Actor:
    school_id, office = cast.maths.school_id, administrator_of(cast.maths)
    rose = api.ensure_person(school_id, name="Rose")
    api.appoint(office, rose, Role.KEY_WORKER, Scope(student_id=cast.student.person_id))
    return api.actor_for(school_id, rose, None)


def declare(patch: pytest.MonkeyPatch, model: type[models.Model], name: str, guarded: Sensitivity) -> None:
    """Nothing but another class for this column of words."""
    told: Any = model.privacy  # type: ignore[attr-defined]
    classes: dict[str, dict[Kind, str]] = {}
    for one in Sensitivity:
        named = {kind: names.split() for kind, names in getattr(told, one.value).items()}
        named = {kind: [field for field in names if field != name] for kind, names in named.items()}
        if one is guarded:
            named.setdefault(Kind.WORDS, []).append(name)
        classes[one.value] = {kind: " ".join(names) for kind, names in named.items()}
    patch.setattr(model, "privacy", replace(told, **classes))


def leave(cast: Cast, years: int) -> None:
    """The student left the school so long ago."""
    api.sync_roster(cast.maths.school_id, cast.maths.course_id, [])
    day = timezone.localdate() - timedelta(days=366 * years)
    Person.objects.of(cast.maths.school_id).filter(pk=cast.student.person_id).update(left_on=day)
    api.keep_to_retention()


def shown_to(actor: Actor) -> list[dict[str, Any]]:
    """What the trail names of single fields this person read."""
    rows = AuditEvent.objects.of(actor.school_id).filter(verb__endswith=".shown", actor_id=actor.person_id)
    return list(rows.order_by("number").values_list("detail", flat=True))


def log_calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("log"), level)) if level in LEVELS:
                yield node


def fields_in_logs(source: str, among: Iterable[Any]) -> set[str]:
    """Columns of these annotations that a log line names although their class keeps them out of logs."""
    kept_out = {name for told in among for name, one in told.fields.items() if not HANDLING[one.guarded].logged}
    named = (node.attr for call in log_calls(source) for node in ast.walk(call) if isinstance(node, ast.Attribute))
    return kept_out & set(named)


@pytest.mark.parametrize("guarded", Sensitivity)
def test_another_class_changes_all_six_things_that_happen_to_a_field(
    guarded: Sensitivity, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, Discussion, "about", guarded)
    cast = make_cast()
    student_id, rose = cast.student.person_id, key_worker(cast)
    entry = DiscussionEntry(timezone.localdate(), WORDS, "", (Participant("Rose", Voice.SCHOOL),))
    api.record_discussion(rose, student_id, entry)
    (stored,) = raw(Discussion, "about")
    readers = {"student": cast.student, "assistant": cast.assistant, "teacher": cast.teacher, "key worker": rose}
    read_by = {name for name, who in readers.items() if WORDS in str(api.needs(who, student_id))}
    assert read_by == {name for name, who in readers.items() if WORDS in str(api.plan_story(who, student_id))}
    named = [detail for detail in shown_to(rose) if detail["fields"] == ["Discussion.about"]]
    package = str(api.export_record(administrator_of(cast.maths), student_id).tables)
    line = 'log.info("a talk was held: %s", talk.about)'
    leave(cast, years=2)
    assert TABLE[guarded] == Happens(
        read_by=frozenset(read_by),
        sealed=stored.startswith(MARK),
        named_in_trail=len(named),
        kept=[row.about for row in Discussion.objects.of(cast.maths.school_id)] == [WORDS],
        logged=not fields_in_logs(line, [Discussion.privacy]),
        exported=WORDS in package,
    )
    assert api.verify_audit(cast.maths.school_id)


@pytest.mark.trust("T4", "T43")
@pytest.mark.parametrize("guarded", [Sensitivity.PERSONAL, Sensitivity.RESTRICTED])
def test_the_class_a_framework_gives_a_field_follows_its_answers_wherever_they_lie(guarded: Sensitivity) -> None:
    cast = make_cast()
    office, rose, restricted = administrator_of(cast.maths), key_worker(cast), guarded is Sensitivity.RESTRICTED
    key = api.copy_framework(office, "general", "Ours")
    published(office, key, guarding({"success": guarded}))
    api.choose_framework(office, key)
    student = cast.maths.learner("Mia")
    api.appoint(office, rose.person_id, Role.KEY_WORKER, Scope(student_id=student.person_id))
    rose = api.actor_for(cast.maths.school_id, rose.person_id, None)
    target_id = api.agree_target(rose, student.person_id, TargetChange("Buy bread", success=WORDS))
    review_id = api.start_review(rose, student.person_id)
    api.close_review(rose, review_id, version=api.review(rose, review_id).version)
    for who, reads in ((rose, True), (cast.teacher, not restricted)):
        pages = (
            api.plan_page(who, student.person_id),
            api.plan_story(who, student.person_id),
            api.review(who, review_id),
            api.target_page(who, student.person_id, target_id),
        )
        assert [WORDS in str(page) for page in pages] == [reads] * 4
    verbs = AuditEvent.objects.of(rose.school_id).filter(verb__endswith=".shown", actor_id=rose.person_id)
    opened = {"review.shown", "plan.shown", "story.shown", "target.shown"} if restricted else set()
    assert set(verbs.values_list("verb", flat=True)) == opened
    assert shown_to(cast.teacher) == []
    assert (WORDS in str(api.export_record(office, student.person_id).tables)) == (not restricted)
    leave(replace(cast, student=student), years=2)
    rows = [row for model in (Target, Revision, FrozenTarget) for row in model.objects.of(rose.school_id).values()]
    assert (WORDS in str(rows)) == (not restricted)
    assert "Buy bread" in str(rows)


@pytest.mark.trust("T43")
def test_restricted_words_are_named_in_the_trail_each_time_also_for_who_works_with_the_student_daily() -> None:
    cast = make_cast()
    rose, about = key_worker(cast), cast.student.person_id
    for field, guarded in (("support", Sensitivity.SENSITIVE), ("circumstances", Sensitivity.RESTRICTED)):
        api.say_need(rose, about, NeedChange("support", field, WORDS, Voice.SCHOOL, sensitivity=guarded))
    for _ in range(3):
        for who in (rose, cast.teacher, cast.assistant, cast.student):
            api.needs(who, about)
    assert shown_to(rose) == [{"class": "restricted", "fields": ["support.circumstances"]}] * 3
    assert [shown_to(who) for who in (cast.teacher, cast.assistant, cast.student)] == [[], [], []]
    pages = AuditEvent.objects.of(rose.school_id).filter(verb="needs.read", about_id=about)
    assert pages.filter(actor_id=rose.person_id).count() == 1  # the page itself as ever: once in a quarter of an hour
    assert WORDS not in str(list(AuditEvent.objects.of(rose.school_id).values()))
    parts = {opening.part for opening in api.who_opened(cast.student, about)}
    assert parts == {"needs"}  # who may not read a field learns nothing of it from who opened the plan


@pytest.mark.database
@pytest.mark.trust("T43")
def test_naming_what_was_shown_costs_a_page_no_statement_more() -> None:
    asked: dict[Sensitivity, list[int]] = {}
    for guarded in (Sensitivity.PERSONAL, Sensitivity.RESTRICTED):
        cast = make_cast()
        office = administrator_of(cast.maths)
        key = api.copy_framework(office, "general", "Ours")
        published(office, key, guarding({"success": guarded}))
        api.choose_framework(office, key)
        student = cast.maths.learner("Mia")
        rose = api.ensure_person(cast.maths.school_id, name="Rose")
        api.appoint(office, rose, Role.KEY_WORKER, Scope(student_id=student.person_id))
        reader = api.actor_for(cast.maths.school_id, rose, None)
        api.agree_target(reader, student.person_id, TargetChange("Buy bread", success=WORDS))
        review_id = api.start_review(reader, student.person_id)
        for who in (cast.teacher, reader):  # the teacher's: what a process does only once is no page's
            asked[guarded] = []
            for page, about in ((api.plan_page, student.person_id), (api.review, review_id)):
                with CaptureQueriesContext(connection) as queries:
                    page(who, about)
                asked[guarded].append(len(queries))
        assert len(shown_to(reader)) == (2 if guarded is Sensitivity.RESTRICTED else 0)
        assert api.verify_audit(cast.maths.school_id)
    assert asked[Sensitivity.RESTRICTED] == asked[Sensitivity.PERSONAL]


@pytest.mark.trust("T49")
def test_restricted_words_go_before_the_record_at_the_day_the_school_set_within_the_bound() -> None:
    cast = make_cast()
    school_id, about, rose = cast.maths.school_id, cast.student.person_id, key_worker(cast)
    office = administrator_of(cast.maths)
    api.link_guardian(office, cast.parent.person_id, about, flags=GuardianFlags(no_contact=True))
    for field, guarded in (("support", Sensitivity.SENSITIVE), ("circumstances", Sensitivity.RESTRICTED)):
        api.say_need(rose, about, NeedChange("support", field, WORDS, Voice.SCHOOL, sensitivity=guarded))
    statements = Statement.objects.of(school_id)
    api.set_school_rules(office, replace(api.school_rules(office), keep_restricted_years=3))
    leave(cast, years=2)
    assert statements.count() == 2
    School.objects.filter(pk=school_id).update(keep_restricted_years=1)
    api.keep_to_retention()
    assert set(statements.values_list("sensitivity", flat=True)) == {"sensitive"}
    assert Person.objects.of(school_id).get(pk=about).erased_at is None
    assert GuardianLink.objects.of(school_id).get().barred  # what decides who reaches a child stands with the record
    events = AuditEvent.objects.of(school_id).filter(verb="retention.ended")
    api.keep_to_retention()
    assert [event.detail for event in events] == [{"class": "restricted", "Statement": 1}]
    assert {name: most for name, (_, most) in api.rule_limits().items() if name.startswith("keep")} == {
        "keep_years": 60,
        "keep_restricted_years": 7,
    }
    assert api.verify_audit(school_id)


@pytest.mark.trust("T76")
def test_no_log_line_of_the_tool_names_a_field_that_may_not_be_in_logs() -> None:
    everything = [told for _, told in annotated()]
    assert fields_in_logs('log.warning("kept for %s", row.told_name)', everything) == {"told_name"}
    for path in Path(lti_tool.__file__).parent.rglob("*.py"):
        source = path.read_text()
        assert "getLogger" not in source or "log = logging.getLogger(__name__)" in source or path.name == "logs.py"
        assert fields_in_logs(source, everything) == set(), path
        for call in log_calls(source):
            assert isinstance(call.args[0], ast.Constant), path
            parts = [node for said in call.args[1:] for node in ast.walk(said)]
            named = {node.id for node in parts if isinstance(node, ast.Name)}
            named |= {node.attr for node in parts if isinstance(node, ast.Attribute)}
            assert named <= TOLD, (path, call.lineno)
            assert not any(isinstance(node, ast.JoinedStr | ast.Subscript) for node in parts), path
