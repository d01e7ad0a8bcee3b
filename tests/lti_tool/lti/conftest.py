import pytest

from lti_tool.lti import keys, platform_keys, platforms, ratelimit


@pytest.fixture(autouse=True)
def _fresh_process():
    """What a process remembers belongs to one test."""
    platforms.forget()
    for held in (keys._current, keys._loaded, platform_keys._held, ratelimit._counts):
        held.clear()
