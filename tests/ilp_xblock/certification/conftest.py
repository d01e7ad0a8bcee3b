"""The same platform as in `tests/ilp_xblock/platform`: on an LMS in memory, with a tool that signs as it likes."""

from tests.ilp_xblock.platform.conftest import django_db_setup, lms, tool

__all__ = ["django_db_setup", "lms", "tool"]
