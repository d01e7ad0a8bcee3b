"""What a framework's parts say of one another: keys written once, and names of things that are there."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from .data import FieldKind, Sensitivity
from .parts import Part
from .reading import Path
from .schema import FieldPart, FrameworkPart, ScalePart
from .schema_around import WhenPart
from .sentences import nearest

Found: TypeAlias = tuple[Path, str, str]  # where, what, mend


def check(framework: FrameworkPart) -> Iterator[Found]:
    """Everything that does not fit together."""
    for path, part in walk(framework, ()):
        yield from _repeated(path, part)
        yield from _alike(path, part)
        if isinstance(part, FieldPart):
            yield from _field(path, part)
    yield from _together(framework)
    yield from _names(framework)
    yield from _scales(framework)
    yield from _days(framework)
    yield from _own_places(framework)


def walk(part: Part, path: Path) -> Iterator[tuple[Path, Part]]:
    """The part and everything in it, each with where it stands."""
    yield path, part
    for name, about in type(part).model_fields.items():
        value, here = getattr(part, name), (*path, about.alias or name)
        for index, each in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(each, Part):
                yield from walk(each, (*here, index))
        if isinstance(value, Part):
            yield from walk(value, here)


def _repeated(path: Path, part: Part) -> Iterator[Found]:
    for name, about in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(value, tuple) and value and hasattr(value[0], "key"):
            yield from _once((*path, about.alias or name), [each.key for each in value])


def _once(path: Path, keys: list[str], *, elsewhere: Iterable[str] = ()) -> Iterator[Found]:
    seen = set(elsewhere)
    for index, key in enumerate(keys):
        if key in seen:
            yield (
                (*path, index, "key"),
                _("There is already one with the key “%(key)s”.") % {"key": key},
                _("Give this one another key."),
            )
        seen.add(key)


def _alike(path: Path, part: Part) -> Iterator[Found]:
    """What people pick from looks different to them, not only to the database."""
    for name in _PICKED & type(part).model_fields.keys():
        seen: set[str] = set()
        for index, each in enumerate(getattr(part, name)):
            if isinstance(each, str):  # a key of such a list, not a thing of it
                continue
            words = " ".join(each.name.split()).casefold()
            if words in seen:
                what = _("There is already one called “%(name)s”.") % {"name": each.name[:60]}
                yield (
                    (*path, name, index, "name"),
                    what,
                    _("Call it something else, so that people can choose."),
                )
            seen.add(words)


_PICKED = frozenset({"areas", "levels", "choices", "target_types", "contexts", "evidence_kinds", "review_kinds"})


def _field(path: Path, field: FieldPart) -> Iterator[Found]:
    choosing = field.kind in (FieldKind.CHOICE, FieldKind.CHOICES)
    if choosing and not field.choices:
        yield (*path, "kind"), _("There is nothing to choose from."), _("Add “choices:” with a list below it.")
    if field.choices and not choosing:
        yield (*path, "choices"), _("Only a choice has choices."), _("Write “kind: choice” or “kind: choices”.")


def _together(framework: FrameworkPart) -> Iterator[Found]:
    """Answers are kept under these keys, so two lists that are asked together share one set of them."""
    common = [field.key for field in framework.target_fields]
    for index, kind in enumerate(framework.target_types):
        yield from _once(("target_types", index, "fields"), [each.key for each in kind.fields], elsewhere=common)
    stages = [section.key for section in framework.needs]
    yield from _once(("plan_sections",), [section.key for section in framework.plan_sections], elsewhere=stages)
    for index, review in enumerate(framework.review_kinds):
        prepared = [field.key for field in review.preparation]
        yield from _once(("review_kinds", index, "fields"), [each.key for each in review.fields], elsewhere=prepared)


def _names(framework: FrameworkPart) -> Iterator[Found]:
    known = {
        name: {each.key for each in getattr(framework, name)}
        for name in ("areas", "scales", "roles", "review_kinds", "sheets", "records", "cadences")
    }
    known["terms"] = {term.key for term in framework.school_year.terms}
    for path, part in walk(framework, ()):
        for name, target in _POINTS.get(type(part).__name__, {}).items():
            value = getattr(part, name)
            for index, key in enumerate(value if isinstance(value, tuple) else (value,)):
                where = (*path, name, index) if isinstance(value, tuple) else (*path, name)
                if key and key not in known[target]:
                    yield (
                        where,
                        _("There is no “%(key)s” in %(list)s.") % {"key": key, "list": f"“{target}”"},
                        nearest(key, known[target]),
                    )


# which keys of a part name something of which list
_POINTS: dict[str, dict[str, str]] = {
    "FieldPart": {"area": "areas"},
    "FormPart": {"reply_to": "roles"},
    "ReviewKindPart": {"scale": "scales"},
    "CalendarPart": {"review_kind": "review_kinds", "form": "sheets", "record": "records", "by": "roles"},
    "SignerPart": {"role": "roles"},
    "RulesPart": {"quality_checker_role": "roles", "cadence": "cadences"},
    "RecordPart": {"by": "roles", "approved_by": "roles"},
    "OversightPart": {"by": "roles"},
    "PaperPart": {"form": "sheets", "areas": "areas", "review_kinds": "review_kinds"},
    "WhenPart": {"term": "terms"},
}


def _scales(framework: FrameworkPart) -> Iterator[Found]:
    for index, scale in enumerate(framework.scales):
        order = {level.key: place for place, level in enumerate(scale.levels)}
        yield from _same_shapes(index, scale)
        last: tuple[Any, Any] = (-1, -1)
        for place, suggested in enumerate(scale.suggests):
            where = ("scales", index, "suggests", place)
            if suggested.level not in order:
                what = _("There is no “%(key)s” in %(list)s.") % {"key": suggested.level, "list": "“levels”"}
                yield (*where, "level"), what, nearest(suggested.level, order)
                continue
            this = (order[suggested.level], suggested.from_percent)
            if this[0] <= last[0] or this[1] <= last[1]:
                yield where, _("These do not rise."), _("Write the lowest level first, each with a higher number.")
            last = this
    for index, kind in enumerate(framework.review_kinds):
        if kind.judges != "none" and not kind.scale:
            yield ("review_kinds", index), _("This review judges on no scale."), _("Add “scale:”, or “judges: none”.")


def _same_shapes(index: int, scale: ScalePart) -> Iterator[Found]:
    """Who cannot read the words knows a level by its shape."""
    seen: set[str] = set()
    for place, level in enumerate(scale.levels):
        if level.shape in seen and "shape" in level.model_fields_set:
            what = _("Another level has the shape “%(shape)s” already.") % {"shape": level.shape}
            yield ("scales", index, "levels", place, "shape"), what, _("Give each level a shape of its own.")
        seen.add(level.shape)


def _own_places(framework: FrameworkPart) -> Iterator[Found]:
    """What every target and every review has a place of its own for, outside the framework's fields."""
    asked: list[tuple[Path, tuple[FieldPart, ...]]] = [(("target_fields",), framework.target_fields)]
    asked += [(("target_types", index, "fields"), each.fields) for index, each in enumerate(framework.target_types)]
    for path, fields in asked:
        for index, field in enumerate(fields):
            if field.key in {"goal", "wording"}:
                what = _("There is already one with the key “%(key)s”.") % {"key": field.key}
                yield (*path, index, "key"), what, _("Give this one another key.")
    for index, kind in enumerate(framework.review_kinds):
        for place, field in enumerate(kind.fields):
            if field.key == "next_steps" and field.sensitivity in {Sensitivity.SENSITIVE, Sensitivity.RESTRICTED}:
                yield (
                    ("review_kinds", index, "fields", place, "sensitivity"),
                    _("Next steps are read by everybody who reads the review."),
                    _("Write “sensitivity: personal”, or ask for these words under another key."),
                )


def _days(framework: FrameworkPart) -> Iterator[Found]:
    for index, item in enumerate(framework.calendar):
        if sum(bool(each) for each in (item.review_kind, item.form, item.record)) > 1:
            what = _("This brings round more than one thing.")
            yield ("calendar", index), what, _("Leave one of review_kind, form and record.")
    for path, part in walk(framework, ()):
        first, last = getattr(part, "first", None), getattr(part, "last", None)
        if isinstance(first, int) and isinstance(last, int) and first > last:
            yield path, _("The last year comes before the first."), _("Write the lower year after “from”.")
        if isinstance(part, WhenPart) and part.edge and not part.term:
            yield path, _("“edge” belongs to a term."), _("Add “term:”, or take “edge” away.")
