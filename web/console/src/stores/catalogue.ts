import { defineStore } from 'pinia';
import { ref } from 'vue';
import { ordersApi } from '@/api/orders';
import type { Catalogue } from '@/api/types';

/** Names for codes (units, topics, districts); fetched once a window. */
export const useCatalogue = defineStore('catalogue', () => {
  const catalogue = ref<Catalogue | null>(null);
  let under: Promise<Catalogue> | null = null;

  async function load(): Promise<Catalogue> {
    under ??= ordersApi.catalogue();
    try {
      catalogue.value = await under;
    } catch (error) {
      under = null;
      throw error;
    }
    return catalogue.value;
  }

  function unitName(code: string): string {
    return catalogue.value?.units.find((unit) => unit.code === code)?.name ?? code;
  }

  function areaName(code: string | null): string {
    return catalogue.value?.areas.find((area) => area.code === code)?.name ?? code ?? '';
  }

  return { catalogue, load, unitName, areaName };
});
