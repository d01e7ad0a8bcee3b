"""A learner shares single items with a named person, and ends it; who can see an item (T6, T11, T12)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date

from lti_tool.plans import api as plans
from lti_tool.plans.data import Item
from lti_tool.plans.exceptions import Invalid, NotFound

from .pages import render
from .session import ANYONE, LEARNER, Visit, visit

USUAL = timedelta(days=28)


@visit(roles=LEARNER)
def shares(request: HttpRequest, here: Visit) -> HttpResponse:
    """What is shared now, what was, and who outside the school was let in."""
    found = plans.my_shares(here.actor)
    today = timezone.localdate()
    context = {
        "open": [share for share in found if share.ended_at is None and share.ends_on >= today],
        "past": [share for share in found if share.ended_at is not None or share.ends_on < today],
        "providers": plans.my_providers(here.actor),
        "rules": plans.share_rules(here.actor),
        "student_id": here.actor.person_id,
    }
    return render(request, "ilp/sharing/list.html", context)


@visit(roles=LEARNER, methods=("GET", "POST"))
def new(request: HttpRequest, here: Visit) -> HttpResponse:
    """Choose items one by one, a person, why and until when; look at it as they will; share."""
    if request.method == "GET":
        return _form(request, here, {"ends_on": (timezone.localdate() + USUAL).isoformat()}, [])
    items = [item for value in request.POST.getlist("item")[:100] if (item := _item(value))]
    try:
        recipient_id = UUID(request.POST.get("recipient", ""))
    except ValueError:
        return _form(request, here, request.POST, items, {"recipient": "required"})
    if "share" not in request.POST:
        pieces = plans.preview(here.actor, items) if items else ()
        return _form(request, here, request.POST, items, {} if items else {"items": "required"}, pieces=pieces)
    try:
        plans.share(
            here.actor, recipient_id, items, purpose=request.POST.get("purpose", ""),
            ends_on=_day(request.POST.get("ends_on", "")),
        )  # fmt: skip
    except Invalid as invalid:
        return _form(request, here, request.POST, items, invalid.errors)
    return redirect("shares", here.handle)


def _form(
    request: HttpRequest,
    here: Visit,
    posted: Mapping[str, str],
    items: list[Item],
    errors: Mapping[str, str] | None = None,
    *,
    pieces: tuple[Any, ...] = (),
) -> HttpResponse:
    context = {
        "choices": plans.mine_to_share(here.actor),
        "people": plans.recipients(here.actor),
        "rules": plans.share_rules(here.actor),
        "chosen": {f"{item.kind}:{item.id}" for item in items},
        "posted": posted,
        "errors": errors or {},
        "items_error": (errors or {}).get("items"),
        "pieces": pieces,
    }
    return render(request, "ilp/sharing/new.html", context, status=422 if errors else 200)


@visit(roles=ANYONE)
def share(request: HttpRequest, here: Visit, share_id: UUID) -> HttpResponse:
    """One share as its recipient reads it. 410 once it ended."""
    found = plans.shared(here.actor, share_id)
    own = found.student.id == here.actor.person_id
    return render(request, "ilp/sharing/share.html", {"share": found, "own": own})


@visit(roles=LEARNER, methods=("POST",))
def end(request: HttpRequest, here: Visit, share_id: UUID) -> HttpResponse:
    plans.end_share(here.actor, share_id)
    return redirect("shares", here.handle)


@visit(roles=LEARNER, methods=("POST",))
def end_provider(request: HttpRequest, here: Visit, appointment_id: UUID) -> HttpResponse:
    plans.end_provider(here.actor, appointment_id)
    return redirect("shares", here.handle)


@visit(roles=ANYONE)
def who(request: HttpRequest, here: Visit, kind: str, item_id: UUID) -> HttpResponse:
    """Who can see this item, and why."""
    item = Item(kind, item_id)
    context = {"readers": plans.who_can_see(here.actor, item), "piece": plans.see(here.actor, item)}
    return render(request, "ilp/sharing/who.html", context)


def _item(value: str) -> Item | None:
    kind, _, row_id = value.partition(":")
    try:
        return Item(kind, UUID(row_id))
    except ValueError:
        raise NotFound from None


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None
