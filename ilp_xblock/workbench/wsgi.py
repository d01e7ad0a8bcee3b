"""The demo LMS for a WSGI server: one process (the workbench keeps its usages in memory), many threads."""

import os
from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters


class PlainRequest(WSGIRequest):
    """Always UTF-8: Django would look up any codec that a `Content-Type` names, also one that is none for text."""

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ilp_xblock.workbench.settings")
application = get_wsgi_application()
application.request_class = PlainRequest

from ilp_xblock.workbench.runtime import load_courses  # noqa: E402 needs Django's apps

load_courses()
