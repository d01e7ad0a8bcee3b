"""The WSGI entry point of the tool. It does not start with unsafe settings (T69)."""

import os

import django
from django.core.wsgi import get_wsgi_application

from lti_tool import checks, logs
from lti_tool.celery import app as celery_app  # noqa: F401 pages hint the queue through the current app
from lti_tool.incoming import PlainWSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lti_tool.settings")
django.setup(set_prefix=False)
checks.refuse_to_start()
logs.take_over()
application = get_wsgi_application()
application.request_class = PlainWSGIRequest
