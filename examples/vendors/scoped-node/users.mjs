// Users, their rights and their passwords. `node users.mjs` reads a password from
// standard input and prints its scrypt hash.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { parseScope } from './scope.mjs';

const derive = promisify(scrypt);
const COST = { N: 2 ** 12, r: 8, p: 1 }; // 4 MiB: modest, for an example
const KEY_BYTES = 32;
const LIMIT = { failures: 10, wait: 40_000, names: 10_000 };

export function loadUsers(path, clock) {
  const users = new Map(JSON.parse(readFileSync(path, 'utf8')).map((row) => [row.login, userOf(row)]));
  const nobody = hashed(randomBytes(16).toString('hex'));
  const failures = new Map(); // login, known or not -> { count, last }

  // wait is how long a login has to wait, in milliseconds; 0 when it need not.
  function wait(login) {
    const { count = 0, last = 0 } = failures.get(login) ?? {};
    const left = last + LIMIT.wait - clock.now();
    if (left <= 0) failures.delete(login);
    return left > 0 && count >= LIMIT.failures ? left : 0;
  }

  function count(login) {
    const before = failures.get(login)?.count ?? 0;
    failures.delete(login);
    failures.set(login, { count: before + 1, last: clock.now() });
    if (failures.size > LIMIT.names) failures.delete(failures.keys().next().value);
  }

  return {
    // check resolves to { user }, to { wait } in milliseconds, or to {} for an
    // unknown login and a wrong password alike, which cost the same.
    async check(login, password) {
      if (wait(login)) return { wait: wait(login) };
      const user = users.get(login);
      const right = (await fits(password, user?.password ?? (await nobody))) && user !== undefined;
      if (wait(login)) return { wait: wait(login) }; // others have guessed in the meantime
      if (!right) {
        count(login);
        return {};
      }
      failures.delete(login);
      return { user };
    },
  };
}

function userOf({ login, password, rights }) {
  const scopes = rights.map(parseScope);
  if (scopes.includes(null)) throw new Error(`the rights of ${login} are not all scopes`);
  return { login, password, rights: scopes };
}

async function hashed(password) {
  const salt = randomBytes(16);
  return [salt, await derive(password, salt, KEY_BYTES, COST)].map((part) => part.toString('hex')).join('-');
}

async function fits(password, kept) {
  const [salt, expected] = kept.split('-').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password, salt, KEY_BYTES, COST), expected);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(await hashed(readFileSync(0, 'utf8').replace(/\r?\n$/, '')));
}
