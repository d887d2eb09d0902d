import { defineStore } from 'pinia';
import { onScopeDispose, ref, watch } from 'vue';
import { ordersApi } from '@/api/orders';
import type { Counts } from '@/api/types';
import { useLive } from './live';
import { useSession } from './session';

const EVERY_MS = 30_000;
/** Several orders that change at once are counted once. */
const SETTLE_MS = 1_500;

/** How much there is to do: for the menu and the alerts. Counted anew when an order changes, and now and then. */
export const useCounts = defineStore('counts', () => {
  const counts = ref<Counts | null>(null);
  const session = useSession();
  let soon: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    const role = session.role;
    if (role === null || session.person?.must_change_password) return;
    try {
      const found = await ordersApi.counts();
      if (session.role === role) counts.value = found;
    } catch {
      // The figures of before stay; the lists say what is wrong.
    }
  }

  /** At once; what changes in the moment after that is counted together. */
  function refreshSoon(): void {
    if (soon === undefined) refresh();
    clearTimeout(soon);
    const again = soon !== undefined;
    soon = setTimeout(() => {
      soon = undefined;
      if (again) refresh();
    }, SETTLE_MS);
  }

  function refreshShown(): void {
    if (!document.hidden) refresh();
  }

  const live = useLive();
  live.on('order', refreshSoon);
  live.onResync(refreshSoon);
  watch(
    () => [session.person?.number, session.role, session.person?.must_change_password],
    () => {
      counts.value = null;
      refresh();
    },
    { immediate: true },
  );
  const timer = setInterval(refreshShown, EVERY_MS);
  document.addEventListener('visibilitychange', refreshShown);
  onScopeDispose(() => {
    clearInterval(timer);
    clearTimeout(soon);
    document.removeEventListener('visibilitychange', refreshShown);
  });

  return { counts, refresh, refreshSoon };
});
