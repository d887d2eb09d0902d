import { type Message, parseMessage } from '../src/core/protocol';

export function message(id: number, more: Record<string, unknown> = {}): Message {
  const made = parseMessage({
    id,
    author: 'bot',
    text: `第${id}条`,
    created_at: '2026-07-21T06:05:00Z',
    ...more,
  });
  if (made === null) throw new Error('a test message must be a message');
  return made;
}

/** Lets promises that are already settled run on, under fake timers too. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

type Frame = Record<string, unknown>;

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Frame[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.closed = true;
  }

  opens(): void {
    this.onopen?.();
  }

  says(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drops(code = 1006): void {
    this.onclose?.({ code });
  }

  get hello(): Frame | undefined {
    return this.sent.find((frame) => frame.type === 'hello');
  }
}

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
}
