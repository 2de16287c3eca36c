// A back office that speaks the scoped dialect, from Node's standard library alone.
//
//   node server.mjs [--host H] [--port N] [--users FILE] [--movable-clock]

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createClock } from './clock.mjs';
import { createHTTPServer } from './http.mjs';
import { createOffice } from './office.mjs';
import { createTokens } from './tokens.mjs';
import { loadUsers } from './users.mjs';

const { values: flags } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8080' }, // 0 takes a free one
    users: { type: 'string', default: fileURLToPath(new URL('users.json', import.meta.url)) },
    'movable-clock': { type: 'boolean', default: false }, // POST /clock moves the time: for tests only
  },
});

const clock = createClock();
const office = createOffice({ clock, tokens: createTokens(clock), users: loadUsers(flags.users, clock) });
const server = createHTTPServer({ office, clock, movableClock: flags['movable-clock'] });

server.listen({ host: flags.host, port: Number(flags.port), backlog: 128 }, () => {
  console.log(`listening on http://${flags.host}:${server.address().port}`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
