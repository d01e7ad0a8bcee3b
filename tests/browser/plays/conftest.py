"""The tool under a clock of its own, and a cast around one student."""

from collections.abc import Callable, Iterator

import pytest

from ..conftest import Desk
from ..serving import Tool, serving
from .clocked import WHERE, Clock
from .stage import Play

_ACTED = pytest.StashKey[list[Play]]()


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock") / "moved")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Tool]:
    """A tool beside the one of the other tests: what moves here moves for nobody else."""
    environment = {WHERE: str(clock.path)}
    with serving(tmp_path_factory.mktemp("clocked"), "tests.browser.plays.clocked", environment) as tool:
        yield tool


@pytest.fixture
def play(
    request: pytest.FixtureRequest, tool: Tool, clock: Clock, desk: Callable[..., Desk]
) -> Iterator[Callable[..., Play]]:
    """Begin a play: `play("general", on="2031-09-08")`."""
    acted = request.node.stash.setdefault(_ACTED, [])

    def begin(framework: str, *, on: str) -> Play:
        acted.append(Play(framework, clock, desk, on=on))
        return acted[-1]

    yield begin
    clock.moved(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A play that fails says what day it was there, and what each person had before them."""
    report = yield
    if report.when == "call" and report.failed:
        for play in item.stash.get(_ACTED, []):
            report.sections += play.stood()
    return report
