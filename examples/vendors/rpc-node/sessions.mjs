// Sessions and their RS256 tokens.
//
// A session has one live token at a time: a renewal issues the next and ends the
// one before, so of many renewals at once exactly one succeeds. A token is good
// when its signature is, its time has not run out, and the session it names
// still holds it.

import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { hostname } from 'node:os';

import { unauthenticated } from './refusal.mjs';

const HEADER = encode({ alg: 'RS256', typ: 'JWT' });

export class Sessions {
  #clock;
  #life;
  #privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  #publicKey = createPublicKey(this.#privateKey);
  // sid -> { sid, user, jti, expires }. Every life is the same and a renewed
  // session goes to the end, so those that run out first stand first.
  #sessions = new Map();

  constructor(clock, life) {
    this.#clock = clock;
    this.#life = life;
  }

  // published is the key by which others verify tokens, as a JWK.
  published() {
    return { ...this.#publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
  }

  open(user) {
    const now = this.#clock.now();
    for (const [sid, { expires }] of this.#sessions) {
      if (expires > now) break;
      this.#sessions.delete(sid);
    }
    return this.#issue(randomUUID(), user);
  }

  // renew issues the next token; it throws when the session was renewed or
  // closed since it was checked.
  renew(session) {
    this.close(session);
    return this.#issue(session.sid, session.user);
  }

  close(session) {
    if (this.#sessions.get(session.sid) !== session) throw unauthenticated();
    this.#sessions.delete(session.sid);
  }

  // check returns the live session of a token, or throws a Refusal.
  check(token) {
    const claims = this.#verified(token);
    const session = this.#sessions.get(claims?.sid);
    if (!session || session.jti !== claims.jti || session.expires <= this.#clock.now()) throw unauthenticated();
    return session;
  }

  #issue(sid, user) {
    const issued = Math.floor(this.#clock.now());
    const session = { sid, user, jti: randomUUID(), expires: issued + this.#life };
    this.#sessions.set(sid, session);
    const claims = {
      aud: '*.*',
      exp: session.expires,
      iat: issued,
      iss: hostname(),
      jti: session.jti,
      lgn: user.login,
      rls: user.roles_ids,
      sid,
      sub: user.user_id,
    };
    const signed = `${HEADER}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), this.#privateKey).toString('base64url');
    return { token: `${signed}.${signature}`, expires: session.expires, life: this.#life, user };
  }

  // #verified returns the claims of a token that was signed here. Only the one
  // header that is ever written is read, so no other algorithm is possible.
  #verified(token) {
    const [header, claims, signature, ...rest] = String(token).split('.');
    if (header !== HEADER || signature === undefined || rest.length > 0) return null;
    const bytes = Buffer.from(signature, 'base64url');
    if (bytes.toString('base64url') !== signature) return null; // another spelling of the same bytes
    if (!verify('sha256', Buffer.from(`${header}.${claims}`), this.#publicKey, bytes)) return null;
    return JSON.parse(Buffer.from(claims, 'base64url').toString());
  }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
