import { api, type Query } from './client';
import type { HotFolder, HotIssue, HotLine } from './types';

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
  decide: (key: string, decision: '确认' | '忽略', note: string) =>
    api.post<HotIssue>(`/hot-issues/${encodeURIComponent(key)}/decide`, { decision, note }),
};
