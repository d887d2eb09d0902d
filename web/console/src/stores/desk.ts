import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import {
  type Agent,
  type Author,
  type DeskSettings,
  type DeskState,
  deskApi,
  type Line,
  type Me,
  type Message,
  type Mode,
  type Status,
} from '@/api/desk';
import { ring } from './alarm';
import { useLive } from './live';
import { useSession } from './session';

/** Those that somebody else has. */
export type Others = 'bot' | 'human';

/** Whose lines tell in a list what a conversation is about, by who has it. */
const TELLING: Record<Mode, Author[]> = {
  bot: ['citizen', 'bot', 'agent'],
  queued: ['citizen'],
  human: ['citizen', 'agent'],
};

const PAGE = 50;
/** The service gives no more at a time. */
const MOST = 200;

/** What is known of a line, with what has changed: an event may leave out what is as before. */
export function merged(old: Line | undefined, fresh: Line): Line {
  return { ...old, ...fresh };
}

/** In the order in which the waiting are to be claimed. */
export function inTurn(lines: readonly Line[]): Line[] {
  const since = (line: Line): string => line.queued_at ?? line.changed_at;
  return [...lines].sort((a, b) => b.priority - a.priority || since(a).localeCompare(since(b)));
}

/** The desk: who waits, what one has in hand, who is on duty. Kept by the live events, whichever page is open. */
export const useDesk = defineStore('desk', () => {
  const session = useSession();
  const live = useLive();
  const me = ref<Me | null>(null);
  const settings = ref<DeskSettings | null>(null);
  const agents = ref<Agent[]>([]);
  const lines = ref(new Map<string, Line>());
  const failed = ref(false);
  /** The bot's conversations are listed. */
  const listsBot = ref(false);
  /** The citizen's last line that was rung for, by conversation. */
  const heard = new Map<string, number>();

  const all = computed(() => [...lines.value.values()]);
  const isOwn = (line: Line): boolean =>
    line.mode === 'human' && !line.elsewhere && line.agent === me.value?.number;
  const newest = (found: Line[]): Line[] => found.sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  const queue = computed(() => inTurn(all.value.filter((line) => line.mode === 'queued' && !line.elsewhere)));
  const mine = computed(() => newest(all.value.filter((line) => isOwn(line))));
  const bot = computed(() => newest(all.value.filter((line) => line.mode === 'bot')));
  const colleagues = computed(() =>
    newest(all.value.filter((line) => (line.mode === 'human' && !isOwn(line)) || Boolean(line.elsewhere))),
  );
  /** Whether something may be done now: in the role that is chosen. */
  const acts = computed(() => (me.value?.may.includes('act') ?? false) && session.actsAs('坐席'));
  const onDuty = computed(() => me.value?.may.includes('act') ?? false);
  const teams = computed(() => [...new Set(agents.value.map((one) => one.team).filter(Boolean))].sort());

  function put(fresh: Line): void {
    lines.value.set(fresh.id, merged(lines.value.get(fresh.id), fresh));
  }

  function take(state: DeskState): void {
    me.value = state.me;
    settings.value = state.settings;
    agents.value = state.agents;
    for (const line of all.value) {
      // What is elsewhere is in neither list, and stays as it is known.
      if (line.elsewhere) continue;
      if (line.mode === 'queued' || line.agent === state.me.number) lines.value.delete(line.id);
    }
    for (const line of [...state.queue, ...state.mine]) put(line);
    live.at(state.stream, state.seq);
  }

  const sees = computed(() => session.has('坐席', '派单员', '督办', '领导', '跟班学习', '管理员'));

  async function load(): Promise<void> {
    if (!sees.value || session.person === null || session.person.must_change_password) return;
    try {
      take(await deskApi.state());
      failed.value = false;
    } catch {
      failed.value = me.value === null;
    }
  }

  /** Get the newest of those that the bot, or colleagues, have, at least so many as are shown. True: there are more. */
  async function loadOthers(mode: Others): Promise<boolean> {
    const shown = others(mode).length;
    const found = await deskApi.list(mode, undefined, Math.min(MOST, Math.max(PAGE, shown)));
    for (const line of all.value) {
      if (line.mode === mode && line.agent !== me.value?.number) lines.value.delete(line.id);
    }
    for (const line of found.conversations) put(line);
    return found.more;
  }

  /** Get the next page of them. True: there are more. */
  async function loadMoreOthers(mode: Others): Promise<boolean> {
    const last = others(mode).at(-1);
    const found = await deskApi.list(mode, last?.id, PAGE);
    for (const line of found.conversations) put(line);
    return found.more;
  }

  function others(mode: Others): Line[] {
    return mode === 'bot' ? bot.value : colleagues.value;
  }

  async function setStatus(status: Status): Promise<void> {
    me.value = (await deskApi.presence(status)).me;
  }

  live.on('conversation', (event) => {
    const fresh = event.conversation as Line;
    const before = lines.value.get(fresh.id);
    // What only the bot has to do with is kept while its list is open.
    if (fresh.mode === 'bot' && !before && !listsBot.value) return;
    put(fresh);
    if (fresh.mode !== 'queued' || before?.mode === 'queued' || fresh.elsewhere) return;
    const told = { conversation: fresh.id, text: fresh.reason_text ?? '' };
    // Who is off duty, or only looks on, is alarmed by emergencies alone.
    if (fresh.priority >= 2) ring('urgent', told);
    else if (acts.value && me.value?.status !== 'offline') ring('waiting', told);
  });
  live.on('emergency', (event) => ring('urgent', { conversation: String(event.conversation) }));
  live.on('claim', (event) => {
    const given = event.how === 'transfer' || event.how === 'assigned';
    if (given && event.agent === me.value?.number)
      ring('given', { conversation: String(event.conversation) });
  });
  live.on('messages', (event) => {
    const line = lines.value.get(String(event.conversation));
    if (!line) return;
    const last = (event.messages as Message[])
      .filter((one) => TELLING[line.mode].includes(one.author))
      .at(-1);
    if (!last) return;
    if (last.id > (line.last?.id ?? 0)) {
      put({ ...line, last: { id: last.id, author: last.author, text: last.text.slice(0, 80), at: last.at } });
    }
    if (isOwn(line) && last.author === 'citizen' && last.id > (heard.get(line.id) ?? 0)) {
      heard.set(line.id, last.id);
      const seen = !document.hidden && location.pathname.endsWith(`/${line.id}`);
      if (!seen) ring('said', { conversation: line.id });
    }
  });
  live.on('presence', (event) => {
    const agent = event.agent as Agent;
    agents.value = [...agents.value.filter((one) => one.number !== agent.number), agent];
    if (me.value?.number === agent.number) {
      // Also what another window of the same person has done.
      me.value = { ...me.value, status: agent.status, load: agent.load, limit: agent.limit };
    }
  });
  live.on('settings', () => load());
  live.onResync(load);
  watch(
    () => [session.person?.number, session.person?.must_change_password],
    () => {
      me.value = null;
      lines.value = new Map();
      load();
    },
    { immediate: true },
  );

  return {
    me,
    agents,
    settings,
    teams,
    lines,
    failed,
    listsBot,
    queue,
    mine,
    bot,
    colleagues,
    acts,
    onDuty,
    put,
    load,
    loadOthers,
    loadMoreOthers,
    setStatus,
  };
});
