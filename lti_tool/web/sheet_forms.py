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
from lti_tool.plans.frameworks.data import FieldKind


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a sheet with what stands in it."""

    key: str
    label: str
    prompt: str
    kind: str  # "line", "text" or "date"
    value: str


def lines(sheet: SheetView, typed: Mapping[str, str] | None = None) -> list[Line]:
    """The form's fields in the reader's language, holding what was typed, else what was answered."""
    stands = dict(sheet.answers) if typed is None else typed
    plain = {FieldKind.LINE: "line", FieldKind.DATE: "date", FieldKind.NUMBER: "line"}
    return [
        Line(
            field.key,
            plans.shown(field.label),
            plans.shown(field.prompt),
            plain.get(field.kind, "text"),
            stands.get(field.key, sheet.student.name if field.key == "pupil_name" and not stands else ""),
        )
        for field in sheet.form.fields
    ]


def typed(post: QueryDict) -> dict[str, str]:
    """What was written in the sheet's fields."""
    return {
        name.removeprefix("answer_"): text.replace("\r\n", "\n")
        for name, text in post.items()
        if name.startswith("answer_") and isinstance(text, str)
    }


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
        ("answers", "required"): _("Please write something in at least one field."),
        ("answers", "too_long"): _("This is too long. Please make it shorter."),
        ("name", "required"): _("Please say who wrote this."),
        ("name", "too_long"): _("The name is too long."),
        ("address", "invalid"): _("This is not an e-mail address. Please check it."),
        ("due_on", "past"): _("Choose a day that is still to come."),
    }
    return [said.get(item, _("Please check this.")) for item in invalid.errors.items()]


def context(sheet: SheetView, answers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"sheet": sheet, "lines": lines(sheet, answers), "untranslated": untranslated(sheet)}
