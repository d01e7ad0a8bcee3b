"""The format of a framework, described from the schema itself: as JSON Schema and as a page."""

import typing
from enum import EnumType
from typing import Any

from pydantic.fields import FieldInfo

from .loading import BUILT_IN, built_in
from .parts import Part
from .schema import FrameworkPart
from .sentences import part_in

_BASE = {
    "type": "string",
    "enum": list(BUILT_IN),
    "description": "A built-in framework to begin with. A list replaces its list; words, terms, rules, log grow.",
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a framework as it is written. With `extends`, what the base has may be left out."""
    schema = FrameworkPart.model_json_schema(by_alias=True)
    always, unless_extended = ["format", "key", "name"], schema.pop("required")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Framework of individual learning plans",
        **{name: value for name, value in schema.items() if name != "title"},
        "properties": {"extends": _BASE, **schema["properties"]},
        "required": always,
        "anyOf": [{"required": ["extends"]}, {"required": unless_extended}],
    }


def page() -> str:
    """The format as Markdown: every key, what may stand there, and what it is for."""
    parts: dict[str, type[Part]] = {}
    _collect(FrameworkPart, parts)
    chapters = "\n\n".join(_chapter(name, part) for name, part in parts.items())
    built_ins = "\n".join(f"- `{key}`: {built_in(key).name}. {built_in(key).about}" for key in BUILT_IN)
    return _PAGE.format(built_ins=built_ins, chapters=chapters)


def _collect(part: type[Part], found: dict[str, type[Part]]) -> None:
    found.setdefault(_name(part), part)
    for about in part.model_fields.values():
        inside = part_in(about.annotation)
        if inside is not None and _name(inside) not in found:
            _collect(inside, found)


def _chapter(name: str, part: type[Part]) -> str:
    rows = [
        f"| `{about.alias or key}` | {_shape(about)} | {'yes' if about.is_required() else ''} | {about.description} |"
        for key, about in part.model_fields.items()
    ]
    return "\n".join([f"## {name}", "", "| key | what stands there | must | meaning |", "|---|---|---|---|", *rows])


def _name(part: type[Part]) -> str:
    return part.__name__.removesuffix("Part")


def _shape(about: FieldInfo) -> str:
    listed = typing.get_origin(about.annotation) is tuple
    inside = part_in(about.annotation)
    if inside is not None:
        link = f"[{_name(inside)}](#{_name(inside).lower()})"
        return f"list of {link}" if listed else link
    return ("list of " if listed else "") + _plain(about.annotation)


def _plain(annotation: Any) -> str:
    if typing.get_origin(annotation) is typing.Literal:
        return ", ".join(f"`{each}`" for each in typing.get_args(annotation) if each != "")
    if isinstance(annotation, EnumType):
        return ", ".join(f"`{each.value}`" for each in annotation)  # type: ignore[var-annotated]
    inside = [each for each in typing.get_args(annotation) if each not in (type(None), ...)]
    if inside:
        return _plain(inside[0])
    return {str: "words", int: "number", float: "number", bool: "true or false"}[annotation]


_PAGE = """# How a framework is written

Printed from `lti_tool/plans/frameworks/schema.py` by `ilp-tool framework_format`; a test compares the two.

A framework says what a school's plans are made of: areas and scales, kinds of target, what forms ask, which reviews
there are and when, what must hold. It is a text in YAML, and `docs/framework.schema.json` is its JSON Schema: name it
in an editor, and it helps while you type. `ilp-tool check_framework FILE` says what is to be mended, line by line; so
does the page where a school edits its own.

Built in:

{built_ins}

## Rules of the text

- It is plain data: no anchors (`&`, `*`), tags (`!`) or further documents (`---`). Words such as `no`, `on` and
  `12:30` stay words; only `true` and `false` are that.
- A `key` names a thing in the database: small letters, digits, underscores. Words written in a plan are kept under
  it, so a key never changes; the name people read may.
- `extends: te_kura` begins with a built-in framework. A list written below it replaces the list of the base; what is
  written under `words`, `terms`, `rules` and `log` is added to the base's.
- `words` are headings. `terms` stand in sentences, each as one and many: `learner: [pupil, pupils]`. They hold on
  English pages about one plan; what a school itself gave under Setup, Words of the school, goes before them.
- Every field says how guarded its answers are (`sensitivity`): `ordinary`, `personal`, `sensitive`, `restricted`.
- A day is written in one of three ways: `{{month: 10, day: 24}}`, `{{term: autumn_1, edge: end}}` or
  `{{after: enrolment, weeks: 2}}`.
- The fields `success`, `baseline`, `next_step`, `steps`, `support_inside`, `support_outside`, `resources` and
  `due_on` of a target are the tool's own: a framework words them anew. Any other key is kept as a further answer.
- Texts of the built-in frameworks are translated with the tool. A school's own show as it wrote them.

{chapters}
"""


def framework_format() -> tuple[dict[str, Any], str]:
    """The description of the format: its JSON Schema, and a page in Markdown."""
    return json_schema(), page()
