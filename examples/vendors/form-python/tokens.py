"""The tokens that are out, and until when.

A token is looked up by its digest. Extending a token puts a new one in its
place: the old one ends at that moment, so of several extensions at once exactly
one succeeds.
"""

import hashlib
import secrets
import threading
from typing import NamedTuple

SHORT = 24 * 3600
LONG = 30 * SHORT


class Grant(NamedTuple):
    login: str
    end: int  # seconds since the epoch; the token is dead from then on


class Tokens:
    """Safe for use by several threads."""

    def __init__(self, clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._grants = {}
        self._tidied = clock()

    def issue(self, login, long):
        """A new token and its grant."""
        with self._lock:
            now = self._clock()
            self._tidy(now)
            return self._issue(login, long, now)

    def find(self, token):
        """The grant of a live token, or None."""
        with self._lock:
            return self._find(token, self._clock())

    def extend(self, token, long):
        """A new token, counted from now, in place of a live one; or None."""
        with self._lock:
            now = self._clock()
            grant = self._find(token, now)
            if grant is None:
                return None
            del self._grants[digest(token)]
            return self._issue(grant.login, long, now)

    def delete(self, token):
        """Whether there was a live token to delete."""
        with self._lock:
            alive = self._find(token, self._clock()) is not None
            self._grants.pop(digest(token), None)
            return alive

    def _issue(self, login, long, now):
        token = secrets.token_hex(24)
        grant = Grant(login, int(now) + (LONG if long else SHORT))
        self._grants[digest(token)] = grant
        return token, grant

    def _find(self, token, now):
        grant = self._grants.get(digest(token))
        return grant if grant and now < grant.end else None

    def _tidy(self, now):
        if now - self._tidied > 600:
            self._tidied = now
            self._grants = {key: grant for key, grant in self._grants.items() if now < grant.end}


def digest(token):
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
