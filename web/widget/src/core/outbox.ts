/**
 * What the citizen has sent and the service has not yet confirmed. Sent one after the other, in order; kept in
 * session storage, so that a reload loses nothing; repeated with the same client_id, so that nothing happens twice.
 */
import { strings } from '../strings.zh';
import type { Outgoing } from '../transport/api';
import { backoff } from './backoff';
import { citizenMessage, NetworkError, ServiceError } from './errors';
import type { Message, Press } from './protocol';
import { keys, readJson, type SafeStorage } from './storage';

const AUTOMATIC_ATTEMPTS = 5; // about 20 s; after that the citizen is told, and may press 重试

export type PendingState = 'sending' | 'retrying' | 'failed';

export interface Pending {
  readonly client_id: string;
  /** What the bubble shows; for a pressed button its title. */
  readonly text: string;
  readonly press: Press | null;
  readonly created_at: string;
  readonly state: PendingState;
  readonly error: string | null;
  /** Failed for want of a network: goes out by itself when the network is back. */
  readonly resendable: boolean;
}

export interface OutboxDeps {
  send(outgoing: Outgoing): Promise<Message>;
  /** Called for a confirmed message, before its pending twin goes away. */
  sent(message: Message): void;
  changed(): void;
  unauthorized(): void;
  storage: SafeStorage;
  random?: () => number;
  newId?: () => string;
}

export class Outbox {
  private items: Pending[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy: string | null = null;
  private attempts = 0;
  private paused = true;

  constructor(private readonly deps: OutboxDeps) {
    this.items = restore(deps.storage);
  }

  get pending(): readonly Pending[] {
    return this.items;
  }

  add(text: string, press: Press | null = null): void {
    const id = this.deps.newId?.() ?? newClientId();
    this.put([
      ...this.items,
      {
        client_id: id,
        text,
        press,
        created_at: new Date().toISOString(),
        state: 'sending',
        error: null,
        resendable: false,
      },
    ]);
    void this.run();
  }

  /** Nothing leaves before there is a conversation to send to. */
  resume(): void {
    this.paused = false;
    void this.run();
  }

  pause(): void {
    this.paused = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  retry(clientId: string): void {
    this.change(clientId, { state: 'sending', error: null });
    this.hurry();
  }

  /** The network is back: what it had kept from leaving leaves now. */
  wake(): void {
    this.put(
      this.items.map((item) =>
        item.state === 'failed' && item.resendable ? { ...item, state: 'retrying', error: null } : item,
      ),
    );
    this.hurry();
  }

  /** Takes a message back, to be edited. */
  withdraw(clientId: string): string | null {
    const item = this.items.find((other) => other.client_id === clientId);
    if (item === undefined || item.state !== 'failed') return null;
    this.put(this.items.filter((other) => other !== item));
    return item.text;
  }

  /** The log shows these already (the push came before the answer to the send). */
  confirm(messages: readonly Message[]): void {
    const known = new Set(messages.map((message) => message.client_id));
    if (this.items.some((item) => known.has(item.client_id))) {
      this.put(this.items.filter((item) => !known.has(item.client_id)));
    }
  }

  /** In another conversation a button's place means nothing; its words still do. */
  forgetPresses(): void {
    this.put(this.items.map((item) => ({ ...item, press: null })));
  }

  private hurry(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.attempts = 0;
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.paused || this.busy !== null || this.timer !== undefined) return;
    const item = this.items.find((other) => other.state !== 'failed');
    if (item === undefined) return;
    this.busy = item.client_id;
    try {
      const message = await this.deps.send(
        item.press === null
          ? { client_id: item.client_id, text: item.text }
          : { client_id: item.client_id, press: item.press },
      );
      this.attempts = 0;
      this.deps.sent(message);
      this.put(this.items.filter((other) => other.client_id !== item.client_id));
    } catch (error) {
      this.failed(item, error);
    } finally {
      this.busy = null;
    }
    void this.run();
  }

  private failed(item: Pending, error: unknown): void {
    if (error instanceof ServiceError && error.unauthorized) {
      this.pause();
      this.deps.unauthorized();
      return;
    }
    const again = error instanceof NetworkError || (error instanceof ServiceError && error.temporary);
    this.attempts += 1;
    if (!again || this.attempts >= AUTOMATIC_ATTEMPTS) {
      this.attempts = 0;
      this.change(item.client_id, { state: 'failed', error: citizenMessage(error), resendable: again });
      return;
    }
    const asked = error instanceof ServiceError ? error.retryAfter : null;
    const pause = Math.max(backoff(this.attempts, this.deps.random ?? Math.random), (asked ?? 0) * 1000);
    this.change(item.client_id, { state: 'retrying', error: waitingWords(error) });
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.run();
    }, pause);
  }

  private change(clientId: string, change: Partial<Pending>): void {
    this.put(this.items.map((item) => (item.client_id === clientId ? { ...item, ...change } : item)));
  }

  private put(items: Pending[]): void {
    this.items = items;
    if (items.length === 0) this.deps.storage.remove(keys.outbox);
    else this.deps.storage.set(keys.outbox, JSON.stringify(items));
    this.deps.changed();
  }
}

function waitingWords(error: unknown): string | null {
  if (!(error instanceof ServiceError)) return null;
  if (error.status === 429 && error.retryAfter !== null) {
    return strings.errors.tooFastWait(Math.max(1, Math.ceil(error.retryAfter)));
  }
  return error.message;
}

function restore(storage: SafeStorage): Pending[] {
  const stored = readJson(storage, keys.outbox);
  if (!Array.isArray(stored)) return [];
  return stored
    .filter((item) => typeof item?.client_id === 'string' && typeof item?.text === 'string')
    .map((item) => ({
      ...item,
      press: item.press ?? null,
      state: 'sending',
      error: null,
      resendable: false,
    }));
}

/** crypto.randomUUID exists only on https pages of newer browsers. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
