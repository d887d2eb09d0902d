import { computed, watchEffect } from 'vue';
import { useRoute } from 'vue-router';
import type { Counts, Role } from '@/api/types';
import { useCounts } from '@/stores/counts';
import { useDesk } from '@/stores/desk';
import { useSession } from '@/stores/session';
import { shellWords } from './shell.zh';

/** What waits for somebody in this role: citizens in the queue for an agent, else the orders with which the role begins. */
const WAITING: Partial<Record<Role, (counts: Counts) => number>> = {
  派单员: (counts) => (counts.by_status.待受理 ?? 0) + (counts.by_status.已受理 ?? 0),
  承办单位: (counts) => counts.by_status.已派单 ?? 0,
  督办: (counts) => counts.overdue,
  领导: (counts) => counts.by_status.待审定 ?? 0,
};

/** The window's title: how many wait, and the page. Seen while another window is in front. */
export function useTitle(): void {
  const route = useRoute();
  const session = useSession();
  const counts = useCounts();
  const desk = useDesk();

  const waiting = computed(() => {
    if (session.role === '坐席') return desk.queue.length;
    const count = session.role ? WAITING[session.role] : undefined;
    return counts.counts && count ? count(counts.counts) : 0;
  });

  watchEffect(() => {
    const page = [route.params.number, route.meta.title, shellWords.product].filter(Boolean).join(' · ');
    document.title = waiting.value > 0 ? `（${waiting.value}）${page}` : page;
  });
}
