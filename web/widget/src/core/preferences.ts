/** What the citizen chose about the page itself, and the ticks on the checklists. */
import { keys, readJson, type SafeStorage } from './storage';

export class Preferences {
  elder: boolean;
  autoRead: boolean;
  private readonly ticks: Set<string>;

  constructor(private readonly storage: SafeStorage) {
    this.elder = storage.get(keys.elder) === '1';
    this.autoRead = storage.get(keys.autoRead) === '1';
    const stored = readJson(storage, keys.ticks);
    this.ticks = new Set(Array.isArray(stored) ? stored.filter((key) => typeof key === 'string') : []);
  }

  setElder(on: boolean): void {
    this.elder = on;
    this.storage.set(keys.elder, on ? '1' : '0');
  }

  setAutoRead(on: boolean): void {
    this.autoRead = on;
    this.storage.set(keys.autoRead, on ? '1' : '0');
  }

  ticked(key: string): boolean {
    return this.ticks.has(key);
  }

  tick(key: string, on: boolean): void {
    if (on) this.ticks.add(key);
    else this.ticks.delete(key);
    this.storage.set(keys.ticks, JSON.stringify([...this.ticks]));
  }

  /** A new conversation counts its messages anew, so old ticks would land on strange lists. */
  forgetTicks(): void {
    this.ticks.clear();
    this.storage.remove(keys.ticks);
  }
}
