// The grammar of scopes, "GET /objects/:id", which is also how this server
// writes its routes and its users' rights.
//
// A segment that starts with a colon stands for one segment of any value; a last
// segment * stands for whatever follows, and for nothing.

const PREFIX = '/api/v1';
const FORM = /^(GET|POST|PUT|PATCH|DELETE) (\/\S+)$/;
const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;
const LITERAL = /^[A-Za-z0-9._~-]+$/;

// parseScope returns { text, method, segments }, or null for what is no scope.
export function parseScope(text) {
  const [, method, path] = FORM.exec(text) ?? [];
  if (!method) return null;
  const short = path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length) : path;
  const segments = short.slice(1).split('/');
  return segments.every(isSegment) ? { text, method, segments } : null;
}

function isSegment(segment, index, all) {
  if (segment === '*') return index === all.length - 1;
  return PARAMETER.test(segment) || (LITERAL.test(segment) && !/^\.{1,2}$/.test(segment));
}

// fitsPath says whether a request's segments are among those the scope names.
export function fitsPath(scope, segments) {
  for (const [i, wanted] of scope.segments.entries()) {
    if (wanted === '*') return true;
    if (i >= segments.length) return false;
    if (!isParameter(wanted) && wanted !== segments[i]) return false;
  }
  return segments.length === scope.segments.length;
}

export const permits = (scopes, method, segments) =>
  scopes.some((scope) => scope.method === method && fitsPath(scope, segments));

// narrowed returns what two lists of scopes have in common: all that a token may
// pass on when it is asked for more than it has.
export function narrowed(asked, held) {
  const common = new Map();
  for (const one of asked) {
    for (const other of held) {
      const both = intersection(one, other);
      if (both) common.set(both.segments.map(anonymous).join('/') + both.method, both);
    }
  }
  return [...common.values()];
}

function intersection(one, other) {
  if (one.method !== other.method) return null;
  const segments = [];
  for (let i = 0; ; i++) {
    const [a, b] = [one.segments[i], other.segments[i]];
    if (a === '*' || b === '*') {
      segments.push(...(a === '*' ? other : one).segments.slice(i));
      break;
    }
    if (a === undefined && b === undefined) break;
    if (a === undefined || b === undefined) return null;
    if (!isParameter(a) && !isParameter(b) && a !== b) return null;
    segments.push(isParameter(a) ? b : a);
  }
  const same = segments.map(anonymous).join('/') === one.segments.map(anonymous).join('/');
  return same ? one : parseScope(`${one.method} /${segments.join('/')}`);
}

const isParameter = (segment) => segment.startsWith(':');
const anonymous = (segment) => (isParameter(segment) ? ':' : segment);
