"""The filesystem transport with whole messages only.

kombu 5.7 makes a message's file first and fills it after, so that a worker which looks in between takes an empty
file and dies of it (seen: "Unrecoverable error: JSONDecodeError"); so it is with the table of an exchange. Here each
file appears under its name when it is whole. `lti_tool.celery` puts this transport in kombu's place.
"""

import fcntl
import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's channel, writing atomically."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        try:
            _write(Path(self.data_folder_out) / name, payload)
        except OSError as error:
            raise ChannelError(f"Cannot add file {name!r} to the queue's folder") from error

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file = self._exchange_file(exchange)
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        try:
            with (self.control_folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                table = self.get_table(exchange)
                if bound not in table:
                    _write(file, [bound, *table])
        except OSError as error:
            raise ChannelError(f"Cannot write {file}") from error


class Transport(filesystem.Transport):
    Channel = Channel


def _write(file: Path, content: Any) -> None:
    """The reader takes names that end in `.msg` or `.exchange`: the part's name is neither."""
    part = file.with_name(f"{file.name}.{uuid.uuid4()}.part")
    part.write_bytes(str_to_bytes(dumps(content)))
    os.replace(part, file)
