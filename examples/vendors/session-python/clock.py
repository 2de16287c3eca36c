"""The server's time, which a test may move forward."""

import threading
import time


class Clock:
    """Seconds since the epoch. Safe for use by several threads."""

    def __init__(self):
        self._ahead = 0
        self._lock = threading.Lock()

    def now(self):
        with self._lock:
            return time.time() + self._ahead

    def advance(self, seconds):
        with self._lock:
            self._ahead += seconds
