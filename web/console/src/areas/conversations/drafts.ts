import { defineStore } from 'pinia';
import { reactive, watch } from 'vue';
import { ApiError, wordsOf } from '@/api/client';
import { type Drafted, deskApi, type Message, type OrderDraft } from '@/api/desk';
import { requestId } from '@/api/request-id';
import { useSession } from '@/stores/session';

/** Something said that the service has not confirmed yet. */
export interface Outgoing {
  client_id: string;
  text: string;
  /** Why it was refused; empty: it is on its way, or will be tried again. */
  refused: string;
}

const KEPT_KEY = 'console.conversation-drafts';
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/** Whether the same may be sent again: there was no answer, or the service was not well. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

/**
 * What is being written, by conversation, and what is on its way. A send is repeated with the same `client_id` until it
 * is confirmed, one after the other, so that nothing is lost, said twice, or said in another order.
 */
export const useDrafts = defineStore('conversation-drafts', () => {
  const texts = reactive(new Map<string, string>());
  const notes = reactive(new Map<string, string>());
  const orders = reactive(new Map<string, { proposed: Drafted; draft: OrderDraft }>());
  const outgoing = reactive(new Map<string, Outgoing[]>());
  const busy = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let heard: (id: string, message: Message) => void = () => {};

  // Kept for this window: who presses F5 loses neither what is written nor what is on its way.
  const session = useSession();
  restore();
  watch([texts, outgoing], keep, { deep: true });

  function restore(): void {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT_KEY) ?? '{}');
      if (kept.owner !== session.person?.number) return;
      for (const [id, text] of Object.entries<string>(kept.texts)) texts.set(id, text);
      for (const [id, sends] of Object.entries<Outgoing[]>(kept.outgoing)) outgoing.set(id, sends);
    } catch {
      sessionStorage.removeItem(KEPT_KEY);
    }
  }

  function keep(): void {
    const full = <T extends string | unknown[]>(kept: Map<string, T>) =>
      Object.fromEntries([...kept].filter(([, value]) => value.length));
    const kept = { owner: session.person?.number, texts: full(texts), outgoing: full(outgoing) };
    if (kept.owner) sessionStorage.setItem(KEPT_KEY, JSON.stringify(kept));
  }

  /** Who is told of what was said. */
  function onSaid(listener: (id: string, message: Message) => void): void {
    heard = listener;
  }

  function of(id: string): Outgoing[] {
    return outgoing.get(id) ?? [];
  }

  function say(id: string, text: string): void {
    outgoing.set(id, [...of(id), { client_id: requestId(), text, refused: '' }]);
    flush(id);
  }

  /** The service has it: it came back by the socket, or as the answer. */
  function confirm(id: string, clientId: string | null): void {
    if (clientId === null) return;
    outgoing.set(
      id,
      of(id).filter((one) => one.client_id !== clientId),
    );
  }

  function again(id: string, clientId: string): void {
    outgoing.set(
      id,
      of(id).map((one) => (one.client_id === clientId ? { ...one, refused: '' } : one)),
    );
    flush(id);
  }

  /** Give up a send that was refused; its words go back into the composer. */
  function takeBack(id: string, clientId: string): void {
    const found = of(id).find((one) => one.client_id === clientId);
    if (found) texts.set(id, [found.text, texts.get(id)].filter(Boolean).join('\n'));
    confirm(id, clientId);
  }

  async function flush(id: string): Promise<void> {
    clearTimeout(timers.get(id));
    if (busy.has(id)) return;
    busy.add(id);
    try {
      for (;;) {
        const next = of(id).find((one) => !one.refused);
        if (!next) return;
        try {
          const { message } = await deskApi.say(id, next.client_id, next.text);
          failures.delete(id);
          heard(id, message);
          confirm(id, next.client_id);
        } catch (error) {
          if (isPassing(error)) {
            const count = (failures.get(id) ?? 0) + 1;
            failures.set(id, count);
            const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - 1));
            timers.set(
              id,
              setTimeout(() => flush(id), wait),
            );
            return;
          }
          const refused = wordsOf(error);
          outgoing.set(
            id,
            of(id).map((one) => (one.client_id === next.client_id ? { ...one, refused } : one)),
          );
        }
      }
    } finally {
      busy.delete(id);
    }
  }

  /** The connection is back: try at once. */
  function flushAll(): void {
    for (const id of outgoing.keys()) flush(id);
  }

  /** Somebody else sits here now. */
  function forget(): void {
    for (const kept of [texts, notes, orders, outgoing]) kept.clear();
    for (const timer of timers.values()) clearTimeout(timer);
    sessionStorage.removeItem(KEPT_KEY);
  }

  return {
    texts,
    notes,
    orders,
    outgoing,
    forget,
    of,
    say,
    confirm,
    again,
    takeBack,
    flush,
    flushAll,
    onSaid,
  };
});
