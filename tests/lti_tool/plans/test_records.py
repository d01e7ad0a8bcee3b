"""A person's record, whole, for themselves; and gone, whole, when the school deletes it (T50, T52, T54, T55)."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Audience, Role, Sensitivity
from lti_tool.plans.exceptions import Invalid, NotFound, Refused
from lti_tool.plans.models import Draft, Erasure, LogEntry, Person, PortfolioItem, School, StoredFile
from lti_tool.privacy import End, Kind, annotated
from tests.factories.plans import Cast, administrator_of, make_cast, make_class
from tests.factories.rows import Everywhere, canary

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
    }


def person_everywhere() -> tuple[Everywhere, Actor]:
    """A learner with a row of theirs in every table, and the school's administrator."""
    room = make_class()
    office = administrator_of(room)
    school = School.objects.get(pk=room.school_id)
    ids = api.persons_bulk(room.school_id, ["canary-Person-display_name", "Somebody else"])
    Person.objects.of(room.school_id).filter(pk=ids[0]).update(phase="canary-Person-phase", year_group=7)
    person, other = (Person.objects.of(school.id).select_related("school").get(pk=pk) for pk in ids)
    everywhere = Everywhere(person, other)
    key = everywhere.rows[StoredFile].key
    storages["files"].save(key, ContentFile(b"canary of bytes"))
    return everywhere, office


@pytest.mark.trust("T52", "T96")
def test_a_record_holds_every_personal_field_of_every_table_but_restricted_ones() -> None:
    everywhere, office = person_everywhere()
    record = api.export_record(office, everywhere.person.pk)
    tables = {table.name: table for table in record.tables}
    for model, told in annotated():
        if told.whose(everywhere.person.pk) is None or told.end in {End.KEEP, End.LATER}:
            continue
        table = tables[model._meta.label]
        told_of = set().union(*table.rows)
        for name, field in told.fields.items():
            if field.kind is None:
                continue
            restricted = field.guarded is Sensitivity.RESTRICTED
            assert (name in told_of) == (not restricted), (model, name)
            assert (name in table.held_back) == restricted
            if restricted:
                assert canary(model, name) not in repr(table.rows)
            elif field.kind is Kind.WORDS:
                kept = canary(model, name)[: model._meta.get_field(name).max_length]
                assert kept in repr(table.rows), (model, name)
    assert list(record.files.values()) == [b"canary of bytes"]
    json.dumps([asdict(table) for table in record.tables])  # nothing but what JSON has


@pytest.mark.trust("T52")
def test_a_learner_gets_their_own_record_the_office_anybodys_and_nobody_else_any() -> None:
    cast = make_cast()
    student_id, office = cast.student.person_id, administrator_of(cast.maths)
    for who, actor in (cast.everybody() | {"office": office}).items():
        if who in {"student", "office"}:
            record = api.export_record(actor, student_id)
            assert record.person.id == student_id
        else:
            with pytest.raises(NotFound):
                api.export_record(actor, student_id)
    told = [opening.part for opening in api.who_opened(cast.student, student_id)]
    assert "record" in told  # that the office took it, the student sees
    assert "Ben" not in repr(record)


@pytest.mark.trust("T55")
def test_erasing_leaves_no_personal_field_of_any_table_filled() -> None:
    everywhere, office = person_everywhere()
    key = everywhere.rows[StoredFile].key
    student_id = everywhere.person.pk
    with pytest.raises(NotFound):
        api.erase_person(office, office.person_id)
    gone = api.erase_person(office, student_id)
    assert gone["Target"] == gone["LaunchSession"] == gone["PlatformUser"] == gone["ScoreTime"] == 1
    for model, told in annotated():
        if told.end is End.LATER:  # until a gradebook took its mark back; `test_withdrawing` sees it go
            continue
        names = [name for name, field in told.fields.items() if field.kind is not None]
        for row in model._base_manager.values(*names) if names else ():
            assert "canary" not in repr(row), model
        whose = told.whose(student_id)
        if whose is not None and told.end is End.DELETE:
            assert not model._base_manager.filter(whose).exists(), model
    person = Person.objects.of(office.school_id).get(pk=student_id)
    assert (person.display_name, person.phase, person.year_group) == ("", "", None)
    assert Erasure.objects.of(office.school_id).count() == 1
    assert str(student_id) not in repr(list(Erasure.objects.of(office.school_id).values()))
    assert api.verify_audit(office.school_id)
    with pytest.raises(NotFound):
        api.erase_person(office, student_id)
    assert key is not None


@pytest.mark.trust("T55")
def test_bytes_of_files_go_when_the_erasure_is_kept(django_capture_on_commit_callbacks: Any) -> None:
    everywhere, office = person_everywhere()
    key = everywhere.rows[StoredFile].key
    with django_capture_on_commit_callbacks(execute=True):
        api.erase_person(office, everywhere.person.pk)
    assert not storages["files"].exists(key)


@pytest.mark.trust("T55")
def test_what_an_erased_adult_wrote_in_a_childs_plan_stays_without_their_name() -> None:
    cast = make_cast()
    office = administrator_of(cast.maths)
    review_id = api.start_review(cast.teacher, cast.student.person_id)
    api.contribute(cast.teacher, text="Ana works hard", review_id=review_id)
    colleague = cast.maths.teacher()
    api.erase_person(office, cast.teacher.person_id)
    page = api.review(colleague, review_id)
    assert page.contributions[0].text == "Ana works hard"
    assert "Hill" not in repr(page)
    with pytest.raises(NotFound):
        api.class_panel(cast.teacher, activity_external_ids=[])


def own(cast: Cast, audience: Audience) -> None:
    mine = {"school_id": cast.student.school_id, "owner_id": cast.student.person_id, "audience": audience}
    LogEntry.objects.create(**mine)
    PortfolioItem.objects.create(**mine, kind="work", title="T", added_by_id=cast.student.person_id, voice="learner")


@pytest.mark.trust("T50")
def test_mine_is_deleted_at_once_and_the_schools_record_is_asked_for() -> None:
    cast = make_cast()
    student_id, school_id, office = cast.student.person_id, cast.student.school_id, administrator_of(cast.maths)
    own(cast, Audience.PRIVATE)
    own(cast, Audience.SHARED)
    api.save_draft(cast.student, "words", "text", "Not yet")
    for nobody in (cast.teacher, cast.parent, cast.outsider, office):
        with pytest.raises(NotFound):
            api.delete_mine(nobody)
        with pytest.raises(NotFound):
            api.ask_erasure(nobody, student_id)
    assert api.delete_mine(cast.student) == 3
    assert not Draft.objects.of(school_id).exists()
    assert {row.audience for row in LogEntry.objects.of(school_id)} == {Audience.SHARED}
    request_id = api.ask_erasure(cast.student, student_id, why="I am leaving")
    assert api.ask_erasure(cast.student, student_id) == request_id
    assert [asked.id for asked in api.erasures_asked(office)] == [request_id]
    assert api.target(cast.teacher, cast.target_id)
    for nobody in (cast.teacher, cast.student, cast.administrator, cast.other_administrator):
        with pytest.raises(NotFound):
            api.decide_erasure(nobody, request_id, grant=True, answer="Yes")
    with pytest.raises(Invalid):
        api.decide_erasure(office, request_id, grant=False, answer=" ")
    api.decide_erasure(office, request_id, grant=False, answer="The law asks us to keep it until 2030")
    mine = api.my_erasure(cast.student, student_id)
    assert mine is not None
    assert (mine.granted, mine.answer) == (False, "The law asks us to keep it until 2030")
    with pytest.raises(Refused):
        api.decide_erasure(office, request_id, grant=True, answer="Yes")
    again = api.ask_erasure(cast.student, student_id)
    api.decide_erasure(office, again, grant=True, answer="Yes")
    with pytest.raises(NotFound):
        api.target(cast.teacher, cast.target_id)


@pytest.mark.trust("T55")
def test_records_go_when_their_years_after_leaving_are_over_and_not_before() -> None:
    cast = make_cast()
    maths, school_id = cast.maths, cast.student.school_id
    assert api.keep_to_retention() == 0
    left = {person.pk for person in Person.objects.of(school_id).exclude(left_on=None)}
    assert cast.student.person_id not in left
    assert cast.outsider.person_id in left
    api.set_enrolment(school_id, maths.course_id, cast.student.person_id, Role.LEARNER)
    api.sync_roster(school_id, maths.course_id, [])
    assert api.keep_to_retention() == 0
    people = Person.objects.of(school_id)
    years = School.objects.get(pk=school_id).keep_years
    today = timezone.localdate()
    people.filter(pk=cast.student.person_id).update(left_on=today - timedelta(days=365 * years))
    people.filter(pk=cast.classmate.person_id).update(left_on=today - timedelta(days=366 * years))
    api.set_enrolment(school_id, maths.course_id, cast.teacher.person_id, Role.TEACHER)
    people.filter(pk=cast.teacher.person_id).update(left_on=today - timedelta(days=9999))
    assert api.keep_to_retention() == 1
    erased = set(people.exclude(erased_at=None).values_list("pk", flat=True))
    assert erased == {cast.classmate.person_id}
