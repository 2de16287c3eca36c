// The HTTP endpoint: POST {"method","data"}. Nobody is let in without authorization:
// Basic obtains a session, Bearer carries it.

import { createServer } from 'node:http';

import { Locked } from './accounts.mjs';
import { fromJSON, toJSON } from './proto.mjs';
import { asRefusal, Code, Refusal, unauthenticated } from './refusal.mjs';

export const PATH = '/asip-api/grpc';

// The methods by path, for web clients: the login is anonymous.
const AUTHENTICATION = 'axxonsoft.bl.auth.AuthenticationService';
const REST = {
  '/v1/authentication/authenticate2': ['POST', 'Authenticate2'],
  '/v1/authentication/authenticate_ex2': ['POST', 'AuthenticateEx2'],
  '/v1/authentication/renew': ['GET', 'RenewSession'],
  '/v1/authentication/renew2': ['GET', 'RenewSession2'],
  '/v1/authentication/close': ['GET', 'CloseSession'],
};

const BODY_LIMIT = 64 * 1024;
const HEARD_OUT = 16 * 1024 * 1024; // of a body that will be refused
const ABSOLUTE = /^https?:\/\/[^/?]*/i; // a target as proxies write it
const STATUS = {
  [Code.INVALID_ARGUMENT]: 400,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.UNIMPLEMENTED]: 404,
  [Code.UNAUTHENTICATED]: 401,
};

export function httpEndpoint({ service, accounts, sessions, clock, movableClock }) {
  const places = { [PATH]: ['POST', call] };
  for (const [path, [verb, name]] of Object.entries(REST)) {
    places[path] = [verb, (request) => callByPath(request, verb, name)];
  }
  places['/asip-api/key'] = ['GET', () => ({ status: 200, body: sessions.published() })];
  if (movableClock) places['/clock'] = ['POST', moveClock];

  async function callByPath(request, verb, name) {
    const method = service.method(`${AUTHENTICATION}.${name}`);
    const { session } = method.needsSession ? await authorize(request.headers.authorization ?? '') : {};
    if (method.needsSession && !session) throw unauthenticated();
    const data = verb === 'POST' ? parsed(request.body) : {};
    return { status: 200, body: toJSON(method.reply, await method.run(fromJSON(method.request, data), session)) };
  }

  async function call(request) {
    const caller = await authorize(request.headers.authorization ?? '');
    const { method: name, data = {} } = parsed(request.body);
    if (typeof name !== 'string' || !isObject(data ?? {})) {
      throw new Refusal(Code.INVALID_ARGUMENT, 'method is a name and data an object');
    }
    const method = service.method(name);
    if (method.needsSession && !caller.session) throw unauthenticated();
    const reply = await method.run(fromJSON(method.request, data ?? {}), caller.session);
    return { status: 200, body: toJSON(method.reply, reply) };
  }

  async function authorize(authorization) {
    const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
        return { session: sessions.check(credentials) };
      case 'basic': {
        const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
        if (await accounts.check(name, password)) return {};
      }
    }
    throw unauthenticated();
  }

  function moveClock(request) {
    const { seconds } = parsed(request.body);
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 1e9) {
      throw new Refusal(Code.INVALID_ARGUMENT, 'seconds is a number');
    }
    clock.advance(seconds);
    return { status: 204 };
  }

  async function answer(request) {
    const body = await bodyOf(request);
    const place = places[request.url.replace(ABSOLUTE, '').split('?', 1)[0]];
    if (!place) return { status: 404, body: { errorMessage: 'nothing is here', grpcErrorCode: 5 } };
    const [verb, serve] = place;
    if (request.method !== verb) {
      const refused = { errorMessage: `only ${verb} is served`, grpcErrorCode: Code.UNIMPLEMENTED };
      return { status: 405, headers: { Allow: verb }, body: refused };
    }
    if (body === null) {
      const refused = { errorMessage: 'the body is too large', grpcErrorCode: Code.RESOURCE_EXHAUSTED };
      return { status: 413, headers: { Connection: 'close' }, body: refused };
    }
    try {
      return await serve({ headers: request.headers, body });
    } catch (error) {
      return refused(error);
    }
  }

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000 }, async (request, response) => {
    try {
      const { status, headers, body } = await answer(request);
      response.sendDate = false;
      response.writeHead(status, {
        'Cache-Control': 'no-store',
        Date: new Date(clock.now() * 1000).toUTCString(),
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      });
      response.end(body && JSON.stringify(body));
    } catch {
      request.destroy(); // the client went away, or never stops sending
    }
  });
  server.on('clientError', hangUp);
  return server;
}

function refused(error) {
  const known = error instanceof Locked
    ? new Refusal(Code.RESOURCE_EXHAUSTED, 'too many wrong passwords', { retryAfter: error.seconds })
    : asRefusal(error);
  const status = STATUS[known.code] ?? 500;
  const headers = {};
  if (status === 401) headers['WWW-Authenticate'] = ['Basic realm="NativeBL", charset="UTF-8"', 'Bearer realm="NativeBL"'];
  if (known.retryAfter) headers['Retry-After'] = known.retryAfter;
  return { status, headers, body: { errorMessage: known.message, grpcErrorCode: known.code } };
}

// bodyOf resolves to the body, or to null when it is over the limit. It reads
// to the end either way: a refusal in the middle might never be read.
async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > HEARD_OUT) throw new Error('endless body');
    if (size <= BODY_LIMIT) parts.push(part);
  }
  return size <= BODY_LIMIT ? Buffer.concat(parts) : null;
}

function parsed(body) {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (isObject(value)) return value;
  } catch {
    // falls through to the refusal
  }
  throw new Refusal(Code.INVALID_ARGUMENT, 'the body is no JSON object');
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// hangUp answers what could not be read as HTTP, and lets the client finish
// before it closes.
function hangUp(error, socket) {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable && !socket.writableEnded) {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.resume();
  socket.setTimeout(1000, () => socket.destroy());
}
