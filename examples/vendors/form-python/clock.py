"""The time by which tokens end and guesses are forgiven."""

import time


class Clock:
    """Seconds since the epoch, which a test may push forward."""

    def __init__(self):
        self._pushes = []  # appending is atomic

    def __call__(self):
        return time.time() + sum(self._pushes)

    def push(self, seconds):
        self._pushes.append(seconds)
