// HTTP around the office: limits, paths taken as they are written, and answers in
// chunks.

import { createServer } from 'node:http';

import { fail, Failure } from './failure.mjs';

const PREFIX = '/api/v1/';
const BODY_LIMIT = 128 * 1024;
const DISCARD_LIMIT = 16 * 1024 * 1024; // bytes of a refused body that are still read

export function createHTTPServer({ office, clock, movableClock }) {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000 });

  server.on('request', (request, response) => {
    readBody(request)
      .then((body) => answer(request, body))
      .then((value) => ({ status: 200, value }), explained)
      .then((reply) => write(response, reply))
      .catch(() => request.destroy());
  });
  server.on('clientError', refuseUnreadable);
  return server;

  function answer(request, body) {
    const path = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0];
    const json = () => parsed(body);
    if (movableClock && request.method === 'POST' && path === '/clock') return moveClock(json());
    return office({
      method: request.method === 'HEAD' ? 'GET' : request.method,
      segments: segmentsOf(path),
      authorization: request.headers.authorization ?? '',
      json,
    });
  }

  function moveClock({ seconds }) {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 1e9) fail(400, 'seconds is a number');
    clock.advance(seconds * 1000);
    return { success: true };
  }

  // Two chunks and no Content-Length: a client has to read until the end.
  function write(response, { status, value, headers }) {
    const body = Buffer.from(JSON.stringify(value));
    const half = Math.ceil(body.length / 2);
    response.sendDate = false;
    response.writeHead(status, {
      Date: new Date(clock.now()).toUTCString(),
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    });
    response.write(body.subarray(0, half));
    response.end(body.subarray(half));
  }
}

// segmentsOf splits a path before it decodes anything, and gives up on whatever
// could mean another path to somebody else.
function segmentsOf(path) {
  if (!path.startsWith(PREFIX)) fail(404, 'nothing is here');
  return path.slice(PREFIX.length).split('/').map((raw) => {
    const segment = decoded(raw);
    if (segment === null || /^$|^\.{1,2}$|[/\\\0]/.test(segment)) fail(404, 'nothing is here');
    return segment;
  });
}

function decoded(raw) {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}

// readBody resolves when the request has been heard to its end, even if it is too
// long: an answer in the middle might get lost.
function readBody(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let length = 0;
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length <= BODY_LIMIT) chunks.push(chunk);
      if (length > DISCARD_LIMIT) request.destroy();
    });
    request.on('end', () => {
      if (length <= BODY_LIMIT) resolve(Buffer.concat(chunks));
      else reject(new Failure(413, 'the body is too long', { Connection: 'close' }));
    });
    for (const end of ['close', 'error']) {
      request.on(end, () => reject(new Failure(400, 'the request was cut short')));
    }
  });
}

function parsed(body) {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // refused below
  }
  return fail(400, 'the body is no JSON object');
}

function explained(error) {
  if (!(error instanceof Failure)) {
    // Where, but not what: the error's own words may hold a secret.
    const where = String(error?.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
    console.error([error?.name ?? 'error', ...where].join('\n'));
    error = new Failure(500, 'internal error');
  }
  const { status, message, headers } = error;
  return { status, headers, value: { success: false, code: String(status), message } };
}

function refuseUnreadable(error, socket) {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable && !socket.writableEnded) {
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
  socket.resume(); // to close on unread bytes would reset the connection
  socket.setTimeout(1000, () => socket.destroy());
}
