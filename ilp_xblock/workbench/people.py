"""Who is at the browser. The workbench has no login: `?student=` opens it as a person, and the browser's session
remembers everyone it was opened as, so that a launch is only ever signed for one of them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from .models import Person

SESSION_KEY = "opened_as"
MOST_PEOPLE = 50  # remembered by one browser


class OpenedAs:
    """Middleware: remembers the person a page was opened as. Unknown people are nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sub = request.GET.get("student", "")
        if sub and sub not in opened_as(request) and Person.objects.filter(id_on_platform=sub).exists():
            request.session[SESSION_KEY] = [*opened_as(request), sub][-MOST_PEOPLE:]
        return self.get_response(request)


def opened_as(request: HttpRequest) -> list[str]:
    return list(request.session.get(SESSION_KEY, []))


class WorkbenchUser:
    """`CurrentUser` of the workbench."""

    def launching(self, request: HttpRequest) -> str | None:
        sub = request.GET.get("student", "")
        return sub if sub in opened_as(request) else None

    def is_current(self, request: HttpRequest, sub: str) -> bool:
        return sub in opened_as(request)

    def sub_of(self, user_id: Any) -> str | None:
        return str(user_id) if user_id else None
