import { strings } from '../strings.zh';

/** Everything that can go wrong on the way to the service, with a message that the citizen can act on. */
export class HotlineError extends Error {}

/** No answer arrived: the line is down, or it took too long. Repeating is always right. */
export class NetworkError extends HotlineError {
  constructor() {
    super(strings.errors.network);
    this.name = 'NetworkError';
  }
}

/** The service answered, and said no. */
export class ServiceError extends HotlineError {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds the service asked us to wait, from Retry-After. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ServiceError';
  }

  get unauthorized(): boolean {
    return this.status === 401;
  }

  /** The same request may succeed later, without the citizen changing anything. */
  get temporary(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ServiceError && error.unauthorized;
}

/** Asked for again, it would still not be there. */
export function isGone(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 404;
}

/** What to say when the service's own words are missing (a proxy in front answered with a bare page). */
export function wordsForStatus(status: number): string {
  if (status === 413) return strings.errors.tooLong;
  if (status === 429) return strings.errors.tooFast;
  if (status >= 500) return strings.errors.unavailable;
  return strings.errors.refused;
}

export function citizenMessage(error: unknown): string {
  return error instanceof HotlineError ? error.message : strings.errors.unexpected;
}
