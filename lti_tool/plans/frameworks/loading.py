"""From the text somebody wrote to a framework, or to what is to be mended in it, by line."""

import difflib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..exceptions import FrameworkProblem, Problem
from .checking import check
from .data import Framework
from .reading import Path, Written, read
from .schema import FrameworkPart
from .sentences import nearest, sentences

BUILT_IN = (
    "general", "te_kura", "alfreton_park", "foundation_learning", "rigby_hall", "key_elements", "quarter_notes",
)  # fmt: skip
_MERGED = frozenset({"words", "terms", "rules", "log"})  # a mapping here changes the base's; a list replaces it
_ITS_OWN = frozenset({"format", "key", "name"})  # never taken over from a base: two would be called the same
_MOST_PROBLEMS = 50


def load(text: str, *, key: str | None = None) -> FrameworkPart:
    """The framework a text says, with its base taken in. `key`: what it must be called.

    Raises:
        FrameworkProblem: with every line to mend.
    """
    written = read(text)
    whole = _with_base(written)
    try:
        part = FrameworkPart.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise FrameworkProblem(*_in_words(error, written)) from None
    found = [*check(part)]
    if key is not None and part.key != key:
        found.append((("key",), _("The key of a framework never changes."), _("Write: key: %(key)s") % {"key": key}))
    if found:
        raise FrameworkProblem(*(_problem(written, path, what, mend) for path, what, mend in found[:_MOST_PROBLEMS]))
    return part


def document(part: FrameworkPart) -> dict[str, Any]:
    """The framework as plain data, to keep: nothing in it is left to a base."""
    kept: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return kept | {"format": part.format}


def framework(kept: Mapping[str, Any], version: int) -> Framework:
    """The framework that was kept."""
    return FrameworkPart.model_validate_json(json.dumps(kept)).made(version)


def built_in_text(key: str) -> str:
    """The YAML of a built-in framework."""
    return (resources.files(__package__) / "built_in" / f"{key}.yaml").read_text(encoding="utf-8")


@cache
def built_in(key: str) -> FrameworkPart:
    """A built-in framework."""
    return load(built_in_text(key), key=key)


def _with_base(written: Written) -> dict[str, Any]:
    data = dict(written.data)
    if "extends" not in data:
        return data
    base = data.pop("extends")
    if base not in BUILT_IN or base == data.get("key"):
        raise FrameworkProblem(Problem(written.line(("extends",)), "extends", *_no_base(base)))
    whole = {name: value for name, value in document(built_in(base)).items() if name not in _ITS_OWN}
    for name, value in data.items():
        below = whole.get(name)
        merged = name in _MERGED and isinstance(below, dict) and isinstance(value, dict)
        whole[name] = below | value if merged else value
    return whole


def _no_base(base: Any) -> tuple[str, str]:
    """What is wrong with what stands after `extends`, and how to mend it."""
    if not isinstance(base, str):
        return _("The key of a built-in framework belongs here."), nearest("", BUILT_IN)
    if base in BUILT_IN:
        return _("A framework cannot begin with itself."), _("Give it a key of its own after “key:”.")
    return _("There is no built-in framework “%(key)s” to begin with.") % {"key": base[:60]}, nearest(base, BUILT_IN)


def _problem(written: Written, path: Path, what: str, mend: str) -> Problem:
    """Of what was not written but came with the base, the line that says so is named, and the key to write anew."""
    if path and path[0] not in written.data and "extends" in written.data:
        line, name = written.line(("extends",)), str(path[0])
        mend = _("It comes from the framework yours begins with: write “%(key)s:” anew. %(mend)s") % {
            "key": name, "mend": mend,
        }  # fmt: skip
        return Problem(line, _named(path), what, mend)
    return Problem(written.line(path), _named(path), what, mend)


def _in_words(error: ValidationError, written: Written) -> list[Problem]:
    found = error.errors(include_url=False)[:_MOST_PROBLEMS]
    return [
        Problem(written.line(each["loc"]), _named(each["loc"]), *sentences(each, FrameworkPart))
        for each in found
        if not _told_otherwise(each, found)
    ]


def _told_otherwise(each: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """A list is not too short whose things are wrong, and a key not missing that was only misspelt."""
    path = each["loc"]
    if each["type"] == "too_short":
        return any(other is not each and other["loc"][: len(path)] == path for other in found)
    misspelt = [str(other["loc"][-1]) for other in found if _unknown_beside(other, path)]
    return each["type"] == "missing" and bool(difflib.get_close_matches(str(path[-1]), misspelt))


def _unknown_beside(other: ErrorDetails, path: tuple[str | int, ...]) -> bool:
    return other["type"] == "extra_forbidden" and other["loc"][:-1] == path[:-1]


def _named(path: tuple[str | int, ...]) -> str:
    """A path as people count: the first of a list is 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step[:60] for step in path)
