"""The form dialect as a WSGI application."""

import datetime
import json
import urllib.parse

from people import MustWait

PREFIX = "/api"
BODY_LIMIT = 32 * 1024
# validTo carries no zone, so it is written in the office's own. An office whose
# clocks change twice a year would write an ambiguous hour each autumn.
OFFICE_TIME = datetime.timezone(datetime.timedelta(hours=5, minutes=30), "Asia/Kolkata")
ITEMS = [{"itemId": 7, "name": "stapler", "price": None}, {"itemId": 8, "name": "hole punch", "price": None}]


class Stop(Exception):
    """Ends a request with this answer."""

    def __init__(self, status, reason, *headers):
        super().__init__(reason)
        self.answer = status, {"message": reason, "details": None}, headers


class App:
    def __init__(self, people, tokens, clock, movable):
        self._people = people
        self._tokens = tokens
        self._clock = clock
        self._places = {
            "/login": {"POST": self.log_in, "GET": self.look_up, "PUT": self.extend, "DELETE": self.delete},
            "/items": {"GET": self.items},
        }
        if movable:
            self._places["/clock"] = {"POST": self.push_clock}

    def __call__(self, environ, start_response):
        try:
            status, value, headers = self._answer(environ)
        except Stop as stop:
            status, value, headers = stop.answer
        body = b"" if value is None else json.dumps(value).encode()
        headers = [("Cache-Control", "no-store"), ("Date", self._date()), *headers]
        if value is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, environ):
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX + "/"):
            raise Stop("404 Not Found", "no such place")
        # The document once writes /login&token=...; it may be taken literally.
        place, ampersand, rest = path.removeprefix(PREFIX).partition("&")
        if ampersand:
            environ["QUERY_STRING"] = rest
        methods = self._places.get(place)
        if methods is None or (ampersand and place != "/login"):
            raise Stop("404 Not Found", "no such place")
        method = environ["REQUEST_METHOD"].replace("HEAD", "GET")
        if method not in methods:
            raise Stop("405 Method Not Allowed", "not here", ("Allow", ", ".join(methods)))
        return methods[method](environ)

    # /login

    def log_in(self, environ):
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Stop("415 Unsupported Media Type", "log in with an HTML form")
        form = form_of(environ)
        if not form.get("login") or not form.get("pass"):
            raise Stop("400 Bad Request", "login and pass are needed")
        long = flag(form.get("longtoken"))
        try:
            welcome = self._people.knows(form["login"], form["pass"])
        except MustWait as wait:
            raise Stop("429 Too Many Requests", "wait", ("Retry-After", str(wait.seconds))) from None
        if not welcome:
            raise Stop("401 Unauthorized", "wrong login or pass", ("WWW-Authenticate", "Form"))
        return self._shown(*self._tokens.issue(form["login"], long))

    def look_up(self, environ):
        token = query_token(environ)
        grant = self._tokens.find(token)
        if grant is None:
            raise Stop("404 Not Found", "no such token")
        return self._shown(token, grant)

    def extend(self, environ):
        wish = json_object(environ)
        if not isinstance(wish.get("token"), str):
            raise Stop("400 Bad Request", "token is needed")
        extended = self._tokens.extend(wish["token"], flag(wish.get("longtoken")))
        if extended is None:
            raise Stop("404 Not Found", "no such token")
        return self._shown(*extended)

    def delete(self, environ):
        if not self._tokens.delete(query_token(environ)):
            raise Stop("404 Not Found", "no such token")
        return "204 No Content", None, ()

    def _shown(self, token, grant):
        end = datetime.datetime.fromtimestamp(grant.end, OFFICE_TIME)
        user = self._people.card(grant.login)
        return "200 OK", {"user": user, "validTo": end.strftime("%Y-%m-%d %H:%M:%S"), "token": token}, ()

    # The rest

    def items(self, environ):
        if self._tokens.find(environ.get("HTTP_X_AUTH_BEARER", "")) is None:
            raise Stop("401 Unauthorized", "log in first", ("WWW-Authenticate", "X-Auth-Bearer"))
        return "200 OK", {"items": ITEMS, "next": None}, ()

    def push_clock(self, environ):
        seconds = json_object(environ).get("seconds")
        if type(seconds) is not int or not 0 <= seconds <= 10**9:
            raise Stop("400 Bad Request", "seconds is needed")
        self._clock.push(seconds)
        return "204 No Content", None, ()

    def _date(self):
        now = datetime.datetime.fromtimestamp(self._clock(), datetime.timezone.utc)
        return now.strftime("%a, %d %b %Y %H:%M:%S GMT")


def body_of(environ):
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise Stop("411 Length Required", "say how long the body is")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Stop("400 Bad Request", "that is no length")
    if len(length) > 9 or int(length) > BODY_LIMIT:
        raise Stop("413 Content Too Large", "the body is too long")
    body = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise Stop("400 Bad Request", "the body is cut short")
    return body


def form_of(environ):
    try:
        return fields(body_of(environ).decode())
    except UnicodeDecodeError:
        raise Stop("400 Bad Request", "that is no form") from None


def json_object(environ):
    try:
        value = json.loads(body_of(environ))
    except (ValueError, RecursionError):
        raise Stop("400 Bad Request", "that is no JSON") from None
    if not isinstance(value, dict):
        raise Stop("400 Bad Request", "that is no JSON object")
    return value


def fields(text):
    """The fields of a form or a query, each at most once."""
    try:
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Stop("400 Bad Request", "that is no form") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise Stop("400 Bad Request", "a field is repeated")
    return dict(pairs)


def query_token(environ):
    token = fields(environ.get("QUERY_STRING", "")).get("token")
    if not token:
        raise Stop("400 Bad Request", "token is needed")
    return token


def flag(value):
    """longtoken, written in a form or in JSON; absent is false."""
    if value in (True, "true"):
        return True
    if value in (None, False, "false", ""):
        return False
    raise Stop("400 Bad Request", "longtoken is true or false")
