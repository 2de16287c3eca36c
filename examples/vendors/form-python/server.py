"""A back office that speaks the form dialect, from Python's standard library alone.

It answers in HTTP/1.0 and hangs up after each answer.
"""

import argparse
import pathlib
import re
import signal
import socket
import socketserver
import sys
import traceback
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from app import App
from clock import Clock
from people import People
from tokens import Tokens

HEAD_LIMIT = 32 * 1024
LAST_WORDS = 16 * 1024 * 1024
ABSOLUTE = re.compile("^https?://[^/?]*", re.IGNORECASE)  # a target as proxies write it


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def shutdown_request(self, request):
        """Reads what the client is still sending: to close on unread bytes is
        to reset the connection, answer and all."""
        try:
            request.shutdown(socket.SHUT_WR)
            request.settimeout(1)
            heard = 0
            while heard < LAST_WORDS and (data := request.recv(1 << 16)):
                heard += len(data)
        except OSError:
            pass
        self.close_request(request)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients may leave as they like
            super().handle_error(request, client_address)


class Handler(WSGIRequestHandler):
    timeout = 20

    def handle(self):
        self.raw_requestline = self.rfile.readline(HEAD_LIMIT)
        if not self.raw_requestline.endswith(b"\n"):
            self.send_error(414 if self.raw_requestline else 400)
        elif self.parse_request():
            answer = Answer(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
            answer.request_handler = self
            answer.run(self.server.get_app())

    def parse_request(self):
        if not super().parse_request():
            return False
        if sum(len(name) + len(value) for name, value in self.headers.items()) > HEAD_LIMIT:
            self.send_error(431)
            return False
        self.path = ABSOLUTE.sub("", self.path)
        return True

    def send_error(self, code, *_):
        """What cannot be read gets a bare status; the usual page would quote it."""
        self.wfile.write(b"HTTP/1.0 %d Refused\r\nCache-Control: no-store\r\n\r\n" % code)

    def log_message(self, *_):
        """Silence: the query of a request may hold a token."""


class Answer(ServerHandler):
    server_software = "form-python"
    os_environ = {}  # a request is not to be mixed up with this process's environment

    def cleanup_headers(self):
        super().cleanup_headers()
        if self.status.startswith("204"):
            del self.headers["Content-Length"]

    def log_exception(self, exc_info):
        kind, _, trace = exc_info  # where, not what: the words may hold a secret
        print(kind.__name__, file=sys.stderr)
        traceback.print_tb(trace, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument("--people", default=pathlib.Path(__file__).with_name("people.json"))
    parser.add_argument("--movable-clock", action="store_true", help="POST /api/clock moves the time: for tests only")
    options = parser.parse_args()

    clock = Clock()
    app = App(People(options.people, clock), Tokens(clock), clock, options.movable_clock)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Server((options.host, options.port), Handler) as server:
        server.set_app(app)
        print(f"listening on http://{options.host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
