import { api } from './client';

export interface AuditLine {
  id: number;
  at: string;
  actor: string;
  role: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
}

export interface AuditPage {
  total: number;
  lines: AuditLine[];
  /** The `before` of the next page. */
  next: number | null;
}

export interface AuditFilter {
  by?: string;
  action?: string;
  subject?: string;
  /** Days in Shanghai, both included. */
  since?: string;
  until?: string;
}

export interface AuditCheck {
  count: number;
  last: number;
  digest: string;
  faults: { line: number | null; message: string }[];
}

export const auditApi = {
  lines: (filter: AuditFilter, before: number | null, limit: number, signal?: AbortSignal) =>
    api.get<AuditPage>('/audit', { ...filter, before, limit }, signal),
  check: () => api.post<AuditCheck>('/audit/check'),
  export: (filter: AuditFilter) => api.blob('/audit/export.csv', { ...filter }),
};
