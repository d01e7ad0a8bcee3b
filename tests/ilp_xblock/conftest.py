"""What every test on the LMS's side shares."""

from pathlib import Path

import pytest
from django.db import connection


def pytest_configure(config: pytest.Config) -> None:
    # The workbench itself still uses these; our code does not add to them.
    config.addinivalue_line("filterwarnings", "ignore:Runtime.user_id is deprecated")
    config.addinivalue_line("filterwarnings", r"ignore:datetime.datetime.utcnow\(\) is deprecated:DeprecationWarning")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as it runs: the database in memory that tests have otherwise lets no two threads write."""
    if connection.vendor == "sqlite":
        folder: Path = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "ilp-lms.sqlite3")


@pytest.fixture
def school(db: None) -> None:
    """The demo LMS, seeded, its blocks loaded anew: after a test its rows are gone, the workbench's memory is not."""
    from workbench import scenarios
    from workbench.runtime import ID_MANAGER

    from ilp_xblock.workbench.runtime import load_courses
    from ilp_xblock.workbench.seed import seed

    scenarios.SCENARIOS.clear()
    ID_MANAGER.clear()
    seed()
    load_courses()
