import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { type Agent, type DeskState, deskApi, type Line, type Me, type Status } from '@/api/desk';
import { ring } from './alarm';
import { useLive } from './live';
import { useSession } from './session';

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
  const agents = ref<Agent[]>([]);
  const teams = ref<string[]>([]);
  const lines = ref(new Map<string, Line>());
  const failed = ref(false);

  const all = computed(() => [...lines.value.values()]);
  const newest = (found: Line[]): Line[] => found.sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  const queue = computed(() => inTurn(all.value.filter((line) => line.mode === 'queued')));
  const mine = computed(() =>
    newest(all.value.filter((line) => line.mode === 'human' && line.agent === me.value?.number)),
  );
  const bot = computed(() => newest(all.value.filter((line) => line.mode === 'bot')));
  const colleagues = computed(() =>
    newest(all.value.filter((line) => line.mode === 'human' && line.agent !== me.value?.number)),
  );
  /** Whether something may be done now: in the role that is chosen. */
  const acts = computed(() => (me.value?.may.includes('act') ?? false) && session.actsAs('坐席'));
  const onDuty = computed(() => me.value?.may.includes('act') ?? false);

  function put(fresh: Line): void {
    lines.value.set(fresh.id, merged(lines.value.get(fresh.id), fresh));
  }

  function take(state: DeskState): void {
    me.value = state.me;
    agents.value = state.agents;
    teams.value = state.teams;
    for (const line of all.value) {
      if (line.mode === 'queued' || line.agent === state.me.number) lines.value.delete(line.id);
    }
    for (const line of [...state.queue, ...state.mine]) put(line);
    live.at(state.stream, state.seq);
  }

  const sees = computed(() => session.has('坐席', '派单员', '督办', '领导', '跟班学习'));

  async function load(): Promise<void> {
    if (!sees.value || session.person === null || session.person.must_change_password) return;
    try {
      take(await deskApi.state());
      failed.value = false;
    } catch {
      failed.value = me.value === null;
    }
  }

  /** Get those that the bot, or colleagues, have. */
  async function loadOthers(mode: 'bot' | 'human'): Promise<void> {
    const found = await deskApi.list(mode);
    for (const line of all.value) {
      if (line.mode === mode && line.agent !== me.value?.number) lines.value.delete(line.id);
    }
    for (const line of found.conversations) put(line);
  }

  async function setStatus(status: Status): Promise<void> {
    me.value = (await deskApi.presence(status)).me;
  }

  live.on('conversation', (event) => {
    const fresh = event.conversation as Line;
    const before = lines.value.get(fresh.id);
    put(fresh);
    if (fresh.mode === 'queued' && before?.mode !== 'queued') {
      ring(fresh.id, fresh.priority >= 2, fresh.reason_text ?? '');
    }
  });
  live.on('emergency', (event) => ring(String(event.conversation), true, ''));
  live.on('messages', (event) => {
    const line = lines.value.get(String(event.conversation));
    const said = event.messages as { id: number; author: 'citizen'; text: string; at: string }[];
    const last = said.at(-1);
    if (!line || !last || last.id < (line.last?.id ?? 0)) return;
    put({ ...line, last: { id: last.id, author: last.author, text: last.text.slice(0, 80), at: last.at } });
  });
  live.on('presence', (event) => {
    const agent = event.agent as Agent;
    agents.value = [...agents.value.filter((one) => one.number !== agent.number), agent];
    if (me.value?.number === agent.number) {
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
    teams,
    lines,
    failed,
    queue,
    mine,
    bot,
    colleagues,
    acts,
    onDuty,
    put,
    load,
    loadOthers,
    setStatus,
  };
});
