"""Requests as the demo LMS's server hands them over: always UTF-8, whatever a header claims."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class PlainRequest(WSGIRequest):
    """Django would look up any codec that a `Content-Type` names, also one that is none for text, and fail."""

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}
