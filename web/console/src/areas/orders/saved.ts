import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { type SavedFilter, savedApi } from '@/api/saved-filters';
import { useSession } from '@/stores/session';
import { isList, listsOf } from './lists';

/** Filters that somebody has kept; the service has them, so that they are at every desk. */
export const useSaved = defineStore('saved-filters', () => {
  const session = useSession();
  const all = ref<SavedFilter[]>([]);
  /** Those of lists that the role has. */
  const saved = computed(() =>
    all.value.filter(({ query }) => isList(query.list) && listsOf(session.role).includes(query.list)),
  );

  watch(
    () => [session.person?.number, session.person?.must_change_password],
    async () => {
      all.value = [];
      const person = session.person;
      if (person === null || person.must_change_password || person.acting_roles.length === 0) return;
      try {
        const found = await savedApi.list();
        if (session.person?.number === person.number) all.value = found;
      } catch {
        // The lists are there without them.
      }
    },
    { immediate: true },
  );

  async function save(name: string, query: Record<string, string>): Promise<void> {
    // Words that are looked for may be somebody's number: they are not kept.
    const { words: _, page: __, ...kept } = query;
    all.value = [...all.value, await savedApi.save(name, kept)];
  }

  async function rename(one: SavedFilter, name: string): Promise<void> {
    const renamed = await savedApi.rename(one.id, name);
    all.value = all.value.map((other) => (other.id === one.id ? renamed : other));
  }

  async function forget(one: SavedFilter): Promise<void> {
    await savedApi.delete(one.id);
    all.value = all.value.filter((other) => other.id !== one.id);
  }

  return { saved, save, rename, forget };
});
