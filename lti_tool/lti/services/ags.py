"""Assignment and Grade Services 2.0, reading: line items (3.2) and results (3.3)."""

from collections.abc import AsyncIterator
from typing import (
    Annotated,
    Any,
    Required,  # pydantic needs this TypedDict below Python 3.12
)
from urllib.parse import quote

from pydantic import ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from lti_tool.http import Refused, origin

from .connector import Connector, below, with_query
from .course import LISTING, RESULTS_READ
from .rows import ListPage

LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
LENIENT = ConfigDict(coerce_numbers_to_str=True)  # some platforms write ids as numbers

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no such text, and looks for none
SpecId = Annotated[str, Field(max_length=255, pattern=NO_NUL)]
Figure = Annotated[float, Field(allow_inf_nan=False)]
Maximum = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class LineItemRow(TypedDict, total=False):
    """A gradebook column (3.2.4). `id` is its address."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]
    id: Required[Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL)]]
    scoreMaximum: Required[Figure]  # a column out of nothing is met in the wild: it is there and holds no grade
    label: str | None
    resourceId: SpecId | None
    resourceLinkId: SpecId | None
    tag: SpecId | None


class ResultRow(TypedDict, total=False):
    """One person's standing in a column (3.3.4). A null or missing score is no score, never a zero."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]
    userId: Required[Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]]
    resultScore: Figure | None
    resultMaximum: Figure | None  # missing or not above zero: the line item's own
    timestamp: Any  # not in the standard; some platforms tell it


LINE_ITEMS = TypeAdapter(list[LineItemRow])
LINE_ITEM = TypeAdapter(LineItemRow)
RESULTS = TypeAdapter(list[ResultRow])
RESULT = TypeAdapter(ResultRow)


async def line_items(
    connector: Connector,
    *,
    resource_id: str | None = None,
    tag: str | None = None,
    resource_link_id: str | None = None,
    limit: int | None = None,
) -> tuple[list[LineItemRow], int]:
    """The course's columns, and how many rows were refused. A column twice counts once. Raises HttpError.

    The filters hold also where the platform ignores them. `limit` is how many rows come at once, not how
    many in all. A column whose address is on another server is refused: our token goes to its own platform only.
    """
    asked = {"resourceLinkId": resource_link_id, "resourceId": resource_id, "tag": tag}
    url = with_query(
        connector.services.lineitems_url,
        resource_link_id=resource_link_id,
        resource_id=resource_id,
        tag=tag,
        limit=limit or connector.family.line_items_limit,
    )
    page = ListPage(LINE_ITEMS, LINE_ITEM)
    found: dict[str, LineItemRow] = {}
    async for answer in connector.pages(url, LINE_ITEMS_TYPE, "line items", LISTING):
        for row in page.rows(answer.body):
            if not is_at(row["id"], url):
                page.refused += 1
            elif all(value is None or row.get(name) == value for name, value in asked.items()):
                found[row["id"]] = row
    return list(found.values()), page.refused


async def results(
    connector: Connector, line_item: str, *, user_id: str | None = None, limit: int | None = None
) -> AsyncIterator[tuple[list[ResultRow], int]]:
    """A column's results page by page, each with how many of its rows were refused. Raises HttpError.

    With `user_id` only that person's, also where the platform ignores the filter.
    """
    url = with_query(
        below(line_item, "results"),
        user_id=user_id if connector.family.one_result == "query" else None,
        limit=limit or connector.family.results_limit,
    )
    if user_id is not None and connector.family.one_result == "path":
        url = below(url, quote(user_id, safe=""))
    async for answer in connector.pages(url, RESULTS_TYPE, "results", (RESULTS_READ,)):
        page = ListPage(RESULTS, RESULT)
        rows = page.rows(answer.body)
        if user_id is not None:
            rows = [row for row in rows if row["userId"] == user_id]
        yield rows, page.refused


def is_at(url: str, home: str) -> bool:
    """Whether two addresses are on one server."""
    try:
        return origin(url) == origin(home)
    except Refused:
        return False
