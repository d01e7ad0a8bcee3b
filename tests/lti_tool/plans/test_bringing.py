"""What a student brings along from elsewhere: read with care, history, and their own work theirs again (T52)."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from lti_tool.plans import api
from lti_tool.plans.bringing import HISTORY
from lti_tool.plans.data import (
    Actor,
    AgreementEntry,
    Audience,
    ItemChange,
    LogChange,
    NeedChange,
    NewFile,
    Role,
    Scope,
    Sensitivity,
    Voice,
)
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.models import AuditEvent, BroughtRecord, Person, PortfolioItem, School, StoredFile, Target
from lti_tool.privacy import annotated
from lti_tool.web.record_package import package
from tests.factories.furnished import BOTH
from tests.factories.plans import Class, administrator_of, make_class
from tests.lti_tool.media import makes

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T52")]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
    }


def left() -> bytes:
    """The package of a student who leaves a school where much was written."""
    room = make_class()
    School.objects.filter(pk=room.school_id).update(framework_key="alfreton_park")
    student, teacher = room.learner("Ana"), room.teacher()
    student_id = student.person_id
    target_id = room.target(teacher, student, "Explain my answer")
    worker_id = api.ensure_person(room.school_id)
    api.appoint(administrator_of(room), worker_id, Role.KEY_WORKER, Scope(student_id=student_id))
    worker = api.actor_for(room.school_id, worker_id, None)
    for text, guarded in (("likes boats", None), ("kept secret", Sensitivity.RESTRICTED)):
        api.say_need(worker, student_id, NeedChange("voice", "likes", text, Voice.LEARNER, sensitivity=guarded))
    review_id = api.start_review(teacher, student_id)
    said = {"level": "expected", "comment": "with care", "version": 0, "grounds": BOTH}
    api.judge_target(teacher, review_id, target_id, **said)
    api.contribute(student, text="I tried hard")
    api.record_agreement(teacher, review_id, AgreementEntry(Voice.FAMILY, "Mere", False, "He does more at home"))
    api.close_review(teacher, review_id, version=99)
    photo = NewFile(makes.picture(), "A drawing of a boat")
    for title, audience, new in (("Boat", Audience.SHARED, [photo]), ("Diary", Audience.PRIVATE, [photo])):
        api.add_item(student, student_id, ItemChange("work_samples", title, "of wood", audience=audience), new)
    for text, audience in (("I measured", Audience.SHARED), ("only mine", Audience.PRIVATE)):
        api.write_log(student, LogChange({"text": text}, audience=audience))
    return package(api.export_record(student, student_id))


def arrived() -> tuple[Class, Actor, Actor, Actor]:
    """Another instance's class, where the student is somebody else by every id."""
    room = make_class()
    return room, room.learner("Ana"), room.teacher(), administrator_of(room)


def changed(data: bytes, change: Callable[[dict[str, Any]], Any], **files: bytes) -> bytes:
    """The package with another record.json, and these files put in or in place of others."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        told = json.loads(old.read("record.json"))
        change(told)
        new.writestr("record.json", json.dumps(told))
        for name in old.namelist():
            if name not in ("record.json", *files):
                new.writestr(name, old.read(name))
        for name, content in files.items():
            new.writestr(name, content)
    return made.getvalue()


@pytest.mark.requirement("002.5")
@pytest.mark.trust("T84", "T54")
def test_a_package_of_one_school_is_read_in_another_and_what_was_shared_is_the_learners_again() -> None:
    data = left()
    room, student, teacher, office = arrived()
    made = api.bring_record(office, student.person_id, data)
    (record,) = api.brought(teacher, student.person_id)
    words = repr(record.tables)
    assert record.from_school == made.from_school
    assert record.from_school.startswith("School")
    for said in ("likes boats", "Explain my answer", "with care", "I tried hard", "more at home", "I measured"):
        assert said in words, said
    for never in ("kept secret", "only mine", "Diary"):
        assert never not in words
        assert never not in repr(list(BroughtRecord.objects.of(room.school_id).values()))
    page = api.portfolio(student, student.person_id)
    assert [(item.title, item.mine, item.audience) for item in page.items] == [("Boat", True, Audience.SHARED)]
    (file,) = page.items[0].files
    assert file.words == "A drawing of a boat"
    assert api.file(student, file.id).data[:2] in (b"\xff\xd8", b"\x89P")
    assert AuditEvent.objects.of(room.school_id).filter(verb="record.brought", about_id=student.person_id).exists()
    assert "brought" in [opening.part for opening in api.who_opened(student, student.person_id)]


def test_the_same_package_comes_in_once_and_nothing_live_of_a_plan_is_made_of_it() -> None:
    data = left()
    room, student, _, office = arrived()
    first = api.bring_record(office, student.person_id, data)
    assert api.bring_record(office, student.person_id, data).id == first.id
    assert PortfolioItem.objects.of(room.school_id).count() == StoredFile.objects.of(room.school_id).count() == 1
    assert not Target.objects.of(room.school_id).exists()
    assert api.past_reviews(student, student.person_id) == ()


def test_ids_and_names_in_a_package_find_nobody() -> None:
    data = left()
    room, student, _, office = arrived()
    victim = room.learner("Ana")
    before = set(Person.objects.of(room.school_id).values_list("pk", flat=True))

    def as_if(told: dict[str, Any]) -> None:
        told["person"]["id"] = str(victim.person_id)
        for table in told["tables"]:
            for row in table["rows"]:
                row |= {name: str(victim.person_id) for name in ("id", "owner", "student", "author") if name in row}

    api.bring_record(office, student.person_id, changed(data, as_if))
    assert api.brought(victim, victim.person_id) == ()
    assert api.portfolio(victim, victim.person_id).items == ()
    assert len(api.brought(student, student.person_id)) == 1
    assert set(Person.objects.of(room.school_id).values_list("pk", flat=True)) == before


def test_each_field_stays_as_guarded_as_the_same_field_of_our_own() -> None:
    data = left()
    room, student, teacher, office = arrived()
    api.bring_record(office, student.person_id, data)
    helper = room.person(Role.ASSISTANT)
    assert "likes boats" in repr(api.brought(teacher, student.person_id))
    (record,) = api.brought(helper, student.person_id)
    assert "likes boats" not in repr(record)  # sensitive here
    assert "Explain my answer" in repr(record)
    for nobody in (office, room.learner(), make_class().teacher(), room.person(Role.NONE)):
        with pytest.raises(NotFound):
            api.brought(nobody, student.person_id)


def test_only_the_office_brings_in_and_takes_out_with_every_file(
    django_capture_on_commit_callbacks: Any,
) -> None:
    data = left()
    room, student, teacher, office = arrived()
    stranger = administrator_of(make_class())
    for nobody in (student, teacher, stranger):
        with pytest.raises(NotFound):
            api.bring_record(nobody, student.person_id, data)
    for nobody in (student, teacher):
        with pytest.raises(NotFound):
            api.brought_records(nobody)
    assert api.brought_records(stranger) == ()
    made = api.bring_record(office, student.person_id, data)
    assert [view.id for view in api.brought_records(office)] == [made.id]
    key = StoredFile.objects.of(room.school_id).get().key
    for nobody in (student, teacher, stranger):
        with pytest.raises(NotFound):
            api.take_out_record(nobody, made.id)
    with django_capture_on_commit_callbacks(execute=True):
        api.take_out_record(office, made.id)
    assert api.brought(teacher, student.person_id) == api.portfolio(student, student.person_id).items == ()
    assert not storages["files"].exists(key)


@pytest.mark.trust("T55")
def test_erasing_the_student_takes_what_they_brought(django_capture_on_commit_callbacks: Any) -> None:
    data = left()
    room, student, _, office = arrived()
    api.bring_record(office, student.person_id, data)
    with django_capture_on_commit_callbacks(execute=True):
        api.erase_person(office, student.person_id)
    assert not BroughtRecord.objects.of(room.school_id).exists()
    assert storages["files"].listdir("")[1] == [] or not StoredFile.objects.of(room.school_id).exists()


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name.replace("__", "."), content)
    return made.getvalue()


@pytest.mark.trust("T66")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"no zip at all", "unreadable"),
        (zipped(index__html=b"<p>"), "unreadable"),
        (zipped(record__json=b"not JSON"), "broken"),
        (zipped(record__json=b"[" * 100_000), "broken"),
        (zipped(record__json=b'{"format": "else/9"}'), "other_format"),
        (zipped(record__json=b" " * 20_000_001), "too_large"),
        (zipped(**{f"part{n}": b"" for n in range(2001)}), "too_large"),
    ],
    ids=["nothing", "no zip", "no record", "no JSON", "deep", "other format", "bomb", "many parts"],
)
def test_what_is_no_package_is_refused_and_nothing_is_written(data: bytes, code: str) -> None:
    room, student, _, office = arrived()
    with pytest.raises(Invalid) as refused:
        api.bring_record(office, student.person_id, data)
    assert refused.value.errors == {"file": code}
    assert not BroughtRecord.objects.of(room.school_id).exists()


@pytest.mark.trust("T66")
def test_a_file_that_is_none_of_ours_stays_out_and_the_rest_comes_in() -> None:
    data = left()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = [name for name in parts.namelist() if name.startswith("files/")]
    room, student, _, office = arrived()
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    made = api.bring_record(office, student.person_id, changed(data, lambda told: None, **dict.fromkeys(names, svg)))
    assert (made.items, made.refused) == (1, 1)
    assert not StoredFile.objects.of(room.school_id).exists()


def test_what_words_can_carry_is_only_words() -> None:
    data = left()
    _, student, teacher, office = arrived()

    def worse(told: dict[str, Any]) -> None:
        for table in told["tables"]:
            if table["name"] == "ilp_plans.Target":
                table["rows"][0] |= {"wording": "a\x00b<script>", "success": ["x", {"deep": [1, True]}], "odd": "no"}
        told["tables"].append({"name": "ilp_plans.School", "rows": [{"name": "taken over"}]})
        told["tables"].append({"name": "auth.User", "rows": [{"name": "taken over"}]})

    api.bring_record(office, student.person_id, changed(data, worse))
    (record,) = api.brought(teacher, student.person_id)
    (target,) = next(table for table in record.tables if table.name == "Target").rows
    assert (target["wording"], target["success"]) == ("ab<script>", "x\n1\nyes")
    assert "odd" not in target
    assert "taken over" not in repr(record)


def test_the_command_brings_in_for_whoever_runs_the_tool(tmp_path: Any, capsys: Any) -> None:
    (tmp_path / "record.zip").write_bytes(left())
    room, student, teacher, _ = arrived()
    named = {"school": School.objects.get(pk=room.school_id).name, "student": student.person_id}
    call_command("bring_record", tmp_path / "record.zip", **named)
    assert "1 pieces" in capsys.readouterr().out
    assert api.brought(teacher, student.person_id)
    for wrong in ({"school": "Nowhere"}, {"student": teacher.school_id}):
        with pytest.raises(CommandError):
            call_command("bring_record", tmp_path / "record.zip", **(named | wrong))


def test_history_names_fields_that_there_are() -> None:
    models = {model.__name__: told.fields for model, told in annotated("ilp_plans")}
    for name, fields in HISTORY.items():
        assert set(fields.split()) <= set(models[name]), name
