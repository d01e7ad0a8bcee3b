"""The demo LMS for a WSGI server: one process (the workbench keeps its usages in memory), many threads."""

import os

from django.core.wsgi import get_wsgi_application

from .incoming import PlainRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ilp_xblock.workbench.settings")
application = get_wsgi_application()
application.request_class = PlainRequest

from ilp_xblock.workbench.runtime import load_courses  # noqa: E402 needs Django's apps

load_courses()
