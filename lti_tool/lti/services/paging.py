"""The next page, wherever a platform hides it: Link headers as platforms really send them (RFC 8288).

Met in the wild: `rel=next` unquoted, curly quotes around it and `&amp;` in the address (Moodle), several
relations in one `rel`, relative addresses, other parameters first, opaque bookmarks whose case matters (Canvas).
The address is kept exactly as sent.
"""

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin

from lti_tool.http import Broken, origin

LINK = re.compile(r"<([^<>]*)>((?:[^<\"]|\"(?:[^\"\\]|\\.)*\")*)")
PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[“”][^“”]*[“”]|'[^']*'|[^\s;,]+)")
MAX_PAGES = 1_000  # of one list: 50,000 rows at 50 a page
MAX_ADDRESS = 8_000  # characters


def relation(headers: Iterable[str], base: str, rel: str = "next") -> str | None:
    """The absolute address of the first link with this relation in the Link headers, or None.

    A link without a usable address is no link.
    """
    for header in headers:
        for address, parameters in LINK.findall(_readable(header)):
            if rel in _relations(parameters):
                address = unescape(address.strip())
                if address and len(address) <= MAX_ADDRESS:
                    return urljoin(base, address)
    return None


def _relations(parameters: str) -> list[str]:
    """The values of a link's first `rel` (RFC 8288, 3.3: later ones do not count)."""
    for name, value in PARAMETER.findall(parameters):
        if name.lower() == "rel":
            return str(value).strip("\"'“”").lower().split()
    return []


def _readable(header: str) -> str:
    """UTF-8 that an HTTP client took for Latin-1: curly quotes come back."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


class Pages:
    """Guards one walk over a paged list: same origin, no page twice, not for ever."""

    def __init__(self, first: str) -> None:
        self._origin = origin(first)
        self._seen = {first}

    def next(self, headers: Iterable[str], current: str) -> str | None:
        """The next page to read, None at the end. Raises Broken for a loop, an endless list or a foreign host."""
        following = relation(headers, current)
        if following is None:
            return None
        if origin(following) != self._origin:
            raise Broken("the next page is on another server")
        if following in self._seen:
            raise Broken("the pages go round in a circle")
        if len(self._seen) >= MAX_PAGES:
            raise Broken("the pages do not end")
        self._seen.add(following)
        return following
