package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// callingCommand is a program that calls the back office for each line that it reads,
// answers each with a line, and ends where a call fails.
type callingCommand struct {
	name    string
	command []string
}

// goCaller is the name under which this binary is a program that uses the SDK.
const goCaller = "go-caller"

// callers are one program of each kind. The first four start no process for a call,
// or one.
var callers = []callingCommand{
	{"the SDK in Go", []string{goCaller}},
	{"call in a shell", []string{"sh", "-c", `while read -r _; do "$DRAGOMAN" call /users </dev/null >/dev/null || exit 1; echo done; done`}},
	{"proxy of Python", []string{"python3", "-c", `
import json, os, subprocess, sys, urllib.request
proxy = subprocess.Popen([os.environ["DRAGOMAN"], "proxy"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
try:
    where = json.loads(proxy.stdout.readline())
    request = urllib.request.Request(where["url"] + "/users", headers={"X-Dragoman-Key": where["key"]})
    for _ in sys.stdin:
        urllib.request.urlopen(request, timeout=60).read()
        print("done", flush=True)
finally:
    proxy.terminate()
    proxy.wait()`}},
	{"proxy of Node", []string{"node", "-e", `
const { spawn } = require("child_process"), http = require("http"), readline = require("readline");
const proxy = spawn(process.env.DRAGOMAN, ["proxy"], { stdio: ["ignore", "pipe", "inherit"] });
readline.createInterface({ input: proxy.stdout }).once("line", (line) => {
  const url = JSON.parse(line).url_with_key + "/users", lines = readline.createInterface({ input: process.stdin });
  const fail = (what) => { console.error(what); process.exitCode = 1; lines.close(); };
  lines.on("close", () => proxy.kill());
  lines.on("line", () => http.get(url, (answer) => {
    answer.resume().on("end", () => answer.statusCode === 200 ? console.log("done") : fail(answer.statusCode));
  }).on("error", fail));
});`}},
	{"call and token in Python", []string{"python3", "-c", `
import os, subprocess, sys, urllib.request
dragoman = os.environ["DRAGOMAN"]
for _ in sys.stdin:
    subprocess.run([dragoman, "call", "/users"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    token = subprocess.run([dragoman, "token"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.strip()
    request = urllib.request.Request(os.environ["DRAGOMAN_URL"] + "/users", headers={"Authorization": "Bearer " + token})
    urllib.request.urlopen(request, timeout=60).read()
    print("done", flush=True)`}},
	{"call and exec in Node", []string{"node", "-e", `
const { execFileSync } = require("child_process"), dragoman = process.env.DRAGOMAN;
const asChild = 'const { DRAGOMAN_URL, DRAGOMAN_TOKEN, DRAGOMAN_TOKEN_FILE, CHILDREN } = process.env, fs = require("fs");' +
  'const token = DRAGOMAN_TOKEN_FILE ? fs.readFileSync(DRAGOMAN_TOKEN_FILE, "utf8") : DRAGOMAN_TOKEN;' +
  'fs.appendFileSync(CHILDREN, JSON.stringify({ arguments: process.argv, environment: process.env }) + "\\n");' +
  'fetch(DRAGOMAN_URL + "/users", { headers: { Authorization: "Bearer " + token } }).then((answer) => { process.exitCode = answer.ok ? 0 : 1; })';
let inFile = false;
require("readline").createInterface({ input: process.stdin }).on("line", () => {
  inFile = !inFile;
  execFileSync(dragoman, ["call", "/users"], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync(dragoman, [...(inFile ? ["exec", "--file"] : ["exec"]), "--", process.execPath, "-e", asChild], { stdio: ["ignore", "ignore", "inherit"] });
  console.log("done");
});`}},
}

// callerAt is the i-th of many programs: one of each kind, and then the first four
// kinds in turn, so that many programs do not mean many more processes.
func callerAt(i int) callingCommand {
	if i < len(callers) {
		return callers[i]
	}
	return callers[i%4]
}

// callAsSDK is the program in Go.
func callAsSDK() error {
	ctx := context.Background()
	store, err := filestore.New(os.Getenv("DRAGOMAN_STORE"))
	if err != nil {
		return err
	}
	dialect := session.Password(os.Getenv("DRAGOMAN_LOGIN"), sdk.NewSecret(os.Getenv("DRAGOMAN_PASSWORD")))
	client, err := sdk.New(os.Getenv("DRAGOMAN_URL"), dialect, sdk.WithStore(store), sdk.WithAccount(os.Getenv("DRAGOMAN_LOGIN")))
	if err != nil {
		return err
	}
	defer client.Stop(ctx)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		response, err := client.R(ctx).Get("/users")
		if err != nil {
			return err
		}
		if response.IsError() {
			return fmt.Errorf("the back office answers %s", response.Status())
		}
		fmt.Println("done")
	}
	return nil
}
