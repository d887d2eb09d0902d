import { defineStore } from 'pinia';
import { reactive, watch } from 'vue';
import { requestId } from '@/api/request-id';
import { useSession } from '@/stores/session';
import type { Values } from './forms';

export interface Draft {
  values: Values;
  /** The same until what was sent has been changed: a repeated send does it once. */
  request: string;
}

interface Kept {
  drafts: [string, Draft][];
  /** The action whose form is open, by order. */
  open: [string, string][];
}

const KEY = 'console.order-drafts';

function read(owner: string): Kept {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (found?.owner === owner && Array.isArray(found.drafts) && Array.isArray(found.open)) return found;
  } catch {
    // Of an older version, or not ours.
  }
  return { drafts: [], open: [] };
}

/**
 * What is being filled in, by order and action, and which form is open. It outlives a conflict, a login, and a reload
 * after an upgrade, as long as the tab is open; it is never shown to another person.
 */
export const useDrafts = defineStore('drafts', () => {
  const session = useSession();
  const drafts = reactive(new Map<string, Draft>());
  const open = reactive(new Map<string, string>());
  let owner = '';
  const key = (number: string, action: string) => `${number} ${action}`;

  watch(
    () => session.person?.number ?? '',
    (number) => {
      // Nobody: the session is over, and whoever it was may come back.
      if (!number || number === owner) return;
      const kept = read(number);
      owner = number;
      drafts.clear();
      open.clear();
      for (const [at, draft] of kept.drafts) drafts.set(at, draft);
      for (const [at, action] of kept.open) open.set(at, action);
    },
    { immediate: true, flush: 'sync' },
  );

  watch([drafts, open], () => {
    if (!owner) return;
    if (drafts.size + open.size === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ owner, drafts: [...drafts], open: [...open] }));
  });

  function of(number: string, action: string, begin: () => Values): Draft {
    const found = drafts.get(key(number, action));
    if (found) return found;
    drafts.set(key(number, action), { values: begin(), request: requestId() });
    return drafts.get(key(number, action)) as Draft;
  }

  function drop(number: string, action: string): void {
    drafts.delete(key(number, action));
  }

  /** Note which form of an order is open; null: none. */
  function opened(number: string, action: string | null): void {
    if (action === null) open.delete(number);
    else open.set(number, action);
  }

  return { of, drop, opened, openAt: (number: string) => open.get(number) ?? null };
});
