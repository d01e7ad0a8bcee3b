"""Setup pages: what is connected, how to connect more, what each LMS lets us see. No plan stands on any of them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lti_tool.lti import api as lti
from lti_tool.lti import claiming, connections, ratelimit
from lti_tool.lti.registration import checking
from lti_tool.lti.registration.by_hand import Refused, add_platform
from lti_tool.lti.services import trying
from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import NotFound

from .. import pages
from ..pages import render
from ..session import Visit
from . import by_hand, words
from .access import administrator, candidate, is_appointed, is_fresh
from .forms import PlatformForm
from .waiting import waiting

ID_DIGITS = 18  # of a row; longer ones fit no database
STORAGE_OUTCOMES = frozenset({"works", "not_offered", "no_answer", "own_window"})


@candidate()
def overview(request: HttpRequest, here: Visit) -> HttpResponse:
    """What the school has connected; for somebody not appointed the field for a code."""
    if not is_appointed(here):
        return render(request, "ilp/setup/code.html")
    return _overview(request, here)


@candidate(methods=("POST",))
def code(request: HttpRequest, here: Visit) -> HttpResponse:
    """Somebody types the school's code and becomes its administrator."""
    if ratelimit.wait_seconds(request, "CODE"):
        return _code_refused(request, _("Too many codes at once. Wait a minute."), 429)
    try:
        claiming.appoint(here.handle, here.actor, request.POST.get("code", ""))
    except claiming.WrongCode:
        wrong = _("That is not a code that works. Look again: a code works once, and for a week.")
        return _code_refused(request, wrong, 422)
    except claiming.TooManyCodes:
        return _code_refused(request, _("Too many wrong codes. Wait an hour, then open this page again."), 429)
    return redirect("setup", here.handle)


def _code_refused(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "ilp/setup/code.html", {"error": sentence}, status=status)


@administrator(methods=("POST",))
def new_link(request: HttpRequest, here: Visit) -> HttpResponse:
    """A one-time registration link, shown this once."""
    link = lti.registration_link(here.actor.school_id)
    plans.record_event(
        here.actor.school_id, "registration_link.made", "school", here.actor.school_id, actor=here.actor
    )
    return _overview(request, here, link=link)


@administrator(methods=("POST",))
def new_code(request: HttpRequest, here: Visit) -> HttpResponse:
    """A one-time code for a colleague or for another learning site, shown this once."""
    return _overview(request, here, code=_new_code(here))


@administrator(methods=("POST",))
def end(request: HttpRequest, here: Visit, appointment_id: int) -> HttpResponse:
    """Somebody looks after the connections no longer."""
    if not claiming.end_appointment(here.actor, appointment_id):
        raise NotFound
    return redirect("setup", here.handle)


@administrator(methods=("GET", "POST"))
def register_by_hand(request: HttpRequest, here: Visit) -> HttpResponse:
    """Every value to copy into an LMS, and a form for what it shows in return. Checked live, then kept."""
    lms = by_hand.lms_named(request.POST.get("lms") or request.GET.get("lms", ""))
    context: dict[str, Any] = {"lms": lms, "all": by_hand.ALL, "values": lms.values(settings.ILP_BASE_URL)}
    if request.method != "POST":
        return render(request, "ilp/setup/by_hand.html", context | {"form": PlatformForm(initial=lms.known)})
    form = PlatformForm(request.POST)
    context["form"] = form
    if not form.is_valid():
        return render(request, "ilp/setup/by_hand.html", context, status=422)
    values = form.values(lms.product_family)
    checks = checking.check(values)
    context["checks"] = [words.check(name, outcome) for name, outcome in checks.items()]
    if set(checks.values()) != {checking.WORKS} and "anyway" not in request.POST:
        return render(request, "ilp/setup/by_hand.html", context | {"may_save_anyway": True}, status=422)
    try:
        platform = add_platform(values)
    except Refused as refused:
        form.refuse(refused)
        return render(request, "ilp/setup/by_hand.html", context, status=422)
    plans.record_event(here.actor.school_id, "platform.described", "platform", platform.pk, actor=here.actor)
    return render(request, "ilp/setup/saved.html", context | {"code": _new_code(here)})


@administrator(methods=("GET", "POST"))
def passback(request: HttpRequest, here: Visit) -> HttpResponse:
    """Whether gradebooks are told that a review is done: all of the school's, or single columns. Off at first.

    `placement` in a POST: the column whose own switch is meant. One that is gone or another school's
    changes nothing.
    """
    school_id = here.actor.school_id
    one = request.POST.get("placement", "")
    if request.method == "POST":
        wanted = request.POST.get("state")
        if wanted not in {"on", "off"} or not (one == "" or (one.isdecimal() and len(one) <= ID_DIGITS)):
            return pages.refusal(request, "passback", status=422)
        if one:
            lti.switch_placement(school_id, int(one), on=wanted == "on", actor=here.actor)
        else:
            lti.switch_passback(school_id, on=wanted == "on", actor=here.actor)
    placements = lti.told_placements(school_id)
    rounds = {cycle.id: cycle for cycle in plans.cycles(school_id)} if placements else {}
    context = {
        "since": lti.passback_since(school_id),
        "placements": [(placement, rounds.get(placement.cycle_id)) for placement in placements],
        "any_on": any(placement.since for placement in placements),
        "changed": request.method == "POST",
        "changed_one": int(one or 0),
    }
    return render(request, "ilp/setup/passback.html", context)


@administrator(methods=("GET", "POST"))
def course(request: HttpRequest, here: Visit, course_id: int) -> HttpResponse:
    """What the LMS lets us see of one course. POST tries it now: the press of the button is the school's consent."""
    school_id = here.actor.school_id
    if request.method == "POST":
        plans.record_event(school_id, "services.tried", "course", course_id, actor=here.actor)
        if trying.try_services(school_id, course_id) is None:
            raise NotFound
    view = connections.course_view(school_id, course_id)
    if view is None:
        raise NotFound
    context = {
        "view": view,
        "lines": words.lines(view),
        "granted": words.granted(view),
        "messages": words.messages(view),
        "lms": by_hand.key_of(view.product_family, *view.addresses),
        "tried_now": request.method == "POST",
        "is_fresh": is_fresh(here),
    }
    return render(request, "ilp/setup/course.html", context)


@administrator(methods=("POST",))
def storage(request: HttpRequest, here: Visit, course_id: int) -> HttpResponse:
    """What the browser found out about the LMS's storage; only it can."""
    outcome = request.POST.get("outcome", "")
    if connections.course_view(here.actor.school_id, course_id) is None:
        raise NotFound
    if outcome not in STORAGE_OUTCOMES:
        return pages.refusal(request, "storage", status=422)
    connections.record_tries(here.actor.school_id, course_id, {"storage": outcome})
    return HttpResponse(status=204)


def _new_code(here: Visit) -> str:
    school_id = here.actor.school_id
    plans.record_event(school_id, "school_code.made", "school", school_id, actor=here.actor)
    return lti.school_code(school_id)


def _overview(request: HttpRequest, here: Visit, **shown: str) -> HttpResponse:
    school_id = here.actor.school_id
    administrators = claiming.administrators(school_id)
    names = plans.names(school_id, [each.person_id for each in administrators])
    return render(
        request,
        "ilp/setup/overview.html",
        {
            "connections": [
                (words.family_name(each.product_family), each) for each in connections.connections(school_id)
            ],
            "waiting": waiting(here.actor),
            "passback_since": lti.passback_since(school_id),
            "told_columns": sum(1 for placement in lti.told_placements(school_id) if placement.since),
            "administrators": [
                (each, names[each.person_id], each.person_id == here.actor.person_id) for each in administrators
            ],
            **shown,
        },
    )
