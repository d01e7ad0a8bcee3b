"""The class as a table to take along: for a spreadsheet, a meeting, a clipboard (T93)."""

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lti_tool.plans import api as plans
from lti_tool.plans.data import ClassList, ClassListRow, ClassRow, Value

from . import cells, wording
from .panel import class_context
from .session import CLASS_STAFF, Visit, visit

Column = Callable[[ClassListRow], Value]


@visit(roles=CLASS_STAFF, methods=("POST",))
def class_list(request: HttpRequest, here: Visit) -> HttpResponse:
    """Whom the page shows, one line each. POST, since taking it leaves an event; no name is in the file's own."""
    shown = {row.student.id for row in class_context(request, here)["rows"]}
    listed = plans.take_class_list(here.actor, only=shown)
    columns = _columns(listed)
    table = cells.lines(columns, ([told(row) for told in columns.values()] for row in listed.rows))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="class-list.csv"'
    return response


def _columns(listed: ClassList) -> Mapping[str, Column]:
    """What stands in each line, by its heading: what this reader may know."""
    pronouns: dict[str, Column] = {_("Pronouns"): lambda one: one.pronouns} if listed.tells_pronouns else {}
    home: dict[str, Column] = {
        _("Family asked"): lambda one: _day(one.asked_home_on),
        _("Family answered"): lambda one: _day(one.answered_home_on),
    } if listed.tells_home else {}  # fmt: skip
    return {
        _("Name"): lambda one: one.row.student.name,
        **pronouns,
        _("Targets"): lambda one: one.row.targets,
        _("How they stand"): lambda one: wording.track_words(one.row.track) if one.row.targets else "",
        _("Last review"): lambda one: _day(one.last_review_on),
        _("Next review"): lambda one: _day(one.row.review_due_on),
        _("Review now"): lambda one: _review(one.row),
        _("Student wrote for it"): lambda one: _day(one.written_on),
        **home,
    }


def _review(row: ClassRow) -> str:
    if row.review_open:
        said = ngettext("open, %(judged)s of %(all)s judged", "open, %(judged)s of %(all)s judged", row.targets)
        return said % {"judged": row.judged, "all": row.targets}
    return _("due") if row.review_due else ""


def _day(day: date | None) -> str:
    """As a spreadsheet reads and sorts it, whatever the language."""
    return day.isoformat() if day else ""
