// Users, their rights and their passwords. `node users.mjs` reads a password from
// standard input and prints its scrypt hash.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { parseScope } from './scope.mjs';

const derive = promisify(scrypt);
// scrypt's N. The demonstration users have the least, for their passwords are public;
// a new hash has the most, which takes 16 MiB in each of libuv's four threads.
const COST = { least: 2 ** 8, most: 2 ** 14 };
const KEY_BYTES = 32;
const LIMIT = { failures: 10, wait: 40_000, names: 10_000 };

export function loadUsers(path, clock) {
  const users = new Map(JSON.parse(readFileSync(path, 'utf8')).map((row) => [row.login, userOf(row)]));
  // An unknown login has to cost what a known one costs: of several costs the highest.
  const highest = Math.max(COST.least, ...[...users.values()].map((user) => user.password.cost));
  const nobody = hashed(randomBytes(16).toString('hex'), highest);
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
  const kept = parseHash(password);
  if (!kept) throw new Error(`the password of ${login} is not cost-salt-key with a cost within bounds`);
  return { login, password: kept, rights: scopes };
}

// parseHash reads cost-salt-key, or returns null for what is no hash.
function parseHash(text) {
  const [, digits, salt, key] = /^(\d{1,6})-([0-9a-f]{32})-([0-9a-f]{64})$/.exec(text) ?? [];
  const cost = Number(digits);
  const fine = cost >= COST.least && cost <= COST.most && Number.isInteger(Math.log2(cost));
  return fine ? { cost, salt: Buffer.from(salt, 'hex'), key: Buffer.from(key, 'hex') } : null;
}

async function hashed(password, cost) {
  const salt = randomBytes(16);
  return { cost, salt, key: await scrypted(password, salt, cost) };
}

async function fits(password, { cost, salt, key }) {
  return timingSafeEqual(await scrypted(password, salt, cost), key);
}

const scrypted = (password, salt, cost) => derive(password, salt, KEY_BYTES, { N: cost, r: 8, p: 1 });

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { cost, salt, key } = await hashed(readFileSync(0, 'utf8').replace(/\r?\n$/, ''), COST.most);
  console.log([cost, salt.toString('hex'), key.toString('hex')].join('-'));
}
