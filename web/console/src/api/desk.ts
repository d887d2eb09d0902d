/** Conversations and who is on duty: docs/desk-protocol.md. Numbers of people are masked in everything but `reveal`. */
import { api, BASE, queryString } from './client';

export type Status = 'online' | 'break' | 'offline';
export type Mode = 'bot' | 'queued' | 'human';
export type Right = 'see' | 'act' | 'reveal' | 'presence' | 'manage' | 'orders';
export type May =
  | 'claim'
  | 'take_over'
  | 'say'
  | 'note'
  | 'transfer'
  | 'hand_back'
  | 'close'
  | 'order'
  | 'reveal';

export interface Agent {
  number: string;
  name: string;
  team: string;
  status: Status;
  since: string;
  load: number;
  limit: number;
}

export interface Me {
  number: string;
  name: string;
  team: string;
  may: Right[];
  status: Status;
  load: number;
  limit: number;
}

/** A conversation in a list. */
export interface Line {
  id: string;
  channel: string;
  mode: Mode;
  agent: string | null;
  /** Where it waits or a person has it, when that is not here: nobody may speak in it here. */
  elsewhere: string | null;
  team: string | null;
  reason: string | null;
  reason_text: string | null;
  /** 2: emergency, 1: comes back from an agent, 0: others. */
  priority: number;
  queued_at: string | null;
  waiting_seconds: number | null;
  claimed_at: string | null;
  changed_at: string;
  last_id: number;
  /** No citizen is there: made by `hotline demo`. */
  demo: boolean;
  /** Messages of late that did not arrive on the citizen's phone. */
  undelivered: number;
  /** These three may be missing in live events: then they are as before. */
  last?: { id: number; author: Author; text: string; at: string } | null;
  area?: { code: string; name: string } | null;
  matter?: { code: string; title: string } | null;
}

export type Author = 'citizen' | 'bot' | 'agent' | 'system';

export interface Candidate {
  code: string;
  title: string;
  confidence: number;
}

export interface Evidence {
  intent: string | null;
  confidence: number | null;
  fallback: boolean | null;
  matter: Candidate | null;
  candidates: Candidate[] | null;
  aspect: string | null;
}

export interface Card {
  title?: string;
  sections?: { heading?: string; items?: { label?: string; text?: string }[] }[];
}

export interface Message {
  id: number;
  author: Author;
  agent: string | null;
  text: string;
  at: string;
  client_id: string | null;
  buttons: string[];
  card: Card | null;
  attachments: { id: string; width: number; height: number; size: number }[];
  /** A place on a map, in the numbers of Chinese maps (GCJ-02). */
  place: { lat: number; long: number; datum: string; label: string } | null;
  feedback: boolean | null;
  emergency: string[];
  evidence: Evidence | null;
}

export interface Note {
  id: number;
  /** The message behind which it stands. */
  after: number;
  kind: 'note' | 'transfer' | 'hand_back' | 'gone';
  agent: string;
  to: string | null;
  text: string;
  at: string;
}

export interface Conversation {
  conversation: Line;
  messages: Message[];
  notes: Note[];
  orders: { number: string; status: string; nature: string; confidential: boolean }[];
  may: May[];
  delivery: Delivery | null;
}

/** A message that the citizen has not seen: it was to bring the lines `first` to `last`. */
export interface Unseen {
  id: number;
  first: number;
  last: number;
  state: '待发送' | '等市民来信' | '未送达';
  error: string;
  at: string;
  next_try_at: string | null;
}

/** The way to the citizen's phone. */
export interface Delivery {
  /** Messages that may still be written, until then. */
  left: number;
  until: string | null;
  /** The citizen has left the account. */
  gone: boolean;
  /** People in 企业微信 have the session: what is said here waits. */
  held: boolean;
  not_seen: Unseen[];
}

export interface Stuck extends Unseen {
  conversation: string;
  gone: boolean;
  text: string;
}

export interface DeskSettings {
  automatic: boolean;
  limit: number;
  grace_seconds: number;
  in_service_hours: boolean;
  service_hours: string;
}

export interface DeskState {
  me: Me;
  settings: DeskSettings;
  queue: Line[];
  mine: Line[];
  agents: Agent[];
  teams: string[];
  stream: string;
  seq: number;
}

export interface OrderDraft {
  id: string;
  nature: string;
  what: string;
  where_text: string;
  area_code: string | null;
  street_code: string | null;
  when_text: string;
  name: string | null;
  phone: string | null;
  topic: string | null;
  anonymous?: boolean;
  confidential?: boolean;
  content_confidential?: boolean;
  enterprise?: boolean;
}

export interface Drafted {
  draft: OrderDraft;
  place: {
    name: string;
    alternatives: { name: string; area_code: string | null; street_code: string | null }[];
  } | null;
  topics: { topic: string; name: string; probability: number }[];
  natures: string[];
  missing: string[];
  source: string;
}

export interface Receipt {
  number: string;
  query_code: string;
  promised_date: string;
  status: string;
}

export interface Reply {
  id: number;
  shared: boolean;
  code: string;
  text: string;
  filled: string;
}

export interface Found {
  answer: {
    text: string;
    source: { title: string; checked?: string; unit?: string } | null;
    matter: Candidate;
    /** Text and source in one piece, ready to be sent. */
    insert: string;
    office_notes: string[];
  } | null;
  candidates: Candidate[];
}

type Changed = { conversation: Line };
const at = (id: string, what = ''): string => `/desk/conversations/${id}${what}`;

export const deskApi = {
  state: () => api.get<DeskState>('/desk'),
  list: (mode: Mode, before?: string, limit = 50) =>
    api.get<{ conversations: Line[]; more: boolean }>('/desk/conversations', { mode, before, limit }),
  conversation: (id: string, after: number) => api.get<Conversation>(at(id), { after }),
  undelivered: () => api.get<{ messages: Stuck[]; total: number }>('/desk/undelivered'),
  claim: (id: string) => api.post<Changed>(at(id, '/claim')),
  takeOver: (id: string) => api.post<Changed>(at(id, '/take-over'), { note: '' }),
  /** The same `client_id` says it once. */
  say: (id: string, client_id: string, text: string) =>
    api.post<{ message: Message }>(at(id, '/messages'), { client_id, text }),
  note: (id: string, client_id: string, text: string) =>
    api.post<{ note: Note }>(at(id, '/notes'), { client_id, text }),
  transfer: (id: string, to: { agent: string } | { team: string }, note: string) =>
    api.post<Changed>(at(id, '/transfer'), { ...to, note }),
  handBack: (id: string, note: string) => api.post<Changed>(at(id, '/hand-back'), { note }),
  close: (id: string, text: string) => api.post<Changed>(at(id, '/close'), { text }),
  reveal: (id: string, message: number, reason: string) =>
    api.post<{ messages: { id: number; text: string }[] }>(at(id, '/reveal'), {
      messages: [message],
      reason,
    }),
  draft: (id: string) => api.get<Drafted>(at(id, '/order-draft')),
  order: (id: string, draft: OrderDraft) => api.post<Receipt>(at(id, '/orders'), draft),
  replies: () => api.get<{ replies: Reply[] }>('/desk/replies'),
  addReply: (code: string, text: string, shared = false) =>
    api.post<Reply>('/desk/replies', { shared, code, text }),
  changeReply: (id: number, code: string, text: string) =>
    api.put<Reply>(`/desk/replies/${id}`, { code, text }),
  dropReply: (id: number) => api.delete(`/desk/replies/${id}`),
  knowledge: (q: string) => api.get<Found>('/desk/knowledge', { q }),
  matter: (code: string) => api.get<Found>(`/desk/knowledge/${encodeURIComponent(code)}`),
  setLimit: (agent: string, limit: number | null) =>
    api.put<{ agents: Agent[] }>(`/desk/agents/${agent}`, { limit }),
  setSettings: (changes: Partial<Pick<DeskSettings, 'automatic' | 'limit' | 'grace_seconds'>>) =>
    api.put<{ settings: DeskSettings }>('/desk/settings', changes),
  presence: (status: Status) => api.post<{ me: Me }>('/desk/presence', { status }),
};

/** Where an <img> finds a photograph of a conversation. */
export function pictureUrl(id: string, picture: string, role: string | null, small = false): string {
  const size = small ? '/thumbnail' : '';
  return `${BASE}${at(id, `/attachments/${picture}`)}${size}${queryString({ acting_role: role })}`;
}
