"""Closing seen before it is done, and what people say to a closed review (T6, T54, 001.12)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import AgreementEntry, JudgedPart, Voice
from lti_tool.plans.exceptions import Invalid, NotFound

from .forms import about_at_home, lines, whole
from .pages import render
from .reviews import as_mine
from .session import ANYONE, TEACHER, Visit, visit


@visit(roles=TEACHER)
def preview(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """What closing the review would show the student and the family, exactly (T6)."""
    found = plans.preview_closing(here.actor, review_id)
    if found.student.id != student_id:
        raise NotFound
    home, one = request.GET.get("as") == "home", whole(request.GET.get("one", ""))
    context: dict[str, Any] = {"student": found.student, "review_id": review_id, "as_home": home, "one": one}
    if home:
        context |= {"review": found.to_home, "about": about_at_home(found.to_home)}
    elif found.to_student:
        context |= as_mine(request, found.to_student)
    return render(request, "ilp/review_preview.html", context)


@visit(roles=ANYONE, methods=("POST",))
def agree(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """Somebody's own word on what the review says; staff also keep what others said of it."""
    address = _read_at(here, student_id, review_id)
    agrees, text = request.POST.get("agrees") == "1", lines(request.POST.get("agree_text", ""))
    name, voice = request.POST.get("agree_name", ""), request.POST.get("agree_voice", "")
    about = _part("" if agrees else request.POST.get("about", ""))
    try:
        if name.strip() or voice:
            spoken = Voice(voice) if voice in set(Voice) else Voice.OTHERS
            entry = AgreementEntry(spoken, name, agrees, text, about=about)
            plans.record_agreement(here.actor, review_id, entry)
        else:
            plans.agree_review(here.actor, review_id, agrees=agrees, text=text, about=about)
    except Invalid:
        return redirect(f"{address}?missing=agree#agreed")
    return redirect(f"{address}?saved=1#agreed")


def _read_at(here: Visit, student_id: UUID, review_id: UUID) -> str:
    """Where this person reads the review: on its page, or on the family's."""
    try:
        page, route = plans.review(here.actor, review_id).student, "past-review"
    except NotFound:
        page, route = plans.home_review(here.actor, review_id).student, "home-review"
    if page.id != student_id:
        raise NotFound
    return reverse(route, args=[here.handle, student_id, review_id])


def _part(posted: str) -> JudgedPart:
    """The judgement a form names; blank is the review as a whole."""
    kind, _colon, key = posted.partition(":")
    if kind == "area":
        return JudgedPart(area=key)
    target_id = _id(key)
    if posted and target_id is None:
        raise NotFound
    return JudgedPart(target_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
