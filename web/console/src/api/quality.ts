import { api, type Query } from './client';

export type GroupState = '待处理' | '处理中' | '已处理' | '不用处理';

export interface Near {
  code: string;
  title: string;
  confidence: number;
}

/** Questions that ask the same. */
export interface Group {
  id: number;
  title: string;
  examples: string[];
  state: GroupState;
  note: string;
  decided_by: string | null;
  decided_at: string | null;
  /** When it was asked again although it was handled. */
  recurred_at: string | null;
  questions: number;
  first_at: string;
  last_at: string;
  sources: Record<string, number>;
  channels: Record<string, number>;
  nearest: Near[];
  unit: string;
}

export interface GroupsPage {
  groups: Group[];
  total: number;
  states: Record<GroupState, number>;
  recurred: number;
  channels: string[];
  units: string[];
  /** New questions are still being grouped. */
  at_work: boolean;
  edits: boolean;
}

export interface Asked {
  id: number;
  text: string;
  at: string;
  channel: string;
  sources: string[];
  intent: string | null;
  confidence: number | null;
  matter: string | null;
  corrected: string | null;
  conversation: string | null;
}

export interface GroupDraft {
  version: number;
  code: string;
  title: string;
  number: number;
  kind: string;
  text: string;
  by: string;
  at: string;
  state: string;
}

export type ProposalKind = '意图' | '库外';
export type ProposalState = '待复核' | '已通过' | '已退回' | '已撤回';

export interface Proposal {
  id: number;
  kind: ProposalKind;
  text: string;
  found: string | null;
  confidence: number | null;
  intent: string | null;
  note: string;
  state: ProposalState;
  group_id: number | null;
  by: string;
  at: string;
  reviewed_by: string | null;
  reviewed_at: string | null;
  reason: string;
  released_at: string | null;
  mine: boolean;
}

export interface Folder extends Group {
  asked: Asked[];
  more: number;
  drafts: GroupDraft[];
  outside: Proposal[];
  /** The nearest matters as the base is now. */
  near: Near[];
  edits: boolean;
}

export interface Reply {
  text: string;
  buttons: { title: string }[];
  card: {
    title: string;
    sections: {
      heading: string;
      open: boolean;
      items: { text: string; note?: string | null; phone?: string | null; link?: string | null }[];
    }[];
  } | null;
  source: string | null;
}

export interface Answer {
  outcome: 'answer' | 'choose' | 'unknown' | 'menu';
  matter: Near | null;
  candidates: Near[];
  aspect: string | null;
  reply: Reply;
}

export interface Tried {
  text: string;
  live: Answer;
  candidate: Answer | null;
  changes: boolean;
}

export interface OpenDraft {
  version: number;
  code: string;
  number: number;
  title: string;
  state: string;
  by: string;
}

export interface Addition {
  code: string;
  samples?: string[];
  aliases?: string[];
}

export interface Trial {
  questions: string[];
  drafts?: number[];
  additions?: Addition[];
  outside?: string[];
}

export interface Intent {
  code: string;
  name: string;
  says: string;
}

export interface Proposals {
  proposals: Proposal[];
  states: Record<ProposalState, number>;
  intents: Intent[];
  edits: boolean;
}

export interface Line {
  text: string;
  at: string;
  channel: string;
  intent: string | null;
  confidence: number | null;
  conversation_id: string;
}

export interface Correction {
  text: string;
  intent: string;
  found?: string | null;
  confidence?: number | null;
  note?: string;
  conversation_id?: string | null;
  group_id?: number | null;
}

export interface Figure {
  name: string;
  label: string;
  value: number;
  floor: number | null;
  live: number;
  passed: boolean;
  is_ceiling: boolean;
}

export interface Judged {
  code: string;
  number: number;
  title: string;
  state: string;
  at: string;
  verdict: { passed: boolean; figures: Figure[]; broken: unknown[]; mended: unknown[]; seconds: number };
}

export interface Release {
  id: number;
  at: string;
  by: string;
  passed: boolean;
  corrections: number;
  figures: Record<string, number>;
  fallen: string[];
}

export interface ReleaseState {
  floors: { name: string; label: string; floor: number; is_ceiling: boolean }[];
  releases: Release[];
  verdicts: Judged[];
  waiting: number;
  edits: boolean;
}

interface Made {
  version: number;
  code: string;
  number: number;
}

export interface MatterChoice {
  code: string;
  title: string;
}

/** Building a base with drafts, and asking it everything, takes seconds; on a busy machine many. */
const LONG_MS = 180_000;

export const qualityApi = {
  groups: (filter: Query, limit: number, offset: number, signal?: AbortSignal) =>
    api.get<GroupsPage>('/quality/groups', { ...filter, limit, offset }, signal),
  group: (id: number, signal?: AbortSignal) => api.get<Folder>(`/quality/groups/${id}`, {}, signal),
  mark: (id: number, state: GroupState, note: string) =>
    api.post<void>(`/quality/groups/${id}/state`, { state, note }),
  extend: (id: number, addition: Addition) => api.post<Made>(`/quality/groups/${id}/extend`, addition),
  newMatter: (id: number, given: { title: string; area: string; unit: string; samples: string[] }) =>
    api.post<Made>(`/quality/groups/${id}/matter`, given),
  outside: (id: number, texts: string[], note: string) =>
    api.post<Proposal[]>(`/quality/groups/${id}/outside`, { texts, note }),
  matters: (q: string) => api.get<MatterChoice[]>('/quality/matters', { q }),
  drafts: () => api.get<OpenDraft[]>('/quality/drafts'),
  sandbox: (trial: Trial) => api.post<Tried[]>('/quality/sandbox', trial, { timeout: LONG_MS }),
  proposals: (filter: Query, signal?: AbortSignal) =>
    api.get<Proposals>('/quality/proposals', filter, signal),
  correct: (correction: Correction) => api.post<Proposal>('/quality/corrections', correction),
  review: (id: number, verdict: '通过' | '退回', reason = '') =>
    api.post<Proposal>(`/quality/proposals/${id}/review`, { verdict, reason }, { timeout: LONG_MS }),
  takeBack: (id: number) => api.post<Proposal>(`/quality/proposals/${id}/take-back`),
  lines: (filter: Query, signal?: AbortSignal) => api.get<Line[]>('/quality/lines', filter, signal),
  release: (signal?: AbortSignal) => api.get<ReleaseState>('/quality/release', {}, signal),
  correctionsFile: () => api.blob('/quality/corrections.yml'),
};
