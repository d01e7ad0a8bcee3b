"""Deleting: what a learner made and keeps for themselves at once, the school's record by its decision (T50, T55).

Which rows and fields go, the models' annotations say. The person's row stays, emptied, so that what they wrote in
other people's records, and the trail, still mean somebody; nothing tells whom.
"""

import hashlib
import hmac
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from lti_tool.privacy import End, annotated

from . import audit
from .data import Act, Actor, Audience, ErasureAsked
from .exceptions import Invalid, NotFound, Refused
from .files import drop, forget
from .models import (
    Draft,
    Erasure,
    ErasureRequest,
    LogEntry,
    Person,
    PortfolioItem,
    StoredFile,
)
from .naming import author_ref
from .permissions import asking, changing, office
from .permissions import student as reach_student

REASON_LENGTH = 2000


def delete_mine(actor: Actor) -> int:
    """The learner's own, now: unsaved words, private log entries, private things in the portfolio. How many went.

    What they shared, agreed or handed in is the school's record; `ask_erasure` asks for that.
    """
    with changing(actor, "mine.delete", "person", actor.person_id):
        me = reach_student(actor, Act.DELETE_MINE, actor.person_id)
        drafts, _ = Draft.objects.of(actor.school_id).filter(author=me).delete()
        entries = list(LogEntry.objects.of(actor.school_id).filter(owner=me, audience=Audience.PRIVATE))
        things = PortfolioItem.objects.of(actor.school_id).filter(owner=me, added_by=me, audience=Audience.PRIVATE)
        mine: list[LogEntry | PortfolioItem] = [*entries, *things]
        for row in mine:
            forget(row)
        detail = {"drafts": drafts, "kept for themselves": len(mine)}
        audit.record(actor.school_id, "mine.deleted", "person", me.id, actor=actor, about_id=me.id, detail=detail)
        return drafts + len(mine)


def ask_erasure(actor: Actor, person_id: UUID, *, why: str = "") -> UUID:
    """Ask the school to delete its record of the learner (themselves, or one's child). Asking again is the same.

    Raises:
        NotFound: not theirs to ask for. Invalid: why "too_long".
    """
    with changing(actor, "erasure.ask", "person", person_id):
        person = reach_student(actor, Act.ASK_ERASURE, person_id)
        if len(why) > REASON_LENGTH:
            raise Invalid({"why": "too_long"})
        row, asked = ErasureRequest.objects.of(actor.school_id).get_or_create(
            school_id=actor.school_id,
            person=person,
            decided_at=None,
            defaults={"asked_by_id": actor.person_id, "why": why.strip()},
        )
        if asked:
            audit.record(actor.school_id, "erasure.asked", "person", person.id, actor=actor, about_id=person.id)
        return row.id


def erasures_asked(actor: Actor) -> tuple[ErasureAsked, ...]:
    """What waits for the office's decision, the oldest first."""
    with asking(actor, "erasure.list", "school", actor.school_id):
        office(actor, Act.ERASE)
    rows = ErasureRequest.objects.of(actor.school_id).filter(decided_at=None).select_related("person")
    return tuple(map(_view, rows.order_by("asked_at")))


def my_erasure(actor: Actor, person_id: UUID) -> ErasureAsked | None:
    """The newest request about this learner, with the school's answer, for whoever may ask.

    Why they asked is between whoever wrote it and the office: a learner's reason is not told to their family (T28).
    """
    person = reach_student(actor, Act.ASK_ERASURE, person_id)
    rows = ErasureRequest.objects.of(actor.school_id).filter(person=person).select_related("person")
    row = rows.order_by("-asked_at").first()
    if row is None:
        return None
    return _view(row) if row.asked_by_id == actor.person_id else replace(_view(row), why="")


def decide_erasure(actor: Actor, request_id: UUID, *, grant: bool, answer: str) -> None:
    """The school's answer, with its reason; a granted request erases at once.

    Raises:
        NotFound: not the office's. Refused: "decided" before. Invalid: answer "required" or "too_long".
    """
    with changing(actor, "erasure.decide", "erasure", request_id):
        office(actor, Act.ERASE)
        row = ErasureRequest.objects.of(actor.school_id).select_for_update().filter(pk=request_id).first()
        if row is None:
            raise NotFound
        if row.decided_at is not None:
            raise Refused("decided")
        if not answer.strip() or len(answer) > REASON_LENGTH:
            raise Invalid({"answer": "too_long" if answer.strip() else "required"})
        row.decided_at, row.granted, row.answer = timezone.now(), grant, answer.strip()
        row.save(update_fields=["decided_at", "granted", "answer"])
        verb = "erasure.granted" if grant else "erasure.declined"
        audit.record(actor.school_id, verb, "person", row.person_id, actor=actor, about_id=row.person_id)
        if grant:
            _erase(actor.school_id, row.person_id, actor=actor)


def erase_person(actor: Actor, person_id: UUID) -> dict[str, int]:
    """Delete what is kept about the person, learner or adult. Returns how many rows of each table went.

    Raises:
        NotFound: not the office's, or nobody of the school, or erased before.
    """
    with changing(actor, "person.erase", "person", person_id):
        office(actor, Act.ERASE)
        people = Person.objects.of(actor.school_id).filter(pk=person_id, erased_at=None)
        if person_id == actor.person_id or not people.exists():
            raise NotFound
        return _erase(actor.school_id, person_id, actor=actor)


def retire_person(school_id: UUID, person_id: UUID) -> bool:
    """An LMS retired somebody, or their time is over: what is kept about them goes. False where it went before."""
    with transaction.atomic():
        if not Person.objects.of(school_id).filter(pk=person_id, erased_at=None).exists():
            return False
        _erase(school_id, person_id, actor=None)
    return True


def _erase(school_id: UUID, person_id: UUID, *, actor: Actor | None) -> dict[str, int]:
    gone: Counter[str] = Counter()
    for _, told in annotated():
        if told.before is not None:
            told.before(person_id)
    drop(StoredFile.objects.of(school_id).filter(owner_id=person_id))
    # Rows found by an account go before the account does.
    for model, told in sorted(annotated(), key=lambda one: one[1].find is None):
        whose = told.whose(person_id)
        if whose is None or told.end in {End.KEEP, End.LATER}:
            continue
        if told.end is End.BLANK:
            model._base_manager.filter(whose).update(**_emptied(model))
        else:
            counts = model._base_manager.filter(whose).delete()[1]
            gone.update({label.rpartition(".")[2]: count for label, count in counts.items()})
    Person.objects.of(school_id).filter(joined_into_id=person_id).update(**_emptied(Person))
    Person.objects.of(school_id).filter(pk=person_id).update(erased_at=timezone.now())
    Erasure.objects.of(school_id).get_or_create(school_id=school_id, tombstone=tombstone(person_id))
    audit.record(school_id, "person.erased", "person", person_id, actor=actor, about_id=person_id, detail=dict(gone))
    return dict(gone)


def _emptied(model: type[models.Model]) -> dict[str, Any]:
    """Every personal field of the model as nobody's."""
    told: Any = model
    names = [name for name, field in told.privacy.fields.items() if field.kind is not None]
    fields = [model._meta.get_field(name) for name in names]
    return {field.name: None if field.null else "" for field in fields}


def tombstone(person_id: UUID) -> str:
    """What is kept of an erased person: tells, given the id, that they were erased, and nothing without it (T56)."""
    key = b"ilp-panel: erased" + settings.SECRET_KEY.encode()
    return hmac.new(key, person_id.bytes, hashlib.sha256).hexdigest()


def _view(row: ErasureRequest) -> ErasureAsked:
    return ErasureAsked(
        row.id, author_ref(row.person), row.asked_at, row.why, row.decided_at, row.granted, row.answer
    )
