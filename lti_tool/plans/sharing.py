"""Shares: a learner lets a named person read exactly these items, for a purpose, until a day (T11, T12)."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from . import audit
from .appointments import appointment_view
from .data import Act, Actor, AppointmentView, Item, PersonRef, Piece, Role, ShareRules, ShareView, StandingShare
from .exceptions import Ended, Invalid, NotFound, Refused
from .items import KINDS, live_items, staff, staff_who_reach
from .models import Appointment, Person, School, Share, ShareItem, StoredFile
from .naming import author_ref, by_name, student_ref
from .permissions import asking, changing, live_appointments, office
from .permissions import student as reach_student

PURPOSE_LENGTH = 300
MOST_ITEMS = 50
_OFFERED = 100  # of each kind, on a form


def recipients(actor: Actor) -> tuple[PersonRef, ...]:
    """Whom the learner may share with: whoever teaches or helps in the school or is appointed to anything in it."""
    reach_student(actor, Act.SHARE, actor.person_id)
    rows = staff(actor.school_id).exclude(pk=actor.person_id)
    return tuple(sorted(map(author_ref, rows), key=by_name))


def share_rules(actor: Actor) -> ShareRules:
    """What the school's rules let the learner do now."""
    reach_student(actor, Act.SHARE, actor.person_id)
    school = School.objects.get(pk=actor.school_id)
    until = timezone.localdate() + timedelta(days=school.share_days)
    return ShareRules(school.learners_share, until, school.learners_end_providers)


def preview(actor: Actor, items: Sequence[Item]) -> tuple[Piece, ...]:
    """These items exactly as a recipient will read them (T11). Raises NotFound: one is not the learner's to share."""
    with asking(actor, "share.preview", "person", actor.person_id):
        reach_student(actor, Act.SHARE, actor.person_id)
        return tuple(_own(actor, item) for item in items)


def share(actor: Actor, recipient_id: UUID, items: Sequence[Item], *, purpose: str, ends_on: date | None) -> UUID:
    """The recipient may read exactly these items from now on, until `ends_on`, its last day.

    Raises:
        NotFound: an item is not the learner's, or the recipient nobody of the school's staff.
        Refused: "sharing_off", the school's rules let no learner share.
        Invalid: purpose "required" or "too_long"; items "required" or "too_many"; ends_on "required", "past" or
            "too_late" (the school's longest); items "unchecked": others are in a picture, and no staff looked yet.
    """
    with changing(actor, "share.make", "person", actor.person_id):
        me = reach_student(actor, Act.SHARE, actor.person_id)
        school = School.objects.get(pk=actor.school_id)
        if not school.learners_share:
            raise Refused("sharing_off")
        wanted = list(dict.fromkeys(items))
        _check(school, wanted, purpose, ends_on)
        if ends_on is None:
            raise AssertionError("checked above")
        if not staff(actor.school_id).filter(pk=recipient_id).exclude(pk=me.id).exists():
            raise NotFound
        for item in wanted:
            _own(actor, item)
        _check_others(actor, me, recipient_id, wanted)
        row = Share.objects.create(
            school_id=actor.school_id,
            student=me,
            recipient_id=recipient_id,
            purpose=purpose.strip(),
            made_by_id=actor.person_id,
            ends_on=ends_on,
        )
        ShareItem.objects.bulk_create(
            ShareItem(school_id=actor.school_id, share=row, kind=item.kind, item_id=item.id) for item in wanted
        )
        detail = {"recipient": str(recipient_id), "ends_on": str(ends_on), "items": [str(item.id) for item in wanted]}
        audit.record(actor.school_id, "share.made", "share", row.id, actor=actor, about_id=me.id, detail=detail)
        return row.id


def _check(school: School, items: Sequence[Item], purpose: str, ends_on: date | None) -> None:
    errors = {}
    if not purpose.strip():
        errors["purpose"] = "required"
    elif len(purpose) > PURPOSE_LENGTH:
        errors["purpose"] = "too_long"
    if not items:
        errors["items"] = "required"
    elif len(items) > MOST_ITEMS:
        errors["items"] = "too_many"
    today = timezone.localdate()
    if ends_on is None:
        errors["ends_on"] = "required"
    elif ends_on < today:
        errors["ends_on"] = "past"
    elif ends_on > today + timedelta(days=school.share_days):
        errors["ends_on"] = "too_late"
    if errors:
        raise Invalid(errors)


def _check_others(actor: Actor, me: Person, recipient_id: UUID, items: Sequence[Item]) -> None:
    """A picture that shows others leaves the class only once staff looked (T16): neither does what holds it."""
    of_class = {
        person for person, role in staff_who_reach(actor.school_id, me.id, Act.READ_PLAN) if role is not Role.PROVIDER
    }
    ids = [item.id for item in items]
    unchecked = StoredFile.objects.of(actor.school_id).filter(
        Q(item__in=ids) | Q(entry__in=ids), shows_others=True, others_checked_by=None, withdrawn_at=None
    )
    if recipient_id not in of_class and unchecked.exists():
        raise Invalid({"items": "unchecked"})


def _own(actor: Actor, item: Item) -> Piece:
    """The item as others read it, if it is the learner's own to share."""
    kind = KINDS.get(item.kind)
    if kind is None or not kind.shareable:
        raise NotFound
    rows = kind.model.objects.of(actor.school_id).filter(kind.to_learner(), kind.to_recipients(), pk=item.id)
    row = rows.filter(**{kind.student: actor.person_id}).select_related(*kind.related).first()
    if row is None:
        raise NotFound
    return kind.pieces(item.kind, [row])[0]


def end_share(actor: Actor, share_id: UUID) -> None:
    """Nobody reads by this share from the next request on. Ended before, it stays so.

    The learner whose it is may end it, and the school's office.
    """
    with changing(actor, "share.end", "share", share_id):
        row = Share.objects.of(actor.school_id).select_for_update().filter(pk=share_id).first()
        if row is None:
            raise NotFound
        if row.student_id == actor.person_id:
            reach_student(actor, Act.SHARE, row.student_id)
        else:
            office(actor, Act.MANAGE_PEOPLE)
        if row.ended_at is None:
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            audit.record(actor.school_id, "share.ended", "share", row.id, actor=actor, about_id=row.student_id)


def standing_shares(actor: Actor) -> tuple[StandingShare, ...]:
    """What learners share with anybody today, for the office that may end it: no word of what it is. One query."""
    with asking(actor, "share.list", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    rows = Share.objects.of(actor.school_id).filter(ended_at=None, ends_on__gte=timezone.localdate())
    counted = rows.annotate(number=Count("items")).select_related("student", "recipient")
    return tuple(
        StandingShare(
            row.id,
            student_ref(row.student.id, row.student.display_name),
            author_ref(row.recipient),
            row.number,
            row.made_at,
            row.ends_on,
        )
        for row in counted.order_by("student__display_name", "made_at")[:_OFFERED]
    )


def end_provider(actor: Actor, appointment_id: UUID) -> None:
    """A learner ends an outside provider's access to their plan, where the school's rules let them.

    Raises:
        NotFound: no live appointment of a provider to the learner. Refused: "ending_off", the school decides.
    """
    with changing(actor, "appointment.end", "appointment", appointment_id):
        me = reach_student(actor, Act.SHARE, actor.person_id)
        rows = Appointment.objects.of(actor.school_id).select_for_update().filter(pk=appointment_id, student=me)
        row = rows.filter(role=Role.PROVIDER).select_related("school").first()
        if row is None:
            raise NotFound
        if not row.school.learners_end_providers:
            raise Refused("ending_off")
        if row.ended_at is None:
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            audit.record(actor.school_id, "appointment.ended", "appointment", row.id, actor=actor, about_id=me.id)


def my_providers(actor: Actor) -> tuple[AppointmentView, ...]:
    """Who outside the school may read the learner's plan now."""
    me = reach_student(actor, Act.SHARE, actor.person_id)
    rows = live_appointments(actor.school_id).filter(student=me, role=Role.PROVIDER)
    return tuple(map(appointment_view, rows.select_related("person", "student").order_by("starts_on")))


def mine_to_share(actor: Actor) -> tuple[Piece, ...]:
    """Everything the learner could share, kind by kind, the newest first: what a form offers one by one (T11)."""
    me = reach_student(actor, Act.SHARE, actor.person_id)
    found: list[Piece] = []
    for name, kind in KINDS.items():
        if not kind.shareable:
            continue
        rows = kind.model.objects.of(actor.school_id).filter(kind.to_learner(), kind.to_recipients())
        rows = rows.filter(**{kind.student: me.id}).select_related(*kind.related)
        pieces = kind.pieces(name, rows.order_by("-pk")[:_OFFERED])
        found += sorted(pieces, key=lambda piece: piece.at or timezone.now(), reverse=True)
    return tuple(found)


def my_shares(actor: Actor) -> tuple[ShareView, ...]:
    """What the learner shared, the newest first, ended ones too: they see that ending it worked (T12)."""
    me = reach_student(actor, Act.SHARE, actor.person_id)
    rows = Share.objects.of(actor.school_id).filter(student=me).select_related("student", "recipient")
    return tuple(_view(row) for row in rows.order_by("-made_at")[:100])


def shared_with_me(actor: Actor) -> tuple[ShareView, ...]:
    """What stands shared with the actor today, by student."""
    live = live_items(actor.school_id).filter(share__recipient_id=actor.person_id).values("share_id")
    rows = Share.objects.of(actor.school_id).filter(pk__in=live).select_related("student", "recipient")
    return tuple(sorted(map(_view, rows), key=lambda view: by_name(view.student)))


def shared(actor: Actor, share_id: UUID) -> ShareView:
    """One share as its recipient reads it; the learner sees the very same.

    Raises:
        NotFound: it is neither's. Ended: it was the recipient's, who may be no more of the school's staff (T3).
    """
    with asking(actor, "share.read", "share", share_id):
        rows = Share.objects.of(actor.school_id).select_related("student", "recipient")
        row = rows.filter(Q(recipient_id=actor.person_id) | Q(student_id=actor.person_id), pk=share_id).first()
        if row is None:
            raise NotFound
        if row.student_id == actor.person_id:
            reach_student(actor, Act.SHARE, row.student_id)
        elif not live_items(actor.school_id).filter(share=row, share__recipient_id=actor.person_id).exists():
            raise Ended
    if row.student_id != actor.person_id:
        audit.record_once(actor, "share.read", "share", row.id, about_id=row.student_id)
    return _view(row)


def _view(row: Share) -> ShareView:
    pieces: list[Piece] = []
    for listed in ShareItem.objects.of(row.school_id).filter(share=row).order_by("id"):
        item, kind = Item(listed.kind, listed.item_id), KINDS[listed.kind]
        rows = kind.model.objects.of(row.school_id).filter(kind.to_recipients(), pk=item.id)
        found = rows.filter(**{kind.student: row.student_id}).select_related(*kind.related).first()
        if found is not None:  # not deleted since
            pieces += kind.pieces(item.kind, [found])
    return ShareView(
        id=row.id,
        student=student_ref(row.student.id, row.student.display_name),
        recipient=author_ref(row.recipient),
        purpose=row.purpose,
        pieces=tuple(pieces),
        made_at=row.made_at,
        ends_on=row.ends_on,
        ended_at=row.ended_at,
    )
