"""The Celery app, the process's default one: `celery -A lti_tool.celery worker` and `beat`."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import setup_logging
from kombu.transport import TRANSPORT_ALIASES

# Before any connection is made: kombu's own lets a worker take half-written messages.
TRANSPORT_ALIASES["filesystem"] = "lti_tool.tasks.folder:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lti_tool.settings")
app = Celery("lti_tool", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["lti_tool.tasks"])
app.set_default()


@setup_logging.connect
def log_as_the_tool_does(**_: object) -> None:
    """Keeps Celery from bringing log sinks of its own: `settings.LOGGING` is in force already (T77, T78)."""


def make_queue_folders() -> None:
    """The filesystem transport makes no folders of its own."""
    options = app.conf.broker_transport_options or {}
    for name in ("data_folder_in", "data_folder_out", "control_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True)
    Path(app.conf.beat_schedule_filename).parent.mkdir(parents=True, exist_ok=True)


make_queue_folders()
