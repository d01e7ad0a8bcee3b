"""The ASGI entry point of the tool. It does not start with unsafe settings (T69)."""

import os

import django
from django.core.asgi import get_asgi_application

from lti_tool import checks, logs
from lti_tool.celery import app as celery_app  # noqa: F401 pages hint the queue through the current app
from lti_tool.incoming import PlainASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lti_tool.settings")
django.setup(set_prefix=False)
checks.refuse_to_start()
logs.take_over()
application = get_asgi_application()
application.request_class = PlainASGIRequest
