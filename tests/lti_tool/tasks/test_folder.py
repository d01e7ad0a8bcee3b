"""The queue that needs nothing installed: files, whole ones only."""

import os
from pathlib import Path
from queue import Empty
from threading import Thread
from typing import Any

import pytest
from kombu import Connection

import lti_tool.celery  # noqa: F401 puts the transport in place
from lti_tool.tasks import folder


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    options = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path / "control"}
    (tmp_path / "control").mkdir()
    with Connection("filesystem://", transport_options=options) as made:
        yield made


def test_the_app_uses_it_for_the_filesystem_transport(connection: Connection) -> None:
    assert isinstance(connection.transport, folder.Transport)


def test_a_message_arrives_as_it_was_sent(connection: Connection) -> None:
    with connection.SimpleQueue("reads") as queue:
        queue.put({"sync": 7})
        message = queue.get(timeout=2)
        message.ack()
        assert message.payload == {"sync": 7}


def test_a_worker_that_looks_while_a_message_is_written_finds_none(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connection.channel()
    looked: list[bool] = []
    replace = os.replace

    def look_first(part: Path, file: Path) -> None:
        with pytest.raises(Empty):
            channel._get("reads")
        looked.append(True)
        replace(part, file)

    monkeypatch.setattr(folder.os, "replace", look_first)
    channel._put("reads", {"sync": 7})
    assert looked
    assert channel._get("reads") == {"sync": 7}


def test_many_who_bind_queues_at_once_lose_none(connection: Connection) -> None:
    channels = [connection.channel() for _ in range(8)]
    threads = [
        Thread(target=channel._queue_bind, args=("reads", "key", "", f"queue{n}"))
        for n, channel in enumerate(channels)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert {bound.queue for bound in channels[0].get_table("reads")} == {f"queue{n}" for n in range(8)}
