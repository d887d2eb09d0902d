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
  /** First of a group: who speaks and when is written above. */
  head: boolean;
  buttons: readonly { button: MessageButton; index: number }[];
}

export interface PendingEntry {
  kind: 'pending';
  key: string;
  pending: Pending;
  head: boolean;
}

export type Entry = DayEntry | MessageEntry | PendingEntry;

interface Last {
  author: Author;
  agent: string | null;
  at: string;
}

export function entries(messages: readonly Message[], pending: readonly Pending[]): Entry[] {
  const result: Entry[] = [];
  const live = liveButtonsOwner(messages);
  let last: Last | null = null;

  const place = (next: Last): boolean => {
    const newDay = last === null || dayKey(last.at) !== dayKey(next.at);
    if (newDay) result.push({ kind: 'day', key: `day-${dayKey(next.at)}-${result.length}`, at: next.at });
    const head =
      last === null ||
      newDay ||
      last.author !== next.author ||
      last.agent !== next.agent ||
      Date.parse(next.at) - Date.parse(last.at) > GROUP_GAP;
    last = next;
    return head;
  };

  for (const message of messages) {
    const head = place({ author: message.author, agent: message.agent, at: message.created_at });
    const shown = message.menu || message.id === live;
    result.push({
      kind: 'message',
      // The same key as the pending twin had: the bubble stays the same element when it is confirmed.
      key: message.client_id ?? `message-${message.id}`,
      message,
      head,
      buttons: shown ? message.buttons.map((button, index) => ({ button, index })) : [],
    });
  }
  for (const item of pending) {
    const head = place({ author: 'citizen', agent: null, at: item.created_at });
    result.push({ kind: 'pending', key: item.client_id, pending: item, head });
  }
  return result;
}
