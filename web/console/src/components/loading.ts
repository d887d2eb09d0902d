import { onScopeDispose, type Ref, ref, shallowRef } from 'vue';
import { ApiError, wordsOf } from '@/api/client';

export interface Loading<T> {
  data: Ref<T | null>;
  /** Something is under way and there is nothing to show yet. */
  loading: Ref<boolean>;
  error: Ref<string>;
  /** What is asked for is not there, or is not for this person. */
  missing: Ref<boolean>;
  /** Fetch; a fetch that is still under way is given up. Quiet: what is shown stays, whatever happens. */
  load: (quiet?: boolean) => Promise<void>;
}

/** The state of something fetched: one at a time, the last one asked for counts. */
export function useLoading<T>(fetch: (signal: AbortSignal) => Promise<T>): Loading<T> {
  const data = shallowRef<T | null>(null) as Ref<T | null>;
  const loading = ref(false);
  const error = ref('');
  const missing = ref(false);
  let under: AbortController | null = null;

  async function load(quiet = false): Promise<void> {
    under?.abort();
    const own = new AbortController();
    under = own;
    if (!quiet) {
      loading.value = true;
      error.value = '';
    }
    try {
      const found = await fetch(own.signal);
      if (own.signal.aborted) return;
      data.value = found;
      error.value = '';
      missing.value = false;
    } catch (caught) {
      if (own.signal.aborted) return;
      missing.value = caught instanceof ApiError && caught.status === 404;
      if (!quiet || data.value === null) error.value = wordsOf(caught);
    } finally {
      if (under === own) loading.value = false;
    }
  }

  onScopeDispose(() => under?.abort());
  return { data, loading, error, missing, load };
}
