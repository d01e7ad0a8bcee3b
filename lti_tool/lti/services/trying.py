"""Tries what an LMS lets us see of one course, each service by itself, and says how it went in a code.

Done when an administrator presses the button and never by itself. What is read is looked at and dropped: whether
there is something, never what. It runs within the request: the one who pressed waits for the answer, and it must come
also where no worker runs, since that is often what is being found out. A service gets `SECONDS`, so the whole never
takes three times that.

Codes: works, works_without_names, read_only, nothing (an empty list), only_own, not_offered (no address in the
launch), not_granted, no_token, seen, registered, not_seen, and those of `http.HttpError`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from asgiref.sync import async_to_sync
from pydantic import ValidationError

from lti_tool import http
from lti_tool.lti import connections

from . import ags, nrps
from .connector import Connector, with_query
from .course import LINE_ITEMS, LINE_ITEMS_READ, MEMBERS_READ, RESULTS_READ, Services, course_services
from .tokens import NotGiven, Tokens, ask_anew

SECONDS = 6.0
OWN_TAGS = "ilp"  # what the tags of columns we make begin with
WORKS, NOTHING, NOT_OFFERED, NOT_GRANTED = "works", "nothing", "not_offered", "not_granted"
MESSAGES = {"deep_linking": "LtiDeepLinkingRequest", "submission_review": "LtiSubmissionReviewRequest"}


def try_services(school_id: UUID, course_id: int) -> dict[str, str] | None:
    """The outcome of each service by name, stored with the time; None where the course is not the school's."""
    services = course_services(course_id)
    view = connections.course_view(school_id, course_id)
    if view is None or services is None or services.school_id != school_id:
        return None
    ask_anew(services.platform_pk)
    outcomes = async_to_sync(_try_all)(services)
    for name, message in MESSAGES.items():
        outcomes[name] = _message(message, view)
    connections.record_tries(school_id, course_id, outcomes)
    return outcomes


def _message(kind: str, view: connections.CourseView) -> str:
    """Messages come to us, so there is nothing to ask: whether one came, or was agreed at registration."""
    if kind in view.messages_launched:
        return "seen"
    return "registered" if kind in view.messages_registered else "not_seen"


async def _try_all(services: Services) -> dict[str, str]:
    async with http.Outbound(timeout=SECONDS) as out:
        trial = _Trial(Connector(out, services))
        if not services.scopes:
            token = NOT_GRANTED
        else:
            token = await _outcome(_Token(out, services))
        outcomes = {"token": token}
        if token != WORKS:
            reason = "no_token" if services.scopes else NOT_GRANTED
            grades = reason if services.lineitems_url else NOT_OFFERED
            outcomes["roster"] = reason if services.memberships_url else NOT_OFFERED
            return outcomes | dict.fromkeys(("own_items", "other_items", "results"), grades)
        roster, own = await asyncio.gather(_outcome(trial.roster), _outcome(trial.own_items))
        outcomes |= {"roster": roster, "own_items": own}
        outcomes["other_items"] = trial.others() if trial.rows is not None else own
        outcomes["results"] = await _outcome(trial.results) if trial.rows is not None else own
        return outcomes


async def _outcome(attempt: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(SECONDS):
            return await attempt()
    except TimeoutError:
        return http.Slow.code
    except NotGiven:  # others were: `_Token` saw to that
        return http.Forbidden.code
    except http.HttpError as failure:
        return failure.code


class _Token:
    """Whether there is a token for any service; one that is refused shows where that service is tried."""

    def __init__(self, out: http.Outbound, services: Services) -> None:
        self._tokens = Tokens(out, services)
        self._scopes = services.scopes

    async def __call__(self) -> str:
        for scope in self._scopes:
            try:
                await self._tokens.current((scope,))
            except NotGiven:
                continue
            return WORKS
        return http.Refused.code


class _Trial:
    """One course being tried. `rows` are its columns once they were listed."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._services = connector.services
        self.rows: Sequence[ags.LineItemRow] | None = None

    def _granted(self, *scopes: str) -> bool:
        return not self._services.granted or any(scope in self._services.granted for scope in scopes)

    async def roster(self) -> str:
        if not self._services.memberships_url:
            return NOT_OFFERED
        if not self._granted(MEMBERS_READ):
            return NOT_GRANTED
        url = with_query(self._services.memberships_url, limit=self._connector.family.members_limit)
        answer = await self._connector.get(url, nrps.MEMBERS_TYPE, "roster", (MEMBERS_READ,))
        try:
            members = nrps.Container.model_validate_json(answer.body).members
        except ValidationError:
            raise http.Broken("not a membership container") from None
        if not members:
            return NOTHING
        named = any(isinstance(row, dict) and (row.get("name") or row.get("given_name")) for row in members)
        return WORKS if named else "works_without_names"

    async def own_items(self) -> str:
        if not self._services.lineitems_url:
            return NOT_OFFERED
        if not self._granted(LINE_ITEMS, LINE_ITEMS_READ):
            return NOT_GRANTED
        self.rows, _ = await ags.line_items(self._connector)
        return WORKS if LINE_ITEMS in self._services.granted else "read_only"

    def others(self) -> str:
        """Whether the LMS shows columns that are not ours: then the grades of ordinary work arrive by themselves.

        Ours are those we made, and those an LMS made for a link of ours: no tool is told another's links (AGS 2.0,
        3.2.8).
        """
        if not self.rows:
            return NOTHING
        ours = all((row.get("tag") or "").startswith(OWN_TAGS) or row.get("resourceLinkId") for row in self.rows)
        return "only_own" if ours else WORKS

    async def results(self) -> str:
        if not self._granted(RESULTS_READ):
            return NOT_GRANTED
        if not self.rows:
            return NOTHING
        async for _ in ags.results(self._connector, self.rows[0]["id"]):
            break
        return WORKS
