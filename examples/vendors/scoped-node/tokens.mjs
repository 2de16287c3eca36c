// Issued tokens. A token is an HS256 JWT that names its record; the record says
// until when it lives and what it may. The value itself is kept nowhere.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const SWEEP_EVERY = 60_000;

export function createTokens(clock) {
  const key = randomBytes(32);
  const records = new Map(); // _id -> record
  let swept = clock.now();

  const signatureOf = (signed) => createHmac('sha256', key).update(signed).digest();

  function sweep() {
    const now = clock.now();
    if (now < swept + SWEEP_EVERY) return;
    swept = now;
    for (const [id, record] of records) {
      if (record.expiresAt <= now) records.delete(id);
    }
  }

  return {
    // issue returns the new record and its value. scopes null means no limit.
    issue({ user, name, issuedAt, expiresAt, scopes }) {
      sweep();
      const record = { _id: randomBytes(12).toString('hex'), user, name, issuedAt, expiresAt, scopes };
      records.set(record._id, record);
      const claims = {
        jti: record._id,
        sub: user.login,
        iat: Math.floor(issuedAt / 1000),
        exp: Math.floor(expiresAt / 1000),
      };
      const signed = `${HEADER}.${encode(claims)}`;
      return { record, value: `${signed}.${signatureOf(signed).toString('base64url')}` };
    },

    // check returns the record of a live token, or null. It reads no header but
    // its own and no spelling of a signature but its own.
    check(value) {
      const [header, claims, signature, ...rest] = value.split('.');
      if (header !== HEADER || signature === undefined || rest.length > 0) return null;
      const expected = Buffer.from(signatureOf(`${header}.${claims}`).toString('base64url'));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      const record = records.get(JSON.parse(Buffer.from(claims, 'base64url')).jti);
      return record && clock.now() < record.expiresAt ? record : null;
    },

    // of lists a user's live tokens, oldest first.
    of: (user) => [...records.values()].filter((record) => record.user === user && clock.now() < record.expiresAt),

    // revoke says whether the user had such a token.
    revoke: (user, id) => records.get(id)?.user === user && records.delete(id),
  };
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
