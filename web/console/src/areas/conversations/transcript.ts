/** How a transcript is put together from what comes by GET and by the socket. Pure. */
import type { Message, Note } from '@/api/desk';

/** Both, each id once, in order; of the same id the fresh one counts. */
export function mergeMessages(old: readonly Message[], fresh: readonly Message[]): Message[] {
  const byId = new Map([...old, ...fresh].map((one) => [one.id, one]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** The id of the newest message; 0: none. */
export function lastId(messages: readonly Message[]): number {
  return messages.at(-1)?.id ?? 0;
}

/** Whether something is missing between what is on the screen and what came. */
export function leavesGap(messages: readonly Message[], fresh: readonly Message[]): boolean {
  const first = fresh[0];
  return first !== undefined && first.id > lastId(messages) + 1;
}

export type Entry = { message: Message; note?: never } | { note: Note; message?: never };

/** Messages and notes, each note behind the message after which it was written. */
export function entries(messages: readonly Message[], notes: readonly Note[]): Entry[] {
  const all = [
    ...messages.map((message) => ({
      place: message.id,
      kind: 0,
      id: message.id,
      entry: { message } as Entry,
    })),
    ...notes.map((note) => ({ place: note.after, kind: 1, id: note.id, entry: { note } as Entry })),
  ];
  return all.sort((a, b) => a.place - b.place || a.kind - b.kind || a.id - b.id).map(({ entry }) => entry);
}

/** Whether a line has something in it that was masked. */
export function isMasked(text: string): boolean {
  return /\*{2,}/.test(text);
}

/** `3:07`, `1:02:09`: how long somebody has waited. */
export function waited(since: string | null, now: number): string {
  if (since === null) return '';
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
