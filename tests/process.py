"""What a process of the tool remembers from one request to the next."""

from lti_tool.evidence import resting
from lti_tool.lti import keys, platform_keys, platforms, ratelimit
from lti_tool.lti.services import tokens


def forget() -> None:
    """As after a restart. Tests give numbers and ports out again, which in life nobody does."""
    platforms.forget()
    for held in (
        keys._current,
        keys._loaded,
        platform_keys._held,
        ratelimit._counts,
        resting._resting,
        tokens._tokens,
    ):
        held.clear()
