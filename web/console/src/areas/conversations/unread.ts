/** What citizens said that one has not seen yet. Pure. */
import type { Line, Message } from '@/api/desk';

/** By conversation: the last message seen, and the ids of the citizen's lines that were heard of after it. */
export interface Unread {
  seen: Record<string, number>;
  heard: Record<string, number[]>;
}

export function nothingUnread(): Unread {
  return { seen: {}, heard: {} };
}

/** Messages came for a conversation; the same ones may come again. */
export function hear(unread: Unread, id: string, messages: readonly Pick<Message, 'id' | 'author'>[]): void {
  const seen = unread.seen[id] ?? 0;
  const fresh = messages.filter((one) => one.author === 'citizen' && one.id > seen).map((one) => one.id);
  if (fresh.length) unread.heard[id] = [...new Set([...(unread.heard[id] ?? []), ...fresh])];
}

/** Everything up to a message was seen. */
export function markSeen(unread: Unread, id: string, last: number): void {
  const seen = Math.max(unread.seen[id] ?? 0, last);
  unread.seen[id] = seen;
  unread.heard[id] = (unread.heard[id] ?? []).filter((one) => one > seen);
}

/** How many lines are unread: at least one when the citizen has the last word in the list. */
export function countUnread(unread: Unread, line: Line): number {
  const seen = unread.seen[line.id] ?? 0;
  const heard = (unread.heard[line.id] ?? []).filter((one) => one > seen).length;
  const lastWord = line.last?.author === 'citizen' && line.last.id > seen ? 1 : 0;
  return Math.max(heard, lastWord);
}
