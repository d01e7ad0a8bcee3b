"""What is sensitive or restricted lies sealed in the database, because its class says so and for no other reason."""

import io
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, models

from lti_tool import sealing
from lti_tool.lti import keys
from lti_tool.plans import api, resealing
from lti_tool.plans.data import Look, TargetChange
from lti_tool.plans.models import Contribution, Goal, GuardianLink, Person, School, Target
from lti_tool.privacy import HANDLING, Kind, annotated
from lti_tool.rows import insert_all
from lti_tool.sealing import MARK, Guarded, Unreadable
from tests.factories.furnished import furnish, furnished_school
from tests.factories.plans import Cast, make_cast
from tests.factories.rows import Everywhere, canary

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T2")]


def guarded(model: Any, field: Any) -> bool:
    return HANDLING[model.privacy.fields[field.name].guarded].sealed


def raw(model: type[models.Model], name: str) -> list[Any]:
    """What really lies in the column."""
    column, table = model._meta.get_field(name).column, model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return [value for (value,) in cursor.fetchall()]


def lie(model: type[models.Model], name: str, value: str) -> None:
    """Somebody writes into the database behind the tool's back."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {model._meta.get_field(name).column} = %s", [value])


@pytest.fixture
def everywhere() -> Everywhere:
    school = School.objects.get(pk=api.create_school("Kowhai"))
    api_ids = api.persons_bulk(school.id, ["one", "two"])
    person, other = (Person.objects.of(school.id).select_related("school").get(pk=pk) for pk in api_ids)
    for name in ("looks", "pronouns", "told_name"):
        setattr(person, name, canary(Person, name))
    person.save()
    return Everywhere(person, other)


@pytest.mark.trust("T70")
def test_raw_sql_shows_sealed_what_is_sensitive_and_only_that(everywhere: Everywhere) -> None:
    for model, _ in annotated("ilp_plans"):
        for field in model._meta.concrete_fields:
            stored = [str(value) for value in raw(model, field.name)]
            if guarded(model, field) and isinstance(field, Guarded):
                filled = [value for value in stored if value not in {"", "{}", "[]"}]
                assert all(value.strip('"').startswith(MARK) for value in filled), field
                assert filled or model not in everywhere.rows, field
                assert "canary" not in "".join(stored), field
            else:
                assert MARK not in "".join(stored), field


def test_a_sensitive_column_can_seal_or_is_what_the_database_decides_by() -> None:
    """A link, which names nobody by itself, and that a guardian is shut out, not why. Words always can."""
    for model, told in annotated("ilp_plans"):
        for field in model._meta.concrete_fields:
            decides = isinstance(field, models.ForeignKey) or (model, field.name) == (GuardianLink, "barred")
            if guarded(model, field):
                assert isinstance(field, Guarded) or decides, field
            if told.fields[field.name].kind is Kind.WORDS and not isinstance(field, models.CharField):
                assert isinstance(field, Guarded), f"{field}: its class may change one day"


@pytest.mark.trust("T70")
def test_everything_the_calls_of_the_domain_write_lies_sealed_with_its_schools_key() -> None:
    school = furnished_school("Ours")
    kept = furnish(school, school.room.learner("Ana"))
    api.set_looks(kept.student, list(Look)[:1])
    api.set_my_name(kept.student, own="Aro", pronouns="they/them")
    seen = set()
    for model, _ in annotated("ilp_plans"):
        for field in model._meta.concrete_fields:
            if isinstance(field, Guarded) and field.seals:
                for value in raw(model, field.name):
                    token = str(value).strip('"')
                    if token not in {"", "{}", "[]", "None", "null"}:
                        assert sealing.is_current(token), field
                        assert sealing.school_of(token) == school.room.school_id, field
                        seen.add(field.place)
    assert {"ilp_plans.Revision.after", "ilp_plans.Person.looks", "ilp_plans.Contribution.text"} <= seen
    assert api.my_name(kept.student).pronouns == "they/them"


def test_a_changed_class_changes_what_is_stored_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    Goal.objects.of(cast.maths.school_id).delete()
    change = TargetChange(wording="Read aloud", goal="To read for joy")
    api.agree_target(cast.teacher, cast.student.person_id, change)
    assert raw(Goal, "wording") == ["To read for joy"]
    told, sensitive = Goal.privacy, {Kind.WORDS: "wording strategies resources"}
    personal = {kind: names for kind, names in told.personal.items() if kind is not Kind.WORDS}
    monkeypatch.setattr(Goal, "privacy", replace(told, personal=personal, sensitive=sensitive))
    goal = Goal.objects.of(cast.maths.school_id).get()
    assert goal.wording == "To read for joy"  # what lies plain is read plain
    goal.save()
    (sealed,) = raw(Goal, "wording")
    assert sealed.startswith(MARK)
    assert raw(Goal, "strategies") == [""]
    monkeypatch.setattr(Goal, "privacy", told)
    goal = Goal.objects.of(cast.maths.school_id).get()
    assert goal.wording == "To read for joy"  # and what is sealed opens
    call_command("seal", stdout=io.StringIO())
    assert raw(Goal, "wording") == ["To read for joy"]


def test_the_command_seals_what_lies_plain_and_goes_on_after_an_interruption(
    everywhere: Everywhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(Target, "support_inside", "breakfast club")
    lie(Target, "details", '{"why": "grief"}')
    lie(GuardianLink, "no_contact", "1")
    monkeypatch.setattr(resealing, "BATCH", 1)
    out = io.StringIO()
    call_command("seal", stdout=out)
    assert "ilp_plans.Target.support_inside: 1" in out.getvalue()
    assert raw(Target, "support_inside")[0].startswith(MARK)
    row = Target._base_manager.get()
    assert (row.support_inside, row.details) == ("breakfast club", {"why": "grief"})
    assert GuardianLink._base_manager.get().no_contact is True
    again = io.StringIO()
    call_command("seal", stdout=again)
    assert "Target" not in again.getvalue()


@pytest.mark.trust("T70")
def test_an_earlier_key_opens_until_everything_is_sealed_anew(everywhere: Everywhere, settings: Any) -> None:
    keys.ensure_keys()
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 10, [before]
    assert Contribution._base_manager.get().text == canary(Contribution, "text")
    call_command("seal", stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert Contribution._base_manager.get().text == canary(Contribution, "text")
    assert keys.sign({"jti": "1"})
    settings.SECRET_KEY = before
    with pytest.raises(Unreadable):
        Contribution._base_manager.get()


@pytest.mark.trust("T70")
@pytest.mark.parametrize("how", ["moved", "changed", "cut", "made up"])
def test_what_was_moved_or_changed_does_not_open(
    how: str, everywhere: Everywhere, caplog: pytest.LogCaptureFixture
) -> None:
    (mine,), (other,) = raw(Target, "support_inside"), raw(Target, "support_outside")
    wrong = {"moved": other, "changed": mine[:-9] + "AAAA" + mine[-5:], "cut": mine[:-8], "made up": MARK + "?"}[how]
    lie(Target, "support_inside", wrong)
    with pytest.raises(Unreadable, match="support_inside"):
        Target._base_manager.get()
    assert "ilp_plans.Target.support_inside does not open" in caplog.text
    with pytest.raises(CommandError, match="1 values do not open"):
        call_command("seal", stdout=io.StringIO())
    assert raw(Target, "support_inside") == [wrong]


def test_a_query_can_ask_for_emptiness_and_never_for_words(everywhere: Everywhere) -> None:
    rows = Target.objects.of(everywhere.person.school_id)
    assert rows.exclude(support_inside="").count() == 1
    for asked in ({"support_inside": "x"}, {"support_inside__icontains": "x"}, {"details__why": "x"}):
        with pytest.raises(FieldError, match="only ask whether it is empty"):
            rows.filter(**asked).exists()


def test_every_way_to_write_seals(everywhere: Everywhere) -> None:
    school_id, words = everywhere.person.school_id, "quiet words"
    rows = Target.objects.of(school_id)
    rows.update(support_inside=words)
    (target,) = rows
    target.support_outside = words
    rows.bulk_update([target], ["support_outside"])
    fields = {name: getattr(everywhere.rows[Contribution], name) for name in ("plan_id", "review_id", "author_id")}
    fields |= {"voice": "learner", "written_at": target.created_at, "text": words}
    insert_all(Contribution, [{"school_id": school_id, "version": 7, **fields}])
    Contribution.objects.bulk_create([Contribution(school_id=school_id, version=8, **fields)])
    stored = [*raw(Target, "support_inside"), *raw(Target, "support_outside"), *raw(Contribution, "text")]
    assert len(stored) == 5
    assert all(value.startswith(MARK) for value in stored)
    assert (
        list(Contribution.objects.of(school_id).order_by("version").values_list("text", flat=True))[-2:]
        == [words] * 2
    )


def test_words_that_look_sealed_come_back_as_they_were_typed() -> None:
    cast = make_cast()
    typed = MARK + "AAAA"
    target_id = api.agree_target(
        cast.teacher, cast.student.person_id, TargetChange(wording=typed, support_inside=typed)
    )
    row = Target.objects.of(cast.maths.school_id).get(pk=target_id)
    assert (row.wording, row.support_inside) == (typed, typed)


@pytest.mark.django_db(transaction=True)
def test_the_migration_seals_what_lay_plain_and_opens_it_again_going_back() -> None:
    cast: Cast = make_cast()
    page = api.plan_page(cast.teacher, cast.student.person_id)
    Target.objects.of(cast.maths.school_id).filter(pk=cast.target_id).update(support_inside="breakfast club")
    call_command("migrate", "ilp_plans", "0026", verbosity=0)
    try:
        assert raw(Target, "support_inside") == ["breakfast club"]
        assert MARK not in str([raw(Target, "details"), raw(Contribution, "text")])
    finally:
        call_command("migrate", verbosity=0)
    assert raw(Target, "support_inside")[0].startswith(MARK)
    assert Target.objects.of(cast.maths.school_id).get().support_inside == "breakfast club"
    assert replace(api.plan_page(cast.teacher, cast.student.person_id), targets=()) == replace(page, targets=())
