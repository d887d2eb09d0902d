/** The HTTP side of docs/protocol.md: one method a request, every failure a HotlineError. */
import { NetworkError, ServiceError, wordsForStatus } from '../core/errors';
import { readAs } from '../core/photos';
import {
  type Conversation,
  type Message,
  type Press,
  parseConversation,
  parseMessage,
  parseMessages,
  parsePhoto,
  parseSite,
  type Site,
} from '../core/protocol';
import { strings } from '../strings.zh';
import { type Upload, upload } from './upload';

const TIMEOUT = 15_000;
const JSON_TYPE = { 'Content-Type': 'application/json' };

export interface Opened {
  token: string;
  conversation: Conversation | null;
  messages: Message[];
}

export interface Fetched {
  conversation: Conversation | null;
  messages: Message[];
  typing: boolean;
}

export interface Outgoing {
  client_id: string;
  text?: string;
  press?: Press;
  /** The ids of photographs that were uploaded before. */
  attachments?: string[];
}

export class Api {
  constructor(
    private readonly fetcher: typeof fetch,
    private readonly root = '',
    private readonly uploader: Upload = upload,
  ) {}

  async open(): Promise<Opened> {
    const body = await this.request('/api/conversations', { method: 'POST', headers: JSON_TYPE, body: '{}' });
    if (typeof body.token !== 'string') throw new ServiceError(502, 'malformed', wordsForStatus(502));
    return {
      token: body.token,
      conversation: parseConversation(body.conversation),
      messages: parseMessages(body.messages),
    };
  }

  /** @param wait Seconds the service may hold the answer back until there is something new. */
  async fetchSince(token: string, after: number, wait: number, signal?: AbortSignal): Promise<Fetched> {
    const query = `after=${after}${wait > 0 ? `&wait=${wait}` : ''}`;
    const body = await this.request(
      `/api/conversations/current/messages?${query}`,
      { headers: bearer(token), cache: 'no-store' },
      TIMEOUT + wait * 1000,
      signal,
    );
    return {
      conversation: parseConversation(body.conversation),
      messages: parseMessages(body.messages),
      typing: body.typing === true,
    };
  }

  async send(token: string, outgoing: Outgoing): Promise<Message> {
    const body = await this.request('/api/conversations/current/messages', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...bearer(token) },
      body: JSON.stringify(outgoing),
    });
    const message = parseMessage(body.message);
    if (message === null) throw new ServiceError(502, 'malformed', wordsForStatus(502));
    return message;
  }

  async rate(token: string, message: number, useful: boolean): Promise<void> {
    await this.request(`/api/conversations/current/messages/${message}/feedback`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...bearer(token) },
      body: JSON.stringify({ useful }),
    });
  }

  /** @returns the id under which the photograph can be sent. */
  async upload(
    token: string,
    clientId: string,
    photo: Blob,
    progress: (share: number) => void,
  ): Promise<string> {
    const url = `${this.root}/api/attachments?client_id=${clientId}`;
    const headers = { 'Content-Type': 'application/octet-stream', ...bearer(token) };
    const answer = await this.uploader(url, headers, photo, progress).catch(() => {
      throw new NetworkError();
    });
    const body = parseBody(answer.text);
    if (answer.status < 200 || answer.status >= 300) {
      const bare = answer.status === 413 ? strings.photos.tooLargeHere : wordsForStatus(answer.status);
      throw refusal(answer.status, answer.retryAfter, body, bare);
    }
    const kept = parsePhoto(body.attachment);
    if (kept === null) throw new ServiceError(502, 'malformed', wordsForStatus(502));
    return kept.id;
  }

  /** @returns the picture as a data: address; it may be fetched with the token only. */
  async photo(token: string, id: string, size: 'thumbnail' | 'large'): Promise<string> {
    const path = `/api/attachments/${id}${size === 'thumbnail' ? '/thumbnail' : ''}`;
    return this.ask(path, { headers: bearer(token) }, TIMEOUT * 2, undefined, async (response) => {
      const blob = await response.blob();
      return (await readAs(new Blob([blob], { type: 'image/jpeg' }), 'address')) as string;
    });
  }

  async site(fallback: Site): Promise<Site> {
    return parseSite(await this.request('/api/site', {}), fallback);
  }

  private request(
    path: string,
    init: RequestInit,
    timeout = TIMEOUT,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    return this.ask(path, init, timeout, signal, readBody);
  }

  private async ask<T>(
    path: string,
    init: RequestInit,
    timeout: number,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeout);
    const cancel = (): void => abort.abort();
    signal?.addEventListener('abort', cancel);
    try {
      const response = await this.fetcher(this.root + path, {
        ...init,
        credentials: 'same-origin',
        signal: abort.signal,
      });
      if (!response.ok) {
        throw refusal(response.status, response.headers.get('Retry-After'), await readBody(response));
      }
      return await read(response);
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new NetworkError();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  return parseBody(await response.text());
}

function parseBody(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // 204, or a page from a proxy in between
  }
}

function refusal(
  status: number,
  retryAfter: string | null,
  body: Record<string, unknown>,
  bare = wordsForStatus(status),
): ServiceError {
  const error = (body.error ?? {}) as { code?: unknown; message?: unknown };
  const seconds = Number(retryAfter ?? Number.NaN);
  return new ServiceError(
    status,
    typeof error.code === 'string' ? error.code : 'unknown',
    typeof error.message === 'string' && error.message !== '' ? error.message : bare,
    Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
  );
}
