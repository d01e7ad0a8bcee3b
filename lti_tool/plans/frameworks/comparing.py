"""What differs between two frameworks, part by part, as their documents say."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ..data.frameworks import Changed, Difference

Path: TypeAlias = tuple[str, ...]
_LABELS = ("name", "label", "title", "text")


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], written: Mapping[Path, int]
) -> tuple[Difference, ...]:
    """Added, changed and renamed parts in the order of the newer document, then what it no longer has.

    What stands inside a part that came or went is not told of by itself. `written` counts a plan's words by path.
    """
    old, new = dict(_parts(before)), dict(_parts(after))
    found = []
    for path, part in new.items():
        if path not in old:
            if path[:-2] not in new or path[:-2] in old or len(path) <= 2:
                found.append(Difference(Changed.ADDED, path, "", label_of(part)))
        elif part != old[path]:
            renamed = label_of(part) != label_of(old[path])
            what = Changed.RENAMED if renamed else Changed.CHANGED
            found.append(Difference(what, path, label_of(old[path]), label_of(part)))
    for path, part in old.items():
        if path not in new and (path[:-2] not in old or path[:-2] in new or len(path) <= 2):
            kept = sum(count for under, count in written.items() if under[: len(path)] == path)
            found.append(Difference(Changed.REMOVED, path, label_of(part), "", kept))
    return tuple(found)


def parts_of(document: Mapping[str, Any]) -> dict[Path, Any]:
    """Every keyed part and every setting, by its path."""
    return dict(_parts(document))


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every keyed part, and every setting of a group of settings, by its path."""
    for name, value in document.items():
        if isinstance(value, dict):
            for setting, inside in value.items():
                if _keyed(inside):
                    yield from _list(inside, (name, setting))
                else:
                    yield (name, setting), inside
        elif _keyed(value):
            yield from _list(value, (name,))


def _list(parts: list[dict[str, Any]], path: Path) -> Iterator[tuple[Path, Any]]:
    for part in parts:
        here = (*path, part["key"])
        yield here, {name: value for name, value in part.items() if not _keyed(value)}
        for name, value in part.items():
            if _keyed(value):
                yield from _list(value, (*here, name))


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "key" in value[0]


def label_of(part: Any) -> str:
    """What a part is called."""
    if isinstance(part, dict):
        return next((str(part[name]) for name in _LABELS if name in part), "")
    if isinstance(part, list):
        return ", ".join(str(each) for each in part)
    return str(part)
