"""Who may log in, and what an API key may do.

Passwords are kept as scrypt hashes and API keys as digests; `python3
accounts.py` reads a password from standard input and prints its hash.
"""

import base64
import datetime
import hashlib
import hmac
import json
import math
import os
import re
import sys
import threading
from dataclasses import dataclass

# scrypt's N. The demonstration accounts have the lowest, for their passwords are
# public; a new hash has the highest that OpenSSL's limit of memory admits.
COSTS = [2**n for n in range(8, 15)]
KEPT = re.compile("([0-9]{1,6})[$]([A-Za-z0-9+/]{22}==)[$]([A-Za-z0-9+/]{86}==)")
FAILURES = 10  # wrong passwords in a row before an account is locked
LOCK_SECONDS = 60
REMEMBERED = 10_000  # names that the throttle keeps in mind
HASHERS = threading.BoundedSemaphore(4)  # of up to 16 MiB each


class Locked(Exception):
    """Too many wrong passwords; `seconds` says how long to wait."""

    def __init__(self, seconds):
        super().__init__("account locked")
        self.seconds = math.ceil(seconds)


@dataclass(frozen=True)
class User:
    id: str
    email: str
    rights: frozenset


class Accounts:
    """Users by e-mail address. Safe for use by several threads."""

    def __init__(self, rows, clock):
        self._users = {
            row["email"].lower(): (
                User(row["id"], row["email"], frozenset(row["rights"])),
                Hash.read(row["password"], row["email"]),
            )
            for row in rows
        }
        self._throttle = Throttle(clock)
        # An unknown address has to cost what a known one costs: of several
        # costs the highest.
        cost = max((kept.cost for _, kept in self._users.values()), default=COSTS[0])
        self._nobody = Hash.of("nobody", cost)

    def everyone(self):
        return [user for user, _ in self._users.values()]

    def check(self, email, password):
        """The user, or None for an unknown address and a wrong password alike.

        Raises Locked while the address, known or not, has to wait.
        """
        email = email.strip().lower()
        self._throttle.ask(email)
        user, kept = self._users.get(email, (None, self._nobody))
        right = kept.matches(password) and user is not None
        self._throttle.count(email, right)
        return user if right else None


class Throttle:
    """Locks a name after FAILURES wrong passwords in a row."""

    def __init__(self, clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = {}  # digest of the name -> (count, time of the last)

    def ask(self, name):
        with self._lock:
            self._raise_if_locked(_key(name))

    def count(self, name, right):
        """Counts an attempt. It looks at the lock once more, so that guesses
        sent all at once gain nothing over guesses sent one by one."""
        key = _key(name)
        with self._lock:
            self._raise_if_locked(key)
            failures, _ = self._failures.pop(key, (0, 0))
            if not right:
                self._failures[key] = (failures + 1, self._clock.now())
            if len(self._failures) > REMEMBERED:
                del self._failures[next(iter(self._failures))]  # the oldest

    def _raise_if_locked(self, key):
        count, last = self._failures.get(key, (0, 0))
        left = last + LOCK_SECONDS - self._clock.now()
        if left <= 0:
            self._failures.pop(key, None)
        elif count >= FAILURES:
            raise Locked(left)


class ApiKeys:
    """API keys: a name, permissions and perhaps a last day."""

    def __init__(self, rows, clock):
        self._rows = {row["sha256"]: row for row in rows}
        self._clock = clock

    def permissions(self, key):
        """The key's permissions, or None for an unknown or expired key."""
        row = self._rows.get(hashlib.sha256(key.encode("utf-8", "replace")).hexdigest())
        if row is None:
            return None
        if row["expires"] is not None:
            end = datetime.datetime.fromisoformat(row["expires"]).timestamp()
            if self._clock.now() >= end:
                return None
        return frozenset(row["permissions"])


@dataclass(frozen=True)
class Hash:
    """A password's hash, written cost$salt$digest. Each has its own cost, so a new
    one can cost more while the old ones stay valid."""

    cost: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password, cost):
        salt = os.urandom(16)
        return cls(cost, salt, _scrypt(password, salt, cost))

    @classmethod
    def read(cls, text, email):
        match = KEPT.fullmatch(text)
        if not match or int(match[1]) not in COSTS:
            raise ValueError(f"the password of {email} is not cost$salt$digest with a cost within bounds")
        return cls(int(match[1]), base64.b64decode(match[2]), base64.b64decode(match[3]))

    def __str__(self):
        return "$".join((str(self.cost), *(base64.b64encode(part).decode() for part in (self.salt, self.digest))))

    def matches(self, password):
        return hmac.compare_digest(_scrypt(password, self.salt, self.cost), self.digest)


def _scrypt(password, salt, cost):
    with HASHERS:  # bounds the memory that many logins at once may take
        return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=cost, r=8, p=1)


def _key(name):
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


def load(path, clock):
    """Accounts and API keys from a JSON file."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    return Accounts(data["users"], clock), ApiKeys(data["api_keys"], clock)


if __name__ == "__main__":
    print(Hash.of(sys.stdin.readline().rstrip("\n"), COSTS[-1]))
