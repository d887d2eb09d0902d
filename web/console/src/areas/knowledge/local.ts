import type { Content } from '@/api/knowledge';

/** What was written and not saved yet, kept on this computer: it outlives a closed window and a lost connection. */
export interface Kept {
  revision: number;
  /** The draft that was changed. */
  base?: Content;
  content: Content;
  note: string;
  at: string;
}

const key = (person: string, version: number) => `console.knowledge.${person}.${version}`;

export function keep(person: string, version: number, kept: Kept): void {
  try {
    localStorage.setItem(key(person, version), JSON.stringify(kept));
  } catch {
    // Full or forbidden: what is on the page is still there.
  }
}

export function kept(person: string, version: number): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(key(person, version)) ?? 'null');
    return found && typeof found.revision === 'number' && typeof found.content === 'object' ? found : null;
  } catch {
    return null;
  }
}

export function forget(person: string, version: number): void {
  localStorage.removeItem(key(person, version));
}
