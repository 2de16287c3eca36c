"""Who may log in, and how often a password may be guessed.

`people.json` holds a salted scrypt hash for each login. `python3 people.py`
reads a password from standard input and prints such a hash.
"""

import hashlib
import hmac
import json
import math
import re
import secrets
import sys
import threading
from collections import OrderedDict
from typing import NamedTuple

GUESSES = 8  # wrong ones in a row, then the login has to wait
WAIT = 45  # seconds
KNOWN_BY_HEART = 5_000  # logins, real and invented, whose guesses are counted
# scrypt's N, a power of two. `people.json` has the lowest, for its passwords are
# public; a new hash has the highest that OpenSSL's limit of memory admits.
LOWEST, HIGHEST = 2**8, 2**14


class MustWait(Exception):
    def __init__(self, seconds):
        super().__init__("too many guesses")
        self.seconds = max(1, math.ceil(seconds))


class People:
    """Safe for use by several threads."""

    def __init__(self, path, clock):
        with open(path, encoding="utf-8") as file:
            people = json.load(file)
        self._names = {person["login"]: person["displayName"] for person in people}
        self._hashes = {person["login"]: parsed(person) for person in people}
        # It stands in for an unknown person's hash, so it has to cost what a known
        # person's costs: of several costs the highest.
        self._dummy = hashed("", max((kept.cost for kept in self._hashes.values()), default=LOWEST))
        self._clock = clock
        self._guesses = OrderedDict()  # login -> (wrong guesses, time of the last)
        self._lock = threading.Lock()
        self._scrypts = threading.BoundedSemaphore(4)  # of 16 MiB each at the highest cost

    def knows(self, login, password):
        """Whether the password is right. An unknown person costs as much time as a
        friend, and both may have to wait: then it raises MustWait."""
        with self._lock:
            self._wait_if_told(login)
        with self._scrypts:
            right = fits(password, self._hashes.get(login, self._dummy)) and login in self._hashes
        with self._lock:
            self._wait_if_told(login)  # guesses made side by side count like guesses in a row
            wrong, _ = self._guesses.pop(login, (0, 0))
            if not right:
                self._guesses[login] = wrong + 1, self._clock()
                if len(self._guesses) > KNOWN_BY_HEART:
                    self._guesses.popitem(last=False)
        return right

    def card(self, login):
        """What the world may know of a person."""
        return {"login": login, "displayName": self._names[login], "email": None}

    def _wait_if_told(self, login):
        wrong, last = self._guesses.get(login, (0, 0))
        left = last + WAIT - self._clock()
        if left <= 0:
            self._guesses.pop(login, None)
        elif wrong >= GUESSES:
            raise MustWait(left)


class Hash(NamedTuple):
    """A password's hash, written cost:salt:digest."""

    cost: int
    salt: bytes
    digest: bytes

    def __str__(self):
        return f"{self.cost}:{self.salt.hex()}:{self.digest.hex()}"


def parsed(person):
    parts = re.fullmatch("([0-9]{1,6}):([0-9a-f]{32}):([0-9a-f]{128})", person["hash"])
    cost = int(parts[1]) if parts else 0
    if not LOWEST <= cost <= HIGHEST or cost & (cost - 1):
        raise ValueError(f"the hash of {person['login']} is not cost:salt:digest with a cost within bounds")
    return Hash(cost, bytes.fromhex(parts[2]), bytes.fromhex(parts[3]))


def hashed(password, cost):
    salt = secrets.token_bytes(16)
    return Hash(cost, salt, scrypt(password, salt, cost))


def fits(password, kept):
    return hmac.compare_digest(scrypt(password, kept.salt, kept.cost), kept.digest)


def scrypt(password, salt, cost):
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=cost, r=8, p=1)


if __name__ == "__main__":
    print(hashed(sys.stdin.readline().rstrip("\n"), HIGHEST))
