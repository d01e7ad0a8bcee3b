"""The gradebook opens a student's review (Submission Review 1.0): whose, of which round, and whether this person may.

Platforms sign such a message for whoever asks (Moodle 4.5 for a student about another), so the right comes from the
launcher's live enrolment alone and the student is fetched through it (T61). The column it was opened from must be
this course's, and one that a round of reviews was placed with opens that round's review and no other.
"""

from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q

from lti_tool.lti.claims import Launch
from lti_tool.lti.models import Context, ResourceLink
from lti_tool.lti.placed import cycle_of
from lti_tool.lti.refusals import Refused
from lti_tool.lti.services.ags import is_at
from lti_tool.lti.services.people import persons_of
from lti_tool.lti.sync import Seat
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, CycleView, Role
from lti_tool.plans.exceptions import NotFound

from .pages import STAFF, Entrance

LEVELS = 5  # how far above a column its list is looked for


def review(launch: Launch, seat: Seat) -> Entrance:
    """The page of that review. A teacher's own launch starts it where there is none yet."""
    if seat.course_id is None:
        raise Refused("no_course", return_url=launch.return_url)
    actor = plans.actor_for(seat.school_id, seat.person_id, seat.course_id)
    own = launch.for_user == launch.sub
    if actor.role not in STAFF and not own:
        raise Refused("review_of_another", return_url=launch.return_url)
    cycle = _cycle(launch, seat)
    if own and launch.role not in STAFF:
        return Entrance("cycle", (cycle.id,)) if cycle else Entrance("panel")
    person_id = persons_of(seat.deployment_pk, [launch.for_user]).get(launch.for_user)
    try:
        if person_id is None:
            raise NotFound
        plans.student(actor, person_id)
    except NotFound:
        plans.request_sync(seat.school_id, seat.course_id, "ags")  # the class list may be older than the student
        raise Refused("student_unknown", return_url=launch.return_url) from None
    if cycle is None:
        return Entrance("review", (person_id,))
    review_id = _of_cycle(actor, person_id, cycle)
    return Entrance("past-review", (person_id, review_id)) if review_id else Entrance("cycle", (cycle.id,))


def _of_cycle(actor: Actor, person_id: UUID, cycle: CycleView) -> UUID | None:
    """The student's review of the round; whoever may only read finds none where none was started."""
    if actor.role is Role.TEACHER:
        return plans.start_review(actor, person_id, cycle_key=cycle.code)
    return plans.cycle_review(actor, person_id, cycle.code)


def _cycle(launch: Launch, seat: Seat) -> CycleView | None:
    """The round the column is for, by the placement it came with, else by what the message says. Raises Refused."""
    placed = _column(launch, seat)
    try:
        said = cycle_of(launch, seat)
        if placed is None or placed.cycle_id is None:
            return said
        known = plans.cycle(seat.school_id, placed.cycle_id)
    except NotFound:
        raise Refused("cycle_unknown", return_url=launch.return_url) from None
    if said is not None and said.key != known.key:  # of another year it is the same placement in a copied course
        raise Refused("column_of_another", return_url=launch.return_url)
    return said or known


def _column(launch: Launch, seat: Seat) -> ResourceLink | None:
    """The placement this gradebook column belongs to, if we know it. Raises Refused: it is another course's."""
    column, home = launch.lineitem_url, launch.lineitems_url or _list_of(seat)
    links = list(
        ResourceLink.objects.filter(
            context__deployment__platform_id=launch.platform_id, lineitem_url=column
        ).order_by("pk")
    )
    here = next((link for link in links if link.context_id == seat.context_pk), None)
    foreign = bool(links) and here is None
    if foreign or (home and not is_at(column, home)) or (here is None and _listed_elsewhere(column, seat)):
        raise Refused("column_of_another", return_url=launch.return_url)
    return here


def _list_of(seat: Seat) -> str:
    return Context.objects.filter(pk=seat.context_pk or 0).values_list("lineitems_url", flat=True).first() or ""


def _listed_elsewhere(column: str, seat: Seat) -> bool:
    """Whether the column lies below another course's list of columns and not below this one's, as on most platforms
    (AGS 2.0, 3.1)."""
    path = urlsplit(column)._replace(query="", fragment="").geturl()
    above = [path.rsplit("/", depth)[0] for depth in range(1, LEVELS)]
    named = Q(*[("lineitems_url", url) for url in above], _connector=Q.OR)
    named |= Q(*[("lineitems_url__startswith", url + "?") for url in above], _connector=Q.OR)
    lists = Context.objects.filter(named, deployment_id=seat.deployment_pk)
    courses = set(lists.values_list("pk", flat=True))
    return bool(courses) and seat.context_pk not in courses
