import { defineStore } from 'pinia';
import { onScopeDispose, ref, watch } from 'vue';
import { type KnowledgeCounts, knowledgeApi } from '@/api/knowledge';
import { useSession } from '@/stores/session';

const EVERY_MS = 60_000;

/** How much there is to do with the knowledge base, for the menu. */
export const useKnowledgeCounts = defineStore('knowledge-counts', () => {
  const counts = ref<KnowledgeCounts | null>(null);
  const session = useSession();

  async function refresh(): Promise<void> {
    if (!session.has('知识编辑') || session.person?.must_change_password || document.hidden) return;
    try {
      counts.value = await knowledgeApi.counts();
    } catch {
      // The figures of before stay; the list says what is wrong.
    }
  }

  watch(
    () => session.person?.number,
    () => {
      counts.value = null;
      refresh();
    },
    { immediate: true },
  );
  const timer = setInterval(refresh, EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
  return { counts, refresh };
});
