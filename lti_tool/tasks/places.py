"""Of a worker's places some always stay free for what people wait for, and for the other schools.

A whole course can take minutes where its platform is slow. So a school's course reads hold at most a quarter of this
process's places and all schools' together three quarters. Whoever gets none loses nothing: the read is still due,
and beat's next look queues it anew.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

_held: Counter[UUID] = Counter()
_lock = threading.Lock()


@contextmanager
def place(school_id: UUID) -> Iterator[bool]:
    """Whether there is a place for one more course of the school; held until the block is left."""
    all_of_them = settings.CELERY_WORKER_CONCURRENCY
    with _lock:
        free = _held[school_id] < max(1, all_of_them // 4) and _held.total() < max(1, 3 * all_of_them // 4)
        _held[school_id] += free
    try:
        yield free
    finally:
        with _lock:
            _held[school_id] -= free
            if not _held[school_id]:
                del _held[school_id]
