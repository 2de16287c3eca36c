"""Who may log in, and how often a password may be guessed.

`people.json` holds a salted scrypt hash for each login. `python3 people.py`
reads a password from standard input and prints such a hash.
"""

import hashlib
import hmac
import json
import math
import secrets
import sys
import threading
from collections import OrderedDict

GUESSES = 8  # wrong ones in a row, then the login has to wait
WAIT = 45  # seconds
KNOWN_BY_HEART = 5_000  # logins, real and invented, whose guesses are counted


class MustWait(Exception):
    def __init__(self, seconds):
        super().__init__("too many guesses")
        self.seconds = max(1, math.ceil(seconds))


class People:
    """Safe for use by several threads."""

    def __init__(self, path, clock):
        with open(path, encoding="utf-8") as file:
            self._people = {person["login"]: person for person in json.load(file)}
        self._clock = clock
        self._guesses = OrderedDict()  # login -> (wrong guesses, time of the last)
        self._lock = threading.Lock()
        self._scrypts = threading.BoundedSemaphore(4)  # of 4 MiB each
        self._dummy = hashed("")

    def knows(self, login, password):
        """Whether the password is right. An unknown person costs as much time as a
        friend, and both may have to wait: then it raises MustWait."""
        with self._lock:
            self._wait_if_told(login)
        person = self._people.get(login)
        with self._scrypts:
            right = fits(password, person["hash"] if person else self._dummy) and person is not None
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
        person = self._people[login]
        return {"login": login, "displayName": person["displayName"], "email": None}

    def _wait_if_told(self, login):
        wrong, last = self._guesses.get(login, (0, 0))
        left = last + WAIT - self._clock()
        if left <= 0:
            self._guesses.pop(login, None)
        elif wrong >= GUESSES:
            raise MustWait(left)


def hashed(password):
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{scrypt(password, salt).hex()}"


def fits(password, kept):
    salt, expected = (bytes.fromhex(part) for part in kept.split(":"))
    return hmac.compare_digest(scrypt(password, salt), expected)


def scrypt(password, salt):
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=4096, r=8, p=1)


if __name__ == "__main__":
    print(hashed(sys.stdin.readline().rstrip("\n")))
