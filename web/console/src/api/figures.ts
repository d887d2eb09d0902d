import { api, type Query } from './client';
import type { OrderLine } from './types';

export type PeriodKind = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'range';

export interface Period {
  kind: PeriodKind;
  since: string;
  until: string;
  days: number;
  words: string;
}

/** Which period is asked for: the one in which `day` lies; of a range, `since` and `until`. */
export interface Asked extends Query {
  kind: PeriodKind;
  day?: string;
  since?: string;
  until?: string;
}

/** A number that opens its rows. */
export interface Part {
  measure: string;
  name: string;
  count: number;
}

export interface Figure {
  key: string;
  name: string;
  form: 'count' | 'rate' | 'per_day' | 'seconds';
  /** null: there is nothing to reckon with. */
  value: number | null;
  how: string;
  parts: Part[];
  before: number | null;
  year: number | null;
}

export interface Column {
  key: string;
  name: string;
  form: 'count' | 'rate' | 'share' | 'change';
  measure: string;
}

export interface Row {
  value: string;
  label: string;
  parent: string | null;
  cells: (number | null)[];
}

export interface Table {
  key: string;
  name: string;
  columns: Column[];
  rows: Row[];
}

export interface Point {
  label: string;
  since: string;
  until: string;
  counts: Record<string, number>;
}

export interface Course {
  step: 'hour' | 'day' | 'week' | 'month';
  names: Record<string, string>;
  points: Point[];
}

export interface Report {
  period: Period;
  running: boolean;
  before: Period | null;
  year: Period | null;
  scope: string;
  demo: boolean;
  counted_at: string;
  figures: Figure[];
  course: Course;
  tables: Table[];
}

export interface OnDuty {
  number: string;
  name: string;
  team: string;
  status: 'online' | 'break';
  load: number;
}

export interface Board {
  day: string;
  scope: string;
  demo: boolean;
  counted_at: string;
  standing: Part[];
  desk: { waiting: number; longest_seconds: number; in_hand: number; on_duty: OnDuty[] } | null;
  figures: Figure[];
  course: Course;
  tables: Table[];
}

export interface Talk {
  id: string;
  channel: string;
  at: string;
  mode: 'bot' | 'queued' | 'human';
  agent: string | null;
  reason: string | null;
  waited_seconds: number | null;
}

export interface Rows {
  measure: string;
  name: string;
  of: 'orders' | 'conversations' | 'handovers';
  parts: Part[];
  how: string;
  where: string;
  period: Period | null;
  total: number;
  orders: OrderLine[];
  talks: Talk[];
}

/** What a number is: together with the period, all that its rows are found by. */
export interface Opened extends Query {
  measure: string;
  indicator?: string;
  dimension?: string;
  value?: string;
  board?: string;
}

export interface BulletinLine {
  id: number;
  kind: PeriodKind;
  since: string;
  until: string;
  words: string;
  year: number;
  issue: number | null;
  state: '草稿' | '已发布';
  version: number;
  made_by: string;
  made_at: string;
  changed_by: string;
  changed_at: string;
  counted_at: string;
  released_by: string | null;
  released_at: string | null;
}

export interface TypicalCase {
  title: string;
  text: string;
}

export interface Section {
  key: string;
  title: string;
  text: string;
  edited: boolean;
  table: { columns: string[]; rows: string[][] } | null;
  cases: TypicalCase[] | null;
}

export interface BulletinVersion {
  version: number;
  what: string;
  by: string;
  at: string;
  sections: Section[];
}

export interface Bulletin extends BulletinLine {
  hotline: string;
  sections: Section[];
  versions: BulletinVersion[];
}

export interface SectionChange {
  key: string;
  text?: string;
  cases?: TypicalCase[];
}

const at = (id: number): string => `/bulletins/${id}`;

export const figuresApi = {
  report: (asked: Asked, signal?: AbortSignal) => api.get<Report>('/reports', asked, signal),
  board: (signal?: AbortSignal) => api.get<Board>('/reports/board', undefined, signal),
  rows: (opened: Query, limit: number, offset: number, signal?: AbortSignal) =>
    api.get<Rows>('/reports/rows', { ...opened, limit, offset }, signal),
  workbook: (asked: Asked) => api.blob('/reports/export.xlsx', asked),
  bulletins: () => api.get<BulletinLine[]>('/bulletins'),
  bulletin: (id: number) => api.get<Bulletin>(at(id)),
  draft: (asked: Asked) => api.post<Bulletin>('/bulletins', {}, { query: asked }),
  edit: (id: number, version: number, sections: SectionChange[]) =>
    api.patch<Bulletin>(at(id), { version, sections }),
  recount: (id: number, version: number) => api.post<Bulletin>(`${at(id)}/recount`, { version }),
  release: (id: number, version: number) => api.post<Bulletin>(`${at(id)}/release`, { version }),
};
