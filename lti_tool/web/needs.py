"""What is known of a learner, and the talks it came from."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import DiscussionEntry, NeedChange, Participant, Voice
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from .forms import picked, whole
from .pages import render
from .session import LEARNER, STAFF, Visit, visit

MOST_PEOPLE = 6  # rows of the form; a long talk is kept as two


@visit(roles=STAFF | LEARNER, methods=("GET", "POST"))
def needs(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """GET shows it; POST adds, changes or takes back a statement, or keeps that a talk was held."""
    if request.method != "POST":
        return _show(request, here, student_id)
    try:
        if request.POST.get("do") == "talk":
            plans.record_discussion(here.actor, student_id, _talk(request.POST))
        else:
            _say(here, student_id, request.POST)
    except Invalid as invalid:
        plans.student(here.actor, student_id)
        return _show(request, here, student_id, errors=invalid.errors, status=422)
    except Conflict:
        return _show(request, here, student_id, conflict=True, status=409)
    plans.clear_drafts(here.actor, _subject(student_id), only=request.POST)
    place = "talks" if request.POST.get("do") == "talk" else f"section-{request.POST.get('section', '')}"
    return redirect(reverse("needs", args=[here.handle, student_id]) + f"?saved=1#{place[:80]}")


def _show(
    request: HttpRequest,
    here: Visit,
    student_id: UUID,
    *,
    errors: Mapping[str, str] | None = None,
    conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = plans.needs(here.actor, student_id)
    typed = request.POST if status != 200 else plans.drafts(here.actor, _subject(student_id))
    return render(
        request,
        "ilp/plan/needs.html",
        {
            "page": page,
            "student_id": student_id,
            "own": student_id == here.actor.person_id,
            "typed": typed,
            "at": f"{typed.get('section', '')}.{typed.get('field', '')}" if status != 200 else "",
            "did": typed.get("do", "") if status != 200 else "",
            "errors": errors or {},
            "conflict": conflict,
            "saved": "saved" in request.GET and status == 200,
            "subject": _subject(student_id),
            "voices": list(Voice),
            "people": range(MOST_PEOPLE),
            "today": timezone.localdate().isoformat(),
        },
        status=status,
    )


def _subject(student_id: UUID) -> str:
    return f"needs:{student_id}"


def _say(here: Visit, student_id: UUID, posted: Mapping[str, str]) -> None:
    own = student_id == here.actor.person_id
    voice = posted.get("voice") or ("learner" if own else "school")
    if voice not in set(Voice):
        raise Invalid({"voice": "invalid"})
    section, field = posted.get("section", ""), posted.get("field", "")
    change = NeedChange(
        section=section,
        field=field,
        text=picked(posted, _answer_name(posted, section, field)),
        voice=Voice(voice),
        source=posted.get("source", ""),
        source_note=posted.get("source_note", ""),
    )
    statement = posted.get("statement", "")
    if not statement:
        plans.say_need(here.actor, student_id, change)
        return
    try:
        statement_id = UUID(statement)
    except ValueError:
        raise NotFound from None
    plans.change_need(here.actor, statement_id, change, version=whole(posted.get("version", "")))


def _answer_name(posted: Mapping[str, str], section: str, field: str) -> str:
    """The name of the one answer a form holds: a new one, or the change of one that stands."""
    names = (f"say:{section}.{field}", f"text-{posted.get('statement', '')}")
    return next((name for name in names if name in posted), "text")


def _talk(posted: Mapping[str, str]) -> DiscussionEntry:
    try:
        held_on = date.fromisoformat(posted.get("held_on", ""))
    except ValueError:
        raise Invalid({"held_on": "day"}) from None
    people = []
    for number in range(MOST_PEOPLE):
        name, voice = posted.get(f"name_{number}", "").strip(), posted.get(f"as_{number}", "")
        if name:
            people.append(Participant(name, Voice(voice) if voice in set(Voice) else Voice.OTHERS))
    return DiscussionEntry(held_on, posted.get("about", ""), posted.get("note", ""), tuple(people))
