/**
 * Exponential back-off with jitter: half fixed, half random, so that a city's worth of widgets does not come
 * back in the same second after an outage.
 *
 * @param attempt 1 for the first wait.
 * @returns milliseconds
 */
export function backoff(attempt: number, random: () => number, base = 1000, cap = 30_000): number {
  const full = Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
