"""T93: the name a learner uses stands everywhere, the list's name only with them and the office; any name sorts."""

from collections.abc import Callable
from typing import Any

import pytest

from lti_tool.plans import api
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.models import Person
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T93")]
Visit = Callable[..., Any]
# Macrons, apostrophes of both kinds, one name, many, other scripts, a name first and last alike, hyphens, one letter.
CORPUS = [
    "Hēmi Tāmati", "Grace O’Neill", "Siân D'Arcy-Jones", "Sukarno", "María del Carmen Núñez y Peña", "Nguyễn Thị Hoa",
    "عبد الرحمن", "李小龍", "Ōtautahi Rangi", "Ḫaya'a", "O", "Иван Ильич", "Øyvind Åsnes", "José <b>José</b>",
]  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def called(cast: Cast, own: str = "Aro", pronouns: str = "") -> None:
    api.set_my_name(cast.student, own=own, pronouns=pronouns)


def test_the_name_somebody_uses_stands_on_every_page_and_the_lists_name_on_none(cast: Cast, visitor: Visit) -> None:
    student = cast.student.person_id
    listed = api.student(cast.teacher, student).name
    called(cast, pronouns="they/them")
    teacher = visitor(cast.teacher)
    for route, *ids in (("panel",), ("plan", student), ("needs", student), ("log", student), ("story", student)):
        page = teacher.get(route, *ids).content.decode()
        assert "Aro" in page, route
        assert listed not in page, route
    assert "they/them" in teacher.get("plan", student).content.decode()
    teacher.post("review", student)
    review = teacher.get("review", student).content.decode()
    assert ("Aro" in review, "they/them" in review, listed in review) == (True, True, False)


def test_only_its_bearer_and_the_office_read_the_lists_name(cast: Cast) -> None:
    listed = api.student(cast.teacher, cast.student.person_id).name
    called(cast)
    assert api.my_name(cast.student).listed == listed
    (found,) = api.find_people(administrator_of(cast.maths), listed)
    assert found.name == f"Aro ({listed})"
    for who in (cast.teacher, cast.assistant, cast.parent, cast.classmate):
        if who is not cast.classmate:
            with pytest.raises(NotFound):
                api.my_name(who)
        with pytest.raises(NotFound):
            api.find_people(who, listed)


def test_what_the_lms_tells_later_does_not_bring_the_other_name_back(cast: Cast) -> None:
    called(cast)
    school, student = cast.maths.school_id, cast.student.person_id
    api.rename_person(school, student, "Aroha Mere Ngata")
    assert api.student(cast.teacher, student).name == "Aro"
    assert api.my_name(cast.student).listed == "Aroha Mere Ngata"
    called(cast, own="")
    assert api.student(cast.teacher, student).name == "Aroha Mere Ngata"
    assert Person.objects.of(school).get(pk=student).told_name == ""


def test_an_own_name_outlasts_the_day_an_lms_name_is_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    called(cast)
    Person.objects.of(cast.maths.school_id).update(received_at="2020-01-01T00:00Z")
    assert api.forget_names() > 0
    assert api.forget_names() == 0
    assert api.student(cast.teacher, cast.student.person_id).name == "Aro"
    assert api.my_name(cast.student).listed == ""


@pytest.mark.parametrize("name", CORPUS)
def test_every_name_comes_through_page_list_and_copy_as_it_is_written(cast: Cast, visitor: Visit, name: str) -> None:
    called(cast, own=name)
    assert api.student(cast.teacher, cast.student.person_id).name == name
    on_page = name.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")
    assert on_page in visitor(cast.teacher).get("panel").content.decode()
    assert name in repr(api.export_record(cast.student, cast.student.person_id).tables)


def test_names_are_ordered_by_their_letters_whatever_stands_on_them(cast: Cast) -> None:
    for name in ("Oona", "Ōtene", "O’Neill", "Zoë", "Ānia", "Bea", "D'Arcy", "Dean"):
        cast.maths.learner(name)
    rows = api.class_panel(cast.teacher, activity_external_ids=()).rows
    ordered = [row.student.name for row in rows]
    ours = [name for name in ordered if name in {"Oona", "Ōtene", "O’Neill", "Zoë", "Ānia", "Bea", "D'Arcy", "Dean"}]
    assert ours == ["Ānia", "Bea", "D'Arcy", "Dean", "O’Neill", "Oona", "Ōtene", "Zoë"]


@pytest.mark.parametrize("name", ["…", "\u202e\u2066", "x" * 81])
def test_a_name_nobody_can_read_is_refused_and_stays_in_its_field(cast: Cast, visitor: Visit, name: str) -> None:
    answer = visitor(cast.student).post("my-name", data={"own": name, "pronouns": "she"})
    if name.strip("\u202e\u2066"):
        assert answer.status_code == 422
        assert f'value="{name}"' in answer.content.decode()
        with pytest.raises(Invalid):
            called(cast, own=name)
    else:  # nothing is left of it: the list's name stands
        assert api.my_name(cast.student).own == ""


def test_signs_that_turn_the_words_around_them_are_left_out(cast: Cast) -> None:
    called(cast, own="Aro\u202eha\n Ngata")
    assert api.my_name(cast.student).own == "Aroha Ngata"
