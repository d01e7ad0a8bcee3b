"""The frameworks a school can choose from."""

from django.db.models import Count

from ..data import Act, Actor, FrameworkLine
from ..models import FrameworkVersion, Plan
from ..permissions import asking, office
from .data import Framework
from .keeping import newest_version
from .loading import BUILT_IN, built_in

_DRAFT = FrameworkVersion.State.DRAFT


def frameworks(actor: Actor) -> tuple[FrameworkLine, ...]:
    """What the school can choose from: the built-in ones, then its own. Constant SQL.

    Raises:
        NotFound: the actor does not look after the school's frameworks.
    """
    with asking(actor, "framework.list", "school", actor.school_id):
        school = office(actor, Act.MANAGE_FRAMEWORKS).school
    newest: dict[str, FrameworkVersion] = {}
    numbers: dict[str, int] = {}
    drafts = set()
    for row in FrameworkVersion.objects.of(school.id).order_by("name", "key", "number").defer("text", "document"):
        newest[row.key] = row
        if row.state == _DRAFT:
            drafts.add(row.key)
        else:
            numbers[row.key] = row.number
    counted = Plan.objects.of(school.id).filter(framework__isnull=False).values_list("framework__key")
    plans = dict(counted.annotate(Count("id")))
    own = [key for key in newest if key not in BUILT_IN]
    lines = []
    for key in (*BUILT_IN, *own):
        part = built_in(key) if key in BUILT_IN else None
        lines.append(
            FrameworkLine(
                key=key,
                name=part.name if part else newest[key].name,
                about=part.about if part else "",
                source=part.source if part else "",
                built_in=part is not None,
                number=numbers.get(key, 0),
                has_draft=key in drafts,
                chosen=key == school.framework_key,
                plans=plans.get(key, 0),
                copied_from="" if part else newest[key].copied_from,
            )
        )
    return tuple(lines)


def framework_to_see(actor: Actor, key: str) -> Framework:
    """The newest published version of a framework, to look at before choosing it.

    Raises:
        NotFound: no such framework, or the actor does not look after them.
    """
    with asking(actor, "framework.read", "framework", key):
        office(actor, Act.MANAGE_FRAMEWORKS)
        if key in BUILT_IN:
            return built_in(key).made()
        return newest_version(actor.school_id, key)
