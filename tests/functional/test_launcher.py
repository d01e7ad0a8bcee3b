"""`make demo`: what it keeps, and the one line it says when something is wrong."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .demo import Demo, environment, free_port, launch, running


def _ports_are_free(*ports: int) -> bool:
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True


def _one_line(demo: Demo) -> str:
    """The line on what went wrong, after the lines on progress."""
    assert "Traceback" not in demo.said
    return demo.said.strip().splitlines()[-1]


def test_started_again_it_keeps_what_was_done_and_a_killed_part_is_one_line(tmp_path: Path) -> None:
    tool_port, lms_port = free_port(), free_port()
    with running(tmp_path, tool_port, lms_port) as demo:
        first = demo.facts
        secrets = (demo.var / "ilp-tool.env").read_text()
    assert demo.process.returncode == 0
    assert not (demo.var / "demo.json").exists(), "its addresses answer no more"
    assert _ports_are_free(tool_port, lms_port)

    with running(tmp_path, tool_port, lms_port) as demo:
        again = demo.facts
        assert again["lms"] == first["lms"], "connected once"
        assert again["tool"]["registration_url"] != first["tool"]["registration_url"], "one-time, fresh each start"
        assert (demo.var / "ilp-tool.env").read_text() == secrets

        second = launch(tmp_path, tool_port, lms_port)
        assert second.wait_for_end() == 1
        demo.output.write_text("Ctrl-C stops everything")  # both launchers write the same file
        reset = demo.command("ilp_xblock.workbench", "demo_reset")
        assert reset.returncode == 1
        assert "running already" in reset.stderr

        (beat,) = demo.parts("beat")
        os.kill(beat, signal.SIGKILL)
        assert demo.wait_for_end() == 1
    assert _one_line(demo).startswith("The demo stopped: Celery beat was ended by SIGKILL; its log is ")
    assert _ports_are_free(tool_port, lms_port)

    reset = demo.command("ilp_xblock.workbench", "demo_reset")
    assert reset.returncode == 0
    assert [path.name for path in demo.var.iterdir() if path.name != "demo.lock"] == []


@pytest.mark.parametrize(("taken", "option"), [("lms", "LMS_PORT"), ("tool", "TOOL_PORT")])
def test_a_taken_port_is_one_line(tmp_path: Path, taken: str, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ports = (free_port(), port) if taken == "lms" else (port, free_port())
        demo = launch(tmp_path, *ports)
        assert demo.wait_for_end() == 1
    assert demo.said == (
        f"The demo stopped: port {port} is taken by another program: stop it, or choose another port: "
        f"make demo {option}=NUMBER.\n"
    )


def _refused(place: Path, surroundings: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "ilp_xblock.workbench", "demo"],
        cwd=place,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1
    return run.stderr


@pytest.mark.parametrize("port", ["eighty", "²", "0", "65536", "-1", "9" * 5_000])
def test_a_port_that_is_none_is_one_line(tmp_path: Path, port: str) -> None:
    said = _refused(tmp_path, environment(1, 2) | {"ILP_LMS_PORT": port})
    assert said == f"The demo stopped: ILP_LMS_PORT must be a port number, not {port!r}.\n"


def test_one_port_for_both_sides_is_one_line(tmp_path: Path) -> None:
    said = _refused(tmp_path, environment(8_123, 8_123))
    assert said == "The demo stopped: the tool and the LMS cannot share port 8123: choose two.\n"


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_a_connection_that_cannot_be_read_any_more_is_one_line(tmp_path: Path, text: str) -> None:
    kept = tmp_path / "var" / "demo-connection.json"
    kept.parent.mkdir()
    kept.write_text(text)
    said = _refused(tmp_path, environment(free_port(), free_port()))
    assert said == f"The demo stopped: {kept} cannot be read any more: make demo-reset starts over.\n"


def test_the_check_without_a_demo_is_one_line(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "ilp_xblock.workbench", "demo_check"],
        cwd=tmp_path,
        env=environment(1, 2),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1
    assert run.stderr == "demo-check: no running demo was found (var/demo.json): start one with make demo.\n"


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_ending_it_while_it_starts_leaves_nothing_behind(tmp_path: Path, sign: signal.Signals, code: int) -> None:
    tool_port, lms_port = free_port(), free_port()
    demo = launch(tmp_path, tool_port, lms_port)
    _until(lambda: not _ports_are_free(tool_port))
    demo.process.send_signal(sign)
    assert demo.wait_for_end() == code
    _until(lambda: _ports_are_free(tool_port, lms_port))


def _until(true: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
