// The time, which a test may move forward.

export class Clock {
  #ahead = 0;

  // seconds since the epoch, with their fraction
  now() {
    return Date.now() / 1000 + this.#ahead;
  }

  advance(seconds) {
    this.#ahead += seconds;
  }
}
