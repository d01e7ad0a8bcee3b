"""The activities of a course, as its platform tells them, and the picker over them."""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from . import audit
from .data import ActivityRead, ActivityView, Actor, TargetState
from .exceptions import NotFound
from .models import Activity, Course, TargetActivity
from .permissions import Act, asking, standing

_FIELDS = ["label", "score_maximum", "url", "position", "removed_at", "source", "received_at"]


def view(activity: Activity) -> ActivityView:
    """The activity as it crosses the door."""
    return ActivityView(
        id=activity.id,
        external_id=activity.external_id,
        label=activity.label,
        score_maximum=activity.score_maximum,
        url=activity.url,
        removed=activity.removed_at is not None,
    )


def sync_activities(
    school_id: UUID, course_id: int, reads: Sequence[ActivityRead], *, source: str = "ags", complete: bool = True
) -> dict[str, int]:
    """Make the course's activities those the source tells, in its order; returns ids by external id.

    Writes only what changed. One that is missing is marked removed and keeps its evidence; one that comes
    back is itself again. An external id told twice counts once, the last telling. `complete` False (rows of the
    list could not be read): nothing is concluded from absence.
    """
    wanted = {read.external_id: read for read in reads}
    with transaction.atomic():
        if not Course.objects.of(school_id).select_for_update(no_key=True).filter(id=course_id):
            raise NotFound
        known = {row.external_id: row for row in Activity.objects.of(school_id).filter(course_id=course_id)}
        added, changed = [], []
        for position, read in enumerate(wanted.values()):
            told = {
                "label": read.label[:255] or read.external_id,
                "score_maximum": read.score_maximum,
                "url": read.url,
                "position": position,
                "removed_at": None,
            }
            row = known.get(read.external_id)
            if row is None:
                added.append(Activity(school_id=school_id, course_id=course_id, external_id=read.external_id, **told))
            elif any(getattr(row, name) != value for name, value in told.items()):
                for name, value in told.items():
                    setattr(row, name, value)
                changed.append(row)
        missing = [row for key, row in known.items() if key not in wanted and row.removed_at is None]
        removed = missing if complete else []
        now = timezone.now()
        for row in removed:
            row.removed_at = now
        for row in [*added, *changed, *removed]:
            row.source, row.received_at = source, now
        Activity.objects.bulk_create(added, batch_size=200)
        Activity.objects.of(school_id).bulk_update(changed + removed, _FIELDS, batch_size=100)
        if added or changed or removed:
            detail = {"added": len(added), "changed": len(changed), "removed": len(removed)}
            audit.record(school_id, "activities.read", "course", course_id, detail=detail)
    return {row.external_id: row.id for row in [*known.values(), *added] if row.external_id in wanted}


def activities(actor: Actor) -> tuple[ActivityView, ...]:
    """Every activity of the actor's course that is there now, in the course's order. Teachers only."""
    return find_activities(actor, "", limit=None)


def find_activities(actor: Actor, text: str, limit: int | None = 50) -> tuple[ActivityView, ...]:
    """Activities of the actor's course whose label holds every word of `text`. Teachers only."""
    with asking(actor, "activities.read", "course", actor.course_id):
        course_id = standing(actor, Act.PICK_ACTIVITIES).course_id
    rows = Activity.objects.of(actor.school_id).filter(course_id=course_id, removed_at=None)
    words = [word.casefold() for word in text.split()]
    # Compared here, not in SQL: SQLite folds the case of ASCII letters only.
    found = (row for row in rows.order_by("position", "id") if all(word in row.label.casefold() for word in words))
    return tuple(view(row) for row in islice(found, limit))


def linked_activities(school_id: UUID, course_id: int, person_id: UUID) -> set[str]:
    """External ids of the course's activities that this person's targets are linked to, stopped ones left out."""
    links = TargetActivity.objects.of(school_id).filter(
        target__plan__student_id=person_id, activity__course_id=course_id, activity__removed_at=None
    )
    links = links.exclude(target__state=TargetState.STOPPED)
    return set(links.values_list("activity__external_id", flat=True))
