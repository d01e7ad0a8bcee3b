"""What the running processes wrote: web server, worker and beat, after the loop and after requests that are none."""

import contextlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.browser.serving import serving

from .demo import Demo

CANARY = "Zebedee-Quillfeather"


@pytest.mark.trust("T76")
def test_after_the_whole_loop_no_log_of_the_tool_holds_a_name_a_word_or_a_score(demo: Demo) -> None:
    walked = demo.command("ilp_xblock.workbench", "demo_check")
    assert walked.returncode == 0, walked.stderr
    logs = {path.name: path.read_text(errors="replace") for path in (demo.var / "log").glob("*.log")}
    ours = {name: text for name, text in logs.items() if "lms" not in name}
    assert len(ours) >= 3, list(logs)
    people = {
        word for course in demo.facts["courses"] for person in course["people"] for word in person["name"].split()
    }
    words = {"Explain my answer", "Talked through", "Read the comment", "Clear conclusions", "out of 10", "eyJ"}
    found = [
        (name, line)
        for name, text in ours.items()
        for line in text.splitlines()
        if any(word in line for word in words) or {word.strip(".,;:()") for word in line.split()} & people
    ]
    assert found == []


RAW = [
    f"GET /{CANARY} HTTP/9.9\r\n\r\n",
    f"{CANARY} / HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\n{CANARY}\r\n\r\n",
    f"GET /{CANARY * 500} HTTP/1.1\r\nHost: x\r\n\r\n",
    f"POST /lti/launch HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n",
    f"POST /lti/launch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
    f"GET /%{CANARY} HTTP/1.1\r\nHost: {CANARY}\r\nCookie: {CANARY}={CANARY}\r\n\r\n",
]


@pytest.mark.trust("T76", "T78")
def test_the_web_server_itself_writes_nothing_of_a_request_it_cannot_read(tmp_path: Path) -> None:
    with serving(tmp_path) as tool:
        where = urlsplit(tool.url)
        for request in RAW:
            # Some are answered with 400, at some the server just hangs up, or waits for more.
            with contextlib.suppress(OSError), socket.create_connection((where.hostname, where.port), 2) as wire:
                wire.sendall(request.encode())
                wire.shutdown(socket.SHUT_WR)
                while wire.recv(65536):
                    pass
        gone = requests.get(f"{tool.url}/{CANARY}?{CANARY}", headers={"User-Agent": CANARY}, timeout=10)
        assert gone.status_code == 404
    log = (tmp_path / "tool.log").read_text(errors="replace")
    assert "could not read or answer a request" in log
    assert CANARY.lower() not in log.lower()
