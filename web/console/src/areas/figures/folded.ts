import { computed, ref, type WritableComputedRef } from 'vue';
import { useSession } from '@/stores/session';

const kept = ref<Record<string, string[]>>({});

function keyOf(person: string): string {
  return `console.figures.folded.${person}`;
}

function read(person: string): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(person)) ?? '[]');
    return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** Whether a chart is folded; remembered for each person in this browser. */
export function useFolded(chart: string): WritableComputedRef<boolean> {
  const person = useSession().person?.number ?? '';
  kept.value[person] ??= read(person);
  return computed({
    get: () => kept.value[person]?.includes(chart) ?? false,
    set: (folded) => {
      const others = (kept.value[person] ?? []).filter((one) => one !== chart);
      kept.value[person] = folded ? [...others, chart] : others;
      localStorage.setItem(keyOf(person), JSON.stringify(kept.value[person]));
    },
  });
}
