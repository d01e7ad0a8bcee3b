"""The trail: append-only, chained, told of every change, refusal and reading by staff (T42)."""

import re

import pytest
from django.db import DatabaseError, connection, transaction

from lti_tool.plans import api, append_only, audit
from lti_tool.plans.data import Level, TargetChange
from lti_tool.plans.exceptions import NotFound, Refused
from lti_tool.plans.models import AuditEvent
from tests.factories.plans import Cast, make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T42")]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def trail(cast: Cast) -> list[tuple[str, str]]:
    """Verb and who, oldest first, of what concerns the student."""
    names = {actor.person_id: name for name, actor in cast.everybody().items()}
    found = [
        (event.verb, names.get(event.actor_id, "tool") if event.actor_id else "tool")
        for event in api.audit_trail(cast.teacher, cast.student.person_id)
    ]
    return found[::-1]


def test_every_change_of_a_plan_and_every_reading_by_staff_leaves_an_event(cast: Cast) -> None:
    teacher, student = cast.teacher, cast.student
    before = len(trail(cast))
    change = TargetChange(wording="Explain two answers")
    changed = api.change_target(teacher, cast.target_id, change, version=1)
    cast.maths.score(student, "fractions", 5)
    api.contribute(student, text="I did it")
    review_id = api.start_review(teacher, student.person_id)
    api.judge_target(teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="", version=0)
    api.stop_target(teacher, cast.target_id, version=changed.version)
    page = api.review(cast.assistant, review_id)
    api.set_next_steps(teacher, review_id, next_steps="Go on", next_review_on=None, version=page.version)
    api.close_review(teacher, review_id, version=page.version)
    api.past_reviews(teacher, student.person_id)
    assert trail(cast)[before:] == [
        ("target.changed", "teacher"),
        ("evidence.read", "tool"),
        ("words.written", "student"),
        ("review.started", "teacher"),
        ("target.judged", "teacher"),
        ("target.stopped", "teacher"),
        ("review.read", "assistant"),
        ("review.next_steps", "teacher"),
        ("review.closed", "teacher"),
        ("review.listed", "teacher"),
    ]
    assert api.verify_audit(cast.maths.school_id)


def test_a_page_that_asks_again_and_again_leaves_one_event(cast: Cast) -> None:
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    before = len(trail(cast))
    for _ in range(5):
        api.review(cast.teacher, review_id)
    assert trail(cast)[before:] == [("review.read", "teacher")]


def test_refused_attempts_are_kept_with_their_code_though_nothing_else_was(cast: Cast) -> None:
    with pytest.raises(NotFound):
        api.start_review(cast.other_teacher, cast.student.person_id)
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    version = api.review(cast.teacher, review_id).version
    api.close_review(cast.teacher, review_id, version=version)
    with pytest.raises(Refused):
        api.judge_target(cast.teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="", version=0)
    kept = AuditEvent.objects.of(cast.maths.school_id).filter(verb__endswith=".refused").order_by("number")
    assert [(event.verb, event.actor_id, event.reason) for event in kept] == [
        ("review.start.refused", cast.other_teacher.person_id, "not_found"),
        ("target.judge.refused", cast.teacher.person_id, "closed"),
    ]
    assert ("review.start.refused", "other_teacher") in trail(cast)
    assert api.verify_audit(cast.maths.school_id)


@pytest.mark.parametrize("statement", ["UPDATE {} SET verb = 'nothing'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_or_remove_an_event(cast: Cast, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(append_only.TABLE))
    assert api.verify_audit(cast.maths.school_id)


def test_no_statement_empties_the_trail_of_postgresql(cast: Cast) -> None:
    connection.check_constraints()  # nothing may be pending where a table is emptied
    statements = {"postgresql": f"TRUNCATE {append_only.TABLE} CASCADE"}
    statement = statements.get(connection.vendor, f"DELETE FROM {append_only.TABLE} WHERE number = 1")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert api.verify_audit(cast.maths.school_id)


def test_no_event_is_put_in_the_place_of_another(cast: Cast) -> None:
    event = AuditEvent.objects.of(cast.maths.school_id).filter(number=2).values().get()
    columns = [field.column for field in AuditEvent._meta.concrete_fields if field.column != "id"]
    copied = ", ".join("'forged'" if column == "verb" else column for column in columns)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    forged = f"{verb} INTO {append_only.TABLE} ({', '.join(columns)}) SELECT {copied} FROM {append_only.TABLE} "
    if connection.vendor == "postgresql":
        forged += "WHERE number = 2 ON CONFLICT (school_id, number) DO UPDATE SET verb = 'forged'"
    else:
        forged += "WHERE number = 2"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forged)
    assert AuditEvent.objects.of(cast.maths.school_id).filter(number=2).values().get() == event
    assert api.verify_audit(cast.maths.school_id)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE {} SET verb = 'plan.opened' WHERE number = 3",
        "UPDATE {} SET actor_id = NULL WHERE actor_id IS NOT NULL",
        "UPDATE {} SET detail = '{{}}' WHERE number = 2",
        "UPDATE {} SET number = number + 1000 WHERE number = 4",
        "DELETE FROM {} WHERE number = 5",
        "DELETE FROM {} WHERE number >= (SELECT MAX(number) FROM {})",
    ],
)
def test_whoever_gets_around_the_database_is_found_out_by_the_chain(cast: Cast, tampering: str) -> None:
    assert api.verify_audit(cast.maths.school_id)
    append_only.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(tampering.format(append_only.TABLE, append_only.TABLE) + _of(cast, tampering))
    assert not api.verify_audit(cast.maths.school_id)
    append_only.install(connection)


def _of(cast: Cast, tampering: str) -> str:
    school = cast.maths.school_id
    return f" AND school_id = '{school if connection.features.has_native_uuid_field else school.hex}'"


def test_each_school_has_its_own_chain_numbered_without_a_gap(cast: Cast) -> None:
    other = make_class("fractions")
    other.target(other.teacher(), other.learner())
    for school_id in (cast.maths.school_id, other.school_id):
        numbers = AuditEvent.objects.of(school_id).order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
        assert api.verify_audit(school_id)


@pytest.mark.trust("T76")
def test_events_hold_no_names_and_no_words(cast: Cast) -> None:
    canary = "Kōwhai-canary"
    maths, teacher = cast.maths, cast.teacher
    student = maths.learner(canary)
    target_id = api.agree_target(teacher, student.person_id, TargetChange(canary, canary, canary, canary))
    review_id = api.start_review(teacher, student.person_id)
    api.contribute(student, text=canary)
    for version, reason in ((0, ""), (1, canary)):
        comment = canary * (version + 1)
        api.judge_target(
            teacher, review_id, target_id, level=Level.EMERGING, comment=comment, version=version, reason=reason
        )
    api.set_next_steps(teacher, review_id, next_steps=canary, next_review_on=None, version=99)
    api.close_review(teacher, review_id, version=99)
    api.rename_person(maths.school_id, student.person_id, canary * 2)
    api.retitle_course(maths.school_id, maths.course_id, canary)
    events = AuditEvent.objects.of(maths.school_id)
    assert events.count() > 10
    assert not [event for event in events if re.search("canary", str(vars(event)))]


def test_a_students_trail_is_read_by_their_teachers_alone(cast: Cast) -> None:
    for name, actor in cast.everybody().items():
        if name != "teacher":
            with pytest.raises(NotFound):
                api.audit_trail(actor, cast.student.person_id)


def test_a_reading_told_while_somebody_else_adds_to_the_chain_becomes_the_link_after(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = audit._event
    meanwhile = [True]

    def slow(*told: object) -> dict[str, object]:
        event = made(*told)
        if meanwhile.pop() if meanwhile else False:
            audit.record(cast.maths.school_id, "roster.read", "course", 1)
        return event

    monkeypatch.setattr(audit, "_event", slow)
    audit.record_once(cast.teacher, "plan.read", "person", cast.student.person_id)
    last = AuditEvent.objects.of(cast.maths.school_id).order_by("-number").values_list("verb", flat=True)[:2]
    assert list(last) == ["plan.read", "roster.read"]
    assert api.verify_audit(cast.maths.school_id)
    audit.record_once(cast.teacher, "plan.read", "person", cast.student.person_id)
    assert AuditEvent.objects.of(cast.maths.school_id).filter(verb="plan.read").count() == 1
