"""Deep linking: a teacher chooses what stands in the course, and the browser carries the signed answer back."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import SharedGoal
from lti_tool.plans.exceptions import NotFound

from .pages import refusal, render
from .session import ANYONE, Visit, visit

GOAL = "goal:"
NAME_LENGTH = 255
_OTHER_DAY = gettext_lazy("Choose another day.")
DAYS = (  # beyond them a slip of the keys, and at the calendar's ends no other time zone has the day
    MinValueValidator(date(2000, 1, 1), message=_OTHER_DAY),
    MaxValueValidator(date(2199, 12, 31), message=_OTHER_DAY),
)
REVIEWED = 1.0  # a cycle's column says reviewed or not yet: one point or none


class PlacementForm(forms.Form):
    """What to put into the course. The last four fields are of a review cycle alone."""

    what = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("This can not be added. Choose again.")}
    )
    name = forms.CharField(label=gettext_lazy("What is this review called?"), max_length=NAME_LENGTH, required=False)
    opens = forms.DateField(label=gettext_lazy("Open from"), required=False, validators=DAYS)
    closes = forms.DateField(label=gettext_lazy("Open until"), required=False, validators=DAYS)
    released = forms.BooleanField(
        label=gettext_lazy("Students see in the gradebook that they were reviewed"), required=False
    )

    def __init__(self, *args: Any, asked: lti.DeepLinkingRequest, goals: Sequence[SharedGoal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        self.wordings = {goal.key: goal.wording for goal in goals}
        values = ["panel", *(GOAL + key for key in self.wordings), "reviews"]
        values += ["cycle"] if asked.takes_columns else []
        self.fields["what"].choices = [(value, value) for value in values]
        for name in ("opens", "closes"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.fields["name"].widget.attrs["dir"] = "auto"

    def clean_what(self) -> list[str]:
        chosen = list(dict.fromkeys(self.cleaned_data["what"]))
        if not chosen:
            raise forms.ValidationError(_("Choose what to add."))
        if len(chosen) > 1 and not self.asked.takes_several:
            raise forms.ValidationError(_("Your course takes one thing at a time. Choose one."))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "cycle" in cleaned.get("what", ()):
            if not cleaned.get("name", "").strip() and "name" not in self.errors:
                self.add_error("name", _("Give the review a name. It is the name of its gradebook column."))
            opens, closes = cleaned.get("opens"), cleaned.get("closes")
            if opens and closes and closes < opens:
                self.add_error("closes", _("Choose a day that is not before the first one."))
        return cleaned

    def placements(self) -> list[lti.Placement]:
        return [self._placement(value) for value in self.cleaned_data["what"]]

    def _placement(self, value: str) -> lti.Placement:
        if value.startswith(GOAL):
            key = value.removeprefix(GOAL)
            title = _("My targets: %(goal)s") % {"goal": self.wordings[key]}
            return lti.Placement("panel", title[:NAME_LENGTH], goal=key)
        if value == "reviews":
            return lti.Placement("reviews", _("Progress reviews"))
        if value == "cycle":
            name = self.cleaned_data["name"].strip()
            return lti.Placement(
                "review_cycle",
                name,
                column=lti.Column(name, REVIEWED, self.cleaned_data["released"]),
                open=lti.Window(_start(self.cleaned_data["opens"]), _end(self.cleaned_data["closes"])),
            )
        text = _("Your own targets in this course, your next steps and your newest scores.")
        return lti.Placement("panel", self.asked.title[:NAME_LENGTH] or _("My learning plan"), text)


@visit(roles=ANYONE, methods=("GET", "POST"))
def place(request: HttpRequest, here: Visit) -> HttpResponse:
    """The picker; for whoever may not pick, and for content we have none of, the way back."""
    asked = lti.deep_linking_request(here.handle)
    if asked is None:
        raise NotFound
    if asked.answered:
        return refusal(request, "placed_before", status=409)
    if not (asked.may_pick and asked.takes_links):
        return _nothing_to_pick(request, here, asked)
    goals = _goals(here)
    if request.method == "GET":
        first = {"what": ["panel"], "name": _("Progress review")}
        return _show(request, PlacementForm(initial=first, asked=asked, goals=goals), goals)
    if request.POST.get("go") == "cancel":
        return _send(request, here, [])
    form = PlacementForm(request.POST, asked=asked, goals=goals)
    if not form.is_valid():
        return _show(request, form, goals, status=422)
    return _send(request, here, form.placements())


def _nothing_to_pick(request: HttpRequest, here: Visit, asked: lti.DeepLinkingRequest) -> HttpResponse:
    if request.method == "POST":
        error = "" if asked.takes_links else _("The learning plan can only be added to a course as a link.")
        return _send(request, here, [], error=error)
    return render(request, "ilp/place_no.html", {"asked": asked}, status=200 if asked.may_pick else 403)


def _goals(here: Visit) -> tuple[SharedGoal, ...]:
    """A course's authors and administrators read no plans, so they are offered no goals."""
    try:
        return plans.shared_goals(here.actor)
    except NotFound:
        return ()


def _show(
    request: HttpRequest, form: PlacementForm, goals: Sequence[SharedGoal], *, status: int = 200
) -> HttpResponse:
    chosen = form["what"].value() or []
    offered = [(GOAL + goal.key, goal) for goal in goals]
    context = {"form": form, "asked": form.asked, "goals": offered, "chosen": chosen}
    return render(request, "ilp/place.html", context, status=status)


def _send(request: HttpRequest, here: Visit, placements: Sequence[lti.Placement], *, error: str = "") -> HttpResponse:
    """The page whose form goes back to the platform: by itself, or by its button where no script runs."""
    count = len(placements)
    message = _("Added to the course.") if count else ""
    try:
        answer = lti.answer_deep_linking(here.handle, placements, message=message, error=error)
    except lti.NotTaken:
        return refusal(request, "placed_before", status=409)
    response = render(request, "ilp/placed.html", {"answer": answer, "count": count})
    response._csp_update = {"form-action": [answer.return_origin]}
    return response


def _start(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _end(day: date | None) -> datetime | None:
    """Until the end of that day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) if day else None
