"""T94: notices in the reader's language; where there is none it is said, and nothing is sent away."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from lti_tool.plans import api as plans
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T94")]
Visit = Callable[..., Any]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def mother_of(cast: Cast) -> Any:
    person_id = plans.ensure_person(cast.maths.school_id, name="Mere")
    plans.link_guardian(administrator_of(cast.maths), person_id, cast.student.person_id)
    return plans.actor_for(cast.maths.school_id, person_id, None)


@pytest.mark.parametrize(("locale", "name"), [("fr-FR", "français"), ("so", "so"), ("pl", "polski")])
def test_a_language_the_tool_does_not_speak_is_named_on_every_page_of_a_family(
    cast: Cast, visitor: Visit, locale: str, name: str
) -> None:
    mother, student = visitor(mother_of(cast), locale=locale), cast.student.person_id
    for route, *ids in (("family",), ("home", student), ("sheets", student), ("about",), ("help",)):
        page = mother.get(route, *ids).content.decode()
        assert 'id="no-language"' in page, route
        assert name in page.split('id="no-language"')[1].split("</p>")[0]
    assert 'id="no-language"' in visitor(cast.student, locale=locale).get("panel").content.decode()


@pytest.mark.parametrize("locale", ["en", "en-NZ", "ar-SA", "cy", "es-MX", "mi", ""])
def test_nothing_is_flagged_where_the_tool_speaks_it(cast: Cast, visitor: Visit, locale: str) -> None:
    page = visitor(mother_of(cast), locale=locale).get("about").content.decode()
    assert 'id="no-language"' not in page
    assert f'lang="{locale.partition("-")[0] or "en"}"' in page


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES if code != "en"])
def test_what_is_kept_and_who_sees_it_is_told_in_each_language(cast: Cast, visitor: Visit, code: str) -> None:
    mother = visitor(mother_of(cast), locale=code)
    assert "Other students" not in mother.get("about").content.decode()


def test_no_word_of_a_plan_leaves_to_be_translated(
    cast: Cast, visitor: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first page to the answered sheet, in a language of the tool and in one it does not speak."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was sent away")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "family_planning", language="ar")
    token = plans.make_link(cast.teacher, sheet_id)
    for locale in ("ar", "fr"):
        mother = visitor(mother_of(cast), locale=locale)
        assert mother.get("home", cast.student.person_id).status_code == 200
        assert mother.get("sheet", sheet_id).status_code == 200
    assert Client().get(f"/sheet/{token}").status_code == 200
    said = {"version": "0", "answer_wishes": "تمنيات"}
    assert mother.post("sheet", sheet_id, data=said).status_code == 302
