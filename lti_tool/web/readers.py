"""How pages look to a reader, and whom they can ask: the same two links at the foot of every page (T87, T89)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from lti_tool.plans import api as plans
from lti_tool.plans.data import Look
from lti_tool.plans.exceptions import Invalid

from .pages import render
from .session import ANYONE, Visit, visit

CHOICES = (
    (Look.EASY, "easy", _("Easy reading"), _("Bigger letters, more pictures, fewer words.")),
    (Look.ALOUD, "aloud", _("Read to me"), _("A button that reads the page aloud.")),
    (Look.WIDE, "wide", _("More room"), _("More room between letters, words and lines.")),
    (Look.STILL, "still", _("Nothing moves"), _("No movement on the page.")),
)
TINTS = ((None, _("As it is")), (Look.CREAM, _("Cream paper")), (Look.BLUE, _("Blue paper")))


@visit(roles=ANYONE, methods=("GET", "POST"))
def looks(request: HttpRequest, here: Visit) -> HttpResponse:
    """Kept with the person, so that it is there after every launch, on every device."""
    if request.method == "POST":
        asked = {*request.POST.getlist("look"), request.POST.get("tint", "")}
        plans.set_looks(here.actor, [look for look in Look if look in asked])
        return redirect("looks", here.handle)
    return render(request, "ilp/readers/looks.html", {"choices": CHOICES, "tints": TINTS, "mine": here.actor.looks})


@visit(roles=ANYONE, methods=("GET", "POST"))
def ask(request: HttpRequest, here: Visit) -> HttpResponse:
    """Who can help, by name, and how to reach them without writing."""
    context = {"page": plans.help_page(here.actor), "errors": {}}
    if request.method == "POST":
        name, phone = request.POST.get("name", ""), request.POST.get("phone", "")
        try:
            plans.set_help(here.actor, name=name, phone=phone)
        except Invalid as invalid:
            context |= {"errors": invalid.errors, "name": name, "phone": phone}
            return render(request, "ilp/readers/help.html", context, status=422)
        return redirect("help", here.handle)
    return render(request, "ilp/readers/help.html", context)
