// Milliseconds since the epoch, which a test may move forward.
export function createClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}
