import { defineStore } from 'pinia';
import { reactive, ref, watch } from 'vue';
import { wordsOf } from '@/api/client';
import {
  type Conversation,
  type Delivery,
  deskApi,
  type Line,
  type May,
  type Message,
  type Note,
} from '@/api/desk';
import { useDesk } from '@/stores/desk';
import { useLive } from '@/stores/live';
import { useSession } from '@/stores/session';
import { useDrafts } from './drafts';
import { lastId, leavesGap, mergeMessages } from './transcript';
import { countUnread, hear, markSeen, nothingUnread } from './unread';

/** A conversation as far as it has been opened. */
export interface Room {
  messages: Message[];
  notes: Note[];
  orders: Conversation['orders'];
  may: May[];
  /** The way to the citizen's phone; null: there is none. */
  delivery: Delivery | null;
  loaded: boolean;
  error: string;
  /** Who writes: `citizen` or an agent; empty: nobody. */
  typing: string;
}

/** Fetched once more with every fetch: what was understood of them may have come meanwhile. */
const OVERLAP = 20;
const TYPING_MS = 8_000;

/** The transcripts that were opened in this window, kept up to date, and what is unread. */
export const useRooms = defineStore('rooms', () => {
  const desk = useDesk();
  const live = useLive();
  const session = useSession();
  const drafts = useDrafts();
  const rooms = reactive(new Map<string, Room>());
  const unread = reactive(nothingUnread());
  const open = ref('');
  const listsBot = ref(false);
  const typists = new Map<string, ReturnType<typeof setTimeout>>();
  const fetching = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let owner = session.person?.number;

  function room(id: string): Room {
    if (!rooms.has(id)) {
      rooms.set(id, {
        messages: [],
        notes: [],
        orders: [],
        may: [],
        delivery: null,
        loaded: false,
        error: '',
        typing: '',
      });
    }
    return rooms.get(id) as Room;
  }

  function take(id: string, fresh: readonly Message[]): void {
    const found = room(id);
    found.messages = mergeMessages(found.messages, fresh);
    for (const one of fresh) drafts.confirm(id, one.client_id);
    if (id === open.value && !document.hidden) see(id);
  }

  function see(id: string): void {
    markSeen(unread, id, lastId(room(id).messages));
  }

  async function fetchOnce(id: string): Promise<void> {
    const found = room(id);
    try {
      const got = await deskApi.conversation(id, Math.max(0, lastId(found.messages) - OVERLAP));
      take(id, got.messages);
      found.notes = got.notes;
      found.orders = got.orders;
      found.may = got.may;
      found.delivery = got.delivery;
      found.loaded = true;
      found.error = '';
      desk.put(got.conversation);
    } catch (error) {
      if (!found.loaded) found.error = wordsOf(error);
    }
  }

  /** Get what is missing. Asked for while it is under way, it is got once more after that. */
  function fetch(id: string): Promise<void> {
    const under = fetching.get(id);
    if (under) {
      again.add(id);
      return under;
    }
    const begun = fetchOnce(id).then(() => {
      fetching.delete(id);
      if (again.delete(id)) return fetch(id);
    });
    fetching.set(id, begun);
    return begun;
  }

  function show(id: string): void {
    open.value = id;
    watchThem();
    if (!id) return;
    fetch(id).then(() => {
      if (open.value === id) see(id);
    });
  }

  function watchThem(): void {
    live.watch(open.value ? [open.value] : [], listsBot.value);
  }

  function listBot(on: boolean): void {
    listsBot.value = on;
    desk.listsBot = on;
    watchThem();
  }

  function catchUp(): void {
    for (const [id, found] of rooms) {
      const line = desk.lines.get(id);
      if (id === open.value || (found.loaded && line?.agent === desk.me?.number)) fetch(id);
      // The others are got anew when they are opened.
    }
    drafts.flushAll();
  }

  drafts.onSaid((id, message) => take(id, [message]));
  live.on('messages', (event) => {
    const id = String(event.conversation);
    const fresh = event.messages as Message[];
    hear(unread, id, fresh);
    const found = rooms.get(id);
    if (!found?.loaded) return;
    if (leavesGap(found.messages, fresh)) fetch(id);
    else take(id, fresh);
    if (fresh.some((one) => one.author === 'citizen')) found.typing = '';
    if (fresh.some((one) => one.card)) fetch(id); // a receipt: there is a new order
  });
  live.on('note', (event) => {
    const found = rooms.get(String(event.conversation));
    const note = event.note as Note;
    if (found) found.notes = [...found.notes.filter((one) => one.id !== note.id), note];
  });
  live.on('delivery', (event) => {
    const id = String(event.conversation);
    const found = rooms.get(id);
    if (found) found.delivery = event.delivery as Delivery;
    if (fetching.has(id)) fetch(id); // what is under way may be older
  });
  live.on('conversation', (event) => {
    const line = event.conversation as Line;
    const found = rooms.get(line.id);
    // What may be done depends on who has it.
    if (found && line.id === open.value) fetch(line.id);
    else if (found) found.may = [];
  });
  live.on('typing', (event) => {
    const id = String(event.conversation);
    const found = rooms.get(id);
    if (!found || event.who === desk.me?.number) return;
    clearTimeout(typists.get(id));
    found.typing = event.on ? String(event.who) : '';
    if (event.on)
      typists.set(
        id,
        setTimeout(() => (found.typing = ''), TYPING_MS),
      );
  });
  live.onResync(catchUp);
  watch(
    () => live.state,
    (state) => state === 'on' && catchUp(),
  );
  watch(
    () => session.person?.number,
    (number) => {
      // A session that ended and was begun anew by the same person takes nothing away.
      if (!number || number === owner) return;
      owner = number;
      rooms.clear();
      drafts.forget();
    },
  );
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && open.value) see(open.value);
  });

  const unreadOf = (line: Line): number => countUnread(unread, line);
  return { rooms, open, room, fetch, show, listBot, unreadOf };
});
