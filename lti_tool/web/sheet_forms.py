"""A sheet of the framework as fields of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from lti_tool.plans import api as plans
from lti_tool.plans.data import SheetView
from lti_tool.plans.exceptions import Invalid
from lti_tool.plans.frameworks.data import Field, FieldKind

from .forms import picked

_PREFIX = "answer_"  # of a field's name in the form, before its key


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a sheet with what stands in it."""

    key: str
    label: str
    prompt: str
    field: Field
    value: str

    @property
    def kind(self) -> str:
        """How it is asked here: "text", or as its field says."""
        return "text" if self.field.kind is FieldKind.STEPS else str(self.field.kind)


def lines(sheet: SheetView, typed: Mapping[str, str] | None = None) -> list[Line]:
    """The form's fields in the reader's language, holding what was typed, else what was answered."""
    stands = dict(sheet.answers) if typed is None else typed
    return [
        Line(
            field.key,
            plans.shown(field.label),
            plans.shown(field.prompt),
            field,
            stands.get(field.key, sheet.student.name if field.key == "pupil_name" and not stands else ""),
        )
        for field in sheet.form.fields
    ]


def typed(post: QueryDict) -> dict[str, str]:
    """What was written in the sheet's fields."""
    return {name.removeprefix(_PREFIX): picked(post, name) for name in post if name.startswith(_PREFIX)}


def untranslated(sheet: SheetView) -> bool:
    """Whether the form's own words are not yet in the reader's language: said, never silently English (T94)."""
    if (translation.get_language() or "en").startswith("en"):
        return False
    return any(field.label and plans.shown(field.label) == field.label for field in sheet.form.fields)


def languages() -> list[tuple[str, str]]:
    """Each language by its own name."""
    return [(code, translation.get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


def sentences(invalid: Invalid) -> list[str]:
    """What to do about what could not be taken."""
    said = {
        ("answers", "answered"): _("This sheet was answered already"),
        ("answers", "required"): _("Please write something in at least one field."),
        ("answers", "too_long"): _("This is too long. Please make it shorter."),
        ("answers", "unfit"): _("Please look at the days and numbers again."),
        ("name", "required"): _("Please say who wrote this."),
        ("name", "too_long"): _("The name is too long."),
        ("address", "invalid"): _("This is not an e-mail address. Please check it."),
        ("due_on", "past"): _("Choose a day that is still to come."),
    }
    return [said.get(item, _("Please check this.")) for item in invalid.errors.items()]


def context(
    sheet: SheetView, answers: Mapping[str, str] | None = None, begun: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The page's fields: `answers` as they were sent, or else what stands with what was `begun` and not sent yet."""
    if answers is None and begun:
        written = {name.removeprefix(_PREFIX): text for name, text in begun.items() if name.startswith(_PREFIX)}
        answers = dict(sheet.answers) | written
    return {"sheet": sheet, "lines": lines(sheet, answers), "untranslated": untranslated(sheet)}
