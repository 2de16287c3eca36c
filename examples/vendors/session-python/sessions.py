"""Sessions and their tokens.

A login opens a session and mints a pair of opaque tokens; a refresh spends the
pair's refresh token and mints the next pair. Rotation is strict: a spent
refresh token is always refused, and once its successor has been used it can
only be a copy in other hands, so the session ends.

Only digests of tokens are kept.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass, field

ACCESS_LIFE = 600
REFRESH_LIFE = 24 * 3600  # counted anew by each refresh
SWEEP_EVERY = 60

ACCESS, REFRESH = "access", "refresh"


class Refused(Exception):
    """The token grants no access."""


@dataclass
class Session:
    key: str
    user: object
    address: str
    agent: str
    opened_at: float
    generation: int = 0  # of the newest pair
    in_use: bool = False  # whether a token of the newest pair has been used
    digests: list = field(default_factory=list)


@dataclass(frozen=True)
class Ticket:
    """What is known of one token. It outlives the token's own end, because an
    expired access token still has to stand beside a live refresh token."""

    session: Session
    kind: str
    generation: int
    expires: float
    forget: float


@dataclass(frozen=True)
class Pair:
    session: Session
    access: str
    refresh: str


class Sessions:
    """All sessions, in memory. Safe for use by several threads."""

    def __init__(self, clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions = {}  # key -> Session
        self._tickets = {}  # digest -> Ticket
        self._swept = clock.now()

    def open(self, user, address, agent):
        with self._lock:
            now = self._clock.now()
            self._sweep(now, self._swept + SWEEP_EVERY)
            session = Session(secrets.token_hex(8), user, address, agent, now)
            self._sessions[session.key] = session
            return self._mint(session, now)

    def bearer(self, token):
        """The session of a live access token."""
        with self._lock:
            ticket = self._tickets.get(_digest(token))
            if ticket is None or ticket.kind != ACCESS or ticket.expires <= self._clock.now():
                raise Refused
            if ticket.generation == ticket.session.generation:
                ticket.session.in_use = True
            return ticket.session

    def refresh(self, bearer, token):
        """The next pair. The bearer may have expired, but must be of the same
        session as the refresh token."""
        with self._lock:
            now = self._clock.now()
            beside, ticket = self._tickets.get(_digest(bearer)), self._tickets.get(_digest(token))
            if beside is None or ticket is None or beside.session is not ticket.session:
                raise Refused
            if beside.kind != ACCESS or ticket.kind != REFRESH or ticket.expires <= now:
                raise Refused
            session = ticket.session
            if ticket.generation < session.generation:
                if session.in_use or ticket.generation + 1 < session.generation:
                    self._end(session)
                raise Refused
            session.generation += 1
            session.in_use = False
            return self._mint(session, now)

    def of(self, user):
        """The user's live sessions, oldest first."""
        with self._lock:
            self._sweep(self._clock.now())
            return [session for session in self._sessions.values() if session.user.id == user.id]

    def end(self, session):
        with self._lock:
            self._end(session)

    def _mint(self, session, now):
        pair = Pair(session, secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        for token, kind, life in ((pair.access, ACCESS, ACCESS_LIFE), (pair.refresh, REFRESH, REFRESH_LIFE)):
            digest = _digest(token)
            session.digests.append(digest)
            self._tickets[digest] = Ticket(session, kind, session.generation, now + life, now + REFRESH_LIFE)
        return pair

    def _end(self, session):
        self._sessions.pop(session.key, None)
        for digest in session.digests:
            self._tickets.pop(digest, None)

    def _sweep(self, now, due=0):
        """Forgets what has run out by now, if it is due."""
        if now < due:
            return
        self._swept = now
        for session in list(self._sessions.values()):
            for digest in list(session.digests):
                if self._tickets[digest].forget <= now:
                    del self._tickets[digest]
                    session.digests.remove(digest)
            if not session.digests:
                del self._sessions[session.key]


def _digest(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
