// The scoped dialect: issuing, listing and revoking tokens, and who may do what.

import { fail } from './failure.mjs';
import { DEFAULT_LIFE, endOfLife } from './lifetime.mjs';
import { fitsPath, narrowed, parseScope, permits } from './scope.mjs';
import { thingRoutes } from './things.mjs';

const MOST_SCOPES = 100;
const LONGEST_NAME = 200;
const LOGIN = 'POST /auth/token'; // the one route that needs no token

// createOffice returns the function that answers { method, segments,
// authorization, json() } with a value, or throws a Failure.
export function createOffice({ users, tokens, clock }) {
  const routes = Object.entries({
    [LOGIN]: logIn,
    'GET /tokens': ({ token }) => tokens.of(token.user).map(shown),
    'POST /tokens': issueFurther,
    'DELETE /tokens/:id': ({ token, id }) =>
      tokens.revoke(token.user, id) ? { success: true } : fail(404, 'there is no such token'),
    'GET /reference/methods': () => ({ methods: methodNames().map((name) => ({ name })) }),
    ...thingRoutes(),
  }).map(([text, run]) => ({ ...parseScope(text), run }));

  const methodNames = () => routes.map(({ text }) => text).filter((text) => text !== LOGIN);

  return async function answer({ method, segments, authorization, json }) {
    const here = routes.filter((route) => fitsPath(route, segments));
    const route = here.find((each) => each.method === method);
    const token = here.some(({ text }) => text === LOGIN) ? null : authenticated(authorization);
    if (here.length === 0) fail(404, 'nothing is here');
    if (!route) fail(405, 'not like this', { Allow: here.map((each) => each.method).join(', ') });
    if (token && !mayUse(token, method, segments)) fail(403, 'the token does not reach this far');
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? json() : null;
    return route.run({ token, body, ...parameters(route, segments) });
  };

  function authenticated(authorization) {
    const [, value] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    const challenge = { 'WWW-Authenticate': 'Bearer realm="scoped-node"' };
    return (value && tokens.check(value)) || fail(401, 'a live token is needed', challenge);
  }

  async function logIn({ body }) {
    const login = body.username ?? body.login;
    if (typeof login !== 'string' || typeof body.password !== 'string') fail(400, 'username and password are strings');
    const wish = wishIn(body);
    const { user, wait } = await users.check(login, body.password);
    if (wait) fail(429, 'too many attempts', { 'Retry-After': Math.ceil(wait / 1000) });
    if (!user) fail(401, 'wrong username or password', { 'WWW-Authenticate': 'Bearer realm="scoped-node"' });
    return issued(user, wish);
  }

  // A token passes on what it may itself, and of a wider wish only that part.
  function issueFurther({ token, body }) {
    const wish = wishIn(body);
    if (token.scopes) {
      wish.scopes = wish.scopes ? narrowed(wish.scopes, token.scopes) : token.scopes;
      if (wish.scopes.length === 0) fail(403, 'of these scopes the token has none');
      if (wish.scopes.length > MOST_SCOPES) fail(400, 'that makes too many scopes');
    }
    return issued(token.user, wish);
  }

  function issued(user, { name, expiresIn, scopes }) {
    const issuedAt = clock.now();
    const expiresAt = endOfLife(expiresIn, issuedAt);
    if (expiresAt === null) fail(400, 'expiresIn is a life in words, as "8 days"');
    const { record, value } = tokens.issue({ user, name, issuedAt, expiresAt, scopes });
    return { ...shown(record), issuedAt, user: { name: user.login }, token: value };
  }

  // wishIn reads what a request asks of a new token.
  function wishIn({ name = null, expiresIn, scopes }) {
    if (name !== null && (typeof name !== 'string' || name.length > LONGEST_NAME)) fail(400, 'that is no name');
    return { name, expiresIn: expiresIn ?? DEFAULT_LIFE, scopes: scopesIn(scopes ?? null) };
  }
}

function scopesIn(texts) {
  if (texts === null) return null;
  if (!Array.isArray(texts) || texts.length > MOST_SCOPES) fail(400, 'scopes are a list');
  return texts.map((text) => (typeof text === 'string' && parseScope(text)) || fail(400, 'that is no scope'));
}

function mayUse(token, method, segments) {
  return permits(token.user.rights, method, segments) && (!token.scopes || permits(token.scopes, method, segments));
}

function shown({ _id, name, expiresAt, scopes }) {
  return {
    _id,
    ...(name !== null && { name }),
    expiresAt,
    scopes: scopes && scopes.map(({ text }) => text),
  };
}

function parameters(route, segments) {
  const named = route.segments.map((segment, i) => [segment, segments[i]]).filter(([segment]) => segment.startsWith(':'));
  return Object.fromEntries(named.map(([segment, value]) => [segment.slice(1), value]));
}
