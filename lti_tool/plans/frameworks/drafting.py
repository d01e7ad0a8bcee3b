"""A school's own frameworks: copied, worked on, published version by version, chosen for new plans."""

import json
import re
import unicodedata
from uuid import UUID

from django.utils import timezone

from .. import audit
from ..data import Act, Actor, FrameworkDraft
from ..exceptions import Conflict, FrameworkProblem, Invalid, NotFound, Problem, Refused
from ..models import FrameworkVersion, Plan, School
from ..opening import school_year
from ..permissions import asking, changing, office
from .data import Framework
from .keeping import ensure_framework_version, published, school_framework
from .loading import BUILT_IN, built_in_text, document, load
from .reading import LARGEST, storable
from .schema import FrameworkPart

_DRAFT, _PUBLISHED = FrameworkVersion.State.DRAFT, FrameworkVersion.State.PUBLISHED
NAME_LENGTH = 200


def check_framework(text: str) -> Framework:
    """The framework a text says.

    Raises:
        FrameworkProblem: what is to be mended, by line.
    """
    made: Framework = load(text).made()
    return made


def copy_framework(actor: Actor, key: str, name: str) -> str:
    """Begin a framework of the school's own with the words of another; the key of the copy.

    Raises:
        NotFound: no such framework.
        Invalid: name "required", "too_long" or "unreadable".
    """
    with changing(actor, "framework.copy", "framework", key):
        school = _school(actor)
        name = _checked_name(name)
        text = built_in_text(key) if key in BUILT_IN else _newest(school.id, key).text
        new = _free_key(school.id, name)
        FrameworkVersion.objects.create(
            school_id=school.id, key=new, number=1, name=name, text=_renamed(text, new, name), copied_from=key
        )
        audit.record(school.id, "framework.copied", "framework", new, actor=actor, detail={"from": key})
        return new


def framework_draft(actor: Actor, key: str) -> FrameworkDraft:
    """The text of a framework of the school's own, as it is being worked on.

    Raises:
        NotFound: the school has no such framework of its own.
    """
    with asking(actor, "framework.read", "framework", key):
        office(actor, Act.MANAGE_FRAMEWORKS)
        return _view(_newest(actor.school_id, key))


def save_framework_draft(actor: Actor, key: str, text: str, saves: int) -> FrameworkDraft:
    """Keep the text, right or not, and say what is to be mended in it.

    Raises:
        NotFound: the school has no such framework of its own.
        Invalid: text "too_long" or "unreadable".
        Conflict: somebody saved after `saves`; `current` is a FrameworkDraft, `mine` the text.
    """
    with changing(actor, "framework.save", "framework", key):
        school = _school(actor)
        before = _newest(school.id, key)
        text = text.replace("\r\n", "\n")
        if len(text) > LARGEST:
            raise Invalid({"text": "too_long"})
        if not storable(text):
            raise Invalid({"text": "unreadable"})
        drafted = before.state == _DRAFT
        if text == before.text:
            return _view(before)
        if saves != (before.saves if drafted else 0):
            raise Conflict(current=_view(before), mine=text)
        row = before if drafted else FrameworkVersion(
            school=school, key=key, number=before.number + 1, name=before.name, saves=0,
            copied_from=before.copied_from,
        )  # fmt: skip
        row.text, row.saves = text, row.saves + 1
        shown = _view(row)
        row.name = shown.name
        row.save()
        return shown


def publish_framework(actor: Actor, key: str, saves: int) -> int:
    """The draft becomes a version; its number. Plans keep theirs until somebody moves them up.

    Raises:
        NotFound: there is no draft.
        FrameworkProblem: it is not right yet.
        Conflict: somebody saved after `saves`; `current` is a FrameworkDraft.
        Refused: "unchanged", it says what the last version says.
    """
    with changing(actor, "framework.publish", "framework", key):
        school = _school(actor)
        row = FrameworkVersion.objects.of(school.id).filter(key=key, state=_DRAFT).first()
        if row is None:
            raise NotFound
        if row.saves != saves:
            raise Conflict(current=_view(_newest(school.id, key)), mine=row.text)
        part = load(row.text, key=key)
        kept = document(part)
        former = published(school.id, key).first()
        if former is not None and former.document == kept:
            raise Refused("unchanged")
        row.document, row.name = kept, part.name
        row.state, row.published_at, row.published_by_id = _PUBLISHED, timezone.now(), actor.person_id
        row.save()
        audit.record(school.id, "framework.published", "framework", key, actor=actor, detail={"number": row.number})
        return row.number


def discard_framework_draft(actor: Actor, key: str) -> None:
    """Throw a draft away. What was published stays.

    Raises:
        NotFound: there is no draft.
    """
    with changing(actor, "framework.discard", "framework", key):
        school = _school(actor)
        gone, _rows = FrameworkVersion.objects.of(school.id).filter(key=key, state=_DRAFT).delete()
        if not gone:
            raise NotFound
        audit.record(school.id, "framework.discarded", "framework", key, actor=actor)


def choose_framework(actor: Actor, key: str) -> None:
    """New plans of the school begin with this framework. Plans there are keep theirs.

    The school year begins from now on when the framework says, unless this one would then not have begun yet.

    Raises:
        NotFound: no such framework, or nothing of it is published.
    """
    with changing(actor, "framework.choose", "framework", key):
        school = _school(actor)
        if key == school.framework_key:
            return
        ensure_framework_version(school.id, key)
        undecided = Plan.objects.of(school.id).filter(framework=None)
        undecided.update(framework=ensure_framework_version(school.id, school.framework_key))
        school.framework_key = key
        month = school_framework(school).school_year.starts.month
        if school_year(month) >= school_year(school.year_starts_month):  # nobody goes back to last year's plan
            school.year_starts_month = month
        school.save(update_fields=["framework_key", "year_starts_month"])
        audit.record(school.id, "framework.chosen", "framework", key, actor=actor)


def _school(actor: Actor) -> School:
    """The school, locked: whatever changes among its frameworks takes its turn."""
    office(actor, Act.MANAGE_FRAMEWORKS)
    return School.objects.select_for_update(no_key=True).get(pk=actor.school_id)


def _newest(school_id: UUID, key: str) -> FrameworkVersion:
    """The draft of a framework of the school's own, or else its newest version."""
    rows = FrameworkVersion.objects.of(school_id).filter(key=key).order_by("-number").defer("document")
    newest = None if key in BUILT_IN else rows.first()
    if newest is None:
        raise NotFound
    return newest


def _view(row: FrameworkVersion) -> FrameworkDraft:
    drafted = row.state == _DRAFT
    part, problems = _loaded(row.text, row.key)
    return FrameworkDraft(
        key=row.key,
        name=part.name if part else row.name,
        text=row.text,
        saves=row.saves if drafted else 0,
        published=row.number - drafted,
        framework=part.made() if part else None,
        problems=problems,
    )


def _loaded(text: str, key: str) -> tuple[FrameworkPart | None, tuple[Problem, ...]]:
    try:
        return load(text, key=key), ()
    except FrameworkProblem as wrong:
        return None, wrong.problems


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": "required"})
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": "too_long"})
    if not name.isprintable():
        raise Invalid({"name": "unreadable"})
    return name


def _free_key(school_id: UUID, name: str) -> str:
    """A key made of the name, that no framework of the school has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].lstrip("0123456789_") or "own"
    stem = f"own_{stem}" if stem in ("null", "true", "false") else stem  # which YAML would take for no words
    taken = {*BUILT_IN, *FrameworkVersion.objects.of(school_id).values_list("key", flat=True)}
    return next(
        key for key in (stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 3))) if key not in taken
    )


def _renamed(text: str, key: str, name: str) -> str:
    """The text with another key and name; its remarks and the order of its lines stay."""
    for word, value in (("name", json.dumps(name, ensure_ascii=False)), ("key", key)):
        line = f"{word}: {value}"
        there = re.search(rf"^{word}:.*$", text, flags=re.MULTILINE)
        text = text[: there.start()] + line + text[there.end() :] if there else f"{line}\n{text}"
    return text
