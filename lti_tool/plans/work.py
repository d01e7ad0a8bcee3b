"""What a learner makes and is seen to do: who sees it, and what is the same for log and portfolio.

A learner's own things are theirs alone until they choose otherwise (T5), and what they opened to others closes
again at the end of the term. What others add is the school's from the start. Something reported is out of
sight at once, but for its writer and for whoever settles it (T41).
"""

from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils import timezone

from .data import Act, Actor, Audience, FileView, MediaUse
from .exceptions import NotFound
from .frameworks.data import Framework
from .frameworks.when import InTerm, due_on
from .media.checking import MediaKind
from .models import LogEntry, Person, PortfolioItem, StoredFile
from .models.base import SchoolQuerySet
from .opening import school_year
from .permissions import allows, reaches
from .permissions import student as reach_student
from .sounds import sound_goes_at

Work = TypeVar("Work", LogEntry, PortfolioItem, covariant=True)
TITLE_LENGTH, TEXT_LENGTH = 200, 10_000  # characters
_OPEN_FOR = timedelta(days=90)  # where the framework names no terms


def row_of_form(actor: Actor, once: UUID | None) -> UUID | None:
    """The id of what this person writes in the form of that name: the same however often it is sent."""
    return uuid5(actor.person_id, once.hex) if once else None


def seen(actor: Actor, model: type[Work]) -> SchoolQuerySet[Work]:
    """The rows of this kind the actor may read, of everybody within reach.

    Raises:
        NotFound: the actor reads nobody's.
    """
    mine = Q(owner_id=actor.person_id)
    if model is PortfolioItem:
        mine |= Q(added_by_id=actor.person_id)
    still = Q(private_again_on=None) | Q(private_again_on__gt=timezone.localdate())
    ways = []
    if allows(actor, Act.READ_PLAN):
        opened = Q(audience__in=[Audience.NOT_FOR_HOME, Audience.SHARED], hidden_at=None) & still
        ways.append(reaches(actor, Act.READ_PLAN, "owner_id") & (mine | opened))
    if allows(actor, Act.SETTLE_REPORTS):
        ways.append(reaches(actor, Act.SETTLE_REPORTS, "owner_id") & Q(hidden_at__isnull=False))
    if allows(actor, Act.READ_SHARED):
        at_home = Q(audience=Audience.SHARED, hidden_at=None) & still
        ways.append(reaches(actor, Act.READ_SHARED, "owner_id") & (mine | at_home))
    if not ways:
        raise NotFound
    condition = ways[0]
    for way in ways[1:]:
        condition |= way
    return model.objects.of(actor.school_id).filter(condition)


def found(actor: Actor, model: type[Work], row_id: UUID) -> Work:
    """One row the actor may read."""
    row = seen(actor, model).filter(id=row_id).select_related("owner").first()
    if row is None:
        raise NotFound
    return row


def reader_of(actor: Actor, student_id: UUID) -> Person:
    """The student, if the actor may read anything of theirs at all."""
    for act in (Act.READ_PLAN, Act.READ_SHARED):
        try:
            return reach_student(actor, act, student_id)
        except NotFound:
            continue
    raise NotFound


def opened_until(framework: Framework, audience: Audience, starts_month: int) -> date | None:
    """The day a learner's own thing is theirs alone again: the end of the running term. None: it is private."""
    if audience is Audience.PRIVATE:
        return None
    today = timezone.localdate()
    begun = school_year(starts_month)
    ends = [
        due_on(InTerm(term.key), framework.school_year, year, {})
        for term in framework.school_year.terms
        for year in (begun, begun + 1)
    ]
    return min((end for end in ends if end and end > today), default=today + _OPEN_FOR)


def file_view(row: StoredFile) -> FileView:
    """A file as pages see it."""
    return FileView(
        id=row.id,
        kind=MediaKind(row.kind),
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        seconds=row.seconds,
        words=row.words,
        shows_others=row.shows_others,
        checked=not row.shows_others or row.others_checked_by_id is not None,
        uses=frozenset(use for use in MediaUse if use in row.uses.split()),
        gone=row.sound_gone_at is not None,
        kept=row.kept,
        goes_at=sound_goes_at(row),
    )


def check_words(errors: dict[str, str], **words: str) -> None:
    """Add "too_long" for each text that is."""
    for name, text in words.items():
        if len(text) > (TITLE_LENGTH if name == "title" else TEXT_LENGTH):
            errors[name] = "too_long"
