"""Pages about the page: what is kept here and who sees it, leaving, and the tool's own address."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lti_tool.lti import api as lti

from .pages import closed_door, render
from .session import ANYONE, COOKIE, Visit, visit


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """The tool has no pages outside a course."""
    return closed_door(request)


@visit(roles=ANYONE)
def about(request: HttpRequest, here: Visit) -> HttpResponse:
    """Which data, from where, who can see them (T6, T19)."""
    return render(request, "ilp/about.html")


@visit(roles=ANYONE, methods=("POST",))
def done(request: HttpRequest, here: Visit) -> HttpResponse:
    """“I'm done”: for shared tablets. Ends the session and asks the browser to forget it (T62)."""
    lti.end_session(here.handle, here.proof)
    request.visit = None
    response = render(request, "ilp/done.html")
    response.delete_cookie(COOKIE.format(here.handle), samesite="None")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    if request.htmx:
        response["HX-Push-Url"] = "false"
    return response
