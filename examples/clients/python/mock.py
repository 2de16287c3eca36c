"""Starts "dragoman mock" and steers it. $DRAGOMAN names the program; the default is on the PATH."""

import json
import os
import subprocess
import urllib.request


class Mock:
    def __init__(self, *flags):
        command = [os.environ.get("DRAGOMAN", "dragoman"), "mock", "--listen=127.0.0.1:0", "--grpc=", "--management=127.0.0.1:0"]
        self.process = subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()  # one line, once everything listens
        if not line:
            raise RuntimeError(f"dragoman mock ended with {self.process.wait()}")
        self.address = json.loads(line)
        self.url = self.address["url"]

    def close(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        if code != 0:  # with --misuse=fail, 1: the client misused a token
            raise AssertionError(f"dragoman mock ended with {code}")

    def manage(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address["management"] + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    def advance(self, duration):
        self.manage("POST", "/clock", {"advance": duration})

    def inject(self, **fault):
        return self.manage("POST", "/faults", fault)["id"]

    def journal(self, operation):
        return self.manage("GET", "/journal?operation=" + operation)
