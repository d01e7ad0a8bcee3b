"""What every test of the tool shares."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase

from lti_tool.plans import append_only


@pytest.fixture(autouse=True, scope="session")
def _flushing_may_empty_the_trail() -> Iterator[None]:
    """Django empties every table after a test with real transactions, which the trail's triggers refuse."""
    flush = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        if not apps.is_installed("lti_tool.plans"):
            flush(case)
            return
        append_only.remove(connection)
        try:
            flush(case)
        finally:
            append_only.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """What a process remembers belongs to one test."""
    if apps.is_installed("lti_tool.lti"):
        from . import process

        process.forget()
