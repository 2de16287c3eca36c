"""The session dialect: which request does what."""

import re

from accounts import Locked
from sessions import ACCESS_LIFE, Refused
from web import Halt, Reply

CHALLENGE = 'Bearer realm="back office"'
LOGIN_PATHS = ("/sessions", "/sessioni", "/sitzungen")
USERS_PATHS = ("/users", "/utenti", "/benutzer")
ITEMS = [{"id": 1, "item_name": "paper"}, {"id": 2, "item_name": "ink"}]


class Office:
    """The application: call it with a Request."""

    def __init__(self, accounts, keys, sessions):
        self._accounts = accounts
        self._keys = keys
        self._sessions = sessions
        self._routes = [
            *((path, {"POST": self._login}) for path in LOGIN_PATHS),
            *((path, {"GET": self._users}) for path in USERS_PATHS),
            ("/tokens", {"POST": self._refresh}),
            ("/items", {"GET": self._items}),
            ("/devices", {"GET": self._devices}),
            ("/devices/([^/]+)", {"GET": self._device}),
            ("/devices/([^/]+)/end", {"POST": self._end_device}),
        ]

    def __call__(self, request):
        try:
            reply = self._route(request)
        except Halt as halt:
            reply = halt.reply
        reply.body = inflected(reply.body, request.headers.get("x-api-inflection", "").lower())
        return reply

    def _route(self, request):
        for pattern, methods in self._routes:
            if match := re.fullmatch(pattern, request.path):
                if request.method not in methods:
                    raise Halt(405, "method_not_allowed", Allow=", ".join(methods))
                return methods[request.method](request, *match.groups())
        raise Halt(404, "not_found")

    # Sessions and tokens

    def _login(self, request):
        session = member(request.json(), "session", dict)
        email, password = member(session, "email", str), member(session, "password", str)
        try:
            user = self._accounts.check(email, password)
        except Locked as locked:
            raise Halt(429, "too_many_attempts", Retry_After=str(locked.seconds)) from None
        if user is None:
            raise unauthorized("wrong_credentials")
        pair = self._sessions.open(user, request.address, request.headers.get("User-Agent", ""))
        return Reply(201, shown(pair))

    def _refresh(self, request):
        bearer = bearer_of(request)
        token = member(request.json(), "refresh_token", str)
        try:
            return Reply(201, shown(self._sessions.refresh(bearer, token)))
        except Refused:
            raise Halt(400, "invalid_grant") from None

    def _session(self, request):
        try:
            return self._sessions.bearer(bearer_of(request))
        except Refused:
            raise unauthorized("invalid_token") from None

    # Devices: the sessions, as their user sees them. They can be read and
    # ended; no route changes one.

    def _devices(self, request):
        session = self._session(request)
        return Reply(200, {"devices": [device(each) for each in self._sessions.of(session.user)]})

    def _device(self, request, key):
        return Reply(200, device(self._own(request, key)))

    def _end_device(self, request, key):
        self._sessions.end(self._own(request, key))
        return Reply(204)

    def _own(self, request, key):
        user = self._session(request).user
        for session in self._sessions.of(user):
            if session.key == key:
                return session
        raise Halt(404, "not_found")

    # Collections

    def _users(self, request):
        self._require(request, "users")
        return Reply(200, [{"id": user.id, "email_address": user.email} for user in self._accounts.everyone()])

    def _items(self, request):
        self._require(request, "items")
        return Reply(200, ITEMS)

    def _require(self, request, right):
        """Lets an API key in by its permissions, anybody else by their rights."""
        key = request.headers.get("x-api-key")
        rights = self._session(request).user.rights if key is None else self._keys.permissions(key)
        if rights is None:
            raise unauthorized("invalid_api_key")
        if right not in rights:
            raise Halt(403, "forbidden")


def shown(pair):
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": ACCESS_LIFE,
        "token_type": "Bearer",
        "device_key": pair.session.key,
    }


def device(session):
    return {
        "key": session.key,
        "address": session.address,
        "agent": session.agent,
        "owner": {"id": session.user.id, "email_address": session.user.email},
        "opened_at": int(session.opened_at),
    }


def member(value, name, kind):
    """A member that must be there and of that kind."""
    if not isinstance(value, dict) or not isinstance(value.get(name), kind):
        raise Halt(422, f"{name}_missing")
    return value[name]


def bearer_of(request):
    headers = request.headers.get_all("Authorization", [])
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Halt(401, "no_token", WWW_Authenticate=CHALLENGE)
    return token.strip()


def unauthorized(error):
    return Halt(401, error, WWW_Authenticate=f'{CHALLENGE}, error="invalid_token"')


INFLECTIONS = {
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    "pascal": lambda words: "".join(word.capitalize() for word in words),
    "dash": "-".join,
    "snake": "_".join,
}


def inflected(value, style):
    """The same value with its keys in another style; an unknown style changes nothing."""
    if style not in INFLECTIONS:
        return value
    if isinstance(value, dict):
        return {INFLECTIONS[style](key.split("_")): inflected(item, style) for key, item in value.items()}
    if isinstance(value, list):
        return [inflected(item, style) for item in value]
    return value
