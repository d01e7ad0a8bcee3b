"""For the type checker only: the apps of both packages at once, which no running process has."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "ilp_xblock"]  # noqa: F405
