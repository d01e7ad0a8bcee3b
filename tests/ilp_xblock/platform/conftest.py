"""The platform under test stands on an LMS in memory; its keys are made once a run, since that takes long."""

from collections.abc import Iterator
from typing import Any

import pytest

from ilp_xblock.platform import forgetting, keys, limits, tool_keys
from tests.factories import platform as factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        keys.forget()
        keys.jwks()
        keys.forget()


@pytest.fixture(autouse=True)
def lms(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[factories.LMS]:
    settings.ILP_LTI_ISSUER = factories.ISSUER
    settings.ILP_LTI_PORTS = factories.PORTS
    settings.ILP_DEVELOPMENT = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ILP_LTI_RATE_LIMITS = dict.fromkeys(limits.PER_MINUTE, 0)
    monkeypatch.setattr(forgetting, "_last", -1e9)
    keys.forget()
    tool_keys.forget()
    yield factories.fill()
    keys.forget()
    tool_keys.forget()


@pytest.fixture
def made_keys(db: None) -> None:
    """The platform's keys, made anew where a test before emptied its tables."""
    keys.jwks()
    keys.forget()


@pytest.fixture
def tool(db: None) -> factories.ToolSide:
    return factories.make_tool()
