"""Foreign JSON becomes typed rows: validated straight from the bytes, a page at a time.

A page whose rows are all right costs one pass in compiled code. Where one row is wrong, the page's rows are judged
one by one: the good ones count, the bad ones are refused *and counted*, and the whole read is reported as broken
in part. A page that is no list at all is Broken.
"""

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from lti_tool.http import Broken

Row = TypeVar("Row")


class ListPage(Generic[Row]):
    """Turns a page's bytes into rows. `refused` counts the bad rows of all pages read with it."""

    def __init__(self, page: TypeAdapter[list[Row]], row: TypeAdapter[Row]) -> None:
        self._page = page
        self._row = row
        self.refused = 0

    def rows(self, body: bytes) -> list[Row]:
        try:
            return self._page.validate_json(body)
        except ValidationError:
            return self._sift(body)

    def _sift(self, body: bytes) -> list[Row]:
        try:
            untyped = _ANY.validate_json(body)
        except ValidationError:
            raise Broken("not a JSON list") from None
        good: list[Row] = []
        for value in untyped:
            try:
                good.append(self._row.validate_python(value))
            except ValidationError:
                self.refused += 1
        return good


_ANY: TypeAdapter[list[Any]] = TypeAdapter(list[Any])
