"""YAML to plain data, with the line of everything in it.

Only what JSON can say is read: texts, numbers, true, false, null, lists and mappings. Anchors, tags and further
documents are refused, as is anything big or deep enough to hurt; a key written twice is refused, since the later
one would silently win. Words such as `no` and `12:30` stay words.
"""

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from django.utils.translation import gettext as _

from ..exceptions import FrameworkProblem, Problem

LARGEST = 200_000  # characters
DEEPEST = 16
MOST = 20_000  # things in one text

Path: TypeAlias = tuple[str | int, ...]

_NULL = re.compile(r"(null|Null|NULL|~|)\Z")
_TRUE = re.compile(r"(true|True|TRUE)\Z")
_FALSE = re.compile(r"(false|False|FALSE)\Z")
_WHOLE = re.compile(r"[-+]?[0-9]{1,30}\Z", re.ASCII)
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}\Z", re.ASCII)
# What no database keeps; what YAML takes for the end of a line and an editor does not, so that lines would be
# counted in two ways; and what shows words in another order than they are written in.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufffe\uffff]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # twenty times as fast where PyYAML brings it


@dataclass(frozen=True, slots=True)
class Written:
    """What a text says, and on which line each thing of it stands."""

    data: dict[str, Any]
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of the thing, or of the nearest thing around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass(slots=True)
class _Open:
    """A list or mapping not yet closed."""

    path: Path
    value: Any
    key: str | None = None
    keys: set[str] = field(default_factory=set)


def storable(text: str) -> bool:
    """Whether a database can keep the text at all, right or not."""
    return not re.search("[\x00\ud800-\udfff]", text)


def read(text: str) -> Written:
    """What the text says.

    Raises:
        FrameworkProblem: it is too large, no YAML, or more than plain data.
    """
    if len(text) > LARGEST:
        raise _problem(
            1,
            _("The text has more than %(most)d characters.") % {"most": LARGEST},
            _("Make it shorter: a framework needs a tenth of that."),
        )
    unstorable = _UNSTORABLE.search(text)
    if unstorable:
        raise _unstorable(text.count("\n", 0, unstorable.start()) + 1)
    try:
        return _Reader().read(text)
    except yaml.MarkedYAMLError as error:
        line = _where(error, text)
        raise _unreadable(line, str(error.problem or ""), _mend(error, text.splitlines(), line)) from None
    except (yaml.YAMLError, ValueError, OverflowError, IndexError):  # "\UFFFFFFFF", "%YAML 9…9": PyYAML's own slips
        raise _unreadable(1, "", _look()) from None


class _Reader:
    """Builds data from the parser's events with a stack of its own, so that no depth can exhaust Python's."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.stack: list[_Open] = []
        self.root: Any = None
        self.count = 0
        self.documents = 0

    def read(self, text: str) -> Written:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            self._refuse(event, line)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], line)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.stack.pop()
        if not isinstance(self.root, dict):
            raise _problem(1, _("This is not a framework."), _("Begin with lines such as: key: our_school"))
        return Written(self.root, self.lines)

    def _refuse(self, event: yaml.Event, line: int) -> None:
        self.count += 1
        self.documents += isinstance(event, yaml.DocumentStartEvent)
        if self.count > MOST:
            raise _problem(line, _("There are too many things in this text."), _("Leave out what is not needed."))
        if len(self.stack) > DEEPEST:
            raise _problem(line, _("Things stand in one another too deeply here."), _("Take a few brackets away."))
        if self.documents > 1:
            raise _problem(line, _("A second document begins here."), _("Take this line and what follows away: ---"))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _problem(line, _("An anchor (& or *) stands here."), _("Write the words out once more instead."))
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise _problem(line, _("A tag (!) stands here."), _("Take it away, or put quotes around the words."))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if _UNSTORABLE.search(event.value):
            raise _unstorable(line)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if event.value in top.keys:
                raise _problem(
                    line,
                    _("“%(key)s” is written twice.") % {"key": _short(event.value)},
                    _("Keep one of them, or put both together."),
                    (*top.path, event.value),
                )
            top.keys.add(event.value)
            top.key = event.value
            self.lines[(*top.path, event.value)] = line
            return
        self._put(_plain(event.value) if event.implicit[0] else event.value, line)

    def _open(self, value: Any, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            raise _problem(line, _("A key has to be a word."), _("Write a word followed by a colon."))
        self.stack.append(_Open(self._put(value, line), value))

    def _put(self, value: Any, line: int) -> Path:
        """Put a value where it belongs; its path."""
        if not self.stack:
            self.root = value
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            path: Path = (*top.path, len(top.value))
            top.value.append(value)
        else:
            assert top.key is not None  # noqa: S101 (the parser gives a key before its value)
            path = (*top.path, top.key)
            top.value[top.key] = value
            top.key = None
        self.lines.setdefault(path, line)
        return path


def _plain(text: str) -> Any:
    """What an unquoted word means."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text) or _FALSE.match(text):
        return bool(_TRUE.match(text))
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _problem(line: int, what: str, mend: str, path: Path = ()) -> FrameworkProblem:
    return FrameworkProblem(Problem(line, ".".join(_short(str(step)) for step in path), what, mend))


def _where(error: yaml.MarkedYAMLError, text: str) -> int:
    """The line to mend: of a quote or bracket that is never closed where it was opened, not where that shows."""
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    if mark and opened and (_unclosed(error) or mark.line > text.rstrip().count("\n")):
        mark = opened
    line = mark.line + 1 if mark else 1
    before = text.splitlines()[line - 2 : line - 1]
    slipped = not opened and before and (_GLUED.match(before[0]) or _UNSPACED.match(before[0]))
    return line - 1 if slipped else line


def _unclosed(error: yaml.MarkedYAMLError) -> bool:
    return "flow" in (error.context or "") or "quoted" in (error.context or "")


def _mend(error: yaml.MarkedYAMLError, lines: list[str], line: int) -> str:
    """What to do about the slips people make most."""
    written = lines[line - 1] if line <= len(lines) else ""
    if _UNSPACED.match(written):
        return _("Write spaces at the beginning of this line: what stands there only looks like them.")
    if _GLUED.match(written):
        return _("Write a space after the colon or the hyphen.")
    if "cannot start any token" in (error.problem or ""):
        return _("Take it away, or put quotes around the words.")
    if _unclosed(error):
        return _("Close the bracket or quote that opens here; put words with a comma or a colon into quotes.")
    return _look()


_UNSPACED = re.compile(r"[ ]*[^\S ]")  # a tab, or a space of another width, before any word
_GLUED = re.compile(r" *(-[^\s-]|(- +)?[A-Za-z_]+:[^\s/])")


def _unstorable(line: int) -> FrameworkProblem:
    return _problem(line, _("A character stands here that cannot be kept."), _("Type this line anew."))


def _look() -> str:
    return _("Look at the spaces at its beginning, its quotes and its brackets; put words with a colon into quotes.")


def _unreadable(line: int, why: str, mend: str) -> FrameworkProblem:
    """What the parser says is English and technical, so it stands after a plain sentence."""
    return _problem(line, _("This line cannot be read as YAML.") + (f" ({why})" if why else ""), mend)
