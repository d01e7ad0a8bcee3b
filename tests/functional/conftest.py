from collections.abc import Iterator
from pathlib import Path

import pytest

from .demo import Demo, free_port, running


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One running demo for all tests that leave it usable."""
    place: Path = tmp_path_factory.mktemp("demo")
    with running(place, free_port(), free_port()) as started:
        yield started
