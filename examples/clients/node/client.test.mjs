import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Client } from "./client.mjs";
import { startMock } from "./mock.mjs";

let mock;
let client;

beforeEach(async () => {
  mock = await startMock("--misuse=fail");
  client = new Client(mock.url, "root", "root");
});
afterEach(() => mock.close());

const statuses = async () => (await mock.journal("resource")).map((request) => request.status);

test("logs in again when the token has expired", async () => {
  await client.items();
  await client.items();
  await mock.advance("25h");
  await client.items();
  assert.equal((await mock.journal("login")).length, 2);
});

test("waits for an outage", async () => {
  const fault = await mock.inject({ effect: "outage", operation: "resource", times: 1, retry_after: "1s" });
  assert.ok((await client.items()).length > 0);
  assert.equal((await mock.manage("GET", `/faults/${fault}`)).count, 1);
  assert.deepEqual(await statuses(), [503, 200]);
});

test("a rejected token costs one login", async () => {
  await client.items();
  await mock.inject({ effect: "revoke", operation: "resource", times: 1 });
  await client.items();
  assert.deepEqual(await statuses(), [200, 401, 200]);
  assert.equal((await mock.journal("login")).length, 2);
});

test("no token in a URL", async () => {
  await client.items();
  assert.deepEqual(await mock.manage("GET", "/misuses"), []);
});
