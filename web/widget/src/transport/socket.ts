/** One WebSocket from hello to close. It lives once; connection.ts decides about the next one. */
import { type Conversation, type Message, parseConversation, parseMessages } from '../core/protocol';

const READY_TIMEOUT = 8000; // a proxy that swallows sockets answers nothing at all
const PING_EVERY = 20_000;
const PONG_TIMEOUT = 8000;
const TOKEN_REFUSED = 4401;

export interface SocketEvents {
  /** Something was heard: with the first time the line is ready. */
  heard(first: boolean): void;
  messages(messages: Message[]): void;
  conversation(conversation: Conversation): void;
  typing(on: boolean): void;
  /** Called once, whatever the reason. */
  closed(tokenRefused: boolean): void;
}

export type OpenSocket = () => WebSocket;

export class SocketLine {
  private socket: WebSocket | null = null;
  private isReady = false;
  private ended = false;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;

  constructor(
    open: OpenSocket,
    private readonly hello: () => { token: string; after: number },
    private readonly events: SocketEvents,
  ) {
    this.deadline = setTimeout(() => this.end(false), READY_TIMEOUT);
    try {
      this.socket = open();
    } catch {
      // Some embedded browsers throw at once when sockets are forbidden. Not now: the caller is not set up yet.
      setTimeout(() => this.end(false), 0);
      return;
    }
    this.socket.onopen = () => this.greet();
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onerror = () => this.end(false);
    this.socket.onclose = (event) => this.end(event.code === TOKEN_REFUSED);
  }

  get ready(): boolean {
    return this.isReady && !this.ended;
  }

  /** Asks whether the other end still listens: a phone that slept shows a dead socket as open. */
  check(timeout = PONG_TIMEOUT): void {
    if (this.ended) return;
    this.write({ type: 'ping' });
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.end(false), timeout);
  }

  /** Lets an agent see that the citizen writes. */
  tellTyping(): void {
    if (this.ready) this.write({ type: 'typing' });
  }

  close(): void {
    this.ended = true;
    this.release();
  }

  private greet(): void {
    this.write({ type: 'hello', ...this.hello() });
    // The service need not say anything after hello, so a ping proves that the way is open in both directions.
    this.check(READY_TIMEOUT);
    this.pinger = setInterval(() => this.check(), PING_EVERY);
  }

  private receive(data: unknown): void {
    if (this.ended) return;
    const frame = parseFrame(data);
    if (frame === null) return;
    clearTimeout(this.deadline); // any frame shows that the line is alive
    if (frame.type === 'error') {
      const code = (frame.error as { code?: unknown } | undefined)?.code;
      this.end(code === 'token_invalid');
      return;
    }
    const first = !this.isReady;
    this.isReady = true;
    this.events.heard(first);
    if (frame.type === 'messages') this.events.messages(parseMessages(frame.messages));
    if (frame.type === 'typing') this.events.typing(frame.on === true);
    if (frame.type === 'conversation') {
      const conversation = parseConversation(frame.conversation);
      if (conversation !== null) this.events.conversation(conversation);
    }
  }

  private write(frame: unknown): void {
    try {
      this.socket?.send(JSON.stringify(frame));
    } catch {
      this.end(false);
    }
  }

  private end(tokenRefused: boolean): void {
    if (this.ended) return;
    this.ended = true;
    this.release();
    this.events.closed(tokenRefused);
  }

  private release(): void {
    clearTimeout(this.deadline);
    clearInterval(this.pinger);
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    try {
      socket.close();
    } catch {
      // already gone
    }
  }
}

function parseFrame(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
