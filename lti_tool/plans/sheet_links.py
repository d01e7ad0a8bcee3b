"""One-time links to one sheet, for families without an account (T13).

The link alone shows nothing about the child: a code of ten minutes does, which goes to the address the school
gave, or which staff tell the family in person. A link lasts a week, its code is good once, the eleventh wrong code
ends the link, and an answered sheet has none. A form that was open then is told so, by the ticket it holds.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import audit
from .data import Act, Actor, LinkView, Mailing, SheetView, SheetWay
from .exceptions import Conflict, Invalid, NotFound, Refused
from .models import School, Sheet, SheetLink
from .naming import student_ref
from .permissions import changing
from .permissions import student as reach_student
from .sheets import TEXT_LENGTH, form_of, keep_answer, sheet

LINK_DAYS, CODE_MINUTES, TICKET_MINUTES, TRIES = 7, 10, 60, 10
_SALT = "ilp.sheet"
_TYPED = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look like others


def make_link(actor: Actor, sheet_id: UUID, *, address: str = "", on_paper: bool = False) -> str:
    """A new one-time link to a sheet nobody answered yet; former ones are dead. The token is told only now.

    `on_paper` it is one to type by hand, where the school lets links be printed.

    Raises:
        Refused: "answered"; "links_not_printed": the school does not let them be.
        Invalid: address "invalid".
    """
    with changing(actor, "sheet.link", "sheet", sheet_id):
        view = sheet(actor, sheet_id)
        reach_student(actor, Act.SEND_SHEET, view.student.id)
        if view.version:
            raise Refused("answered")
        if on_paper and not School.objects.get(pk=actor.school_id).links_on_paper:
            raise Refused("links_not_printed")
        address = address.strip()
        if address:
            try:
                validate_email(address)
            except ValidationError:
                raise Invalid({"address": "invalid"}) from None
        SheetLink.objects.of(actor.school_id).filter(sheet_id=sheet_id).delete()
        token = _to_type() if on_paper else secrets.token_urlsafe(24)
        SheetLink.objects.create(
            school_id=actor.school_id,
            sheet_id=sheet_id,
            token_hash=_hash(token),
            address=address,
            made_by_id=actor.person_id,
            expires_at=timezone.now() + timedelta(days=LINK_DAYS),
        )
        audit.record(
            actor.school_id, "sheet.linked", "sheet", sheet_id, actor=actor, about_id=view.student.id,
            detail={"mailed": bool(address), "printed": on_paper},
        )  # fmt: skip
        return token


def tell_code(actor: Actor, sheet_id: UUID) -> str:
    """A code for staff to tell the family now, good for ten minutes. The former one is dead.

    Raises:
        NotFound: there is no live link.
    """
    with changing(actor, "sheet.code", "sheet", sheet_id):
        view = sheet(actor, sheet_id)
        reach_student(actor, Act.SEND_SHEET, view.student.id)
        links = SheetLink.objects.of(actor.school_id).filter(sheet_id=sheet_id)
        link = links.filter(used_at=None, expires_at__gt=timezone.now()).select_for_update(no_key=True).first()
        if link is None:
            raise NotFound
        audit.record(actor.school_id, "sheet.code_told", "sheet", sheet_id, actor=actor, about_id=view.student.id)
        return _new_code(link)


def open_link(token: str) -> LinkView:
    """What the link says before its code is given.

    Raises:
        NotFound: no such link, it ran out, was used, or too many codes were tried.
    """
    link = _live(token)
    school = link.sheet.school
    return LinkView(
        school=school.name,
        language=link.sheet.language,
        mails=bool(link.address),
        expires_at=link.expires_at,
        help_name=school.help_name,
        help_phone=school.help_phone,
        terms=school.terms,
    )


def mail_code(token: str) -> Mailing:
    """A new code for the address the school gave. The caller sends it.

    Raises:
        NotFound: as for `open_link`, or the school gave no address.
    """
    with transaction.atomic():
        link = _live(token, lock=True)
        if not link.address:
            raise NotFound
        audit.record(link.school_id, "sheet.code_mailed", "sheet", link.sheet_id, about_id=link.sheet.student_id)
        school = link.sheet.school
        return Mailing(link.address, _new_code(link), school.name, link.sheet.language, school.terms)


def enter_code(token: str, code: str) -> str:
    """A ticket for the next hour, for the right code; the code is used up.

    Raises:
        Refused: "code": wrong or too late. After ten wrong ones the link is dead.
        NotFound: as for `open_link`.
    """
    with transaction.atomic():
        link = _live(token, lock=True)
        given = hmac.compare_digest(link.code_hash, _hash(f"{link.pk}:{code.strip()}"))
        good = bool(link.code_hash) and given and link.code_until is not None and link.code_until > timezone.now()
        if good:
            link.code_hash, link.code_until = "", None
            link.save(update_fields=["code_hash", "code_until"])
            audit.record(link.school_id, "sheet.opened", "sheet", link.sheet_id, about_id=link.sheet.student_id)
            return signing.dumps(_named(link), salt=_SALT)
        SheetLink.objects.of(link.school_id).filter(pk=link.pk).update(tries=F("tries") + 1)
        audit.record(
            link.school_id,
            "sheet.code.refused",
            "sheet",
            link.sheet_id,
            about_id=link.sheet.student_id,
            reason="code",
        )
    raise Refused("code")


def sheet_by_link(token: str, ticket: str) -> SheetView:
    """The one sheet of this link, for whoever gave its code within the hour.

    Raises:
        NotFound: as for `open_link`.
        Refused: "ticket": no code was given, or too long ago.
    """
    link = _ticketed(token, ticket)
    return _bare_view(link.sheet)


def begun_by_link(token: str, ticket: str) -> dict[str, str]:
    """What was typed on this link's page and not sent, by the form's field; "name" is who writes.

    Raises:
        NotFound, Refused: as for `sheet_by_link`.
    """
    return dict(_ticketed(token, ticket).begun)


def keep_by_link(token: str, ticket: str, answers: Mapping[str, str], *, name: str) -> None:
    """Keep what is being typed on this link's page until it is sent; fields the form has not are left out (T83).

    Raises:
        Invalid: "too_long", more than the form takes.
        NotFound, Refused: as for `sheet_by_link`.
    """
    link = _ticketed(token, ticket)
    asked = {field.key for field in form_of(link.sheet).fields}
    begun = {key: text for key, text in answers.items() if key in asked and text} | ({"name": name} if name else {})
    if any(len(text) > TEXT_LENGTH for text in begun.values()):
        raise Invalid({"answers": "too_long"})
    SheetLink.objects.of(link.school_id).filter(pk=link.pk, used_at=None).update(begun=begun)


def answer_by_link(token: str, ticket: str, answers: Mapping[str, str], *, name: str, version: int) -> SheetView:
    """The family's answer through the link, which ends with it.

    Raises:
        Conflict: the sheet was answered meanwhile, also in another way, which ended the link; `mine` the answers.
        Invalid: as for `answer_sheet`; name "required".
        NotFound, Refused: as for `sheet_by_link`.
    """
    with transaction.atomic():
        try:
            link = _ticketed(token, ticket)
        except NotFound:
            answered = _answered(token, ticket)
            if answered is None:
                raise
            raise Conflict(current=_bare_view(answered), mine=dict(answers)) from None
        if not name.strip():
            raise Invalid({"name": "required"})
        row = Sheet.objects.of(link.school_id).select_for_update(no_key=True).get(pk=link.sheet_id)
        if row.version != version:
            raise Conflict(current=_bare_view(row), mine=dict(answers))
        keep_answer(row, answers, SheetWay.LINK, name=name.strip())
        return _bare_view(row)


def _live(token: str, *, lock: bool = False) -> SheetLink:
    # A link is found before its school is known; its hash is unguessable and of one row.
    links = SheetLink._base_manager.filter(token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now())
    links = links.filter(tries__lt=TRIES, sheet__answered_at=None, sheet__taken_back_at=None)
    if lock:
        links = links.select_for_update(of=("self",), no_key=True)
    link = links.select_related("sheet__student", "sheet__school").first()
    if link is None:
        raise NotFound
    return link


def _ticketed(token: str, ticket: str) -> SheetLink:
    link = _live(token)
    if _told(ticket, timedelta(minutes=TICKET_MINUTES)) != _named(link):
        raise Refused("ticket")
    return link


def _answered(token: str, ticket: str) -> Sheet | None:
    """The answered sheet of a link that is gone, for whoever gave its code while it was good."""
    named = _told(ticket, timedelta(days=LINK_DAYS))
    if named is None or named[1] != _hash(token)[:16]:
        return None
    sheets = Sheet.objects.of(UUID(named[2])).select_related("student").filter(pk=UUID(named[3]))
    return sheets.filter(answered_at__isnull=False).first()


def _named(link: SheetLink) -> list[Any]:
    """What a ticket is for: its link, and its sheet, which outlives the link."""
    return [link.pk, link.token_hash[:16], str(link.school_id), str(link.sheet_id)]


def _told(ticket: str, within: timedelta) -> list[Any] | None:
    """What the ticket is for; None: it is not ours, of before tickets named sheets, or too old."""
    try:
        named = signing.loads(ticket, salt=_SALT, max_age=within)
    except signing.BadSignature:
        return None
    return named if len(named) == 4 else None


def _new_code(link: SheetLink) -> str:
    code = f"{secrets.randbelow(10**6):06d}"
    link.code_hash, link.code_until = _hash(f"{link.pk}:{code}"), timezone.now() + timedelta(minutes=CODE_MINUTES)
    link.save(update_fields=["code_hash", "code_until"])
    return code


def _to_type() -> str:
    """Four times four signs that nobody mistakes for another: 79 bits, and the code is asked for besides."""
    return "-".join("".join(secrets.choice(_TYPED) for _ in range(4)) for _ in range(4))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bare_view(row: Sheet) -> SheetView:
    """What whoever holds the link sees: the form and whose it is. Nobody else's words."""
    return SheetView(
        id=row.id, form=form_of(row), student=student_ref(row.student.id, row.student.display_name),
        language=row.language, sent_at=row.sent_at, sent_by=None, due_on=row.due_on, version=row.version, way=None,
        answered_at=row.answered_at, answered_by="", keyed_by=None, answers=(), readings=(), link_until=None,
    )  # fmt: skip
