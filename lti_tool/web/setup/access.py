"""Who reaches the setup pages: a school's appointed administrators, in a live session, for their own school (T61).

The account must still be a teacher or administrator in the course it came from, so a demotion or a roster that drops
it ends this right too. A change asks for a session younger than `FRESH`: whoever sits down at an open browser later
opens the page from the course again first (T63).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from lti_tool.lti import claiming
from lti_tool.plans.exceptions import NotFound

from ..pages import prove_again
from ..session import ANYONE, Visit, tell_refusal, visit
from ..session import is_fresh as session_is_fresh

View = Callable[..., HttpResponse]


def candidate(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A page for anybody who may type a code, appointed or not. Others: 404."""

    def decorate(view: View) -> View:
        @visit(roles=ANYONE, methods=methods)
        @wraps(view)
        def page(request: HttpRequest, here: Visit, **ids: Any) -> HttpResponse:
            if not here.may_set_up:
                raise NotFound
            if request.method == "POST" and not is_fresh(here):
                tell_refusal(request, here.actor, "prove_again")
                return prove_again(request)
            return view(request, here, **ids)

        return page

    return decorate


def administrator(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A page for the school's appointed administrators. Others: 404."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, here: Visit, **ids: Any) -> HttpResponse:
            if not is_appointed(here):
                raise NotFound
            return view(request, here, **ids)

        return candidate(methods=methods)(page)

    return decorate


def is_appointed(here: Visit) -> bool:
    return claiming.is_administrator(here.handle, here.actor.school_id)


def is_fresh(here: Visit) -> bool:
    return session_is_fresh(here.session)
