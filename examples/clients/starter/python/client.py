"""A client in Python that "dragoman verify-client" judges in the form dialect. Put your own in the place of Client."""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


class Client:
    def __init__(self):
        self.base, self.token, self.failed = os.environ["DRAGOMAN_URL"], None, 0
        self.opener = urllib.request.build_opener(StayHere)

    def call(self, method, path):
        self.token = self.token or self.log_in()
        status, _ = self.send(method, path, None, {"X-Auth-Bearer": self.token})
        if status == 401:
            self.token = self.log_in()
            status, _ = self.send(method, path, None, {"X-Auth-Bearer": self.token})
        return status

    def log_in(self):
        if time.monotonic() < self.failed + 1:
            raise OSError("the login has just failed")
        self.token, self.failed = None, time.monotonic()
        form = {"login": os.environ["DRAGOMAN_LOGIN"], "pass": os.environ["DRAGOMAN_PASSWORD"]}
        status, answer = self.send("POST", "/login", urllib.parse.urlencode(form).encode(), {})
        token, self.failed = json.loads(answer)["token"], 0
        return token

    def send(self, method, path, body, headers):
        request = urllib.request.Request(self.base + path, body, headers, method=method)
        try:
            with self.opener.open(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, answer, code, message, headers, url):
        here = url.startswith(os.environ["DRAGOMAN_URL"] + "/") and request.get_method() == "GET"
        return urllib.request.Request(url, headers=request.headers) if here else None


client = Client()
print("ready without body stream crowd deadline early renew retry logout store tls", flush=True)
for command, *words in map(str.split, sys.stdin):
    outcomes = []
    for _ in range(int(words[0]) if command == "parallel" else command == "call"):
        try:
            outcomes.append(f"{client.call(*words[-2:])}:1")
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            outcomes.append("error:1")
    time.sleep(int(words[0]) if command == "wait" else 0)
    print("done", *outcomes, flush=True)
