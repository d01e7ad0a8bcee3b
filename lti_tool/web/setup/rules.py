"""What the school settles for itself: sharing, who is named, how long records are kept, reviews and suggestions."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from lti_tool.plans import api as plans
from lti_tool.plans.data import SchoolRules
from lti_tool.plans.exceptions import Invalid

from ..pages import render
from ..session import Visit
from .access import administrator

SENTENCES = {
    "range": _("This number is too small or too big."),
    "order": _("The first number must not be above the second."),
    "deletes": _("Records of people who left long ago would be deleted tonight. Tick below that you want that."),
}


class RulesForm(forms.Form):
    """The rules, each with what it does in plain words."""

    learners_share = forms.BooleanField(
        label=_("Students may share single things with other staff"),
        help_text=_("They tick each thing, name the person, say why and until when. They can stop it at once."),
        required=False,
    )
    share_days = forms.IntegerField(
        label=_("The longest a student may share something, in days"),
        help_text=_("90 days are about one term. What is shared now keeps its day."),
    )
    learners_end_providers = forms.BooleanField(
        label=_("Students may end the access of people outside the school"),
        help_text=_("If not, only you end it. Students are told to speak with a teacher."),
        required=False,
    )
    readers_named = forms.BooleanField(
        label=_("“Who opened my plan” shows names"),
        help_text=_("If not, students and families read what the person is, for example “a teacher of your class”."),
        required=False,
    )
    links_on_paper = forms.BooleanField(
        label=_("One-time links for families may be printed"),
        help_text=_("Whoever finds the paper also needs a code, which you tell the family by telephone."),
        required=False,
    )
    keep_years = forms.IntegerField(
        label=_("How many years a record is kept after somebody has left"),
        help_text=_("After that it is deleted for good, by itself, at night. Somebody who comes back is kept."),
    )
    keep_restricted_years = forms.IntegerField(
        label=_("How many years restricted words are kept after a student has left"),
        help_text=_("They are what only the people named for a student may read. They go sooner than the record."),
    )
    year_starts_month = forms.TypedChoiceField(
        label=_("The month in which your school year begins"),
        help_text=_("New plans, six-week blocks and the rounds of reviews count from it."),
        choices=list(MONTHS.items()),
        coerce=int,
    )
    review_every_days = forms.IntegerField(
        label=_("How many days until the next review"),
        help_text=_("It is what a new review suggests. Teachers can choose another day."),
    )
    emerging_below = forms.FloatField(
        label=_("Scores below this many percent suggest “beginning”"),
        help_text=_("A suggestion decides nothing. A person does."),
    )
    exceeded_from = forms.FloatField(label=_("Scores from this many percent on suggest “more than expected”"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="rule-%s", **kwargs)
        for name, (least, most) in plans.rule_limits().items():
            self.fields[name].widget.attrs |= {"min": least, "max": most}

    def group(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def sharing(self) -> list[forms.BoundField]:
        names = ("learners_share", "share_days", "learners_end_providers", "readers_named", "links_on_paper")
        return self.group(*names)

    @property
    def keeping(self) -> list[forms.BoundField]:
        return self.group("keep_years", "keep_restricted_years")

    @property
    def reviewing(self) -> list[forms.BoundField]:
        return self.group("year_starts_month", "review_every_days", "emerging_below", "exceeded_from")


@administrator(methods=("GET", "POST"))
def rules(request: HttpRequest, here: Visit) -> HttpResponse:
    """The rules as they stand; POST sets all of them. What cannot be taken comes back beside its field."""
    stands = plans.school_rules(here.actor)
    if request.method != "POST":
        form = RulesForm(initial={name: _plain(value) for name, value in asdict(stands).items()})
        return _page(request, form, saved="saved" in request.GET)
    form = RulesForm(request.POST)
    if form.is_valid():
        try:
            plans.set_school_rules(here.actor, SchoolRules(**form.cleaned_data), sure="sure" in request.POST)
        except Invalid as invalid:
            for field, code in invalid.errors.items():
                form.add_error(field, SENTENCES[code])
            deletes = "deletes" in invalid.errors.values()
            return _page(request, form, deletes=deletes, status=422)
        return redirect(reverse("office-rules", args=[here.handle]) + "?saved=1")
    return _page(request, form, status=422)


def _plain(value: float) -> float:
    """A whole number without its point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _page(
    request: HttpRequest, form: RulesForm, *, saved: bool = False, deletes: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "saved": saved, "deletes": deletes}
    return render(request, "ilp/setup/rules.html", context, status=status)
