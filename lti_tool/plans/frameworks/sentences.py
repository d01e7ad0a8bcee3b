"""What pydantic found, in sentences that name what to write instead."""

import difflib
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic_core import ErrorDetails

from .parts import Part
from .reading import Path


def sentences(error: ErrorDetails, root: type[Part]) -> tuple[str, str]:
    """(what is wrong, how to mend it). Nobody has to know what a type is."""
    kind, path, limits = error["type"], error["loc"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path, root)
    if kind == "missing":
        return (
            _("“%(key)s” is missing here.") % {"key": path[-1]},
            _("Add a line that begins with “%(key)s:”.") % {"key": path[-1]},
        )
    if kind in ("literal_error", "enum"):
        return _not_one_of(str(error.get("input", "")), str(limits.get("expected", "")))
    if kind == "string_pattern_mismatch":
        return _pattern(str(limits.get("pattern", "")))
    if error.get("input", ...) is None:
        return _("Nothing stands here."), _("Write something after the colon, or take the line away.")
    what, mend = _PLAIN.get(kind, _UNFORESEEN)()
    return what % _numbers(limits), mend % _numbers(limits)


def nearest(word: str, known: Iterable[str]) -> str:
    """What somebody perhaps meant, as a sentence; else what there is to choose from."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return _("Write “%(word)s” instead.") % {"word": close[0]}
    if not known:
        return _("Take it away.")
    return _("Write one of these: %(words)s.") % {"words": ", ".join(known)}


def _numbers(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {"most": "", "least": "", "month": "", "day": "", **_limit(limits)}


def _limit(limits: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: limits[name] for name in ("month", "day") if name in limits}
    for name, source in (("most", "max_length"), ("most", "le"), ("least", "min_length"), ("least", "ge")):
        if source in limits:
            found[name] = f"{limits[source]:g}"
    return found


def _empty() -> tuple[str, str]:
    return _("This is empty."), _("Write something, or take the line away.")


def _whole() -> tuple[str, str]:
    return _("This is not a whole number."), _("Write a number in digits, without quotes.")


def _too_small() -> tuple[str, str]:
    return _("This number is too small."), _("Write %(least)s or more.")


def _keys() -> tuple[str, str]:
    return (
        _("Several keys belong here, each with a colon."),
        _("Write them one a line, further in than this line; look at the built-in frameworks."),
    )


_PLAIN: dict[str, Callable[[], tuple[str, str]]] = {
    "string_type": lambda: (
        _("Words belong here."),
        _("Write words; put quotes around what looks like a number, true or false."),
    ),
    "int_type": _whole,
    "int_from_float": _whole,
    "float_type": lambda: (_("This is not a number."), _("Write a number in digits, without quotes.")),
    "bool_type": lambda: (_("This is neither true nor false."), _("Write true or false, without quotes.")),
    "tuple_type": lambda: (_("A list belongs here."), _("Begin each of its lines with a hyphen and a space.")),
    "model_type": _keys,
    "model_attributes_type": _keys,
    "dict_type": _keys,
    "string_too_short": _empty,
    "string_too_long": lambda: (_("This is too long."), _("Write at most %(most)s characters.")),
    "too_long": lambda: (_("This list is too long."), _("Leave at most %(most)s things in it.")),
    "too_short": lambda: (_("This list is too short."), _("Put at least %(least)s into it.")),
    "greater_than_equal": _too_small,
    "less_than_equal": lambda: (_("This number is too large."), _("Write %(most)s or less.")),
    "letters": lambda: (
        _("This cannot stand in a sentence."),
        _("Write a word of letters, at most 40, without signs such as %% and <."),
    ),
    "no_such_day": lambda: (_("Month %(month)s has no day %(day)s."), _("Write a day the month has.")),
    "when": lambda: (
        _("This names no day, or more than one."),
        _("Write month and day; or a term; or “after” with weeks or days."),
    ),
}


def _UNFORESEEN() -> tuple[str, str]:  # noqa: N802 (a value of the table above)
    return _("This is not what belongs here."), _("Compare it with the description of the format.")


def _pattern(pattern: str) -> tuple[str, str]:
    if "a-z" not in pattern:
        return _empty()
    return (
        _("A key has only small letters, digits and underscores, and begins with a letter."),
        _("Write it so, as in: work_placement"),
    )


def _not_one_of(word: str, expected: str) -> tuple[str, str]:
    known = [each.strip().strip("'") for each in expected.replace(" or ", ",").split(",")]
    if word in known:  # the right word, but of another kind: "1" is not 1
        return _("Quotes make words of a number."), _("Take the quotes away.")
    return _("“%(word)s” cannot be chosen here.") % {"word": word[:60]}, nearest(word, [k for k in known if k])


def _unknown(path: Path, root: type[Part]) -> tuple[str, str]:
    part = _part_at(root, path[:-1])
    known = [about.alias or name for name, about in part.model_fields.items()] if part else []
    known += ["extends"] if part is root else []
    key = str(path[-1])
    return _("“%(key)s” is not known here.") % {"key": key[:60]}, nearest(key, known)


def _part_at(root: type[Part], path: Path) -> type[Part] | None:
    """The part that stands at a path; numbers are places in lists."""
    part: type[Part] | None = root
    for step in path:
        if isinstance(step, str) and part is not None:
            fields = {about.alias or name: about.annotation for name, about in part.model_fields.items()}
            part = part_in(fields.get(step))
    return part


def part_in(annotation: Any) -> type[Part] | None:
    """The part an annotation speaks of, however it is wrapped."""
    if inside := typing.get_args(annotation):
        return next((part for each in inside if (part := part_in(each))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, Part) else None
