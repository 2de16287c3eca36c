// The ways to say no, in gRPC's own codes, which the HTTP endpoint repeats.

export const Code = {
  INVALID_ARGUMENT: 3,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAUTHENTICATED: 16,
};

export class Refusal extends Error {
  constructor(code, message, { retryAfter } = {}) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter; // seconds, where waiting helps
  }
}

export const unauthenticated = () => new Refusal(Code.UNAUTHENTICATED, 'a live session is needed');

// asRefusal hides from callers what they cannot correct; the operator is told
// where it happened, but not the error's own words, which may hold a secret.
export function asRefusal(error) {
  if (error instanceof Refusal) return error;
  const where = String(error?.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  console.error([error?.name ?? 'error', ...where].join('\n'));
  return new Refusal(Code.INTERNAL, 'internal error');
}
