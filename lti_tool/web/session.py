"""Opens the session of a page: who asks, in which course, with which rights (T1, T62).

The session is a row on the server. Its handle stands in the address; its secret arrives in the partitioned cookie
named by the handle, or, where a browser keeps no cookie, in the header or hidden field that only the document holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.utils import timezone, translation

from lti_tool import glossary
from lti_tool.lti import api as lti
from lti_tool.lti import claiming
from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, Actor, Role
from lti_tool.plans.exceptions import Ended, Invalid, NotFound, Refused
from lti_tool.sealing import Unreadable

from . import pages

COOKIE = "__Host-ilp-{}"
FRESH = timedelta(minutes=20)  # since the launch; what is grave asks for a younger session (T63)
CLASS_STAFF = frozenset({Role.TEACHER, Role.ASSISTANT})  # of the course they came from
APPOINTED = frozenset({Role.KEY_WORKER, Role.SUBJECT_TEACHER, Role.PHASE_LEADER, Role.LEADERSHIP, Role.PROVIDER})
STAFF = CLASS_STAFF | APPOINTED
TEACHER = frozenset({Role.TEACHER, Role.KEY_WORKER})  # those who work on a plan
LEARNER = frozenset({Role.LEARNER})
ANYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request inside a session. `secret` is set only where the document has to carry it (no cookie)."""

    session: lti.Session
    actor: Actor
    csrf: str
    secret: str = ""
    proof: str = ""  # the secret however it came, never for a page

    @property
    def handle(self) -> str:
        return self.session.handle

    @property
    def looks_after(self) -> bool:
        """Whether somebody appointed them to students beyond this course."""
        return bool(self.actor.appointed & APPOINTED)

    @property
    def sees_starts(self) -> bool:
        """Whether they see to it that every learner begins (002.19)."""
        return plans.allows(self.actor, Act.READ_STARTS)

    @property
    def compares(self) -> bool:
        """Whether they look at how programmes fare (002.8)."""
        return plans.allows(self.actor, Act.COMPARE)

    @property
    def settles_reports(self) -> bool:
        """Whether they look at what somebody reported (T41)."""
        return plans.allows(self.actor, Act.SETTLE_REPORTS)

    @property
    def is_family(self) -> bool:
        return Role.FAMILY in self.actor.roles

    @property
    def missing_language(self) -> str:
        """The learner's or family's own language, by its own name, where the tool does not speak it (T94)."""
        code = self.session.locale.replace("_", "-").lower()
        if not code or not (self.is_family or self.actor.role is Role.LEARNER) or spoken(code):
            return ""
        try:
            return str(translation.get_language_info(code)["name_local"])
        except KeyError:
            return code

    @property
    def may_set_up(self) -> bool:
        """Whether a school's code may make this account its administrator. It opens nothing by itself (T61)."""
        role = self.session.role if self.actor.course_id is None else self.actor.role
        return role in claiming.MAY_TYPE_A_CODE


View = Callable[..., HttpResponse]


def visit(
    *,
    roles: frozenset[Role],
    methods: tuple[str, ...] = ("GET",),
    keeps_words: bool = False,
    asks_itself: bool = False,
) -> Callable:
    """Make `view(request, visit, ...)` a page of a session.

    No session: 401 and how to get one. A method not named: 405. A POST without its token: 403. A role not named:
    404, since what may not be seen does not exist. A session that ended answers 401 too, after putting the words
    the request carried where the next session finds them; `keeps_words` views then still run (T83). A page
    `asks_itself` when its script does; then only a request that says somebody is there counts as use of the session.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, handle: str, **ids: Any) -> HttpResponse:
            if request.method == "POST" and "ilp_secret" in request.POST and "ilp_open" in request.POST:
                request.method = "GET"  # a page opened by the document that alone holds the secret: a read
            if request.method not in (*methods, "HEAD" if "GET" in methods else ""):
                return HttpResponseNotAllowed(methods)  # HEAD carries no token: it only asks what GET would answer
            secret = _secret(request, handle)
            used = not asks_itself or "used" in request.POST
            session = lti.open_session(handle, secret, used=used) if secret else None
            if session is None:
                return _framed(pages.closed_door(request), lti.ancestors_of(handle))
            request.visit = None
            with glossary.speaking(_language(session.locale), session.terms):
                response = _answer(request, session, secret, view, ids, roles, keeps_words)
            return _framed(response, session.frame_ancestors)

        return page

    return decorate


def _framed(response: HttpResponse, ancestors: tuple[str, ...]) -> HttpResponse:
    """Only the session's own platform may show the page in a frame (T64)."""
    response._csp_replace = {"frame-ancestors": list(ancestors) or ["'none'"]}
    return response


def _answer(
    request: HttpRequest,
    session: lti.Session,
    secret: str,
    view: View,
    ids: dict[str, Any],
    roles: frozenset[Role],
    keeps_words: bool,
) -> HttpResponse:
    if request.method == "POST" and not _proves_own_page(request, session.handle, secret):
        return pages.refusal(request, "csrf", status=403)
    if pages.holds_nul(request):
        return pages.refusal(request, "unreadable", status=400)
    if session.ended and not session.may_keep_words:
        return pages.session_ended(request)
    actor = actor_of(session)
    here = Visit(session, actor, lti.csrf_token(session.handle, secret), "" if session.in_cookie else secret, secret)
    request.visit = here
    if session.ended and not keeps_words:
        return pages.session_ended(request, kept=keep_words(request, actor))
    if not actor.roles & roles:
        tell_refusal(request, actor, "role")
        return pages.not_found(request)
    try:
        return _settled(request, actor, view(request, here, **ids))
    except (NotFound, Refused) as refusal:
        if not refusal.recorded:
            tell_refusal(request, actor, refusal.code if isinstance(refusal, Refused) else "not_found")
        return _refusal(request, actor, refusal)
    except Unreadable:  # whoever runs the tool has it in the log
        keep_words(request, actor)
        return pages.unreadable(request)


def actor_of(session: lti.Session) -> Actor:
    """Who asks, with the rights they have at this moment."""
    actor = plans.actor_for(session.school_id, session.person_id, session.course_id)
    if actor.role is not Role.LEARNER and not is_fresh(session):
        actor = replace(actor, fresh=False)
    return actor


def _refusal(request: HttpRequest, actor: Actor, refusal: NotFound | Refused) -> HttpResponse:
    if isinstance(refusal, Ended):
        return pages.refusal(request, "ended", status=410)
    if isinstance(refusal, NotFound):
        return pages.not_found(request)
    if refusal.code == "prove_again":
        keep_words(request, actor)
        return pages.prove_again(request)
    return pages.refusal(request, refusal.code, status=409)


def tell_refusal(request: HttpRequest, actor: Actor, reason: str) -> None:
    """Keep in the trail that this page was refused, without anything it holds (T43)."""
    match = request.resolver_match
    if match is not None:  # a request that has a session has an address of ours
        plans.refused(actor, match.url_name or "", match.kwargs.get("student_id"), reason)


def is_fresh(session: lti.Session) -> bool:
    """Whether the person came from their LMS only now."""
    return timezone.now() - session.started_at < FRESH


def proven(here: Visit) -> None:
    """Before what is grave: staff in a session that is not fresh go back to their course first (T63).

    Raises:
        Refused: "prove_again".
    """
    if not here.actor.fresh:
        raise Refused("prove_again")


def keep_words(request: HttpRequest, actor: Actor) -> bool:
    """Store what a form carried when it was not taken. True when there was something to keep."""
    kept = False
    for subject, prefix in _kept_in(request.POST):
        for name in request.POST:
            text = "\n".join(text for text in request.POST.getlist(name) if text)
            if not text.strip() or name.startswith("ilp_"):
                continue
            try:
                plans.save_draft(actor, subject, prefix + name, text)
                kept = True
            except (NotFound, Refused, Invalid):  # a field that no form of ours has, or one too long to keep
                continue
    return kept


def _kept_in(posted: QueryDict) -> Iterator[tuple[str, str]]:
    """Where the words of a form are kept, and what stands before their names there."""
    if posted.get("ilp_subject"):
        yield posted["ilp_subject"], ""
    about, _, form = posted.get("ilp_words", "").partition(" ")
    if form:
        yield about, f"{form}:"


def _settled(request: HttpRequest, actor: Actor, response: HttpResponse) -> HttpResponse:
    """A form that names itself was taken: its words are forgotten. It was not: they are kept for its next page."""
    about, _, form = request.POST.get("ilp_words", "").partition(" ")
    if form and (response.status_code >= 400 or "missing=" in response.get("Location", "")):
        keep_words(request, actor)
    elif form and response.status_code >= 300:
        plans.clear_drafts(actor, about, form=form)
    return response


def _secret(request: HttpRequest, handle: str) -> str:
    return (
        request.COOKIES.get(COOKIE.format(handle))
        or request.headers.get("X-ILP-Secret")
        or request.POST.get("ilp_secret", "")
    )


def _proves_own_page(request: HttpRequest, handle: str, secret: str) -> bool:
    """Only our own document knows the token, or the secret itself where it sent that in the body."""
    if request.POST.get("ilp_secret") == secret:
        return True
    return lti.check_csrf(handle, secret, request.headers.get("X-ILP-CSRF") or request.POST.get("ilp_csrf", ""))


def _language(locale: str) -> str:
    """The launch's locale where we have it; else the tool's own language."""
    return spoken(locale) or translation.get_language() or "en"


def spoken(locale: str) -> str:
    """The language the tool answers this one in, as `ar-SA` -> `ar`; "" where it speaks none of it."""
    try:
        return translation.get_supported_language_variant(locale.replace("_", "-").lower())
    except LookupError:
        return ""
