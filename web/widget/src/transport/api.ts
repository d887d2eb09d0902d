/** The HTTP side of docs/protocol.md: one method a request, every failure a HotlineError. */
import { NetworkError, ServiceError, wordsForStatus } from '../core/errors';
import {
  type Conversation,
  type Message,
  type Press,
  parseConversation,
  parseMessage,
  parseMessages,
  parseSite,
  type Site,
} from '../core/protocol';

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
}

export class Api {
  constructor(
    private readonly fetcher: typeof fetch,
    private readonly root = '',
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

  async site(fallback: Site): Promise<Site> {
    return parseSite(await this.request('/api/site', {}), fallback);
  }

  private async request(
    path: string,
    init: RequestInit,
    timeout = TIMEOUT,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
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
      const body = await readBody(response);
      if (!response.ok) throw refusal(response, body);
      return body;
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
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // 204, or a page from a proxy in between
  }
}

function refusal(response: Response, body: Record<string, unknown>): ServiceError {
  const error = (body.error ?? {}) as { code?: unknown; message?: unknown };
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ServiceError(
    response.status,
    typeof error.code === 'string' ? error.code : 'unknown',
    typeof error.message === 'string' && error.message !== ''
      ? error.message
      : wordsForStatus(response.status),
    Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
  );
}
