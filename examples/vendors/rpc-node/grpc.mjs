// The gRPC endpoint: unary calls over cleartext HTTP/2, as gRPC's own protocol
// description frames them. A call may be anonymous; a token travels as metadata.

import { constants, createServer } from 'node:http2';

import { Locked } from './accounts.mjs';
import { decode, encode } from './proto.mjs';
import { asRefusal, Code, Refusal, unauthenticated } from './refusal.mjs';
import { TOKEN_NAME } from './service.mjs';

const MESSAGE_LIMIT = 64 * 1024;
const PREFIX = 5; // one byte says whether the message is compressed, four its length
const CONTENT_TYPE = 'application/grpc';

export function grpcEndpoint({ service, sessions }) {
  const server = createServer({ settings: { maxConcurrentStreams: 250, maxHeaderListSize: 32 * 1024 } });

  server.on('stream', async (stream, headers) => {
    stream.on('error', () => stream.destroy()); // the client's side of the call is gone
    const misfit = notGRPC(headers);
    if (misfit) {
      stream.respond({ ':status': misfit }, { endStream: true });
      return;
    }
    try {
      respond(stream, await call(stream, headers));
    } catch (error) {
      refuse(stream, error instanceof Locked ? new Refusal(Code.RESOURCE_EXHAUSTED, 'too many wrong passwords') : asRefusal(error));
    }
  });

  async function call(stream, headers) {
    const bytes = await message(stream);
    // /package.Service/Method on the wire, package.Service.Method in the dialect
    const method = service.method(headers[':path'].slice(1).replace('/', '.'));
    const session = method.needsSession ? sessionOf(headers) : undefined;
    const reply = await method.run(decode(method.request, bytes), session);
    return encode(method.reply, reply);
  }

  function sessionOf(headers) {
    const token = headers[TOKEN_NAME];
    if (typeof token !== 'string') throw unauthenticated();
    return sessions.check(token);
  }

  return server;
}

function notGRPC(headers) {
  if (headers[':method'] !== 'POST') return 405;
  const type = headers['content-type'] ?? '';
  return type === CONTENT_TYPE || type === `${CONTENT_TYPE}+proto` ? 0 : 415;
}

// message reads the one message of a unary call.
async function message(stream) {
  const bytes = await new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    stream.on('data', (part) => {
      size += part.length;
      if (size <= PREFIX + MESSAGE_LIMIT) parts.push(part);
      else reject(new Refusal(Code.RESOURCE_EXHAUSTED, 'the message is too large'));
    });
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.on('close', () => reject(new Refusal(Code.INVALID_ARGUMENT, 'the call was cut short')));
  });
  if (bytes.length < PREFIX || bytes.readUInt32BE(1) !== bytes.length - PREFIX) {
    throw new Refusal(Code.INVALID_ARGUMENT, 'one whole message is needed');
  }
  if (bytes[0] !== 0) throw new Refusal(Code.UNIMPLEMENTED, 'messages are read uncompressed');
  return bytes.subarray(PREFIX);
}

function respond(stream, bytes) {
  if (stream.destroyed) return;
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(bytes.length, 1);
  stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, bytes]));
}

// refuse answers with trailers alone. NO_ERROR then asks a client that is still
// sending to stop.
function refuse(stream, refusal) {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': CONTENT_TYPE,
      'grpc-status': String(refusal.code),
      'grpc-message': encodeURIComponent(refusal.message),
    },
    { endStream: true },
  );
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}
