"""The office's page: who acts as what for whom, families, joined accounts, records and requests to delete them.

No plan stands on it. Everything it changes asks for a fresh visit, a person's record too (T63).
"""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, GuardianFlags, GuardianScope, NameReason, Role, Scope
from lti_tool.plans.exceptions import Invalid, NotFound

from ..pages import render
from ..record_package import package
from ..session import Visit
from .access import administrator

GIVEN = (
    Role.KEY_WORKER,
    Role.SUBJECT_TEACHER,
    Role.PHASE_LEADER,
    Role.LEADERSHIP,
    Role.PROVIDER,
)
ID_DIGITS = 18  # of a row; longer ones fit no database
FLAGS = ("court_order", "no_contact", "hidden_address")


@administrator()
def people(request: HttpRequest, here: Visit) -> HttpResponse:
    """What stands, and the people who were looked for."""
    return _page(request, here, request.GET.get("q", ""))


def _page(
    request: HttpRequest,
    here: Visit,
    wanted: str,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "wanted": wanted,
        "found": plans.find_people(here.actor, wanted),
        "appointments": plans.appointments(here.actor),
        "guardians": plans.guardians(here.actor),
        "joins": plans.joins(here.actor),
        "brought": plans.brought_records(here.actor),
        "asked": plans.erasures_asked(here.actor),
        "wrong": plans.corrections_asked(here.actor),
        "shares": plans.standing_shares(here.actor),
        "reasons": tuple(NameReason),
        "roles": GIVEN,
        "errors": errors or {},
        "marks": lti.marks(here.actor.school_id),
        "posted": request.POST,
    }
    return render(request, "ilp/setup/people.html", context, status=status)


@administrator(methods=("POST",))
def act(request: HttpRequest, here: Visit) -> HttpResponse:
    """One change. What cannot be taken comes back with what was chosen."""
    change = CHANGES.get(request.POST.get("do", ""))
    wanted = request.POST.get("q", "")
    try:
        if change is None:
            raise Invalid({"do": "unknown"})
        change(here.actor, request.POST)
    except Invalid as invalid:
        return _page(request, here, wanted, errors=invalid.errors, status=422)
    return redirect("office", here.handle)


@administrator(methods=("POST",))
def record(request: HttpRequest, here: Visit) -> HttpResponse:
    """A person's whole record, for whoever asks the school for it (T52)."""
    try:
        person_id = _id(request.POST, "person")
    except Invalid as invalid:
        return _page(request, here, request.POST.get("q", ""), errors=invalid.errors, status=422)
    made = package(plans.export_record(here.actor, person_id))
    response = HttpResponse(made, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="record.zip"'
    return response


@administrator(methods=("POST",))
def bring(request: HttpRequest, here: Visit) -> HttpResponse:
    """A record somebody took along from another school comes in for one student."""
    wanted, upload = request.POST.get("q", ""), request.FILES.get("file")
    try:
        plans.bring_record(here.actor, _id(request.POST, "student"), upload.read() if upload else b"")
    except Invalid as invalid:
        return _page(request, here, wanted, errors=invalid.errors, status=422)
    return redirect(reverse("office", args=[here.handle]) + "#brought")


def _appoint(actor: Actor, sent: QueryDict) -> None:
    role, phase = sent.get("role", ""), sent.get("phase", "").strip()
    if role not in GIVEN:
        raise Invalid({"role": "unknown"})
    student = None if phase or role == Role.LEADERSHIP else _id(sent, "student")
    plans.appoint(actor, _id(sent, "person"), Role(role), Scope(student_id=student, phase=phase), ends_on=_day(sent))


def _link(actor: Actor, sent: QueryDict) -> None:
    flags = GuardianFlags(*(flag in sent for flag in FLAGS))
    scope = GuardianScope.SHEETS if "sheets" in sent else GuardianScope.SHARED
    plans.link_guardian(
        actor, _id(sent, "person"), _id(sent, "student"), scope=scope, flags=flags, ends_on=_day(sent)
    )


def _decide(actor: Actor, sent: QueryDict) -> None:
    plans.decide_erasure(actor, _id(sent, "id"), grant="grant" in sent, answer=sent.get("answer", ""))


def _answer(actor: Actor, sent: QueryDict) -> None:
    plans.decide_correction(actor, _id(sent, "id"), grant="grant" in sent, answer=sent.get("answer", ""))


def _erase(actor: Actor, sent: QueryDict) -> None:
    if "sure" not in sent:
        raise Invalid({"sure": "required"})
    plans.erase_person(actor, _id(sent, "person"))


def _mark_done(actor: Actor, sent: QueryDict) -> None:
    number = sent.get("id", "")
    if not (number.isdecimal() and len(number) <= ID_DIGITS) or not lti.done_by_hand(actor, int(number)):
        raise NotFound


CHANGES: Mapping[str, Callable[[Actor, QueryDict], object]] = {
    "appoint": _appoint,
    "dismiss": lambda actor, sent: plans.end_appointment(actor, _id(sent, "id")),
    "link": _link,
    "unlink": lambda actor, sent: plans.end_guardian(actor, _id(sent, "id")),
    "join": lambda actor, sent: plans.join_people(actor, _id(sent, "person"), _id(sent, "student")),
    "take-out": lambda actor, sent: plans.take_out_record(actor, _id(sent, "id")),
    "part": lambda actor, sent: plans.part_people(actor, _id(sent, "id")),
    "decide": _decide,
    "answer": _answer,
    "end-share": lambda actor, sent: plans.end_share(actor, _id(sent, "id")),
    "undo-name": lambda actor, sent: plans.undo_own_name(actor, _id(sent, "person"), reason=sent.get("reason", "")),
    "erase": _erase,
    "mark-done": _mark_done,
}


def _id(sent: QueryDict, name: str) -> UUID:
    try:
        return UUID(sent.get(name, ""))
    except ValueError:
        raise Invalid({name: "required"}) from None


def _day(sent: QueryDict) -> date | None:
    """The last day, if one was given."""
    text = sent.get("ends_on", "")
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and day is None:
        raise Invalid({"ends_on": "invalid"})
    return day
