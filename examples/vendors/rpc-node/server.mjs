// A back office that speaks the rpc dialect over HTTP and over direct gRPC, from
// Node's standard library alone.
//
//   node server.mjs [--host H] [--http-port N] [--grpc-port N] [--movable-clock]

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Accounts } from './accounts.mjs';
import { Clock } from './clock.mjs';
import { grpcEndpoint } from './grpc.mjs';
import { httpEndpoint } from './http.mjs';
import { Service } from './service.mjs';
import { Sessions } from './sessions.mjs';

const { values: flags } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    'http-port': { type: 'string', default: '8080' }, // 0 takes a free one
    'grpc-port': { type: 'string', default: '20109' },
    'token-life': { type: 'string', default: '1800' }, // seconds
    accounts: { type: 'string', default: fileURLToPath(new URL('accounts.json', import.meta.url)) },
    'movable-clock': { type: 'boolean', default: false }, // POST /clock moves the time: for tests only
  },
});

const clock = new Clock();
const accounts = Accounts.load(flags.accounts, clock);
const sessions = new Sessions(clock, Number(flags['token-life']));
const service = new Service(accounts, sessions, clock);

const http = httpEndpoint({ service, accounts, sessions, clock, movableClock: flags['movable-clock'] });
const grpc = grpcEndpoint({ service, sessions });
http.listen(Number(flags['http-port']), flags.host, 128);
grpc.listen(Number(flags['grpc-port']), flags.host, 128);
await Promise.all([once(http, 'listening'), once(grpc, 'listening')]);
console.log(`gRPC on ${flags.host}:${grpc.address().port}`);
console.log(`listening on http://${flags.host}:${http.address().port}`);

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
