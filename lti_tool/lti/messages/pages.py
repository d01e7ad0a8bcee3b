"""The pages of `web` that launches lead to, by name."""

from dataclasses import dataclass
from uuid import UUID

from lti_tool.lti import sessions
from lti_tool.plans.data import Role

STAFF = frozenset({Role.TEACHER, Role.ASSISTANT})


@dataclass(frozen=True, slots=True)
class Entrance:
    """A page by its name in `web`; its address holds the session's handle and nothing personal but opaque ids."""

    page: str
    ids: tuple[UUID, ...] = ()
    query: str = ""

    def address(self, handle: str) -> str:
        return sessions.address(self.page, handle, *self.ids) + self.query
