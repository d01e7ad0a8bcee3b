"""A plan moves up to the newest version of its framework, after what that changes was shown."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.data import UpgradeDifference
from lti_tool.plans.exceptions import Conflict

from .pages import render
from .session import ANYONE, Visit, visit
from .upgrade_words import changes


@visit(roles=ANYONE, methods=("GET", "POST"))
def upgrade(request: HttpRequest, here: Visit, plan_id: UUID) -> HttpResponse:
    """What would change; POST moves the plan up to what was shown."""
    if request.method != "POST":
        return _show(request, plans.plan_upgrade_difference(here.actor, plan_id))
    try:
        plans.upgrade_plan(here.actor, plan_id, request.POST.get("to", ""))
    except Conflict as clash:
        return _show(request, clash.current, changed=True)
    return redirect("plan-upgrade", here.handle, plan_id)


def _show(request: HttpRequest, difference: UpgradeDifference | None, *, changed: bool = False) -> HttpResponse:
    context = {
        "difference": difference,
        "changes": changes(difference) if difference else (),
        "changed_meanwhile": changed,
    }
    return render(request, "ilp/frameworks/upgrade.html", context, status=409 if changed else 200)
