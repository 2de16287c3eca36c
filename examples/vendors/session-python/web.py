"""HTTP: reading a request within limits, and writing a JSON reply.

The application is a function from Request to Reply. It may raise Halt with the
reply that ends the request early.
"""

import email.utils
import http.server
import json
import re
import socket
import sys
import traceback
from dataclasses import dataclass, field

BODY_LIMIT = 64 * 1024
HEADER_LIMIT = 32 * 1024
LINGER_LIMIT = 16 * 1024 * 1024
ABSOLUTE = re.compile("^https?://[^/?]*", re.IGNORECASE)  # a target as proxies write it


@dataclass
class Request:
    method: str
    path: str
    headers: object
    body: bytes
    address: str

    def json(self):
        """The body as JSON, whatever Content-Type says: the documented curl
        line sends its JSON as a form."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Halt(400, "malformed_json") from None


@dataclass
class Reply:
    status: int
    body: object = None
    headers: dict = field(default_factory=dict)


class Halt(Exception):
    def __init__(self, status, error, **headers):
        super().__init__(error)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = Reply(status, {"error": {"code": error, "http_status": status}}, named)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, address, application, clock):
        super().__init__(address, Handler)
        self.application = application
        self.clock = clock

    def shutdown_request(self, request):
        """Hears the client out before it hangs up. Closing with unread bytes
        resets the connection, and a reset may overtake the reply."""
        try:
            request.shutdown(socket.SHUT_WR)
            request.settimeout(1)
            left = LINGER_LIMIT
            while left > 0 and (data := request.recv(64 * 1024)):
                left -= len(data)
        except OSError:
            pass
        self.close_request(request)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients may leave as they like
            super().handle_error(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_any(self):
        try:
            reply = self.server.application(self._read())
        except Halt as halt:
            reply = halt.reply
        except (TimeoutError, ConnectionError):
            raise  # there is nobody left to answer
        except Exception as error:  # the last resort
            # Where, but not what: an error's own words may repeat a secret.
            print(type(error).__name__, file=sys.stderr)
            traceback.print_tb(error.__traceback__, file=sys.stderr)
            reply = Reply(500, {"error": {"code": "internal", "http_status": 500}})
        self._write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def _read(self):
        if sum(len(name) + len(value) for name, value in self.headers.items()) > HEADER_LIMIT:
            raise self._stop(431, "headers_too_large")
        method = "GET" if self.command == "HEAD" else self.command
        path = ABSOLUTE.sub("", self.path).partition("?")[0]
        return Request(method, path, self.headers, self._body(), self.client_address[0])

    def _body(self):
        coding = self.headers.get("Transfer-Encoding")
        lengths = set(self.headers.get_all("Content-Length", []))
        if coding is not None:
            if lengths or coding.strip().lower() != "chunked":
                raise self._stop(400, "bad_framing")
            return self._chunks()
        length = lengths.pop() if lengths else "0"
        if lengths or not (length.isascii() and length.isdigit()):
            raise self._stop(400, "bad_framing")
        if len(length) > 9 or int(length) > BODY_LIMIT:
            raise self._stop(413, "body_too_large")
        return self._exactly(int(length))

    def _chunks(self):
        body = b""
        while True:
            size = self._line().partition(b";")[0].strip()
            if not size or size.strip(b"0123456789abcdefABCDEF"):
                raise self._stop(400, "bad_framing")
            if len(size) > 8 or len(body) + int(size, 16) > BODY_LIMIT:
                raise self._stop(413, "body_too_large")
            if int(size, 16) == 0:
                break
            body += self._exactly(int(size, 16))
            if self._line():
                raise self._stop(400, "bad_framing")
        for _ in range(100):  # trailers
            if not self._line():
                return body
        raise self._stop(431, "headers_too_large")

    def _line(self):
        line = self.rfile.readline(4096)
        if not line.endswith(b"\n"):
            raise self._stop(400, "bad_framing")
        return line.rstrip(b"\r\n")

    def _exactly(self, length):
        data = self.rfile.read(length)
        if len(data) < length:
            raise self._stop(400, "bad_framing")
        return data

    def _stop(self, status, error):
        """A Halt after which the connection cannot be read any further."""
        self.close_connection = True
        return Halt(status, error)

    def _write(self, reply):
        self.send_response(reply.status)
        self.send_header("Cache-Control", "no-store")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if reply.status == 204:
            self.end_headers()
            return
        body = json.dumps(reply.body, indent=1).encode() + b"\n"
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """What http.server itself refuses. Its own page repeats the request."""
        self.close_connection = True
        self.request_version = self.protocol_version
        self._write(Halt(code, "bad_request").reply)

    def version_string(self):
        return "session-python"

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.server.clock.now(), usegmt=True)

    def log_message(self, *_):
        """Nothing: a request line may carry a secret."""
