"""Uploads on their way in: no more than one form may carry ever reaches the disk (T66)."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

FILES_AT_ONCE = 4  # of one form


class CappedUpload(TemporaryFileUploadHandler):
    """Ends the connection of a form that goes on beyond what its files may weigh."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.arrived = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.arrived += len(raw_data)
        if self.arrived > settings.ILP_UPLOAD_BYTES * FILES_AT_ONCE:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)
