"""The teacher's review of one student."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import (
    Act,
    Ending,
    Left,
    ReviewPage,
    ReviewState,
    Role,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused

from .forms import NextSteps, about_of, area_line_of, line_of, lines, whole
from .pages import render
from .saving import Saved, known_version, save
from .session import LEARNER, STAFF, TEACHER, Visit, keep_words, visit


@visit(roles=STAFF, methods=("GET", "POST"))
def review(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """POST starts the review, or finds the one that is open; GET shows the newest and changes nothing."""
    if request.method == "POST":
        return _start(request, here, student_id)
    try:
        page = plans.review(here.actor, student_id)
    except NotFound:  # none is open
        earlier = plans.past_reviews(here.actor, student_id)
        if not earlier:
            if here.actor.roles & TEACHER:
                with suppress(NotFound):
                    return _choose(request, here, student_id)
            student = plans.student(here.actor, student_id)
            return render(request, "ilp/review_none.html", {"student": student})
        page = plans.review(here.actor, earlier[0].id)
    return _show(request, here, page)


@visit(roles=TEACHER)
def begin(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """What a review can be begun as: what the calendar asks for is chosen already."""
    return _choose(request, here, student_id)


def _start(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Begin it as what was chosen: "kind:<key>", "need:<key>" or "event:<id>"; nothing chosen is what is due."""
    cycle_key = request.POST.get("cycle") or None
    how, _, what = request.POST.get("begin_as", "").partition(":")
    event = what if how == "event" else request.POST.get("life_event", "")
    try:
        review_id = plans.start_review(
            here.actor,
            student_id,
            cycle_key=cycle_key,
            kind=what if how in ("kind", "need") else "",
            why=lines(request.POST.get("why", "")) if how == "need" else "",
            life_event_id=_uuid(event),
            at_need=how == "need",
        )
    except Invalid as invalid:
        return _choose(request, here, student_id, errors=invalid.errors)
    going = "?one=1" if whole(request.POST.get("one", "")) else ""  # whoever goes target by target goes on so
    address = _address(here, student_id, review_id if cycle_key else None)
    return redirect(_left_at(here, review_id) or address + going)


def _left_at(here: Visit, review_id: UUID) -> str:
    """Where somebody who left this review in the middle was, if they did (T86)."""
    left = plans.where_was_i(here.actor)
    return left_address(here, left) if left and left.review_id == review_id else ""


def where_left(here: Visit) -> dict[str, Any]:
    """What whoever opens the tool was in the middle of, and where (T86)."""
    return left_words(here, plans.where_was_i(here.actor))


def left_words(here: Visit, left: Left | None) -> dict[str, Any]:
    return {"left": left, "left_address": left_address(here, left) if left else ""}


def left_address(here: Visit, left: Left) -> str:
    if left.student is None or left.review_id is None:
        return (
            reverse("preparation", args=[here.handle])
            if left.what == "preparation"
            else reverse("log", args=[here.handle, here.actor.person_id])
        )
    address = _address(here, left.student.id, left.review_id)
    if left.screen:
        return f"{address}?one={left.screen}"
    return f"{address}#target-{left.target}" if left.target else address


def _choose(
    request: HttpRequest, here: Visit, student_id: UUID, *, errors: Mapping[str, str] | None = None
) -> HttpResponse:
    choices = plans.review_choices(here.actor, student_id)
    context = {
        "choices": choices,
        "chosen": request.POST.get("begin_as", "") if errors else f"kind:{choices.chosen}",
        "why": request.POST.get("why", "") if errors else "",
        "errors": errors or {},
    }
    return render(request, "ilp/review_new.html", context, status=422 if errors else 200)


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
    one = whole(request.POST.get("one", ""))
    if request.POST.get("go") == "next" and page.next_student is not None:
        cycle_key = page.cycle.code if page.cycle else None
        review_id = plans.start_review(here.actor, page.next_student.id, cycle_key=cycle_key)
        address = _address(here, page.next_student.id, review_id if cycle_key else None)
        return redirect(address + ("?one=1" if one else ""))  # whoever goes target by target goes on so
    if request.POST.get("go") == "preview":
        address = reverse("review-preview", args=[here.handle, student_id, page.id])
        return redirect(f"{address}?one={one}" if one else address)
    if one:  # one target a screen: on to the next, or stay
        going_on = request.POST.get("go") == "on"
        plans.save_draft(here.actor, _subject(page), "one", str(one + going_on))  # where to come back to (T86)
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
    going = "?one=1" if whole(request.POST.get("one", "")) else ""  # for the next student
    return redirect(_address(here, student_id, page.id) + going)


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
    return render(request, "ilp/my_review.html", as_mine(request, page))


def as_mine(request: HttpRequest, page: ReviewPage) -> dict[str, Any]:
    """What a student's page of their closed review is made of: the same for whoever looks at it before it closes."""
    said = [words for words in page.contributions if words.voice is Voice.LEARNER]
    said += [answer.words for answer in page.answers if answer.words]
    return {
        "review": page,
        "lines": [line_of(page, target) for target in page.targets],
        "area_lines": [area_line_of(page, area) for area in page.areas],
        "mine_said": bool(said),
        "for_home": all(words.at_home for words in said),
        "about": about_of(page),
        "missing": request.GET.get("missing", ""),
    }


def _address(here: Visit, student_id: UUID, review_id: UUID | None) -> str:
    """Of the one review, or without it of the student's newest."""
    if review_id is not None:
        return reverse("past-review", args=[here.handle, student_id, review_id])
    return reverse("review", args=[here.handle, student_id])


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
    asked = whole(request.GET.get("one", "") or request.POST.get("one", ""))
    one = min(asked, len(page.targets) + 1) if page.state is ReviewState.OPEN else 0
    at_end = not one or one > len(page.targets)
    targets = page.targets[one - 1 : one] if one else page.targets
    areas = page.areas if at_end else ()
    can_hold = bool(here.actor.roles & TEACHER)
    can_write = can_hold and page.state is ReviewState.OPEN
    written = [part for part in _written(page, posted, saved) if can_write or part["was"]]
    return render(
        request,
        "ilp/review.html",
        {
            "review": page,
            "earlier": page.earlier,
            "lines": [line_of(page, t, posted, **saved.targets.get(t.card.id, {})) for t in targets],
            "area_lines": [area_line_of(page, a, posted, **saved.areas.get(a.area, {})) for a in areas],
            "written": written,
            "one": one,
            "one_by_one": bool(asked),
            "screens": len(page.targets) + 1,
            "at_end": at_end,
            "about": about_of(page),
            "missing": request.GET.get("missing", ""),
            "next_steps": NextSteps.of(page, posted),
            "next_steps_trouble": saved.next_steps,
            "unsaved": saved if not saved.whole else None,
            "subject": _subject(page),
            "levels": page.levels,
            "endings": [one for one in Ending if one is not Ending.CHANGED or _may_change(page)],
            "can_write": can_write,
            "can_start": can_hold and page.state is ReviewState.CLOSED,
            "may_send_home": bool(here.actor.roles & TEACHER),
            "may_settle": plans.allows(here.actor, Act.SETTLE_REPORTS),
            "says_own": _says_own(here, page),
            "version": page.version,
            "just_saved": "saved" in request.GET,
        },
        status=status,
    )


def _may_change(page: ReviewPage) -> bool:
    return page.kind is None or page.kind.may_change_targets


def _says_own(here: Visit, page: ReviewPage) -> bool:
    """Subject teachers, phase leaders and providers give their own word on a closed review, and nobody else's."""
    alone = plans.allows(here.actor, Act.AGREE) and not here.actor.roles & TEACHER
    return alone and page.state is ReviewState.CLOSED


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


@visit(roles=STAFF | LEARNER)
def closing(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID, number: int) -> HttpResponse:
    """What a review that was opened again said at an earlier closing."""
    page = plans.review(here.actor, review_id)
    before = next((one for one in page.closings if one.number == number), None)
    if page.student.id != student_id or before is None:
        raise NotFound
    targets = plans.closing_targets(here.actor, review_id, number)
    own = here.actor.role is Role.LEARNER
    context = {"review": page, "closing": before, "lines": [line_of(page, one) for one in targets], "own": own}
    return render(request, "ilp/review_closing.html", context)
