import { api, type Query } from './client';
import type { HotFolder, HotIssue, HotLine } from './types';

/** What may be decided of an issue. */
export type HotDecision = '确认' | '忽略' | '办结';

export interface HotFilter extends Query {
  window?: string;
  state?: string;
  decision?: string;
  level?: string;
}

export const hotApi = {
  list: (filter: HotFilter, limit = 50, offset = 0) =>
    api.get<{ total: number; issues: HotLine[] }>('/hot-issues', { ...filter, limit, offset }),
  folder: (key: string) => api.get<HotFolder>(`/hot-issues/${encodeURIComponent(key)}`),
  /** `title`: how it is called from now on; empty: as before. */
  decide: (key: string, decision: HotDecision, note: string, title = '') =>
    api.post<HotIssue>(`/hot-issues/${encodeURIComponent(key)}/decide`, { decision, note, title }),
};
