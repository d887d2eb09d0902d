/** Web storage that never throws: private windows and embedded frames may block it, then memory serves. */

export interface SafeStorage {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function memoryStorage(): SafeStorage {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}

/** @param open Reading `window.localStorage` itself may throw, so it is handed over unread. */
export function safeStorage(open: () => Storage): SafeStorage {
  const memory = memoryStorage();
  let storage: Storage | null = null;
  try {
    storage = open();
    const probe = 'hotline12345.probe';
    storage.setItem(probe, '1');
    storage.removeItem(probe);
  } catch {
    return memory;
  }
  const backing = storage;
  return {
    get(key) {
      try {
        return memory.get(key) ?? backing.getItem(key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        backing.setItem(key, value);
        memory.remove(key);
      } catch {
        memory.set(key, value); // full or withdrawn: at least this visit remembers
      }
    },
    remove(key) {
      memory.remove(key);
      try {
        backing.removeItem(key);
      } catch {
        // nothing to remove then
      }
    },
  };
}

export const keys = {
  token: 'hotline12345.token',
  elder: 'hotline12345.elder',
  autoRead: 'hotline12345.auto-read',
  ticks: 'hotline12345.ticks',
  draft: 'hotline12345.draft',
  outbox: 'hotline12345.outbox',
  /** Followed by the client_id of a photograph that is still to be sent. */
  photo: 'hotline12345.photo.',
} as const;

export function readJson(storage: SafeStorage, key: string): unknown {
  const text = storage.get(key);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
