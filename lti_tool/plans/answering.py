"""Whether an answer fits its field: one of the choices, a day, a number. Answers are kept as text.

Of `choices` an answer holds the keys picked, one on each line; a day is written as ISO 8601 has it.
"""

from collections.abc import Mapping
from datetime import date

from .frameworks.data import Field, FieldKind
from .frameworks.wording import shown


def misfit(field: Field, text: str, *, stands: str = "") -> str:
    """A code of what is wrong ("choice", "day", "number"), or "". What stands already may stay: frameworks change."""
    text = text.strip()
    if not text or text == stands.strip():
        return ""
    known = {choice.key for choice in field.choices}
    match field.kind:
        case FieldKind.CHOICE if text not in known:
            return "choice"
        case FieldKind.CHOICES if set(text.split()) - known:
            return "choice"
        case FieldKind.DATE if not _is_day(text):
            return "day"
        case FieldKind.NUMBER if not _is_number(text):
            return "number"
    return ""


def misfits(fields: Mapping[str, Field], told: Mapping[str, str], stands: Mapping[str, str]) -> dict[str, str]:
    """The same of many answers, by their keys; those that fit, or that no field here asks for, are left out."""
    found = {
        key: misfit(fields[key], text, stands=stands.get(key, "")) for key, text in told.items() if key in fields
    }
    return {key: code for key, code in found.items() if code}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    whole, _, rest = text.replace(",", ".").partition(".")
    return whole.removeprefix("-").isdecimal() and (not rest or rest.isdecimal())


def answer_words(field: Field, text: str) -> str:
    """The answer as people read it: what was picked by its name, in the reader's language. A day stays as it is."""
    if field.kind not in (FieldKind.CHOICE, FieldKind.CHOICES):
        return text
    names = {choice.key: shown(choice.name) for choice in field.choices}
    picked = text.split() if field.kind is FieldKind.CHOICES else [text]
    return ", ".join(names.get(key, key) for key in picked)
