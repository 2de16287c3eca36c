"""A client of the session dialect as scripts have it: one login at the start, an opener that sends the token always."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

base = os.environ["DRAGOMAN_URL"]


def send(method, path, body=None, headers=None):
    request = urllib.request.Request(base + path, body, headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status, response.read()


class Session:
    headers = None

    def log_in(self):
        account = {"session": {"email": os.environ["DRAGOMAN_LOGIN"], "password": os.environ["DRAGOMAN_PASSWORD"]}}
        _, answer = send("POST", "/sessions", json.dumps(account).encode(), {"Content-Type": "application/json"})
        self.headers = {"Authorization": "Bearer " + json.loads(answer)["access_token"]}

    def call(self, method, path, size=0):
        if self.headers is None:
            self.log_in()
        try:
            return send(method, path, (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size] or None, self.headers)[0]
        except urllib.error.HTTPError as refused:
            return refused.code


session = Session()
print("ready without stream crowd deadline early renew retry logout store tls", flush=True)
for command, *words in map(str.split, sys.stdin):
    outcomes = []
    calls = int(words.pop(0)) if command == "parallel" else command == "call"
    for _ in range(calls):
        try:
            outcomes.append(f"{session.call(*words[:2], *map(int, words[2:]))}:1")
        except Exception as failed:
            print(failed, file=sys.stderr)
            outcomes.append("error:1")
    if command == "wait":
        time.sleep(int(words[0]))
    print("done", *outcomes, flush=True)
