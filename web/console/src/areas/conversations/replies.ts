import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { deskApi, type Reply } from '@/api/desk';
import { useLive } from '@/stores/live';

/** Those whose code begins with what was typed, then those in which it stands. */
export function fitting(replies: readonly Reply[], typed: string): Reply[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [...replies];
  const place = (one: Reply): number => {
    const code = one.code.toLowerCase();
    if (code.startsWith(wanted)) return 0;
    if (code.includes(wanted)) return 1;
    return one.text.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return replies.filter((one) => place(one) < 3).sort((a, b) => place(a) - place(b));
}

/** Canned replies: those of the office and one's own. */
export const useReplies = defineStore('replies', () => {
  const replies = ref<Reply[]>([]);

  async function load(): Promise<void> {
    replies.value = (await deskApi.replies()).replies;
  }

  function refresh(): void {
    load().catch(() => {}); // those of before stay
  }

  useLive().on('replies', refresh);
  refresh();
  return { replies: computed(() => replies.value), load };
});
