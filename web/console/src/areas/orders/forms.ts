/** What an action's form asks for, made from what the service says it needs. Pure. */
import type { Catalogue, OrderCase, PossibleAction } from '@/api/types';
import { words } from './orders.zh';

export type FieldKind =
  | 'unit'
  | 'assisting'
  | 'topic'
  | 'urgency'
  | 'rating'
  | 'level'
  | 'days'
  | 'order'
  | 'long'
  | 'line';

export interface FormField {
  field: string;
  name: string;
  kind: FieldKind;
  required: boolean;
  hint?: string;
  /** Most characters, or most days. */
  most?: number;
}

export interface Assisting {
  unit: string;
  duty: string;
}

export type Values = Record<string, string | number | null | Assisting[]>;

const KINDS: Record<string, FieldKind> = {
  unit: 'unit',
  assisting: 'assisting',
  topic: 'topic',
  urgency: 'urgency',
  rating: 'rating',
  days: 'days',
  target: 'order',
  level: 'level',
};

const LETTER_DAYS = 60;
const LONG_TEXT = 2000;

/** What may be filled in besides what is needed. */
function extras(action: string): FormField[] {
  const optional = { required: false };
  const assisting: FormField = { field: 'assisting', name: '协办单位', kind: 'assisting', ...optional };
  const note: FormField = {
    field: 'note',
    name: words.form.note,
    kind: 'long',
    most: LONG_TEXT,
    ...optional,
  };
  const days: FormField = {
    field: 'days',
    name: words.form.letterDays,
    kind: 'days',
    most: LETTER_DAYS,
    ...optional,
  };
  switch (action) {
    case '派单':
    case '现场交办':
      return [assisting, note];
    case '改派':
      return [assisting];
    case '提请会商交办':
      return [{ field: 'lead_duty', name: words.form.duty0, kind: 'line', most: 200, ...optional }, days];
    case '提请领导交办':
      return [assisting, days];
    case '督办':
      return [{ field: 'level', name: words.form.level, kind: 'level', ...optional }];
    case '评价':
      return [{ field: 'reason', name: words.form.ratingReason, kind: 'long', most: LONG_TEXT, ...optional }];
    case '审定':
    case '同意退单':
    case '同意延期':
    case '签收':
    case '恢复':
    case '发起回访':
    case '催办':
    case '撤回':
    case '受理':
      return [note];
    default:
      return [];
  }
}

/** The fields of an action's form, what is needed first. */
export function fieldsOf(
  possible: PossibleAction,
  catalogue: Pick<Catalogue, 'extension_days'> | null,
): FormField[] {
  const needed = possible.needs.map(({ field, name }): FormField => {
    const kind = KINDS[field] ?? 'long';
    const most = kind === 'days' ? (catalogue?.extension_days ?? LETTER_DAYS) : LONG_TEXT;
    const hint = words.form.hints[field];
    return { field, name, kind, required: true, most, ...(hint && { hint }) };
  });
  const known = new Set(needed.map((one) => one.field));
  return [...needed, ...extras(possible.action).filter((one) => !known.has(one.field))];
}

/** What a form begins with: the system's proposal where there is one. */
export function beginning(fields: readonly FormField[], order: OrderCase): Values {
  const proposed = order.proposal?.units[0];
  const values: Values = {};
  for (const { field, kind } of fields) {
    if (kind === 'topic') values[field] = order.topic ?? order.proposal?.topics[0]?.topic ?? '';
    // An order that is with a unit goes to another one.
    else if (kind === 'unit') values[field] = order.lead_unit === null ? (proposed?.unit ?? '') : '';
    else if (kind === 'assisting') {
      const assisting = order.lead_unit === null ? (proposed?.assisting ?? []) : [];
      values[field] = assisting.map((unit) => ({ unit, duty: '' }));
    } else if (kind === 'urgency') values[field] = order.urgency;
    else values[field] = kind === 'days' || kind === 'level' ? null : '';
  }
  return values;
}

function isEmpty(value: Values[string] | undefined): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && value.length === 0;
}

/** The name of the first field that is still to be filled in; null: none. */
export function missing(fields: readonly FormField[], values: Values): string | null {
  const found = fields.find((one) => one.required && isEmpty(values[one.field]));
  if (found) return found.name;
  const unhappy = values.rating === '不满意' && isEmpty(values.reason);
  return unhappy ? words.form.ratingReason : null;
}

/** What is sent: without what was left empty. */
export function payload(fields: readonly FormField[], values: Values): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const { field, kind } of fields) {
    const value = values[field];
    if (isEmpty(value)) continue;
    if (kind === 'assisting') {
      const rows = (value as Assisting[]).filter((row) => row.unit);
      if (rows.length) sent[field] = rows.map((row) => ({ unit: row.unit, duty: row.duty.trim() }));
    } else sent[field] = typeof value === 'string' ? value.trim() : value;
  }
  return sent;
}

/** Actions that go on with the case; the rest can be done at any time and stand apart. */
const ASIDE = ['补充', '催办', '撤回', '督办', '改分类', '改紧急程度', '备注', '并案'];
/** The plain way of a case comes first; the first of these is the button to press. */
const FORWARD = [
  '受理',
  '派单',
  '签收',
  '答复',
  '会办意见',
  '发起回访',
  '评价',
  '恢复',
  '现场交办',
  '复核办结',
];
const DECISIONS = ['同意退单', '驳回退单', '同意延期', '驳回延期', '审定', '退回重拟'];

export interface Sorted {
  main: PossibleAction[];
  aside: PossibleAction[];
  /** They stand beside what is to be decided. */
  decisions: PossibleAction[];
}

export function sorted(actions: readonly PossibleAction[]): Sorted {
  const main = actions.filter(({ action }) => !ASIDE.includes(action) && !DECISIONS.includes(action));
  const place = ({ action }: PossibleAction) =>
    isForward(action) ? FORWARD.indexOf(action) : isDangerous(action) ? 200 : 100;
  return {
    main: main.sort((a, b) => place(a) - place(b)),
    aside: actions.filter(({ action }) => ASIDE.includes(action)),
    decisions: actions.filter(({ action }) => DECISIONS.includes(action)),
  };
}

/** Whether an action is the next step of the plain way. */
export function isForward(action: string): boolean {
  return FORWARD.includes(action);
}

/** Actions that take something away from the citizen. */
export function isDangerous(action: string): boolean {
  return ['不予受理', '撤回'].includes(action);
}
