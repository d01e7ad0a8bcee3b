"""Who has no plan or first review yet: for those who see to it that every learner begins (002.19)."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role, Waits

from .forms import whole
from .pages import render
from .people_words import waits_words
from .session import Visit, visit

SEES_TO_IT = frozenset({Role.PHASE_LEADER, Role.LEADERSHIP, Role.ADMINISTRATOR})


@visit(roles=SEES_TO_IT)
def starting(request: HttpRequest, here: Visit) -> HttpResponse:
    """One page of the list, by what is waited for, school year and class."""
    asked = request.GET
    show = next((one for one in Waits if one == asked.get("show")), None)
    year, course_id = asked.get("year", ""), whole(asked.get("class", ""))
    found = plans.starts(
        here.actor, show=show, year=year, course_id=course_id, page=whole(asked.get("page", "")) or 1
    )
    narrowed = {name: value for name, value in (("year", year), ("class", course_id)) if value}
    context = {
        "list": found,
        "show": show,
        "year": year,
        "course_id": course_id,
        "narrowed": urlencode(narrowed),
        "all_of_it": urlencode(narrowed | ({"show": show.value} if show else {})),
        "tabs": [(one, waits_words(one), found.counts[one]) for one in (Waits.OVERDUE, Waits.PLAN, Waits.REVIEW)],
        "years": [("none" if one is None else str(one), one) for one in found.years],
    }
    return render(request, "ilp/starting.html", context)
