"""Requests as the servers hand them over: always UTF-8, whatever a header claims.

Every form and every client of ours sends UTF-8. Django would look up any codec a `Content-Type` names, before a
middleware could answer for it; a codec that is none for text then ends in a server error (T65).
"""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class _AlwaysUtf8:
    """Its `charset` is not looked at; a type that cannot be read is no type, so its body is no form."""

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}


class PlainWSGIRequest(_AlwaysUtf8, WSGIRequest):
    """A request under WSGI."""


class PlainASGIRequest(_AlwaysUtf8, ASGIRequest):
    """A request under ASGI."""
