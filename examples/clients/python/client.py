"""A small client of the form dialect: it keeps one token, and logs in again when that is rejected."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Client:
    def __init__(self, base, login, password):
        self.base, self.login, self.password = base, login, password
        self.token = None

    def items(self):
        """Return the items. One outage of a few seconds is waited for."""
        if self.token is None:
            self._log_in()
        status, answer, headers = self._send("GET", "/items", headers={"X-Auth-Bearer": self.token})
        if status == 503:
            time.sleep(float(headers.get("Retry-After", "1")))
            status, answer, headers = self._send("GET", "/items", headers={"X-Auth-Bearer": self.token})
        if status == 401:
            self._log_in()
            status, answer, _ = self._send("GET", "/items", headers={"X-Auth-Bearer": self.token})
        if status != 200:
            raise RuntimeError(f"GET /items: status {status}")
        return json.loads(answer)

    def _log_in(self):
        form = urllib.parse.urlencode({"login": self.login, "pass": self.password}).encode()
        status, answer, _ = self._send("POST", "/login", form)
        if status != 200:
            raise RuntimeError(f"POST /login: status {status}")
        self.token = json.loads(answer)["token"]

    def _send(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.base + path, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read(), response.headers
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read(), refused.headers
