/**
 * Keeps the citizen in touch: a socket first, long-polling when sockets fail twice, sockets again later.
 * Both ways read the same log, so changing between them can neither lose nor double a message.
 */
import { backoff } from '../core/backoff';
import { isUnauthorized } from '../core/errors';
import type { Conversation, Message } from '../core/protocol';
import type { Fetched } from './api';
import { Poller } from './poller';
import { type OpenSocket, SocketLine } from './socket';

const FAILURES_BEFORE_POLLING = 2;
const STEADY = 20_000; // a socket that lived this long counts as good
const SOCKET_RETRY_CAP = 60_000;
const SOCKET_RETRY_WHILE_POLLING = 15_000;
const TROUBLE_SHOWN_AFTER = 3000; // a short gap is nobody's business
const WAKE_AT_MOST_EVERY = 1000;

export type Health = 'good' | 'trouble' | 'offline';

export interface ConnectionEvents {
  messages(messages: Message[]): void;
  conversation(conversation: Conversation): void;
  typing(on: boolean): void;
  health(health: Health): void;
  /** A way to the service has (again) been found. */
  restored(): void;
  unauthorized(): void;
}

export interface ConnectionDeps {
  openSocket: OpenSocket;
  hello(): { token: string; after: number };
  fetchSince(wait: number, signal?: AbortSignal): Promise<Fetched>;
  online(): boolean;
  random?: () => number;
}

export class Connection {
  private line: SocketLine | null = null;
  private lineReadyAt = 0;
  private socketFailures = 0;
  private socketTimer: ReturnType<typeof setTimeout> | undefined;
  private troubleTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly poller: Poller;
  private readonly random: () => number;
  private running = false;
  private reachable = false;
  private lastWake = 0;

  constructor(
    private readonly deps: ConnectionDeps,
    private readonly events: ConnectionEvents,
  ) {
    this.random = deps.random ?? Math.random;
    this.poller = new Poller(
      deps.fetchSince,
      {
        fetched: (fetched) => {
          this.reached();
          this.deliver(fetched);
        },
        failed: () => this.unreached(),
        unauthorized: () => this.refused(),
      },
      this.random,
    );
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.unreached();
    this.connect();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.socketTimer);
    clearTimeout(this.troubleTimer);
    this.line?.close();
    this.line = null;
    this.poller.stop();
    this.socketFailures = 0;
    this.reachable = false;
  }

  /** The network is back, or the citizen looks at the page again: do not sit out a long back-off. */
  wake(): void {
    if (!this.running || Date.now() - this.lastWake < WAKE_AT_MOST_EVERY) return;
    this.lastWake = Date.now();
    if (this.line?.ready) {
      this.line.check(5000);
      return;
    }
    this.poller.restart();
    clearTimeout(this.socketTimer);
    this.line?.close();
    this.line = null;
    this.connect();
  }

  /** The browser says that there is no network: an open socket would only find out after a missed pong. */
  lost(): void {
    if (!this.running) return;
    this.line?.check(3000);
    this.unreached();
    this.events.health('offline');
  }

  /** Lets an agent see that the citizen writes; without a socket nobody is told. */
  tellTyping(): void {
    this.line?.tellTyping();
  }

  /** After a send without a live socket nobody would bring the reply soon, so it is fetched. */
  async catchUp(): Promise<void> {
    if (!this.running || this.line?.ready || this.poller.running) return;
    try {
      const fetched = await this.deps.fetchSince(0);
      if (this.running) this.deliver(fetched);
    } catch (error) {
      if (this.running && isUnauthorized(error)) this.refused();
    }
  }

  private connect(): void {
    if (!this.running || this.line !== null) return;
    const line: SocketLine = new SocketLine(this.deps.openSocket, this.deps.hello, {
      heard: (first) => {
        if (first) {
          this.lineReadyAt = Date.now();
          this.poller.stop();
        }
        this.reached();
      },
      messages: (messages) => this.events.messages(messages),
      conversation: (conversation) => this.events.conversation(conversation),
      typing: (on) => this.events.typing(on),
      closed: (tokenRefused) => {
        if (this.line !== line) return;
        this.line = null;
        if (tokenRefused) this.refused();
        else this.socketLost();
      },
    });
    this.line = line;
  }

  private socketLost(): void {
    const steady = this.lineReadyAt > 0 && Date.now() - this.lineReadyAt > STEADY;
    this.lineReadyAt = 0;
    this.socketFailures = steady ? 1 : this.socketFailures + 1;
    if (!this.poller.running) this.unreached();
    let pause = backoff(this.socketFailures, this.random, 1000, SOCKET_RETRY_CAP);
    if (this.socketFailures >= FAILURES_BEFORE_POLLING) {
      this.poller.start();
      pause = Math.max(pause, SOCKET_RETRY_WHILE_POLLING);
    } else {
      void this.catchUp();
    }
    clearTimeout(this.socketTimer);
    this.socketTimer = setTimeout(() => this.connect(), pause);
  }

  private deliver(fetched: Fetched): void {
    if (fetched.conversation !== null) this.events.conversation(fetched.conversation);
    this.events.messages(fetched.messages);
    this.events.typing(fetched.typing);
  }

  private reached(): void {
    clearTimeout(this.troubleTimer);
    this.troubleTimer = undefined;
    const news = !this.reachable;
    this.reachable = true;
    this.events.health('good');
    if (news) this.events.restored();
  }

  private unreached(): void {
    this.reachable = false;
    this.events.typing(false); // what was heard before the gap says nothing about now
    if (this.troubleTimer !== undefined) return;
    this.troubleTimer = setTimeout(
      () => this.events.health(this.deps.online() ? 'trouble' : 'offline'),
      TROUBLE_SHOWN_AFTER,
    );
  }

  private refused(): void {
    this.stop();
    this.events.unauthorized();
  }
}
