/** One citizen's conversation, from opening the page on: joins token, log, outbox and connection into one state. */
import { strings } from '../strings.zh';
import type { Api } from '../transport/api';
import { Connection, type Health } from '../transport/connection';
import { backoff } from './backoff';
import { citizenMessage, HotlineError, isUnauthorized, ServiceError } from './errors';
import { advanceCursor, mergeMessages } from './message-log';
import { newClientId, Outbox, type Pending } from './outbox';
import { Photos, type Pictures } from './photos';
import type { Conversation, Message, Press, Site } from './protocol';
import { keys, type SafeStorage } from './storage';

const HISTORY_PAGE = 50; // an answer this long may have been cut by the service: ask for what comes after it
const TYPING_AT_MOST = 60_000; // a typing sign whose end was lost must not stay for ever
const OPENING_ATTEMPTS = 3;
const AGAIN_AFTER = 30_000;
const RENEW_AT_MOST_EVERY = 5000;
const TYPING_EVERY = 5000; // the other side forgets it after 8 s

export interface State {
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure: string | null;
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  readonly conversation: Conversation;
  readonly typing: boolean;
  readonly health: Health;
  /** A line about the conversation itself, e.g. that a new one was begun. Stays until the citizen closes it. */
  readonly notice: string | null;
  readonly site: Site;
  /** What is to be seen of photographs; see core/photos.ts. */
  readonly pictures: Pictures;
}

export interface SessionDeps {
  api: Api;
  openSocket(): WebSocket;
  online(): boolean;
  local: SafeStorage;
  tab: SafeStorage;
  /** Another conversation begins: what was kept beside the old one (ticks on its lists) is void. */
  begunAnew?(): void;
  /** Messages that arrived while the page was open (not the history). */
  arrived?(messages: Message[]): void;
}

const QUIET: Conversation = { mode: 'bot', position: null, agent: null, in_service_hours: true };

export const DEFAULT_SITE: Site = {
  ...strings.site,
  notice: '',
  demo: false,
  max_length: 1000,
  photos: { max_bytes: 8 * 1024 * 1024, per_message: 3 },
};

export class Session {
  private current: State;
  private token: string | null = null;
  private cursor = 0;
  private renewedAt = 0;
  private toldTypingAt = 0;
  private opening: Promise<void> | null = null;
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly photos: Photos;

  constructor(private readonly deps: SessionDeps) {
    this.photos = new Photos({
      storage: deps.tab,
      load: (id, size) => deps.api.photo(this.token ?? '', id, size),
      changed: (pictures) => this.update({ pictures }),
    });
    this.outbox = new Outbox({
      storage: deps.tab,
      upload: (clientId, progress) => this.upload(clientId, progress),
      delivered: (photos, message) => {
        photos.forEach((photo, place) => {
          const kept = message.attachments[place];
          if (kept === undefined) this.photos.drop(photo.client_id);
          else this.photos.adopt(photo.client_id, kept.id);
        });
      },
      dropped: (photos) => {
        for (const photo of photos) this.photos.drop(photo.client_id);
      },
      send: (outgoing) => deps.api.send(this.token ?? '', outgoing),
      sent: (message) => {
        this.update({ messages: mergeMessages(this.current.messages, [message]) });
        void this.connection.catchUp();
      },
      changed: () => this.update({ pending: this.outbox.pending }),
      unauthorized: () => void this.renew(),
    });
    this.photos.restore(this.pendingPhotos());
    this.current = {
      phase: 'loading',
      failure: null,
      messages: [],
      pending: this.outbox.pending,
      conversation: QUIET,
      typing: false,
      health: 'good',
      notice: null,
      site: DEFAULT_SITE,
      pictures: new Map(this.photos.all),
    };
    this.connection = new Connection(
      {
        openSocket: () => deps.openSocket(),
        hello: () => ({ token: this.token ?? '', after: this.cursor }),
        fetchSince: (wait, signal) => deps.api.fetchSince(this.token ?? '', this.cursor, wait, signal),
        online: () => deps.online(),
      },
      {
        messages: (messages) => this.receive(messages),
        conversation: (conversation) => this.update({ conversation }),
        typing: (on) => this.setTyping(on),
        health: (health) => this.update({ health }),
        restored: () => {
          this.outbox.wake();
          this.photos.retry();
        },
        unauthorized: () => void this.renew(),
      },
    );
  }

  get state(): State {
    return this.current;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resumes the stored conversation or begins one. Also the way out of the failed state. */
  start(quietly = false): Promise<void> {
    clearTimeout(this.againTimer);
    if (!quietly) this.update({ phase: 'loading', failure: null });
    this.opening ??= this.openWithPatience().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  async loadSite(): Promise<void> {
    try {
      this.update({ site: await this.deps.api.site(DEFAULT_SITE) });
    } catch {
      // The built-in names serve as well.
    }
  }

  sendText(text: string): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    this.toldTypingAt = 0;
    this.outbox.add(trimmed);
  }

  /** The citizen writes: an agent sees it, the bot need not know. */
  writes(): void {
    if (this.current.conversation.mode !== 'human' || Date.now() - this.toldTypingAt < TYPING_EVERY) return;
    this.toldTypingAt = Date.now();
    this.connection.tellTyping();
  }

  /** @param addresses data: addresses of the pictures. */
  sendPhotos(addresses: readonly string[]): void {
    const ids = addresses.map((address) => {
      const id = newClientId();
      this.photos.keep(id, address);
      return id;
    });
    if (ids.length > 0) this.outbox.addPhotos(ids);
  }

  /** Fetches a picture that is to be seen; it comes into {@link State.pictures}. */
  wantPicture(key: string): void {
    this.photos.want(key);
  }

  pictureFailed(key: string): boolean {
    return this.photos.hasFailed(key);
  }

  press(press: Press, title: string): void {
    this.outbox.add(title, press);
  }

  retry(clientId: string): void {
    this.outbox.retry(clientId);
  }

  withdraw(clientId: string): Pending | null {
    return this.outbox.withdraw(clientId);
  }

  async rate(id: number, useful: boolean): Promise<void> {
    const before = this.current.messages.find((message) => message.id === id);
    if (before === undefined) return;
    const show = (feedback: boolean | null): void =>
      this.update({ messages: mergeMessages(this.current.messages, [{ ...before, feedback }]) });
    show(useful);
    try {
      await this.deps.api.rate(this.token ?? '', id, useful);
    } catch (error) {
      show(before.feedback);
      if (isUnauthorized(error)) void this.renew();
      else this.update({ notice: strings.errors.rating });
    }
  }

  notify(notice: string): void {
    this.update({ notice });
  }

  dismissNotice(): void {
    this.update({ notice: null });
  }

  wake(): void {
    if (this.current.phase === 'failed') void this.start();
    else this.connection.wake();
  }

  lost(): void {
    this.connection.lost();
  }

  private async upload(clientId: string, progress: (share: number) => void): Promise<string> {
    const photo = this.photos.pending(clientId);
    if (photo === null) throw new HotlineError(strings.photos.lost);
    return this.deps.api.upload(this.token ?? '', clientId, photo, progress);
  }

  private pendingPhotos(): string[] {
    return this.outbox.pending.flatMap((item) => item.photos.map((photo) => photo.client_id));
  }

  private async openWithPatience(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.open();
        return;
      } catch (error) {
        const asked = error instanceof ServiceError ? (error.retryAfter ?? 0) * 1000 : 0;
        if (attempt >= OPENING_ATTEMPTS || asked > 10_000 || !this.deps.online()) {
          this.fail(citizenMessage(error));
          return;
        }
        await new Promise((done) => setTimeout(done, Math.max(asked, backoff(attempt, Math.random))));
      }
    }
  }

  private fail(failure: string): void {
    this.update({ phase: 'failed', failure });
    // Who waits in front of the page need not press the button again and again.
    this.againTimer = setTimeout(
      () => void this.start(true),
      backoff(1, Math.random, AGAIN_AFTER, AGAIN_AFTER),
    );
  }

  private async open(): Promise<void> {
    const stored = this.deps.local.get(keys.token);
    if (stored !== null) {
      try {
        this.token = stored;
        await this.loadHistory(stored);
        this.ready();
        return;
      } catch (error) {
        if (!isUnauthorized(error)) throw error;
        this.beginAnew();
      }
    }
    const opened = await this.deps.api.open();
    this.token = opened.token;
    this.deps.local.set(keys.token, opened.token);
    if (opened.conversation !== null) this.update({ conversation: opened.conversation });
    this.store(opened.messages);
    this.ready();
  }

  private ready(): void {
    this.update({ phase: 'ready', failure: null });
    this.connection.start();
    this.outbox.resume();
  }

  private async loadHistory(token: string): Promise<void> {
    for (;;) {
      const fetched = await this.deps.api.fetchSince(token, this.cursor, 0);
      this.store(fetched.messages);
      if (fetched.conversation !== null) this.update({ conversation: fetched.conversation });
      this.setTyping(fetched.typing);
      if (fetched.messages.length < HISTORY_PAGE) return;
    }
  }

  /** The token is no longer good. Another tab may have found that out before us: then its conversation is ours. */
  private async renew(): Promise<void> {
    if (this.opening !== null) return this.opening;
    this.connection.stop();
    this.outbox.pause();
    // A service that refuses the tokens it has just given out must not be flooded with new conversations.
    if (Date.now() - this.renewedAt < RENEW_AT_MOST_EVERY) {
      this.deps.local.remove(keys.token);
      this.fail(strings.errors.unavailable);
      return;
    }
    this.renewedAt = Date.now();
    if (this.deps.local.get(keys.token) === this.token) this.beginAnew();
    else this.forget();
    return this.start();
  }

  private beginAnew(): void {
    this.deps.local.remove(keys.token);
    this.deps.begunAnew?.();
    this.forget();
    this.update({ notice: strings.log.newConversation });
  }

  private forget(): void {
    this.token = null;
    this.cursor = 0;
    this.outbox.beginAnew();
    this.photos.forget(this.pendingPhotos());
    this.setTyping(false);
    this.update({ messages: [], conversation: QUIET });
  }

  private receive(messages: Message[]): void {
    const known = new Set(this.current.messages.map((message) => message.id));
    const fresh = messages.filter((message) => !known.has(message.id) && message.author !== 'citizen');
    this.store(messages);
    if (fresh.length === 0) return;
    this.setTyping(false);
    this.deps.arrived?.(fresh);
  }

  private store(messages: Message[]): void {
    this.cursor = advanceCursor(this.cursor, messages);
    this.update({ messages: mergeMessages(this.current.messages, messages) });
    this.outbox.confirm(messages);
    for (const message of messages) {
      for (const photo of message.attachments) this.photos.want(photo.id);
    }
  }

  private setTyping(typing: boolean): void {
    clearTimeout(this.typingTimer);
    if (typing) this.typingTimer = setTimeout(() => this.setTyping(false), TYPING_AT_MOST);
    this.update({ typing });
  }

  private update(change: Partial<State>): void {
    const keysChanged = Object.keys(change) as (keyof State)[];
    // The outbox reports while the constructor still runs; there is nobody to tell yet.
    if (this.current === undefined || keysChanged.every((key) => this.current[key] === change[key])) return;
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}
