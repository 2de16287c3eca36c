// A request that ends in an error. Expressions may call fail where they have no
// value to give.

export class Failure extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export function fail(status, message, headers) {
  throw new Failure(status, message, headers);
}
