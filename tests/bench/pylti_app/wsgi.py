"""Served by gunicorn, like the tool."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.pylti_app.settings")
application = get_wsgi_application()
