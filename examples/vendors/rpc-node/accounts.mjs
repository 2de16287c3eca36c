// Who may log in. Passwords are kept as salted scrypt hashes; `node
// accounts.mjs` reads a password from standard input and prints its hash.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const derive = promisify(scrypt);
const COST = { N: 4096, r: 8, p: 1 }; // 4 MiB: modest, for an example
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
  #nobody = hash(randomBytes(16).toString('hex'));

  constructor(users, clock) {
    this.#users = new Map(users.map((user) => [user.login, user]));
    this.#clock = clock;
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

async function hash(password) {
  const salt = randomBytes(16);
  return `${salt.toString('base64')}.${(await derive(password, salt, 32, COST)).toString('base64')}`;
}

async function matches(password, kept) {
  const [salt, digest] = kept.split('.').map((part) => Buffer.from(part, 'base64'));
  return timingSafeEqual(await derive(password, salt, 32, COST), digest);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(await hash(readFileSync(0, 'utf8').replace(/\r?\n$/, '')));
}
