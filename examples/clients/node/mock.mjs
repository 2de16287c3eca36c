// Starts "dragoman mock" and steers it. $DRAGOMAN names the program; the default is on the PATH.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export async function startMock(...flags) {
  const command = process.env.DRAGOMAN ?? "dragoman";
  const child = spawn(command, ["mock", "--listen=127.0.0.1:0", "--grpc=", "--management=127.0.0.1:0", ...flags], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"), // one line, once everything listens
    once(child, "exit").then(([code]) => Promise.reject(new Error(`dragoman mock ended with ${code}`))),
  ]);
  return new Mock(child, JSON.parse(line));
}

class Mock {
  #child;
  #management;

  constructor(child, address) {
    this.#child = child;
    this.#management = address.management;
    this.url = address.url;
  }

  async close() {
    this.#child.kill();
    const [code] = await once(this.#child, "exit");
    if (code !== 0) throw new Error(`dragoman mock ended with ${code}`); // with --misuse=fail, 1: the client misused a token
  }

  async manage(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(this.#management + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  advance(duration) {
    return this.manage("POST", "/clock", { advance: duration });
  }

  async inject(fault) {
    return (await this.manage("POST", "/faults", fault)).id;
  }

  journal(operation) {
    return this.manage("GET", "/journal?operation=" + operation);
  }
}
