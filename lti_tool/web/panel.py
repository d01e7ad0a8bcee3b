"""The panel beside the coursework: a student's own targets, or a teacher's class."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from lti_tool.evidence import api as evidence
from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import ClassPanel, Role, StudentPanel, Track
from lti_tool.plans.exceptions import Invalid

from .pages import render
from .people import family_page, students_page
from .reviews import left_words, where_left
from .session import ANYONE, CLASS_STAFF, LEARNER, Visit, visit
from .words import audience_of

WORDS = "words"  # subject of the draft of a student's own words


@visit(roles=ANYONE, methods=("GET", "POST"))
def panel(request: HttpRequest, here: Visit) -> HttpResponse:
    """POST is a read too: it brings the secret in its body where no cookie was kept."""
    if here.actor.role is Role.LEARNER:
        return render(request, "ilp/student.html", _student(here, whole=True))
    if here.actor.role in CLASS_STAFF:
        return render(request, "ilp/class.html", class_context(request, here) | where_left(here))
    if here.looks_after:
        return students_page(request, here)
    if here.is_family:
        return family_page(request, here)
    return render(request, "ilp/no_course.html" if here.actor.course_id is None else "ilp/nothing.html")


@visit(roles=LEARNER | CLASS_STAFF, methods=("POST",), asks_itself=True)
def live(request: HttpRequest, here: Visit) -> HttpResponse:
    """The part that changes, or 204 while it has not. Reads that are due are asked for on the way."""
    learner = here.actor.role is Role.LEARNER
    context = _student(here) if learner else class_context(request, here)
    _ask_for_evidence(here, context["panel"], learner)
    if request.POST.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "ilp/student_live.html" if learner else "ilp/class_live.html", context)


@visit(roles=LEARNER, methods=("POST",))
def words(request: HttpRequest, here: Visit) -> HttpResponse:
    """The student shares what they wrote for the coming review."""
    text = request.POST.get("text", "").strip()
    try:
        plans.contribute(here.actor, text=text, audience=audience_of(request.POST))
    except Invalid as invalid:
        context = _student(here, whole=True) | {"words": text, "words_error": invalid.errors.get("text", "invalid")}
        return render(request, "ilp/student.html", context, status=422)
    plans.clear_drafts(here.actor, WORDS)
    return redirect("panel", here.handle)


@visit(roles=ANYONE, methods=("POST",), keeps_words=True)
def draft(request: HttpRequest, here: Visit) -> HttpResponse:
    """Keep one field while it is being typed, even after the session has ended (T83)."""
    subject, field = request.POST.get("ilp_subject", ""), request.POST.get("field", "")
    try:
        plans.save_draft(here.actor, subject, field, request.POST.get("text", ""))
    except Invalid:
        return JsonResponse({"kept": False}, status=422)
    return JsonResponse({"kept": True, "ended": here.session.ended})


@visit(roles=ANYONE)
def drafts(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """What its author typed into the forms about one student and did not send: the page's script puts it back."""
    return JsonResponse({"words": plans.drafts_about(here.actor, student_id)})


def _student(here: Visit, *, whole: bool = False) -> dict[str, Any]:
    panel = plans.student_panel(
        here.actor,
        activity_external_ids=here.session.activity_ids,
        goal=here.session.goal,
        area=here.session.area,
    )
    context = {"panel": panel, "seen": _fingerprint(here, panel)}
    if whole:
        begun = plans.begun(here.actor, WORDS)
        context["draft"] = begun.words.get("text")
        context["words"] = panel.own_words if context["draft"] is None else context["draft"]
        context |= left_words(here, begun.left)
    return context


def class_context(request: HttpRequest, here: Visit) -> dict[str, Any]:
    """The class as its page shows it: everybody, or the group and state that were asked for."""
    groups = course_groups(here)
    asked = request.POST.get("group") or request.GET.get("group", "")
    group = next((one for one in groups if str(one.id) == asked), None)
    panel = plans.class_panel(
        here.actor,
        activity_external_ids=here.session.activity_ids,
        goal=here.session.goal,
        area=here.session.area,
        only=group.person_ids if group else None,
    )
    shows = {
        "all": panel.rows,
        "here": tuple(row for row in panel.rows if row.targets_here),
        "due": tuple(row for row in panel.rows if row.review_due or row.review_open or row.start.overdue),
        "look": tuple(row for row in panel.rows if row.track is Track.NEEDS_ATTENTION),
    }
    show = request.POST.get("show") or request.GET.get("show", "all")
    show = show if show in shows else "all"
    return {
        "panel": panel,
        "show": show,
        "rows": shows[show],
        "groups": groups,
        "group": group,
        "group_is_gone": bool(asked) and group is None,
        "counts": {name: len(rows) for name, rows in shows.items()},
        "seen": _fingerprint(here, panel, f"{show} {asked}"),
    }


def course_groups(here: Visit) -> list[lti.GroupView]:
    """The course's groups, as the LMS tells them: they narrow what is shown, and give nobody a right."""
    return lti.groups(here.actor.school_id, here.actor.course_id) if here.actor.course_id is not None else []


def _fingerprint(here: Visit, panel: StudentPanel | ClassPanel, show: str = "") -> str:
    """What the page shows, as an opaque token bound to this session. Times are shown to the minute."""
    if panel.read_at is not None:
        panel = replace(panel, read_at=panel.read_at.replace(second=0, microsecond=0))
    return hashlib.sha256(f"{here.handle}|{here.csrf}|{show}|{panel!r}".encode()).hexdigest()[:16]


def _ask_for_evidence(here: Visit, panel: StudentPanel | ClassPanel, learner: bool) -> None:
    """A student's own scores are read every few seconds while the panel is in use, a class's every few minutes."""
    if here.actor.course_id is None:
        return
    patience = timedelta(seconds=settings.ILP_LIVE_SECONDS if learner else settings.ILP_SYNC_SECONDS)
    if panel.read_at is None or timezone.now() - panel.read_at > patience:
        evidence.request_read(
            here.actor.school_id, here.actor.course_id, person_id=here.actor.person_id if learner else None
        )
