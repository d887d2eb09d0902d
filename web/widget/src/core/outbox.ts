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

export interface PendingPhoto {
  readonly client_id: string;
  /** Where the service has put it; null until it is uploaded. */
  readonly id: string | null;
}

export interface Pending {
  readonly client_id: string;
  /** What the bubble shows; for a pressed button its title. */
  readonly text: string;
  readonly press: Press | null;
  /** Uploaded one after the other, then sent together. */
  readonly photos: readonly PendingPhoto[];
  /** The share of the photographs that has left, from 0 to 1. */
  readonly progress: number;
  readonly created_at: string;
  readonly state: PendingState;
  readonly error: string | null;
  /** Failed for want of a network: goes out by itself when the network is back. */
  readonly resendable: boolean;
}

export interface OutboxDeps {
  send(outgoing: Outgoing): Promise<Message>;
  /** @returns the id under which the photograph can be sent. */
  upload(clientId: string, progress: (share: number) => void): Promise<string>;
  /** These photographs have been sent, and stand in the log under these ids. */
  delivered(photos: readonly PendingPhoto[], message: Message): void;
  /** These photographs will not be sent. */
  dropped(photos: readonly PendingPhoto[]): void;
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
    this.append(text, press, []);
  }

  /** @param clientIds of the photographs, which {@link OutboxDeps.upload} knows by them. */
  addPhotos(clientIds: readonly string[]): void {
    const photos = clientIds.map((client_id) => ({ client_id, id: null }));
    this.append(strings.photos.text(photos.length), null, photos);
  }

  private append(text: string, press: Press | null, photos: readonly PendingPhoto[]): void {
    this.put([
      ...this.items,
      {
        client_id: this.deps.newId?.() ?? newClientId(),
        text,
        press,
        photos,
        progress: 0,
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

  /** Takes a message back, to be edited; photographs only go away. */
  withdraw(clientId: string): Pending | null {
    const item = this.items.find((other) => other.client_id === clientId);
    if (item === undefined || item.state !== 'failed') return null;
    this.put(this.items.filter((other) => other !== item));
    this.deps.dropped(item.photos);
    return item;
  }

  /** The log shows these already (the push came before the answer to the send). */
  confirm(messages: readonly Message[]): void {
    for (const message of messages) this.settle(message);
  }

  /** In another conversation neither a button's place nor what was uploaded means anything; words and files do. */
  beginAnew(): void {
    this.put(this.items.map((item) => ({ ...item, press: null, photos: notUploaded(item.photos) })));
  }

  private settle(message: Message): void {
    const item = this.items.find((other) => other.client_id === message.client_id);
    if (item === undefined) return;
    this.put(this.items.filter((other) => other !== item));
    this.deps.delivered(item.photos, message);
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
      const message = await this.deps.send(await this.outgoing(item));
      this.attempts = 0;
      this.deps.sent(message);
      this.settle({ ...message, client_id: item.client_id });
    } catch (error) {
      this.failed(item, error);
    } finally {
      this.busy = null;
    }
    void this.run();
  }

  private async outgoing(item: Pending): Promise<Outgoing> {
    const { client_id, text, press, photos } = item;
    if (press !== null) return { client_id, press };
    if (photos.length === 0) return { client_id, text };
    const attachments: string[] = [];
    for (const [place, photo] of photos.entries()) {
      const id =
        photo.id ??
        (await this.deps.upload(photo.client_id, (share) =>
          this.show(client_id, (place + share) / photos.length),
        ));
      attachments.push(id);
      this.uploaded(client_id, photo.client_id, id);
    }
    return { client_id, attachments };
  }

  private uploaded(clientId: string, photoId: string, id: string): void {
    const item = this.items.find((other) => other.client_id === clientId);
    const photos =
      item?.photos.map((photo) => (photo.client_id === photoId ? { ...photo, id } : photo)) ?? [];
    const done = photos.filter((photo) => photo.id !== null).length;
    this.change(clientId, {
      photos,
      progress: done / Math.max(1, photos.length),
      state: 'sending',
      error: null,
    });
  }

  private failed(item: Pending, error: unknown): void {
    if (error instanceof ServiceError && error.unauthorized) {
      this.pause();
      this.deps.unauthorized();
      return;
    }
    // The service forgets what was uploaded and not sent within a day: it is uploaded once more.
    const forgotten = error instanceof ServiceError && error.code === 'no_such_photo';
    if (forgotten) this.change(item.client_id, { photos: notUploaded(item.photos) });
    const temporary = error instanceof ServiceError && error.temporary;
    const again = error instanceof NetworkError || temporary || forgotten;
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

  /** Progress is for the eye only, and comes often: it is not kept. */
  private show(clientId: string, progress: number): void {
    this.items = this.items.map((item) => (item.client_id === clientId ? { ...item, progress } : item));
    this.deps.changed();
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
      photos: restorePhotos(item.photos),
      progress: 0,
      state: 'sending',
      error: null,
      resendable: false,
    }));
}

function restorePhotos(stored: unknown): PendingPhoto[] {
  return (Array.isArray(stored) ? stored : [])
    .filter((photo) => typeof photo?.client_id === 'string')
    .map((photo) => ({ client_id: photo.client_id, id: typeof photo.id === 'string' ? photo.id : null }));
}

function notUploaded(photos: readonly PendingPhoto[]): PendingPhoto[] {
  return photos.map((photo) => ({ ...photo, id: null }));
}

/** crypto.randomUUID exists only on https pages of newer browsers. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
