"""Asks a platform's services: bearer token, one new token on 401, pages walked to their end."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings

from lti_tool.http import Outbound, Response, Unauthorised

from .course import Services
from .families import Family, family_of
from .paging import Pages
from .tokens import Tokens


class Connector:
    """One course's services during one read. `out` bounds how many requests are under way.

    `scopes` are asked for in a token of their own; without them it is the one for reading.
    """

    def __init__(self, out: Outbound, services: Services, scopes: tuple[str, ...] | None = None) -> None:
        self.services = services
        self.family: Family = family_of(
            services.product_family, services.lineitems_url, services.memberships_url, services.token_url
        )
        self._out = out
        self._tokens = Tokens(out, services if scopes is None else services.access(scopes))
        self._pace = asyncio.Semaphore(self.family.under_way or settings.ILP_HTTP_CONCURRENCY)

    def with_scopes(self, *scopes: str) -> "Connector":
        """The same services by another token, so that a scope refused spoils nothing else."""
        return Connector(self._out, self.services, scopes)

    async def get(self, url: str, accept: str, purpose: str, needs: tuple[str, ...] = ()) -> Response:
        """One answer. Raises HttpError; Unauthorised only when a fresh token is refused too."""
        return await self.send("GET", url, accept, purpose, needs)

    async def send(
        self,
        method: str,
        url: str,
        accept: str,
        purpose: str,
        needs: tuple[str, ...] = (),
        *,
        body: bytes | None = None,
        content_type: str = "",
        repeatable: bool | None = None,
    ) -> Response:
        """One answer to any verb, the media types exactly as given: Moodle takes no others. Raises as `get` does.

        `needs` are the scopes the service takes, for where the platform gives no token for all of ours together.
        """
        token = await self._tokens.current(needs)
        for last in (False, True):
            headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": content_type} if content_type else {})
            try:
                async with self._pace:
                    return await self._out.request(
                        method, url, headers=headers, data=body, accept=accept, purpose=purpose, repeatable=repeatable
                    )
            except Unauthorised:
                if last:
                    raise
            token = await self._tokens.current(needs, refused=token)
        raise AssertionError("the second try returns or raises")

    async def pages(
        self, url: str, accept: str, purpose: str, needs: tuple[str, ...] = ()
    ) -> AsyncIterator[Response]:
        """Every page of a list, in order. Raises HttpError, also for lists that do not end."""
        pages = Pages(url)
        current: str | None = url
        while current is not None:
            answer = await self.get(current, accept, purpose, needs)
            yield answer
            current = pages.next(answer.headers.getall("Link", ()), current)


def with_query(url: str, **values: str | int | None) -> str:
    """The address with these values added to its query; what stands there already is kept as it is."""
    parts = urlsplit(url)
    added = [f"{name}={quote(str(value), safe='')}" for name, value in values.items() if value is not None]
    return urlunsplit(parts._replace(query="&".join([*filter(None, [parts.query]), *added])))


def below(url: str, name: str) -> str:
    """The address of `name` below it, its query kept (AGS 2.0, 3.1: Moodle's line items have one)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/" + name, fragment=""))
