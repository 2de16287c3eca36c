// What the tokens are for: objects and geofences, in memory.

import { randomBytes } from 'node:crypto';

import { fail } from './failure.mjs';

const MOST = 1000; // of a kind

export function thingRoutes() {
  const objects = new Map([
    ['42', { id: '42', name: 'forklift' }],
    ['43', { id: '43', name: 'tanker' }],
  ]);
  const geofences = new Map([['7', { id: '7', name: 'yard' }]]);

  const known = (things, id) => things.get(id) ?? fail(404, 'there is no such thing');
  const nameIn = (body) => (typeof body.name === 'string' ? body.name : fail(400, 'name is a string'));

  const list = (things) => () => [...things.values()];
  const add = (things) => ({ body }) => {
    const thing = { id: randomBytes(6).toString('hex'), name: nameIn(body) };
    if (things.size >= MOST) fail(409, 'there are too many already');
    things.set(thing.id, thing);
    return thing;
  };
  const remove = (things) => ({ id }) => {
    things.delete(known(things, id).id);
    return { success: true };
  };

  return {
    'GET /objects': list(objects),
    'POST /objects': add(objects),
    'GET /objects/:id': ({ id }) => known(objects, id),
    'PATCH /objects/:id': ({ id, body }) => Object.assign(known(objects, id), { name: nameIn(body) }),
    'DELETE /objects/:id': remove(objects),
    'GET /objects/:id/packets': ({ id }) => [{ object: known(objects, id).id, time: 0, speed: 0 }],
    'POST /objects/:id/commands/:command': ({ id, command }) => ({ object: known(objects, id).id, command }),
    'GET /geofences': list(geofences),
    'POST /geofences': add(geofences),
    'DELETE /geofences/:id': remove(geofences),
  };
}
