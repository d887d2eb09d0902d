/**
 * The pictures that the page shows, as data: addresses (the service's page allows no others): those still to be sent,
 * which outlive a reload as far as there is room, and those of the log, which are fetched with the citizen's token.
 */
import { isGone, NetworkError, ServiceError } from './errors';
import { keys, type SafeStorage } from './storage';

const AT_ONCE = 2; // downloads

/** By key: the address, or null when the picture is gone for good. What is missing has not come yet. */
export type Pictures = ReadonlyMap<string, string | null>;

export interface PhotosDeps {
  load(id: string, size: 'thumbnail' | 'large'): Promise<string>;
  changed(pictures: Pictures): void;
  storage: SafeStorage;
}

/** Under this key stands the large picture; the small one stands under the id itself. */
export function largeKey(id: string): string {
  return `${id}/large`;
}

export class Photos {
  private pictures = new Map<string, string | null>();
  /** What could not be loaded for want of a network. */
  private failed = new Set<string>();
  private readonly wanted: string[] = [];
  private readonly loading = new Set<string>();
  private generation = 0;

  constructor(private readonly deps: PhotosDeps) {}

  get all(): Pictures {
    return this.pictures;
  }

  /** Keeps a picture that is still to be sent. */
  keep(clientId: string, address: string): void {
    this.deps.storage.set(keys.photo + clientId, address);
    this.set(clientId, address);
  }

  /** Brings back, after a reload, what is still to be sent. */
  restore(clientIds: readonly string[]): void {
    for (const id of clientIds) {
      const address = this.deps.storage.get(keys.photo + id);
      if (address !== null) this.set(id, address);
    }
  }

  pending(clientId: string): Blob | null {
    const address = this.pictures.get(clientId);
    return address == null ? null : blobOf(address);
  }

  /** It was sent: what was shown until now goes on being shown, under the service's id. */
  adopt(clientId: string, id: string): void {
    const address = this.pictures.get(clientId);
    this.deps.storage.remove(keys.photo + clientId);
    if (address == null) return;
    this.pictures.delete(clientId);
    this.pictures.set(largeKey(id), address);
    this.set(id, address);
  }

  drop(clientId: string): void {
    this.deps.storage.remove(keys.photo + clientId);
    if (this.pictures.delete(clientId)) this.tell();
  }

  want(key: string): void {
    if (this.pictures.has(key) || this.wanted.includes(key) || this.loading.has(key)) return;
    this.failed.delete(key);
    this.wanted.push(key);
    this.work();
  }

  /** The network is back. */
  retry(): void {
    const again = [...this.failed];
    this.failed.clear();
    for (const key of again) this.want(key);
  }

  hasFailed(key: string): boolean {
    return this.failed.has(key);
  }

  /** Another conversation begins; what is still to be sent goes over. */
  forget(pendingIds: readonly string[]): void {
    this.generation += 1;
    this.wanted.length = 0;
    this.failed.clear();
    this.pictures = new Map([...this.pictures].filter(([key]) => pendingIds.includes(key)));
    this.tell();
  }

  private work(): void {
    while (this.loading.size < AT_ONCE) {
      const key = this.wanted.shift();
      if (key === undefined) return;
      this.loading.add(key);
      void this.fetch(key, this.generation).finally(() => {
        this.loading.delete(key);
        this.work();
      });
    }
  }

  private async fetch(key: string, generation: number): Promise<void> {
    const large = key.endsWith('/large');
    try {
      const address = await this.deps.load(key.replace(/\/large$/, ''), large ? 'large' : 'thumbnail');
      if (generation === this.generation) this.set(key, address);
    } catch (error) {
      if (generation !== this.generation) return;
      const later = error instanceof NetworkError || (error instanceof ServiceError && !isGone(error));
      if (later) this.failed.add(key);
      else this.pictures.set(key, null);
      this.tell();
    }
  }

  private set(key: string, address: string): void {
    this.pictures.set(key, address);
    this.tell();
  }

  private tell(): void {
    this.deps.changed(new Map(this.pictures));
  }
}

export function blobOf(address: string): Blob {
  const [head, body] = address.split(',', 2) as [string, string];
  const type = /^data:([\w/+.-]*)/.exec(head)?.[1] ?? '';
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type });
}

/** The old way, which every browser has. */
export function readAs(blob: Blob, what: 'address' | 'bytes'): Promise<string | ArrayBuffer> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => (reader.result === null ? failed(new Error('empty')) : done(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error('unreadable'));
    if (what === 'address') reader.readAsDataURL(blob);
    else reader.readAsArrayBuffer(blob);
  });
}
