"""Deep linking: a teacher chooses what stands in the course, and the browser carries the signed answer back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, CycleView, SharedGoal
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.frameworks.data import Area

from .pages import refusal, render
from .session import ANYONE, Visit, visit

AREA, GOAL, GROUP, CYCLE = "area:", "goal:", "group:", "cycle:"
NEW_CYCLE = "cycle"
NAME_LENGTH = 255
_OTHER_DAY = gettext_lazy("Choose another day.")
DAYS = (  # beyond them a slip of the keys, and at the calendar's ends no other time zone has the day
    MinValueValidator(date(2000, 1, 1), message=_OTHER_DAY),
    MaxValueValidator(date(2199, 12, 31), message=_OTHER_DAY),
)
REVIEWED = 1.0  # a cycle's column says reviewed or not yet: one point or none


@dataclass(frozen=True, slots=True)
class Offer:
    """What of this course and school can be placed, beside the panel and the list of reviews."""

    school_id: UUID
    areas: Sequence[Area] = ()
    goals: Sequence[SharedGoal] = ()
    groups: Sequence[lti.GroupView] = ()
    cycles: Sequence[CycleView] = ()


class PlacementForm(forms.Form):
    """What to put into the course. All fields but the first are of rounds of reviews alone."""

    what = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("This can not be added. Choose again.")}
    )
    name = forms.CharField(label=gettext_lazy("What is this review called?"), max_length=NAME_LENGTH, required=False)
    opens = forms.DateField(label=gettext_lazy("Open from"), required=False, validators=DAYS)
    closes = forms.DateField(label=gettext_lazy("Open until"), required=False, validators=DAYS)
    released = forms.BooleanField(
        label=gettext_lazy("Students see in the gradebook that they were reviewed"), required=False
    )
    told = forms.BooleanField(
        label=gettext_lazy("Mark a student as done in the gradebook when their review is closed"), required=False
    )

    def __init__(self, *args: Any, asked: lti.DeepLinkingRequest, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school_id = offer.school_id
        self.asked = asked
        self.areas = {AREA + area.key: area for area in offer.areas}
        self.goals = {GOAL + goal.key: goal for goal in offer.goals}
        self.groups = {f"{GROUP}{group.id}": group for group in offer.groups}
        self.cycles = {CYCLE + cycle.code: cycle for cycle in offer.cycles}
        values = ["panel", *self.areas, *self.goals, *self.groups, "reviews", *self.cycles]
        values += [NEW_CYCLE] if asked.takes_columns else []
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

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if NEW_CYCLE in cleaned.get("what", ()):
            name, opens, closes = (cleaned.get(field) for field in ("name", "opens", "closes"))
            if not name and "name" not in self.errors:
                self.add_error("name", _("Give the review a name. It is the name of its gradebook column."))
            elif name and self._stands(name, opens or closes):
                self.add_error("name", _("A round of reviews has this name already. Choose it in the list."))
            if opens and closes and closes < opens:
                self.add_error("closes", _("Choose a day that is not before the first one."))
        return cleaned

    def _stands(self, name: str, day: date | None) -> bool:
        key, year = plans.cycle_key(name), plans.cycle_year(self.school_id, day)
        return any((cycle.key, cycle.year) == (key, year) for cycle in self.cycles.values())

    def placements(self, actor: Actor) -> list[lti.Placement]:
        """What was chosen, in the order of the page. A new round of reviews is the school's from now on."""
        return [self._placement(value, actor) for value in self.cleaned_data["what"]]

    def _placement(self, value: str, actor: Actor) -> lti.Placement:
        if value in self.areas:
            area = self.areas[value]
            title = _("My targets: %(area)s") % {"area": plans.shown(area.name)}
            return lti.Placement("panel", title[:NAME_LENGTH], area=area.key)
        if value in self.goals:
            goal = self.goals[value]
            title = _("My targets: %(goal)s") % {"goal": goal.wording}
            return lti.Placement("panel", title[:NAME_LENGTH], goal=goal.key)
        if value in self.groups:
            group = self.groups[value]
            title = _("Learning plan: %(group)s") % {"group": group.name}
            return lti.Placement("panel", title[:NAME_LENGTH], group=group.key, group_id=group.id_on_platform)
        if value == "reviews":
            return lti.Placement("reviews", _("Progress reviews"))
        if value in self.cycles:
            return self._round(self.cycles[value])
        if value == NEW_CYCLE:
            name, days = self.cleaned_data["name"], (self.cleaned_data["opens"], self.cleaned_data["closes"])
            return self._round(
                plans.ensure_cycle(
                    actor.school_id, plans.cycle_key(name), name, opens_on=days[0], due_on=days[1], actor=actor
                )
            )
        text = self.asked.text or _("Your own targets in this course, your next steps and your newest scores.")
        return lti.Placement("panel", self.asked.title[:NAME_LENGTH] or _("My learning plan"), text)

    def _round(self, cycle: CycleView) -> lti.Placement:
        return lti.Placement(
            "review_cycle",
            cycle.name,
            cycle=cycle.code,
            column=lti.Column(cycle.name, REVIEWED, self.cleaned_data["released"]),
            open=lti.Window(_start(cycle.opens_on), _end(cycle.due_on)),
            is_told=self.cleaned_data["told"],
        )


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
    if request.method == "POST" and request.POST.get("go") == "cancel":
        return _send(request, here, [])
    offer = _offer(here, asked)
    if request.method == "GET":
        first = {"what": ["panel"], "name": _("Progress review")}
        return _show(request, PlacementForm(initial=first, asked=asked, offer=offer))
    form = PlacementForm(request.POST, asked=asked, offer=offer)
    if not form.is_valid():
        return _show(request, form, status=422)
    return _send(request, here, form.placements(here.actor))


def _nothing_to_pick(request: HttpRequest, here: Visit, asked: lti.DeepLinkingRequest) -> HttpResponse:
    if request.method == "POST":
        error = "" if asked.takes_links else _("The learning plan can only be added to a course as a link.")
        return _send(request, here, [], error=error)
    return render(request, "ilp/place_no.html", {"asked": asked}, status=200 if asked.may_pick else 403)


def _offer(here: Visit, asked: lti.DeepLinkingRequest) -> Offer:
    """A course's authors and administrators read no plans, so they are offered no goals and no groups.

    The framework's areas say nothing of anybody.
    """
    school_id, course_id = here.actor.school_id, here.actor.course_id
    areas = plans.framework_of(school_id, None).areas
    cycles: Sequence[CycleView] = ()
    if asked.takes_columns:
        cycles = plans.cycles(school_id, since_year=plans.cycle_year(school_id))
    try:
        goals = plans.shared_goals(here.actor)
    except NotFound:
        return Offer(school_id, areas, cycles=cycles)
    groups = lti.groups(school_id, course_id) if course_id is not None else []
    return Offer(school_id, areas, goals, groups, cycles)


def _show(request: HttpRequest, form: PlacementForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "asked": form.asked, "chosen": form["what"].value() or []}
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
