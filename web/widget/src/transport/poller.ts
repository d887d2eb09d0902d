/** Long-polling over HTTP: the way when sockets are blocked. Runs until stopped. */
import { backoff } from '../core/backoff';
import { isUnauthorized, ServiceError } from '../core/errors';
import type { Fetched } from './api';

const WAIT = 20; // seconds; the service allows up to 25
const ROUND_AT_LEAST = 1000; // ms; a service that answers at once with nothing must not be hammered

export interface PollerEvents {
  fetched(fetched: Fetched): void;
  failed(): void;
  unauthorized(): void;
}

export class Poller {
  private abort: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(
    private readonly fetchSince: (wait: number, signal: AbortSignal) => Promise<Fetched>,
    private readonly events: PollerEvents,
    private readonly random: () => number,
  ) {}

  get running(): boolean {
    return this.abort !== null;
  }

  start(): void {
    if (this.running) return;
    this.abort = new AbortController();
    // The first round does not wait: it tells at once whether this way is open.
    void this.round(0, this.abort);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.abort?.abort();
    this.abort = null;
    this.failures = 0;
  }

  restart(): void {
    if (!this.running) return;
    this.stop();
    this.start();
  }

  private async round(wait: number, abort: AbortController): Promise<void> {
    const started = Date.now();
    let pause = 0;
    let nextWait = WAIT;
    try {
      const fetched = await this.fetchSince(wait, abort.signal);
      if (abort !== this.abort) return;
      this.failures = 0;
      this.events.fetched(fetched);
      if (fetched.messages.length === 0 && wait > 0)
        pause = Math.max(0, ROUND_AT_LEAST - (Date.now() - started));
    } catch (error) {
      if (abort !== this.abort) return;
      if (isUnauthorized(error)) {
        this.stop();
        this.events.unauthorized();
        return;
      }
      this.failures += 1;
      nextWait = 0;
      pause = backoff(this.failures, this.random);
      if (error instanceof ServiceError && error.retryAfter !== null)
        pause = Math.max(pause, error.retryAfter * 1000);
      this.events.failed();
    }
    if (abort === this.abort) this.timer = setTimeout(() => void this.round(nextWait, abort), pause);
  }
}
