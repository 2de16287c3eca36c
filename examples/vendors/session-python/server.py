"""A back office that speaks the session dialect, from Python's standard library alone."""

import argparse
import pathlib
import signal
import sys

import accounts
from clock import Clock
from office import Office
from sessions import Sessions
from web import Halt, Reply, Server

HERE = pathlib.Path(__file__).parent
LONGEST_JUMP = 10 * 365 * 24 * 3600


def with_movable_clock(application, clock):
    """Adds POST /clock {"seconds": n}, by which a test moves time forward."""

    def answer(request):
        if (request.method, request.path) != ("POST", "/clock"):
            return application(request)
        body = request.json()
        seconds = body.get("seconds") if isinstance(body, dict) else None
        if type(seconds) is not int or not 0 <= seconds <= LONGEST_JUMP:
            raise Halt(422, "seconds_missing")
        clock.advance(seconds)
        return Reply(204)

    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument("--accounts", default=HERE / "accounts.json", type=pathlib.Path)
    parser.add_argument("--movable-clock", action="store_true", help="let anybody move the time: for tests only")
    options = parser.parse_args()

    clock = Clock()
    users, keys = accounts.load(options.accounts, clock)
    application = Office(users, keys, Sessions(clock))
    if options.movable_clock:
        application = with_movable_clock(application, clock)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server((options.host, options.port), application, clock) as server:
        print(f"listening on http://{options.host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
