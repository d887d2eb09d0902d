/** What the service answers at /console-api. Times are ISO 8601 in UTC, days are YYYY-MM-DD in Shanghai. */

export type Role = '坐席' | '派单员' | '承办单位' | '督办' | '领导' | '知识编辑' | '管理员' | '跟班学习';

/** Who is logged in. */
export interface Person {
  number: string;
  name: string;
  team: string;
  roles: Role[];
  /** Those in which the person sees orders; with several, requests say which. */
  acting_roles: Role[];
  unit: { code: string; name: string } | null;
  /** Goes with every change. */
  csrf: string;
  /** The password was given by somebody else, and is to be changed before anything else. */
  must_change_password: boolean;
  totp: boolean;
  recovery_codes_left: number;
}

export type ClockState = '正常' | '临期' | '逾期' | '暂停' | '停止';

export interface Clock {
  state: ClockState;
  words: string;
}

/** One line of a list of orders. */
export interface OrderLine {
  number: string;
  version: number;
  nature: string;
  topic: string | null;
  topic_name: string | null;
  status: string;
  urgency: string;
  enterprise: boolean;
  source: string;
  what: string;
  where: string;
  area: string | null;
  street: string | null;
  lead_unit: string | null;
  lead_unit_name: string | null;
  promised_date: string;
  clock: Clock;
  overdue: boolean;
  supervision_level: number;
  supervision: string | null;
  rating: string | null;
  redone: number;
  created_at: string;
  /** Made by `hotline demo`: nobody has complained of it. */
  demo: boolean;
}

/** An order that was just taken down; the code is to be told to the citizen. */
export interface TakenDown extends OrderLine {
  query_code: string | null;
}

/** Somebody to ring up, or a delivery that failed; `text` are the words to say. */
export interface ToTell {
  id: number;
  number: string;
  state: string;
  event: string;
  text: string;
  error: string;
}

export interface OrderPage {
  orders: OrderLine[];
  total: number;
  /** There are more than `total`. */
  more: boolean;
}

export interface Counts {
  by_status: Record<string, number>;
  urgent: number;
  overdue: number;
  near: number;
  supervised: number;
  asking_to_return: number;
  asking_to_extend: number;
  taken_today: number;
  closed_today: number;
}

export interface TimelineEvent {
  at: string;
  actor: string;
  role: string;
  unit: string | null;
  action: string;
  status: string;
  note: string;
  public: boolean;
  /** What was doubtful about an answer when it was handed in. */
  findings: string[];
}

export interface Photo {
  id: string;
  width: number;
  height: number;
  size: number;
  by: string;
  at: string;
}

export interface Need {
  field: string;
  name: string;
}

export interface PossibleAction {
  action: string;
  needs: Need[];
}

export interface ProposedUnit {
  unit: string;
  name: string;
  assisting: string[];
  confidence: number;
  reason: string;
}

export interface Proposal {
  topics: { topic: string; name: string; probability: number }[];
  units: ProposedUnit[];
  urgency: string;
}

export interface Letter {
  kind: string;
  lead: string;
  assisting: { unit: string; duty: string }[];
  days: number;
  body: string;
  /** null: nobody has decided. */
  approved: boolean | null;
  note: string;
  drafted_at: string;
}

export interface AskedFor {
  kind: '退单' | '延期';
  unit: string;
  reason: string;
  days: number | null;
  asked_at: string;
  /** null: it waits for a decision. */
  granted: boolean | null;
  note: string;
}

export interface LikelySame {
  number: string;
  status: string;
  what: string;
  where: string;
  created_at: string;
  score: number;
  reason: string;
  /** null: nobody has said; false: another case. */
  same: boolean | null;
}

export interface Delivery {
  id: number;
  to: string;
  event: string;
  text: string;
  state: string;
  attempts: number;
  at: string;
}

/** The whole case; the last four are not for units. */
export interface OrderCase extends OrderLine {
  when: string;
  confidential: boolean;
  content_confidential: boolean;
  note: string;
  caller: { name: string | null; phone: string | null; anonymous: boolean };
  assignment: string | null;
  designated: boolean;
  answer: string | null;
  answered_at: string | null;
  rating_reason: string;
  merged_into: string | null;
  members: string[];
  assisting: { unit: string; name: string; duty: string; opinion: string | null }[];
  requests: AskedFor[];
  events: TimelineEvent[];
  attachments: Photo[];
  actions: PossibleAction[];
  proposal?: Proposal | null;
  letters?: Letter[];
  likely_same?: LikelySame[];
  deliveries?: Delivery[];
}

/** What an action leaves of an order; the rest is missing when the actor sees it no more. */
export type AfterAction = OrderCase | Pick<OrderCase, 'number' | 'version' | 'status'>;

export type RevealField = 'name' | 'phone' | 'what' | 'where' | 'when' | 'answer' | 'rating_reason' | 'notes';

export interface Revealed {
  number: string;
  name?: string | null;
  phone?: string | null;
  what?: string | null;
  where?: string | null;
  when?: string | null;
  answer?: string | null;
  rating_reason?: string | null;
  notes?: { at: string; role: string; action: string; note: string }[] | null;
}

export interface Unit {
  code: string;
  name: string;
  /** The district; null: one of the city's own. */
  area: string | null;
}

export interface Topic {
  code: string;
  name: string;
}

/** Names for codes: units, topics and areas. */
export interface Catalogue {
  units: Unit[];
  topics: Topic[];
  areas: { code: string; name: string }[];
  natures: string[];
  urgencies: string[];
  levels: { level: number; name: string }[];
  /** The most working days that a unit may ask for. */
  extension_days: number;
}

export type Decision = '待定' | '已确认' | '已忽略' | '已办结';

export interface HotOrder {
  number: string;
  status: string;
  what: string;
  where: string;
  lead_unit: string | null;
  created_at: string;
}

export interface HotFigures {
  window: string;
  state: '进行中' | '已平息';
  sentence: string;
  callers: number;
  before: number;
  orders: number;
  heat: number;
  trend: '新出现' | '上升' | '持平' | '下降';
  since: string;
  until: string;
  turned_at: string;
  sample: HotOrder[];
}

export interface HotIssue {
  key: string;
  level: '地点' | '事项';
  title: string;
  place: string;
  topic: string | null;
  topic_name: string | null;
  area: string | null;
  area_name: string | null;
  words: string[];
  found_at: string;
  last_at: string;
  decision: Decision;
  decided_by: string | null;
  decided_at: string | null;
  note: string;
}

export type HotLine = HotIssue & HotFigures;

export interface HotFolder extends HotIssue {
  windows: HotFigures[];
  members: (HotOrder & { windows: string[] })[];
}
