"""The teacher's review of one student."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import AgreementEntry, ReviewPage, ReviewState, Role, Voice
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused

from .forms import NextSteps, area_line_of, line_of, whole
from .pages import render
from .saving import Saved, known_version, save
from .session import LEARNER, STAFF, TEACHER, Visit, keep_words, visit


@visit(roles=STAFF, methods=("GET", "POST"))
def review(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """POST starts the review, or finds the one that is open; GET shows the newest and changes nothing."""
    if request.method == "POST":
        cycle_key = request.POST.get("cycle") or None
        review_id = plans.start_review(
            here.actor,
            student_id,
            cycle_key=cycle_key,
            kind=request.POST.get("kind", ""),
            life_event_id=_uuid(request.POST.get("life_event", "")),
        )
        return redirect(_address(here, student_id, review_id if cycle_key else None))
    try:
        page = plans.review(here.actor, student_id)
    except NotFound:  # none is open
        earlier = plans.past_reviews(here.actor, student_id)
        if not earlier:
            student = plans.student(here.actor, student_id)
            return render(request, "ilp/review_none.html", {"student": student})
        page = plans.review(here.actor, earlier[0].id)
    return _show(request, here, page)


@visit(roles=TEACHER, methods=("POST",))
def judge(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Save what the page holds; then stay, or go on to the next student, in the same round of reviews."""
    page = _open_review(request, here, student_id)
    of_cycle = page.id if page.cycle else None
    if "drop" in request.POST:
        _take_theirs(request, here, page)
        return redirect(_address(here, student_id, of_cycle))
    saved = _saved(request, here, page)
    if not saved.whole:
        return _show_unsaved(request, here, page, saved)
    plans.clear_drafts(here.actor, _subject(page))
    if request.POST.get("go") == "next" and page.next_student is not None:
        cycle_key = page.cycle.code if page.cycle else None
        review_id = plans.start_review(here.actor, page.next_student.id, cycle_key=cycle_key)
        return redirect(_address(here, page.next_student.id, review_id if cycle_key else None))
    one = whole(request.POST.get("one", ""))
    if one:  # one target a screen: on to the next, or stay
        going_on = request.POST.get("go") == "on"
        return redirect(
            _address(here, student_id, of_cycle) + f"?one={one + going_on}" + ("" if going_on else "&saved=1")
        )
    return redirect(_address(here, student_id, of_cycle) + "?saved=1")


@visit(roles=TEACHER, methods=("POST",))
def close(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Save what the page holds, then freeze the review with what it rests on."""
    page = _open_review(request, here, student_id)
    saved = _saved(request, here, page)
    if saved.whole:
        try:
            plans.close_review(here.actor, page.id, version=known_version(request.POST))
        except Conflict:  # something changed that this page has not shown
            saved.changed = True
    if not saved.whole:
        return _show_unsaved(request, here, page, saved)
    plans.clear_drafts(here.actor, _subject(page))
    return redirect("past-review", here.handle, student_id, page.id)


@visit(roles=STAFF | LEARNER)
def past(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """A review by its own id, closed or open; to its student once it is closed (001.12)."""
    page = plans.review(here.actor, review_id)
    if page.student.id != student_id:
        raise NotFound
    return show_mine(request, page) if here.actor.role is Role.LEARNER else _show(request, here, page)


@visit(roles=LEARNER)
def mine(request: HttpRequest, here: Visit) -> HttpResponse:
    """The student's own closed reviews, to read again."""
    return render(request, "ilp/my_reviews.html", {"reviews": plans.past_reviews(here.actor, here.actor.person_id)})


def show_mine(request: HttpRequest, page: ReviewPage) -> HttpResponse:
    """A student's own closed review."""
    return render(request, "ilp/my_review.html", {"review": page, "lines": [line_of(page, t) for t in page.targets]})


def _address(here: Visit, student_id: UUID, review_id: UUID | None) -> str:
    """Of the one review, or without it of the student's newest."""
    if review_id is not None:
        return reverse("past-review", args=[here.handle, student_id, review_id])
    return reverse("review", args=[here.handle, student_id])


@visit(roles=TEACHER | LEARNER, methods=("POST",))
def agree(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """Somebody's own word on what the review says; staff also keep what others said of it."""
    page = plans.review(here.actor, review_id)
    if page.student.id != student_id:
        raise NotFound
    agrees, text = request.POST.get("agrees") == "1", request.POST.get("agree_text", "")
    name, voice = request.POST.get("agree_name", ""), request.POST.get("agree_voice", "")
    address = reverse("past-review", args=[here.handle, student_id, page.id])
    try:
        if name.strip() or voice:
            entry = AgreementEntry(Voice(voice) if voice in set(Voice) else Voice.OTHERS, name, agrees, text)
            plans.record_agreement(here.actor, page.id, entry)
        else:
            plans.agree_review(here.actor, page.id, agrees=agrees, text=text)
    except Invalid:
        return redirect(f"{address}?missing=agree#agreed")
    return redirect(f"{address}?saved=1#agreed")


@visit(roles=TEACHER, methods=("POST",))
def reopen(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """Open a closed review again, with a reason; what it said before stays on record."""
    page = plans.review(here.actor, review_id)
    if page.student.id != student_id:
        raise NotFound
    try:
        plans.reopen_review(here.actor, page.id, reason=request.POST.get("reason", ""))
    except Invalid:
        return redirect(reverse("past-review", args=[here.handle, student_id, page.id]) + "?missing=reopen#reopen")
    return redirect("past-review", here.handle, student_id, page.id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _open_review(request: HttpRequest, here: Visit, student_id: UUID) -> ReviewPage:
    """The open review the form was written for, since several rounds may be open; else the student's open one.

    Refused, not "not found", where a colleague closed it while somebody was writing.
    """
    written_for = request.POST.get("ilp_subject", "").removeprefix("review:")
    try:
        page = plans.review(here.actor, UUID(written_for))
    except (NotFound, ValueError):  # no review, or none that this person may see
        page = None
    if page is not None and page.student.id == student_id:
        if page.state is ReviewState.OPEN:
            return page
        if page.cycle:
            raise Refused("closed")
    try:
        return plans.review(here.actor, student_id)
    except NotFound:
        plans.student(here.actor, student_id)
        raise Refused("closed") from None


def _saved(request: HttpRequest, here: Visit, page: ReviewPage) -> Saved:
    """Nothing is saved into a review other than the one the words were written for."""
    if request.POST.get("ilp_subject", _subject(page)) != _subject(page):
        return Saved(changed=True)
    return save(here.actor, page, request.POST)


def _show(
    request: HttpRequest,
    here: Visit,
    page: ReviewPage,
    *,
    posted: Mapping[str, str] | None = None,
    saved: Saved | None = None,
    status: int = 200,
) -> HttpResponse:
    saved = saved or Saved()
    one = min(whole(request.GET.get("one", "") or request.POST.get("one", "")), len(page.targets) + 1)
    at_end = not one or one > len(page.targets)
    targets = page.targets[one - 1 : one] if one else page.targets
    areas = page.areas if at_end else ()
    return render(
        request,
        "ilp/review.html",
        {
            "review": page,
            "earlier": page.earlier,
            "lines": [line_of(page, t, posted, **saved.targets.get(t.card.id, {})) for t in targets],
            "area_lines": [area_line_of(page, a, posted, **saved.areas.get(a.area, {})) for a in areas],
            "written": _written(page, posted, saved),
            "one": one,
            "screens": len(page.targets) + 1,
            "at_end": at_end,
            "missing": request.GET.get("missing", ""),
            "next_steps": NextSteps.of(page, posted),
            "next_steps_trouble": saved.next_steps,
            "unsaved": saved if not saved.whole else None,
            "subject": _subject(page),
            "levels": page.levels,
            "can_write": bool(here.actor.roles & TEACHER) and page.state is ReviewState.OPEN,
            "can_start": bool(here.actor.roles & TEACHER) and page.state is ReviewState.CLOSED,
            "version": page.version,
            "just_saved": "saved" in request.GET,
        },
        status=status,
    )


def _show_unsaved(request: HttpRequest, here: Visit, page: ReviewPage, saved: Saved) -> HttpResponse:
    """The page again, with what was written still in its fields and, in a conflict, both versions (T83)."""
    keep_words(request, here.actor)
    page = plans.review(here.actor, page.id)
    status = 409 if saved.conflict else 422
    return _show(request, here, page, posted=request.POST, saved=saved, status=status)


def _written(page: ReviewPage, posted: Mapping[str, str] | None, saved: Saved) -> list[dict[str, Any]]:
    """The fields this kind of review writes down: posted, else typed before, else written."""
    typed = posted if posted is not None else page.drafts
    return [
        {
            "field": field,
            "was": page.written.get(field.key, ""),
            "text": typed.get(f"field:{field.key}", page.written.get(field.key, "")),
            "error": saved.written.get(field.key, ""),
        }
        for field in page.fields
    ]


def _take_theirs(request: HttpRequest, here: Visit, page: ReviewPage) -> None:
    """Give up what I wrote for one part; the rest of what the page holds stays as a draft."""
    dropped = request.POST["drop"]
    gone = {"next_steps", "next_review_on"} if dropped == "next_steps" else {
        f"{name}:{dropped}" for name in ("level", "comment", "reason")
    }  # fmt: skip
    plans.clear_drafts(here.actor, _subject(page))
    kept = request.POST.copy()
    for name in gone:
        kept.pop(name, None)
    request.POST = kept
    keep_words(request, here.actor)


def _subject(page: ReviewPage) -> str:
    return f"review:{page.id}"
