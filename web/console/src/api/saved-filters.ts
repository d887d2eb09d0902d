import { api } from './client';

/** A list with its filters, as somebody has kept it. */
export interface SavedFilter {
  id: number;
  name: string;
  query: Record<string, string>;
}

export const savedApi = {
  list: () => api.get<SavedFilter[]>('/saved-filters'),
  save: (name: string, query: Record<string, string>) =>
    api.post<SavedFilter>('/saved-filters', { name, query }),
  rename: (id: number, name: string) => api.patch<SavedFilter>(`/saved-filters/${id}`, { name }),
  delete: (id: number) => api.delete(`/saved-filters/${id}`),
};
