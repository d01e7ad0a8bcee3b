"""Tells the queue that something is due, as fast as possible or not at all: beat finds it anyway."""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

TASK = "ilp.queue_due"
HOLD_OFF_SECONDS = 30.0  # a broker that is down is not asked again so soon: pages must not wait for it
EXPIRES_SECONDS = 10

_quiet_until = 0.0


def hint() -> None:
    """Ask a worker to look what is due. A broker that cannot be reached is logged and forgotten about."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except (OSError, OperationalError, *current_app.connection_for_write().connection_errors) as failure:
        _quiet_until = time.monotonic() + HOLD_OFF_SECONDS
        log.warning("the queue cannot be reached (%s); beat will find what is due", type(failure).__name__)
