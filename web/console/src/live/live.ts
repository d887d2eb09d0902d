/**
 * The live events of docs/desk-protocol.md: one socket a window, which comes back by itself and goes on from the last
 * event it has seen. What cannot be made up for is told as `resync`: whoever shows a state gets it anew.
 */
import type { Listener, LiveEvent } from './events';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const NOT_LOGGED_IN = 4401;
const SEES_NOTHING = 4403;

/** How long to wait before the try after `failures` failed ones: 1 s, 2 s, 4 s … 15 s. */
export function waitBefore(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1));
}

export type LiveState = 'off' | 'connecting' | 'on' | 'waiting';

export interface LiveOptions {
  url: string;
  onEvent: Listener;
  /** Get the whole state anew. */
  onResync: () => void;
  onState?: (state: LiveState) => void;
  /** The session is over. */
  onExpired?: () => void;
  open?: (url: string) => WebSocket;
}

export class Live {
  readonly #options: LiveOptions;
  #socket: WebSocket | null = null;
  #state: LiveState = 'off';
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #stream: string | null = null;
  #seq: number | null = null;
  #watch: string[] = [];
  #bot = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Begin, if it has not begun. */
  start(): void {
    if (this.#state !== 'off') return;
    this.#failures = 0;
    this.#connect();
  }

  /** End, and forget where it was. */
  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#stream = null;
    this.#seq = null;
    this.#become('off');
  }

  /** The place in the events that a state fetched by GET belongs to. */
  at(stream: string, seq: number): void {
    this.#stream = stream;
    this.#seq = seq;
  }

  /** Whose messages are wanted, in place of the former list. */
  watch(conversations: readonly string[], bot = false): void {
    this.#watch = [...conversations];
    this.#bot = bot;
    this.send({ type: 'watch', conversations: this.#watch, bot });
  }

  /** Send a frame; false: there is no connection. */
  send(frame: Record<string, unknown>): boolean {
    if (this.#state !== 'on' || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }

  #connect(): void {
    this.#become('connecting');
    const open = this.#options.open ?? ((url: string) => new WebSocket(url));
    const socket = open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => {
      const hello = {
        type: 'hello',
        stream: this.#stream,
        after: this.#seq,
        watch: this.#watch,
        bot: this.#bot,
      };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#take(String(message.data));
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#lost(event.code);
    };
  }

  #take(text: string): void {
    this.#heard = Date.now();
    let event: LiveEvent;
    try {
      event = JSON.parse(text);
    } catch {
      return;
    }
    if (event.type === 'welcome') this.#welcomed(event);
    else if (event.type === 'resync') {
      this.#note(event);
      this.#options.onResync();
    } else if (event.type !== 'pong') {
      this.#note(event);
      this.#options.onEvent(event);
    }
  }

  #note(event: LiveEvent): void {
    if (typeof event.seq === 'number') this.#seq = event.seq;
  }

  #welcomed(event: LiveEvent): void {
    this.#failures = 0;
    if (typeof event.stream === 'string') this.#stream = event.stream;
    const ping = Number(event.ping_seconds) || 15;
    const gone = Number(event.gone_seconds) || 45;
    clearInterval(this.#ping);
    this.#ping = setInterval(() => {
      // A connection over which nothing comes any more is given up; the browser may take minutes to notice.
      if (Date.now() - this.#heard > gone * 1_000) this.#socket?.close(4000);
      else this.send({ type: 'ping' });
    }, ping * 1_000);
    this.#become('on');
  }

  #lost(code: number): void {
    clearInterval(this.#ping);
    this.#socket = null;
    if (code === NOT_LOGGED_IN || code === SEES_NOTHING) {
      this.#become('off');
      if (code === NOT_LOGGED_IN) this.#options.onExpired?.();
      return;
    }
    this.#failures += 1;
    this.#become('waiting');
    this.#timer = setTimeout(() => this.#connect(), waitBefore(this.#failures));
  }
}
