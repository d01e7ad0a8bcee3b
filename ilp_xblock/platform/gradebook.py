"""The course's whole gradebook as AGS line items and results, to read only (Assignment and Grade Services 2.0).

The library's service gives the shapes of its hooks; its request handling is not used (S7-S9): `services` has checked
token, scope and course before any hook is called. A line item is an activity of the course that the address names,
and of no other (S8).
"""

from functools import partial
from typing import Any, NoReturn

from lti1p3platform.exceptions import LineItemNotFoundException, LtiServiceException
from lti1p3platform.lineitem import TLineItem
from lti1p3platform.result import TResult
from lti1p3platform.score import TScore
from lti1p3platform.service_connector import AssignmentsGradesService, TPage

from ilp_xblock.models import ID_LENGTH

from .addresses import address, from_segment, lineitem_address, segment
from .ports import Activity, Result, ports
from .services import READ_ONLY, Call, NotFound, Reply, paged, reading, window
from .tool_platform import ToolPlatform
from .vocabulary import (
    LINEITEM,
    LINEITEM_MEDIA,
    LINEITEM_READ,
    LINEITEMS_MEDIA,
    RESULT_MEDIA,
    RESULT_READ,
    RESULTS_MEDIA,
    SCORE,
)


class CourseGradebook(AssignmentsGradesService):  # type: ignore[misc]  # the library is untyped
    """One course's activities and results. `page` is a cursor of an earlier answer; ValueError for any other."""

    def __init__(self, call: Call) -> None:
        self.course_id = call.course.id
        super().__init__(
            None,
            ToolPlatform(tool=call.access.tool),
            address("lineitems", self.course_id),
            allow_creating_lineitems=False,
            scores_service_enabled=False,
        )

    def find_lineitems(
        self,
        page: str = "",
        limit: int = 100,
        line_item_id: str | None = None,
        resource_link_id: str | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
    ) -> TPage:
        """Activities, filtered as AGS 2.0 section 3.2.4 says. None is bound to a resource link."""
        found = [
            activity
            for activity in ports().grades.activities(self.course_id)
            if not resource_link_id
            and (not resource_id or activity.id == resource_id)
            and (not tag or activity.tag == tag)
            and (not line_item_id or activity.id == line_item_id)
        ]
        here, following = window([activity.id for activity in found], page, limit)
        items = [self._lineitem(activity) for activity in found[here]]
        return {"content": items, "has_next": bool(following), "next": following}

    def find_lineitem(self, line_item_id: str) -> TLineItem:
        for activity in ports().grades.activities(self.course_id):
            if activity.id == line_item_id:
                return self._lineitem(activity)
        raise LineItemNotFoundException

    def get_results(self, line_item_id: str, page: str = "", limit: int = 100, user_id: str | None = None) -> TPage:
        """Newest results of one activity; who never attempted it has none, and zero is a score."""
        self.find_lineitem(line_item_id)
        if user_id is not None and len(user_id) > ID_LENGTH:
            return {"content": [], "has_next": False, "next": ""}
        found = ports().grades.results(self.course_id, line_item_id, after=page, limit=limit, sub=user_id)
        item = lineitem_address(self.course_id, line_item_id)
        results = [_result(item, result) for result in found.results]
        return {"content": results, "has_next": bool(found.next), "next": found.next}

    def create_lineitem(self, creation_data: TLineItem) -> NoReturn:
        raise LtiServiceException(READ_ONLY, 403)

    def update_lineitem(self, update_data: TLineItem) -> NoReturn:
        raise LtiServiceException(READ_ONLY, 403)

    def delete_lineitem(self, line_item_id: str) -> NoReturn:
        raise LtiServiceException(READ_ONLY, 403)

    def update_score(self, line_item_id: str, score: TScore) -> NoReturn:
        raise LtiServiceException(READ_ONLY, 403)

    def _lineitem(self, activity: Activity) -> TLineItem:
        item: dict[str, Any] = {
            "id": lineitem_address(self.course_id, activity.id),
            "label": activity.label,
            "scoreMaximum": activity.score_maximum,
            "resourceId": activity.id,
        }
        if activity.tag:
            item["tag"] = activity.tag
        return item


@reading(LINEITEM_READ, POST=LINEITEM)
def lineitems(call: Call) -> Reply:
    """The course's activities."""
    fetch = partial(
        CourseGradebook(call).find_lineitems,
        resource_link_id=call.query.get("resource_link_id"),
        resource_id=call.query.get("resource_id"),
        tag=call.query.get("tag"),
    )
    return paged(call, address("lineitems", call.course.id), LINEITEMS_MEDIA, fetch)


@reading(LINEITEM_READ, PUT=LINEITEM, DELETE=LINEITEM)
def lineitem(call: Call, item: str) -> Reply:
    """One activity."""
    return Reply(CourseGradebook(call).find_lineitem(_activity_id(item)), LINEITEM_MEDIA)


@reading(RESULT_READ)
def results(call: Call, item: str) -> Reply:
    """Results of one activity."""
    activity_id = _activity_id(item)
    fetch = partial(CourseGradebook(call).get_results, activity_id, user_id=call.query.get("user_id") or None)
    return paged(call, address("results", call.course.id, segment(activity_id)), RESULTS_MEDIA, fetch)


@reading(RESULT_READ)
def result(call: Call, item: str, person: str) -> Reply:
    """One person's result of one activity: what a result's own id answers."""
    sub = from_segment(person)
    found = CourseGradebook(call).get_results(_activity_id(item), limit=1, user_id=sub)["content"] if sub else []
    if not found:
        raise NotFound("There is no such result.")
    return Reply(found[0], RESULT_MEDIA)


@reading("", POST=SCORE)
def scores(call: Call, item: str) -> Reply:
    """Scores can't be written here, and there is nothing to read: every request was refused before."""
    raise NotFound("Scores can only be read as results.")


def _activity_id(item: str) -> str:
    activity_id = from_segment(item)
    if activity_id is None:
        raise LineItemNotFoundException
    return activity_id


def _result(item: str, result: Result) -> TResult:
    row: dict[str, Any] = {
        "id": f"{item}/results/{segment(result.sub)}",
        "scoreOf": item,
        "userId": result.sub,
        "resultScore": result.score,
        "resultMaximum": result.maximum,
    }
    if result.observed_at is not None:
        row["timestamp"] = result.observed_at
    return row
