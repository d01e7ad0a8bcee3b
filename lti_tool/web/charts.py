"""Small line plots, drawn by pygal and stripped to shapes: our stylesheet colours them, so that dark, high-contrast
and forced colours hold, and no inline style or script meets the content security policy. The page shows the same
values as a table beside each plot."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pygal
from django.utils import formats, timezone
from pygal.etree import etree

from lti_tool.plans.data import EvidenceView

# pygal hooks into every later import with a finder of the old kind, which Python warns of and 3.12 refuses.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = {"defs", "title", "desc", "script", "style"}


def line(series: Sequence[EvidenceView], guides: Iterable[float | None] = ()) -> str:
    """Percent over time as an SVG element, or "" where fewer than two values leave nothing to join."""
    points = [(e.observed_at.timestamp(), e.percent) for e in series if e.percent is not None]
    if len(points) < 2:
        return ""
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    if first == last:  # all at one moment: spread them, the order is what can be shown
        points = [(first + index, percent) for index, (_, percent) in enumerate(points)]
        last = first + len(points) - 1
    figures = [percent for _, percent in points]
    chart = pygal.XY(
        width=320,
        height=124,
        margin=6,
        range=(min(0, *figures), max(100, *figures)),  # extra credit goes above, a deduction below
        xrange=(first, last),
        dots_size=3.5,
        show_legend=False,
        js=[],
        x_value_formatter=_day,
        value_formatter=lambda value: f"{value:.0f}",
        truncate_label=-1,
    )
    chart.y_labels = sorted({0, 100, *(g for g in guides if g is not None)})
    chart.x_labels = [first, last]
    chart.add("", points)
    return _bare(chart.render_tree())


def _day(stamp: float) -> str:
    moment = timezone.localtime(datetime.fromtimestamp(stamp, tz=UTC))
    return formats.date_format(moment, "j M")


def _bare(root: etree.Element) -> str:
    """Without scripts, styles, ids and pygal's own titles; hidden from readers, who get the table."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.removeprefix(_SVG) in _DROPPED:
                parent.remove(child)
        for name in ("style", "id"):
            parent.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    root.set("class", "plot")
    return etree.tostring(root, encoding="unicode")


def steps(done: int, total: int) -> str:
    """How many of the activities are done, one box each (one bar where they are many); words stand beside."""
    if total > 12:
        shapes = [("off", 0.0, 240.0), ("on", 0.0, 240 * done / total)]
    else:
        width = 240 / total
        shapes = [("on" if index < done else "off", index * width, width - 4) for index in range(total)]
    rects = "".join(
        f'<rect x="{x:.1f}" width="{width:.1f}" height="10" rx="3" class="{name}"/>' for name, x, width in shapes
    )
    return f'<svg class="steps" viewBox="0 0 240 10" aria-hidden="true" focusable="false">{rects}</svg>'
