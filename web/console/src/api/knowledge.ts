import { api, type Query } from './client';

export interface Who {
  number: string;
  name: string;
}
export type DraftState = '草稿' | '待审核' | '已退回' | '待发布' | '已发布' | '已被替换' | '已作废';
export type Due = '已失效' | '待复核' | '即将失效';

export interface DraftLine {
  id: number;
  number: number;
  state: DraftState;
  origin: string;
  withdraws: boolean;
  author: Who;
  changed_at: string;
  stale: boolean;
}
export interface MatterLine {
  code: string;
  title: string;
  area: string | null;
  unit: string;
  state: '已发布' | '已撤下' | '未发布';
  number: number | null;
  origin: string | null;
  published_at: string | null;
  valid_to: string | null;
  review_on: string | null;
  due: Due[];
  to_confirm: string[];
  drafts: DraftLine[];
  editable: boolean;
}
export interface MatterList {
  total: number;
  matters: MatterLine[];
  areas: Record<string, number>;
  states: Record<string, number>;
  due: Record<string, number>;
  units: string[];
}
export interface KnowledgeCounts {
  due: number;
  to_review: number;
  returned: number;
  of_files: number;
}
/** A matter as JSON; of a draft perhaps not whole yet. */
export type Content = Record<string, unknown>;
export interface DiffLine {
  sign: '-' | '+' | '=' | '…';
  text: string;
}
export interface Change {
  field: string;
  name: string;
  lines: DiffLine[];
}
export interface Trouble {
  path: (string | number)[];
  where: string;
  message: string;
}
export interface Version {
  id: number;
  code: string;
  number: number;
  state: DraftState;
  origin: string;
  withdraws: boolean;
  base: number | null;
  revision: number;
  note: string;
  reason: string;
  author: Who;
  editors: Who[];
  changed_by: Who;
  reviewer: Who | null;
  publisher: Who | null;
  created_at: string;
  changed_at: string;
  submitted_at: string | null;
  reviewed_at: string | null;
  published_at: string | null;
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
export interface Got {
  grade: string;
  title: string | null;
}
export interface Moved {
  text: string;
  wanted: string | null;
  before: Got;
  now: Got;
}
export interface Verdict {
  passed: boolean;
  figures: Figure[];
  broken: Moved[];
  mended: Moved[];
  newly_covered: Moved[];
  questions: number;
}
export type VersionAction =
  | 'save'
  | 'submit'
  | 'take_back'
  | 'send_back'
  | 'approve'
  | 'publish'
  | 'discard'
  | 'rebase'
  | 'copy';
export interface WholeVersion extends Version {
  content: Content;
  troubles: Trouble[];
  changes: Change[];
  since: Change[];
  stale: boolean;
  live_number: number | null;
  verdict: Verdict | null;
  actions: VersionAction[];
  clashes: string[];
}
export interface WholeMatter extends MatterLine {
  content: Content;
  versions: Version[];
}
export interface Column {
  field: string;
  header: string;
  help: string;
  kind: 'text' | 'texts' | 'number' | 'flag' | 'date' | 'choice';
  required: boolean;
  choices: { value: string; label: string }[];
}
export interface Sheet {
  name: string;
  field: string;
  form: 'rows' | 'texts' | 'single' | 'matter';
  columns: Column[];
}
export interface MatterForm {
  sheets: Sheet[];
  review_days: number;
  review_confirm: boolean;
  unit: string | null;
}
export interface CardItem {
  text: string;
  note: string | null;
  phone: string | null;
  link: string | null;
}
export interface CardSection {
  heading: string;
  style: 'checklist' | 'steps' | 'text' | 'phones' | 'facts';
  open: boolean;
  items: CardItem[];
}
export interface Card {
  title: string;
  sections: CardSection[];
  source: { title: string; address: string | null; checked: string; unit: string } | null;
}
export interface Reply {
  text: string;
  buttons: { title: string }[];
  card: Card | null;
}
export interface Preview {
  replies: { aspect: string | null; name: string; reply: Reply }[];
  left_out: boolean;
  in_force: boolean;
  troubles: Trouble[];
}
export interface Planned {
  code: string;
  title: string;
  kind: '新增' | '修改' | '不变' | '不能导入';
  problem: string;
  changes: Change[];
}
export interface Import {
  faults: { sheet: string; row: number; message: string }[];
  planned: Planned[];
  drafts: number;
}
export interface KnowledgeFilter extends Query {
  area?: string;
  unit?: string;
  state?: string;
  due?: string;
  words?: string;
  /** Only those that the person edits. */
  mine?: boolean;
}

/** The release gate asks hundreds of questions first. */
const PUBLISHING_MS = 400_000;

const of = (id: number, what: string) => `/knowledge/versions/${id}/${what}`;

export const knowledgeApi = {
  list: (filter: KnowledgeFilter, limit: number, offset = 0) =>
    api.get<MatterList>('/knowledge', { ...filter, limit, offset }),
  counts: () => api.get<KnowledgeCounts>('/knowledge/counts'),
  form: () => api.get<MatterForm>('/knowledge/form'),
  preview: (content: Content) => api.post<Preview>('/knowledge/preview', { content }),
  difference: (before: Content, after: Content) =>
    api.post<Change[]>('/knowledge/difference', { before, after }),
  merge: (base: Content, theirs: Content, mine: Content) =>
    api.post<{ content: Content; clashes: string[] }>('/knowledge/merge', { base, theirs, mine }),
  matter: (code: string) => api.get<WholeMatter>(`/knowledge/matters/${encodeURIComponent(code)}`),
  published: (code: string) => api.get<Preview>(`/knowledge/matters/${encodeURIComponent(code)}/preview`),
  between: (code: string, before: number, after: number) =>
    api.get<Change[]>(`/knowledge/matters/${encodeURIComponent(code)}/difference`, { before, after }),
  add: (content: Content, code: string | null) =>
    api.post<Version>('/knowledge/matters', { content, ...(code && { code }) }),
  begin: (code: string, body: { number?: number; withdraw?: boolean; note?: string } = {}) =>
    api.post<Version>(`/knowledge/matters/${encodeURIComponent(code)}/drafts`, body),
  version: (id: number) => api.get<WholeVersion>(`/knowledge/versions/${id}`),
  save: (id: number, revision: number, content: Content, note: string) =>
    api.put<WholeVersion>(`/knowledge/versions/${id}`, { revision, content, note }),
  act: (id: number, what: 'rebase' | 'submit' | 'take-back' | 'approve' | 'discard', revision: number) =>
    api.post<WholeVersion>(of(id, what), { revision }),
  sendBack: (id: number, revision: number, reason: string) =>
    api.post<WholeVersion>(of(id, 'send-back'), { revision, reason }),
  publish: (versions: { id: number; revision: number }[]) =>
    api.post<Version[]>('/knowledge/publish', { versions }, { timeout: PUBLISHING_MS }),
  workbook: (mine: boolean) => api.blob('/knowledge/export.xlsx', { mine }),
  bring: (file: File, dryRun: boolean) => {
    const form = new FormData();
    form.append('file', file);
    return api.upload<Import>('/knowledge/import', form, { dry_run: dryRun });
  },
};
