/**
 * The one way from the console to the service: JSON at /console-api with the session's cookie, the token against
 * forged requests, and the role in which somebody acts. Every failure is an ApiError with words to show.
 */
import { errorWords } from './errors.zh';

export const BASE = '/console-api';
const TIMEOUT_MS = 30_000;

export class ApiError extends Error {
  readonly status: number;
  /** For programs: `changed`, `forbidden` …; `offline` and `slow` when there was no answer. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** Who is logged in, as far as requests need it. The session store puts it here. */
export interface Credentials {
  csrf: () => string | null;
  role: () => string | null;
  /** Called when the session is over. */
  expired: () => void;
}

let credentials: Credentials = { csrf: () => null, role: () => null, expired: () => {} };

export function useCredentials(given: Credentials): void {
  credentials = given;
}

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

interface Options {
  query?: Query;
  body?: unknown;
  /** An upload. */
  form?: FormData;
  signal?: AbortSignal;
  /** A 401 is an answer here, not the end of the session. */
  loggingIn?: boolean;
  /** What takes longer than other requests. */
  timeout?: number;
}

/** `?a=1&b=x&b=y`; what is null, undefined or an empty string is left out. */
export function queryString(query: Query = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) pairs.append(name, one);
    else if (value !== null && value !== undefined && value !== '') pairs.append(name, String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : '';
}

function wordsFor(status: number): string {
  if (status === 401) return errorWords.unauthorized;
  if (status === 403) return errorWords.forbidden;
  if (status === 404) return errorWords.missing;
  if (status === 429) return errorWords.tooFast;
  return status === 502 || status === 503 || status === 504 ? errorWords.unavailable : errorWords.unknown;
}

async function failure(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => null);
  const said = body?.error;
  return new ApiError(
    response.status,
    typeof said?.code === 'string' ? said.code : 'unknown',
    typeof said?.message === 'string' ? said.message : wordsFor(response.status),
  );
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  const role = credentials.role();
  // A header is ASCII: the role goes percent-encoded.
  if (role) headers['X-Acting-Role'] = encodeURIComponent(role);
  const csrf = credentials.csrf();
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  const timeout = AbortSignal.timeout(options.timeout ?? TIMEOUT_MS);
  const init: RequestInit = {
    method,
    headers,
    credentials: 'same-origin',
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
  };
  if (options.form) init.body = options.form;
  else if (options.body !== undefined) init.body = JSON.stringify(options.body);
  let response: Response;
  try {
    response = await fetch(BASE + path + queryString(options.query), init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const slow = timeout.aborted;
    throw new ApiError(0, slow ? 'slow' : 'offline', slow ? errorWords.slow : errorWords.offline);
  }
  if (response.ok) return response;
  const error = await failure(response);
  if (response.status === 401 && !options.loggingIn) credentials.expired();
  throw error;
}

async function json<T>(method: string, path: string, options: Options): Promise<T> {
  const response = await send(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
    json<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) }),
  post: <T>(
    path: string,
    body: unknown = {},
    options: Pick<Options, 'loggingIn' | 'query' | 'timeout'> = {},
  ): Promise<T> => json<T>('POST', path, { body, ...options }),
  put: <T>(path: string, body: unknown): Promise<T> => json<T>('PUT', path, { body }),
  patch: <T>(path: string, body: unknown): Promise<T> => json<T>('PATCH', path, { body }),
  delete: <T = void>(path: string): Promise<T> => json<T>('DELETE', path, {}),
  upload: <T>(path: string, form: FormData, query?: Query): Promise<T> =>
    json<T>('POST', path, { form, ...(query && { query }) }),
  /** A file or a picture: an <img> or a link cannot say in which role it asks. */
  blob: async (path: string, query?: Query): Promise<Blob> =>
    (await send('GET', path, { ...(query && { query }) })).blob(),
};

/** The words of any error, to be shown. */
export function wordsOf(error: unknown): string {
  return error instanceof ApiError ? error.message : errorWords.unknown;
}
