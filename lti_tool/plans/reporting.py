"""Something that should not be there: whoever sees it reports it, it is hidden, a second adult looks (T41)."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from . import audit
from .data import Act, Actor
from .exceptions import NotFound, Refused
from .files import forget
from .models import LogEntry, PortfolioItem, Report
from .permissions import changing, reaches
from .work import Work, found


def report(actor: Actor, model: type[Work], row_id: UUID) -> None:
    """Hide an entry or item at once. Reported again, it stays hidden; nothing of what it says is kept here."""
    with changing(actor, "work.report", "work", row_id):
        row = found(actor, model, row_id)
        Report.objects.bulk_create(
            [Report(school_id=actor.school_id, by_id=actor.person_id, **_of(row))], ignore_conflicts=True
        )
        type(row).objects.of(actor.school_id).filter(pk=row.pk, hidden_at=None).update(hidden_at=timezone.now())
        audit.record(actor.school_id, "work.reported", "work", row.id, actor=actor, about_id=row.owner_id)


def settle_report(actor: Actor, row_id: UUID, *, keep: bool) -> None:
    """Show it again, or delete it. Somebody else than its writer and its reporter looks.

    Raises:
        Refused: "second_adult": the one who wrote or reported it cannot settle it.
    """
    with changing(actor, "work.settle", "work", row_id):
        within = reaches(actor, Act.SETTLE_REPORTS, "item__owner_id")
        about_entry = reaches(actor, Act.SETTLE_REPORTS, "entry__owner_id")
        open_ones = Report.objects.of(actor.school_id).filter(settled_at=None)
        one = (
            open_ones.filter(Q(item_id=row_id) & within | Q(entry_id=row_id) & about_entry)
            .select_related("item", "entry")
            .first()
        )
        if one is None:
            raise NotFound
        row = one.item or one.entry
        if row is None:  # the table's constraint: a report is of one of them
            raise NotFound
        wrote = row.added_by_id if isinstance(row, PortfolioItem) else row.owner_id
        if actor.person_id in (wrote, one.by_id):
            raise Refused("second_adult")
        audit.record(
            actor.school_id, "work.settled", "work", row_id, actor=actor, about_id=row.owner_id,
            detail={"kept": keep},
        )  # fmt: skip
        if not keep:
            forget(row)
            return
        one.settled_by_id, one.settled_at, one.kept = actor.person_id, timezone.now(), True
        one.save(update_fields=["settled_by", "settled_at", "kept"])
        type(row).objects.of(actor.school_id).filter(pk=row.pk).update(hidden_at=None)


def _of(row: LogEntry | PortfolioItem) -> dict[str, LogEntry | PortfolioItem]:
    return {"entry" if isinstance(row, LogEntry) else "item": row}
