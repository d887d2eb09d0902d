import { defineStore } from 'pinia';
import { onScopeDispose, ref } from 'vue';
import { BASE } from '@/api/client';
import type { Listener } from '@/live/events';
import { Live, type LiveState } from '@/live/live';
import { useSession } from './session';

/** The window's live events. In a component: `useLive().on('order', …)`, taken off with the component. */
export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('off');
  const listeners = new Map<string, Set<Listener>>();
  const resyncs = new Set<() => void>();

  const live = new Live({
    url: `${location.origin.replace(/^http/, 'ws')}${BASE}/live`,
    onEvent: (event) => {
      for (const listener of listeners.get(event.type) ?? []) listener(event);
    },
    onResync: () => {
      for (const resync of resyncs) resync();
    },
    onState: (now) => {
      state.value = now;
    },
    onExpired: () => {
      const session = useSession();
      session.expired = session.person !== null;
      session.person = null;
    },
  });

  /** Hear the events of a type. */
  function on(type: string, listener: Listener): void {
    const all = listeners.get(type) ?? new Set();
    all.add(listener);
    listeners.set(type, all);
    onScopeDispose(() => all.delete(listener), true);
  }

  /** Be told when the whole state is to be got anew. */
  function onResync(resync: () => void): void {
    resyncs.add(resync);
    onScopeDispose(() => resyncs.delete(resync), true);
  }

  return {
    state,
    on,
    onResync,
    start: () => live.start(),
    stop: () => live.stop(),
    at: live.at.bind(live),
    watch: live.watch.bind(live),
    send: live.send.bind(live),
  };
});
