/** Turns the log and the outbox into what stands on the page, line by line. Pure. */
import { liveButtonsOwner } from '../core/message-log';
import type { Pending } from '../core/outbox';
import type { Author, Message, MessageButton } from '../core/protocol';
import { dayKey } from '../core/time';

const GROUP_GAP = 5 * 60_000;

export interface DayEntry {
  kind: 'day';
  key: string;
  at: string;
}

export interface MessageEntry {
  kind: 'message';
  key: string;
  message: Message;
  /** First of a group: who speaks is written above. */
  head: boolean;
  /** The time is written too: not with every turn, but when some minutes have passed. */
  timed: boolean;
  buttons: readonly { button: MessageButton; index: number }[];
}

export interface PendingEntry {
  kind: 'pending';
  key: string;
  pending: Pending;
  timed: boolean;
}

export type Entry = DayEntry | MessageEntry | PendingEntry;

interface Last {
  author: Author;
  agent: string | null;
  at: string;
}

/** The same key as the pending twin had: the bubble stays the same element when it is confirmed. */
export function keyOf(message: Message): string {
  return message.client_id ?? `message-${message.id}`;
}

/** @param today The day that needs no separator at the top: every time below it already says 今天. */
export function entries(messages: readonly Message[], pending: readonly Pending[], today: string): Entry[] {
  const result: Entry[] = [];
  const live = liveButtonsOwner(messages);
  let last: Last | null = null;
  let timeShown = 0;

  const place = (next: Last): { head: boolean; timed: boolean } => {
    const newDay = last === null || dayKey(last.at) !== dayKey(next.at);
    if (newDay && (last !== null || dayKey(next.at) !== today)) {
      result.push({ kind: 'day', key: `day-${dayKey(next.at)}-${result.length}`, at: next.at });
    }
    const head =
      last === null ||
      newDay ||
      last.author !== next.author ||
      last.agent !== next.agent ||
      Date.parse(next.at) - Date.parse(last.at) > GROUP_GAP;
    const timed = newDay || Date.parse(next.at) - timeShown > GROUP_GAP;
    if (timed) timeShown = Date.parse(next.at);
    last = next;
    return { head: head || timed, timed };
  };

  for (const message of messages) {
    const placed = place({ author: message.author, agent: message.agent, at: message.created_at });
    const shown = message.menu || message.id === live;
    result.push({
      kind: 'message',
      key: keyOf(message),
      message,
      ...placed,
      buttons: shown ? message.buttons.map((button, index) => ({ button, index })) : [],
    });
  }
  for (const item of pending) {
    const { timed } = place({ author: 'citizen', agent: null, at: item.created_at });
    result.push({ kind: 'pending', key: item.client_id, pending: item, timed });
  }
  return result;
}
