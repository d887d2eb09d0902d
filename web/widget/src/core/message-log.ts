/** The log of one conversation: ordered by id, nothing double, nothing missing. Pure. */
import type { Message } from './protocol';

/** Adds or replaces by id. Gives the same array back when nothing is new, so that nothing is drawn again. */
export function mergeMessages(known: readonly Message[], incoming: readonly Message[]): readonly Message[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  let changed = false;
  for (const message of incoming) {
    const before = byId.get(message.id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(message)) continue;
    byId.set(message.id, message);
    changed = true;
  }
  return changed ? [...byId.values()].sort((a, b) => a.id - b.id) : known;
}

/**
 * The last id up to which the log was READ. The answer to a send must not move it: a message of the other side
 * with a smaller id may still be on its way, and the next "what came after" would skip it.
 */
export function advanceCursor(cursor: number, read: readonly Message[]): number {
  return read.reduce((last, message) => Math.max(last, message.id), cursor);
}

/** Only the buttons of the newest message of the bot or the service may be pressed (those of a menu always). */
export function liveButtonsOwner(messages: readonly Message[]): number | null {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.author === 'bot' || message?.author === 'system') return message.id;
  }
  return null;
}

export function newestMenu(messages: readonly Message[]): Message | null {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.menu) return message;
  }
  return null;
}
