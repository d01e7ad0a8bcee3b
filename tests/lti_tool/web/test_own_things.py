"""What a student begins is theirs alone, whatever kind it is; what they open closes again with the term (T5)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Role, Scope
from lti_tool.plans.models import LogEntry, PortfolioItem, StoredFile
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.lti_tool.media import makes
from tests.lti_tool.web.test_people import Browser, mother, somebody

pytestmark = [pytest.mark.django_db]
CANARY = "I am not sure about this"


@dataclass
class Own:
    """Where a student's own thing would show, and the files in it."""

    paths: list[str]
    files: list[str]
    change: Callable[[str], Any]  # loosen or tighten it, on its page


def everybody(cast: Cast) -> dict[str, Actor]:
    """Every persona but the student."""
    head = plans.ensure_person(cast.maths.school_id, name="Head")
    plans.appoint(administrator_of(cast.maths), head, Role.LEADERSHIP, Scope())
    others = {name: actor for name, actor in cast.everybody().items() if name != "student"}
    return others | {
        "mother": mother(cast),
        "key worker": somebody(cast, Role.KEY_WORKER, "Mr Key"),
        "provider": somebody(cast, Role.PROVIDER, "The workshop"),
        "head": plans.actor_for(cast.maths.school_id, head, None),
    }


def reflection(cast: Cast, **files: Any) -> Own:
    """An entry of the log, with what was recorded or drawn in the page; who may read it is left as it comes."""
    mine, student = Browser(cast.student), f"students/{cast.student.person_id}/"
    name = f"answer_{plans.log(cast.student, cast.student.person_id).rules.prompts[0].key}"
    sent = {name: CANARY, "audience": "private", "use": ["school", "home"], **files}
    assert mine.post(student + "log/write", **sent).status_code == 302
    entry = LogEntry.objects.of(cast.maths.school_id).get()

    def change(audience: str) -> Any:
        version = LogEntry.objects.of(cast.maths.school_id).get().version
        return mine.post(f"log/{entry.id}", audience=audience, version=version, **{name: CANARY})

    return Own([student + "log", f"log/{entry.id}"], addresses(cast), change)


def photo(cast: Cast) -> Own:
    mine, student = Browser(cast.student), f"students/{cast.student.person_id}/"
    picture = SimpleUploadedFile("p.jpg", makes.picture(), "image/jpeg")
    sent = {"title": CANARY, "kind": "work", "audience": "private", "picture": picture, "use": ["school", "home"]}
    assert mine.post(student + "work/new", **sent).status_code == 302
    item = PortfolioItem.objects.of(cast.maths.school_id).get()

    def change(audience: str) -> Any:
        version = PortfolioItem.objects.of(cast.maths.school_id).get().version
        path = f"{student}work/{item.id}"
        return mine.post(path, title=CANARY, kind="work", audience=audience, version=version)

    return Own([student + "work", f"{student}work/{item.id}"], addresses(cast), change)


def addresses(cast: Cast) -> list[str]:
    return [f"files/{row.id}" for row in StoredFile.objects.of(cast.maths.school_id)]


def voice(cast: Cast) -> Own:
    return reflection(cast, sound=SimpleUploadedFile("v.webm", makes.recording(), "audio/webm"))


KINDS = [reflection, photo, voice]


def readers(cast: Cast, people: dict[str, Actor], own: Own) -> set[str]:
    """Who finds the words on a page, or is let to a file. An address without its ticket answers 403 to who may."""
    found = set()
    for who, actor in people.items():
        browser = Browser(actor)
        if any(CANARY in browser.get(path).content.decode() for path in own.paths):
            found.add(who)
        if any(browser.get(path).status_code != 404 for path in own.files):
            found.add(who + "'s file")
    return found


@pytest.mark.trust("T5")
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_thing_is_nobody_elses_to_see(kind: Callable[[Cast], Own]) -> None:
    cast = make_cast()
    own, people = kind(cast), everybody(cast)
    assert readers(cast, people, own) == set()
    assert CANARY in Browser(cast.student).get(own.paths[0]).content.decode()


@pytest.mark.trust("T5")
def test_a_draft_is_nobody_elses_to_see() -> None:
    cast = make_cast()
    mine = Browser(cast.student)
    student = f"students/{cast.student.person_id}/"
    for subject, field in (("words", "text"), ("preparation", "answer:hard"), ("log:new", "answer_text")):
        assert mine.post("draft", ilp_subject=subject, field=field, text=CANARY).json()["kept"]
    plans.start_review(cast.teacher, cast.student.person_id)
    paths = ["", *(student + part for part in ("plan", "review/", "story", "log", "work", "home", "needs"))]
    assert readers(cast, everybody(cast), Own(paths, [], lambda _audience: None)) == set()
    assert CANARY in mine.get().content.decode()


@pytest.mark.trust("T5")
@pytest.mark.parametrize("kind", KINDS)
def test_loosening_is_told_in_plain_words_and_ends_with_the_term(
    kind: Callable[[Cast], Own], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    own = kind(cast)
    form = Browser(cast.student).get(own.paths[1]).content.decode()
    for sentence in ("Only me", "Me, my teachers and my family", "only yours again when the term ends"):
        assert sentence in form
    assert own.change("shared").status_code == 302
    people = {"teacher": cast.teacher, "mother": mother(cast)}
    open_to = readers(cast, people, own)
    assert {"teacher"} <= open_to
    assert all(f"{who}'s file" in open_to for who in ("teacher", "mother") if own.files)
    ends = (LogEntry if kind is not photo else PortfolioItem).objects.of(cast.maths.school_id).get().private_again_on
    assert ends is not None
    assert timezone.localdate() < ends <= timezone.localdate() + timedelta(days=200)
    travel(monkeypatch, ends - timedelta(days=1))
    assert readers(cast, people, own) == open_to
    travel(monkeypatch, ends)
    assert readers(cast, people, own) == set()
    assert CANARY in Browser(cast.student).get(own.paths[0]).content.decode()


def travel(monkeypatch: pytest.MonkeyPatch, day: Any) -> None:
    """Noon of that day, everywhere in this process."""
    noon = timezone.make_aware(datetime.combine(day, time(12)))
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)


@pytest.mark.trust("T83")
def test_a_piece_of_work_survives_a_closed_tab_with_what_was_chosen_of_it() -> None:
    cast = make_cast()
    mine, me = Browser(cast.student), cast.student.person_id
    kind = plans.portfolio(cast.student, me).kinds[-1].key
    typed = {"title": "A bridge", "kind": kind, "made_on": "2026-03-02", "audience": "shared"}
    for field, text in typed.items():
        assert mine.post("draft", ilp_subject=f"item:new:{me}", field=field, text=text).json()["kept"]
    page = mine.get(f"students/{me}/work/new").content.decode()
    assert page.count("data-draft=") == 7  # four fields, and the way of sharing in three choices
    assert 'value="A bridge"' in page
    assert 'value="2026-03-02"' in page
    assert f'<option value="{kind}" selected>' in page
    assert re.search(r'<input[^>]*name="audience" value="shared"[^>]* checked', page)
