import { defineStore } from 'pinia';
import { reactive } from 'vue';
import { requestId } from '@/api/request-id';
import type { Values } from './forms';

export interface Draft {
  values: Values;
  /** The same until what was sent has been changed: a repeated send does it once. */
  request: string;
}

/** What is being filled in, by order and action; it outlives a reload of the case, a conflict, and a login. */
export const useDrafts = defineStore('drafts', () => {
  const drafts = reactive(new Map<string, Draft>());
  const key = (number: string, action: string) => `${number} ${action}`;

  function of(number: string, action: string, begin: () => Values): Draft {
    const found = drafts.get(key(number, action));
    if (found) return found;
    drafts.set(key(number, action), { values: begin(), request: requestId() });
    return drafts.get(key(number, action)) as Draft;
  }

  function drop(number: string, action: string): void {
    drafts.delete(key(number, action));
  }

  return { of, drop };
});
