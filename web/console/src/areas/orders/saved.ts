import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { useSession } from '@/stores/session';

export interface SavedFilter {
  name: string;
  query: Record<string, string>;
}

const MOST = 12;

function read(key: string): SavedFilter[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(found) ? found.filter((one) => one?.name && one?.query) : [];
  } catch {
    return [];
  }
}

/** Filters that somebody has kept, in this browser, each person's own. */
export const useSaved = defineStore('saved-filters', () => {
  const session = useSession();
  const saved = ref<SavedFilter[]>([]);
  const key = () => `console.filters.${session.person?.number ?? ''}`;

  watch(
    () => session.person?.number,
    () => {
      saved.value = read(key());
    },
    { immediate: true },
  );

  function write(all: SavedFilter[]): void {
    saved.value = all.slice(-MOST);
    localStorage.setItem(key(), JSON.stringify(saved.value));
  }

  function save(name: string, query: Record<string, string>): void {
    // Words that are looked for may be somebody's number: they are not kept.
    const { words: _, page: __, ...kept } = query;
    write([...saved.value.filter((one) => one.name !== name), { name, query: kept }]);
  }

  function forget(name: string): void {
    write(saved.value.filter((one) => one.name !== name));
  }

  return { saved, save, forget };
});
