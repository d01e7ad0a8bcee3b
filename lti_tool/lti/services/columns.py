"""Assignment and Grade Services 2.0, a tool's own gradebook columns (3.2): made, changed and taken away.

What we send is validated before it leaves, and fitted to what the LMS takes (`families`). Nothing here is tried twice
where a second try could make a second column: `ensure` looks first, so asking again is safe.
"""

import json
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from lti_tool.http import Broken, Forbidden, Refused

from .ags import LINE_ITEM, LineItemRow, Maximum, is_at, line_items
from .connector import Connector
from .course import LISTING
from .families import Family

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"


class Unfit(ValueError):
    """This LMS cannot take the column as it is. `field` says what of it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class SubmissionReview(_Part):
    """That the gradebook may open a student's work in the tool (AGS 2.0, 3.2). Moodle drops it on POST."""

    reviewable_status: list[str]
    label: str | None = None
    url: Annotated[str, Field(max_length=1000)] | None = None
    custom: dict[str, str] | None = None


Key = Annotated[str, Field(min_length=1, max_length=255)]


class ColumnChange(_Part):
    """What is to be different; a field not named stays as the platform has it."""

    label: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    score_maximum: Maximum | None = None
    resource_id: Key | None = None
    resource_link_id: Key | None = None
    tag: Key | None = None
    start_date_time: AwareDatetime | None = None
    end_date_time: AwareDatetime | None = None
    grades_released: bool | None = None
    submission_review: SubmissionReview | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_date_time and self.end_date_time and self.end_date_time < self.start_date_time:
            raise ValueError("it ends before it starts")
        return self

    def to_wire(self, family: Family) -> dict[str, Any]:
        """The fields that were named, as this LMS takes them. Raises Unfit."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        sent = {name: value for name, value in sent.items() if value is not None}
        if "label" in sent:
            sent["label"] = sent["label"][: family.label_length]
        if len(sent.get("tag", "")) > family.tag_length:
            raise Unfit("tag")  # cut, it would no longer be found
        if family.whole_maximum and "scoreMaximum" in sent:
            if not float(sent["scoreMaximum"]).is_integer():
                raise Unfit("score_maximum")
            sent["scoreMaximum"] = int(sent["scoreMaximum"])
        return sent


class Column(ColumnChange):
    """A column to be made (3.2): these two it must have."""

    label: Annotated[str, Field(min_length=1, max_length=1000)]
    score_maximum: Maximum


async def read(connector: Connector, url: str) -> dict[str, Any]:
    """A column with everything the platform says of it. Raises HttpError."""
    return _whole((await connector.get(url, LINE_ITEM_TYPE, "line item", LISTING)).body)


async def create(connector: Connector, column: Column) -> LineItemRow:
    """A new column. Raises HttpError, Unfit."""
    services = connector.services
    answer = await connector.send(
        "POST",
        services.lineitems_url,
        LINE_ITEM_TYPE,
        "line item",
        body=_bytes(column.to_wire(connector.family)),
        content_type=LINE_ITEM_TYPE,
    )
    return _row(_whole(answer.body), services.lineitems_url)


async def ensure(connector: Connector, column: Column) -> LineItemRow:
    """The column of this `resource_id` and `tag`, made if it is not there. Asked twice, it is one.

    Raises HttpError, Unfit (also "resource_id" where the column names none: it could not be found again).
    """
    if column.resource_id is None:
        raise Unfit("resource_id")
    found, _ = await line_items(connector, resource_id=column.resource_id, tag=column.tag)
    return found[0] if found else await create(connector, column)


async def update(connector: Connector, url: str, change: ColumnChange) -> LineItemRow:
    """Change a column and nothing else of it.

    PUT replaces the whole (3.2): so the platform's own state is read first and sent back with the change in it,
    `resourceId` and `resourceLinkId` too. Without them Moodle uncouples the column from its activity, and Open edX's
    consumer refuses; it refuses too what it said itself to be null. Raises HttpError, Unfit.
    """
    changed = change.to_wire(connector.family)
    stands = {name: value for name, value in (await read(connector, url)).items() if value is not None}
    whole = stands | changed
    answer = await connector.send(
        "PUT", url, LINE_ITEM_TYPE, "line item", body=_bytes(whole), content_type=LINE_ITEM_TYPE
    )
    return _row(_whole(answer.body) if answer.body.strip() else whole, url)


async def delete(connector: Connector, url: str) -> bool:
    """Take one of our columns away. False: the platform lets no tool do that. One that is gone already is no error.

    Raises HttpError.
    """
    if not connector.family.deletes:
        return False
    try:
        await connector.send("DELETE", url, LINE_ITEM_TYPE, "line item")
    except Forbidden:
        return False
    except Refused as refused:
        if refused.status not in {404, 410}:
            raise
    return True


def _bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _whole(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Broken("not JSON") from None
    if not isinstance(value, dict):
        raise Broken("not a line item")
    _checked(value)
    return value


def _checked(value: dict[str, Any]) -> LineItemRow:
    try:
        return LINE_ITEM.validate_python(value)
    except ValidationError:
        raise Broken("not a line item") from None


def _row(value: dict[str, Any], home: str) -> LineItemRow:
    row = _checked(value)
    if not is_at(row["id"], home):
        raise Broken("the line item is on another server")
    return row
