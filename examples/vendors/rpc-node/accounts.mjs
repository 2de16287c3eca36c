// Who may log in. Passwords are kept as salted scrypt hashes; `node
// accounts.mjs` reads a password from standard input and prints its hash.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const derive = promisify(scrypt);
// scrypt's N. The demonstration accounts have the lowest, for their passwords are
// public; a new hash has the highest, which takes 16 MiB in each of libuv's four threads.
const COSTS = [8, 9, 10, 11, 12, 13, 14].map((n) => 2 ** n);
const KEPT = /^(\d{1,6})\.([A-Za-z0-9+/]{22}==)\.([A-Za-z0-9+/]{43}=)$/;
const MISTAKES = 9; // in a row, then the account is locked
const LOCK_SECONDS = 30;
const REMEMBERED = 10_000; // names whose mistakes are counted

export class Locked extends Error {
  constructor(seconds) {
    super('account locked');
    this.seconds = Math.max(1, Math.ceil(seconds));
  }
}

export class Accounts {
  #users;
  #clock;
  #mistakes = new Map(); // user name -> { count, last }
  #nobody;

  constructor(users, clock) {
    this.#users = new Map(users.map((user) => [user.login, { ...user, password: parsed(user) }]));
    this.#clock = clock;
    // An unknown name has to cost what a known one costs: of several costs the highest.
    const costs = [...this.#users.values()].map((user) => user.password.cost);
    this.#nobody = hash(randomBytes(16).toString('hex'), Math.max(COSTS[0], ...costs));
  }

  static load(path, clock) {
    return new Accounts(JSON.parse(readFileSync(path, 'utf8')), clock);
  }

  // check resolves to the user, or to null for an unknown name and a wrong
  // password alike, which cost the same. Throws Locked while the name, known or
  // not, has to wait. Being right does not clear earlier mistakes; see forgive.
  async check(name, password) {
    this.#throwIfLocked(name);
    const user = this.#users.get(name);
    const right = (await matches(password, user?.password ?? (await this.#nobody))) && user !== undefined;
    this.#throwIfLocked(name); // guesses made at once gain nothing over guesses in a row
    if (right) return user;
    const count = 1 + (this.#mistakes.get(name)?.count ?? 0);
    this.#mistakes.delete(name);
    this.#mistakes.set(name, { count, last: this.#clock.now() });
    if (this.#mistakes.size > REMEMBERED) this.#mistakes.delete(this.#mistakes.keys().next().value);
    return null;
  }

  // forgive clears the mistakes of a user who has logged in.
  forgive(user) {
    this.#mistakes.delete(user.login);
  }

  #throwIfLocked(name) {
    const { count = 0, last = 0 } = this.#mistakes.get(name) ?? {};
    const left = last + LOCK_SECONDS - this.#clock.now();
    if (left <= 0) this.#mistakes.delete(name);
    else if (count >= MISTAKES) throw new Locked(left);
  }
}

// parsed reads a user's hash, cost.salt.digest. Each has its own cost, so a new one
// can cost more while the old ones stay valid.
function parsed({ login, password }) {
  const [, cost, salt, digest] = KEPT.exec(password) ?? [];
  if (!COSTS.includes(Number(cost))) {
    throw new Error(`the password of ${login} is not cost.salt.digest with a cost within bounds`);
  }
  return { cost: Number(cost), salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') };
}

async function hash(password, cost) {
  const salt = randomBytes(16);
  return { cost, salt, digest: await scrypted(password, salt, cost) };
}

async function matches(password, { cost, salt, digest }) {
  return timingSafeEqual(await scrypted(password, salt, cost), digest);
}

const scrypted = (password, salt, cost) => derive(password, salt, 32, { N: cost, r: 8, p: 1 });

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { cost, salt, digest } = await hash(readFileSync(0, 'utf8').replace(/\r?\n$/, ''), COSTS.at(-1));
  console.log([cost, salt.toString('base64'), digest.toString('base64')].join('.'));
}
