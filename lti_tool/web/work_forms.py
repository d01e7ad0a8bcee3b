"""The forms of the log and the portfolio, with the files they bring."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lti_tool.plans.api import shown
from lti_tool.plans.data import Audience, ItemChange, LogChange, LogPage, NewFile, PortfolioPage
from lti_tool.plans.frameworks.data import LogRules

from .files import uses_of
from .forms import whole

SLOTS = ("picture", "drawing", "sound", "other")  # each form takes one file of each at a time
LONGEST = 10_000

AUDIENCES = (
    (Audience.PRIVATE, _("Only me")),
    (Audience.NOT_FOR_HOME, _("Me and my teachers")),
    (Audience.SHARED, _("Me, my teachers and my family")),
)
STAFF_AUDIENCES = (
    (Audience.NOT_FOR_HOME, _("The student and their teachers")),
    (Audience.SHARED, _("The student, their teachers and their family")),
)
FEELINGS = (("great", _("Great")), ("good", _("Good")), ("unsure", _("Not sure")), ("hard", _("Hard")))


class LogForm(forms.Form):
    """One entry: the framework's prompts, a symbol, who may read it."""

    def __init__(self, *args: Any, rules: LogRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prompts = [(prompt.key, shown(prompt.label), shown(prompt.prompt)) for prompt in rules.prompts]
        asked = self.prompts or [("text", _("What did you do and learn?"), "")]
        for key, label, hint in asked:
            self.fields[f"answer_{key}"] = forms.CharField(
                label=label,
                help_text=hint,
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "data-draft": f"answer_{key}"}),
            )
        self.fields["feeling"] = forms.ChoiceField(choices=FEELINGS, required=False, widget=forms.RadioSelect)
        self.fields["audience"] = forms.ChoiceField(
            label=_("Who may read this?"), choices=AUDIENCES, widget=forms.RadioSelect, initial=Audience.PRIVATE
        )

    @property
    def answers(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("answer_")]

    def change(self, activity_id: int | None) -> LogChange:
        cleaned = self.cleaned_data
        return LogChange(
            answers={bound.name.removeprefix("answer_"): cleaned[bound.name] for bound in self.answers},
            feeling=cleaned["feeling"],
            activity_id=activity_id,
            audience=Audience(cleaned["audience"]),
        )


class ItemForm(forms.Form):
    """One piece of the portfolio."""

    title = forms.CharField(label=_("What is it?"), max_length=200)
    kind = forms.ChoiceField(label=_("What kind of thing is it?"))
    about = forms.CharField(label=_("What does it show?"), required=False, max_length=LONGEST)
    made_on = forms.DateField(label=_("When was it made?"), required=False, localize=False)
    contexts = forms.MultipleChoiceField(
        label=_("Where was it?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    targets = forms.TypedMultipleChoiceField(
        label=_("Which targets does it belong to?"), required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    audience = forms.ChoiceField(label=_("Who may see this?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, page: PortfolioPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.key, shown(kind.name)) for kind in page.kinds]
        self.fields["contexts"].choices = [(place.key, shown(place.name)) for place in page.contexts]
        self.fields["targets"].choices = [(str(target.id), target.wording) for target in page.targets]
        self.fields["audience"].choices = AUDIENCES if page.own else STAFF_AUDIENCES
        self.fields["audience"].initial = Audience.PRIVATE if page.own else Audience.NOT_FOR_HOME
        self.fields["about"].widget = forms.Textarea(attrs={"rows": 2})
        self.fields["made_on"].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in ("title", "about"):
            self.fields[name].widget.attrs |= {"dir": "auto"}
        for name in ("title", "about", "kind", "made_on", "audience"):
            self.fields[name].widget.attrs |= {"data-draft": name}

    def change(self) -> ItemChange:
        cleaned = self.cleaned_data
        return ItemChange(
            kind=cleaned["kind"],
            title=cleaned["title"],
            about=cleaned["about"],
            made_on=cleaned["made_on"],
            contexts=tuple(cleaned["contexts"]),
            target_ids=tuple(cleaned["targets"]),
            audience=Audience(cleaned["audience"]),
        )


def once_of(posted: Mapping[str, str]) -> UUID:
    """The name of a form for something new: the one it came with, or a fresh one."""
    try:
        return UUID(posted.get("ilp_once", ""))
    except ValueError:
        return uuid4()


def files_of(request: HttpRequest) -> list[NewFile]:
    """The files a form brought, each with what its sender says of it."""
    found = []
    for slot in SLOTS:
        upload = request.FILES.get(slot)
        if upload is not None:
            found.append(
                NewFile(
                    data=upload.read(),
                    words=request.POST.get(f"{slot}_words", ""),
                    shows_others=f"{slot}_others" in request.POST,
                    uses=uses_of(request.POST),
                )
            )
    return found


def activities_of(
    page: LogPage, unit: Collection[str], *, chosen: int | None = None, called: str = ""
) -> dict[str, Any]:
    """What an entry can be about: what stands on the screen it was opened beside first, then the course's others.

    `unit`: the LMS's ids of what stands there; a single one is chosen already. `chosen` stays a choice, by the name
    `called`, also where the course no longer has it.
    """
    here = [one for one in page.activities if one.external_id in unit]
    known = {one.id for one in page.activities}
    return {
        "here": here,
        "others": [one for one in page.activities if one.external_id not in unit],
        "gone": [{"id": chosen, "label": called}] if chosen and chosen not in known and called else [],
        "chosen": chosen if chosen is not None else here[0].id if len(here) == 1 else None,
    }


def activity_of(posted: Mapping[str, str]) -> int | None:
    number = whole(posted.get("activity", ""))
    return number or None
