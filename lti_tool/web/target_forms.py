"""The form on which a target is written: its words, what its framework asks, its steps, its activities."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lti_tool.plans.api import shown
from lti_tool.plans.data import StepChange, TargetChange, TargetPage, Voice
from lti_tool.plans.exceptions import Invalid
from lti_tool.plans.frameworks.data import Field, FieldKind, Framework, named

LONGEST = 2_000  # characters of any one text of a target
EMPTY_STEPS = 2  # places for further ones
_WORDS = ("wording", "success", "next_step", "goal", "due_on")
_MORE = ("baseline", "support_inside", "support_outside", "resources")
_LABELS = {
    "baseline": _("Where does the student start?"),
    "support_inside": _("What helps in class?"),
    "support_outside": _("What helps outside class?"),
    "resources": _("Which things help?"),
}


class TargetForm(forms.Form):
    """A target's words and the activities that serve it (001.4, 002.6). What the page did not hold stays as it is."""

    wording = forms.CharField(label=_("What is the target?"), max_length=1000)
    success = forms.CharField(label=_("How will we know it is reached?"), max_length=LONGEST, required=False)
    next_step = forms.CharField(label=_("What is the next step?"), max_length=LONGEST, required=False)
    goal = forms.CharField(label=_("Which longer goal is it part of?"), max_length=1000, required=False)
    due_on = forms.DateField(label=_("Until when?"), required=False, localize=False)
    activities = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, page: TargetPage, known: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        framework, stands = page.framework, page.stands.change if page.stands else None
        self.fields["activities"].choices = known.items()
        for name in ("wording", "success", "next_step"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})
        self.fields["due_on"].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        if framework.areas:
            areas = _choices(framework.areas, stands.area if stands else "")
            self.fields["area"] = forms.ChoiceField(label=_("What is it about?"), choices=areas, required=False)
        if framework.target_types:
            types = _choices(framework.target_types, stands.type if stands else "")
            self.fields["type"] = forms.ChoiceField(label=_("What kind of target?"), choices=types, required=False)
        if framework.contexts:
            self.fields["contexts"] = forms.MultipleChoiceField(
                label=_("Where is it to be shown?"),
                choices=_choices(framework.contexts, *(stands.contexts if stands else ()))[1:],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        asked = {field.key: field for field in framework.target_fields}
        for name in _MORE:
            self._text(name, asked.get(name), label=_LABELS[name])
        for name in asked.keys() & {"success", "next_step", "due_on"}:
            self.fields[name].label = shown(asked[name].label)
            self.fields[name].help_text = shown(asked[name].prompt)
        self.steps_asked = (shown(asked["steps"].label), shown(asked["steps"].prompt)) if "steps" in asked else None
        self.extra = [field for field in _extra(framework, stands) if field.key not in page.hidden]
        for field in self.extra:
            self._text(f"detail:{field.key}", field, label=field.label)
        for name in page.hidden & self.fields.keys():  # no hint of what others wrote there (T4)
            del self.fields[name]
        for name, one in self.fields.items():
            one.widget.attrs |= {"data-draft": name, "dir": "auto"}

    def _text(self, name: str, asked: Field | None, *, label: Any) -> None:
        about: dict[str, Any] = {
            "label": shown(asked.label) if asked else label,
            "help_text": shown(asked.prompt) if asked and asked.prompt else "",
            "required": False,
        }
        if asked and asked.kind is FieldKind.CHOICE:
            stands = self.page.stands.change.details.get(asked.key, "") if self.page.stands else ""
            self.fields[name] = forms.ChoiceField(choices=_choices(asked.choices, stands), **about)
        elif asked and asked.kind is FieldKind.DATE:  # ISO text, as the domain keeps answers
            self.fields[name] = forms.CharField(
                widget=forms.TextInput(attrs={"type": "date"}), max_length=10, **about
            )
        elif asked and asked.kind in (FieldKind.LINE, FieldKind.NUMBER, FieldKind.PEOPLE):
            self.fields[name] = forms.CharField(max_length=LONGEST, **about)
        else:
            widget = forms.Textarea(attrs={"rows": 2})
            self.fields[name] = forms.CharField(max_length=LONGEST, widget=widget, **about)

    def more(self) -> list[forms.BoundField]:
        """What stands behind "More": everything but the words and the activities."""
        return [self[name] for name in self.fields if name not in {*_WORDS, "activities"}]

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in _WORDS if name in self.fields]

    def change(self) -> TargetChange:
        """The target as the form says it. Raises Invalid for a step's day that is none."""
        cleaned, stands = dict(self.cleaned_data), self.page.stands.change if self.page.stands else TargetChange("")
        said: dict[str, Any] = {name: cleaned[name] for name in _WORDS if name in cleaned}
        for name in ("area", "type", *_MORE):
            said[name] = cleaned[name] if name in self.data and name in cleaned else getattr(stands, name)
        held = "more" in self.data  # boxes that are not ticked send nothing
        said["contexts"] = tuple(cleaned.get("contexts", ())) if held else stands.contexts
        details = {key: text for key, text in stands.details.items() if f"detail:{key}" not in self.data}
        details |= {
            field.key: cleaned[f"detail:{field.key}"] for field in self.extra if f"detail:{field.key}" in self.data
        }
        asks_steps = held and isinstance(self.data, QueryDict) and "steps" not in self.page.hidden
        steps = steps_of(self.data) if asks_steps else None
        return TargetChange(activity_ids=tuple(cleaned["activities"]), details=details, steps=steps, **said)

    @staticmethod
    def initial_of(page: TargetPage, drafts: Mapping[str, str]) -> dict[str, Any]:
        """What stands, under what was typed and not saved."""
        stands: dict[str, Any] = {}
        if page.stands is not None:
            change = page.stands.change
            stands = {name: getattr(change, name) for name in (*_WORDS, *_MORE, "area", "type")}
            stands |= {"contexts": list(change.contexts), "activities": list(change.activity_ids)}
            stands |= {f"detail:{key}": text for key, text in change.details.items()}
        return stands | dict(drafts)


def rows_of(page: TargetPage, posted: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """The steps' rows of the form: posted, or as they stand, and places for further ones."""
    if posted is not None and "more" in posted:
        return _rows(posted)
    steps: Sequence[StepChange] = (page.stands.change.steps or ()) if page.stands else ()
    rows = [
        {
            "what": step.what,
            "who": step.who.value,
            "name": step.who_name,
            "by": step.by_on.isoformat() if step.by_on else "",
            "done": step.done_on.isoformat() if step.done_on else "",
            "id": str(step.id or ""),
        }
        for step in steps
    ]
    return rows + [{"who": Voice.LEARNER.value}] * EMPTY_STEPS


def _rows(posted: Mapping[str, str]) -> list[dict[str, Any]]:
    count = sum(name.startswith("step_what_") for name in posted)
    names = ("what", "who", "name", "by", "done", "id")
    return [{name: posted.get(f"step_{name}_{n}", "") for name in names} for n in range(min(count, 40))]


def steps_of(posted: Mapping[str, str]) -> tuple[StepChange, ...]:
    """The steps a page says. Raises Invalid: steps "day"."""
    found = []
    for row in _rows(posted):
        if not row["what"].strip():
            continue
        who = row["who"] if row["who"] in set(Voice) else Voice.SCHOOL
        days = [_day(row["by"]), _day(row["done"])]
        found.append(StepChange(row["what"], Voice(who), row["name"], days[0], days[1], _uuid(row["id"])))
    return tuple(found)


def _choices(items: Sequence[Any], *stand: str) -> list[tuple[str, str]]:
    """What may be chosen, and what stands though the framework no longer has it."""
    gone = [(key, key) for key in stand if key and named(tuple(items), key) is None]
    return [("", "-"), *((one.key, shown(one.name)) for one in items), *gone]


def _extra(framework: Framework, stands: TargetChange | None) -> list[Field]:
    """Fields of the framework and of the target's type that no column of its own holds."""
    held = {*_WORDS, *_MORE, "area", "type", "contexts", "steps"}
    kinds = [kind for kind in framework.target_types if stands is None or not stands.type or kind.key == stands.type]
    asked = [*framework.target_fields, *(field for kind in kinds for field in kind.fields)]
    return list({field.key: field for field in asked if field.key not in held}.values())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise Invalid({"steps": "day"}) from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
