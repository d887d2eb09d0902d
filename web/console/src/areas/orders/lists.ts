/** The lists of orders: what each asks for, how many it has, and who has it in the menu. Pure. */
import type { OrderFilter } from '@/api/orders';
import type { Counts, Role } from '@/api/types';
import type { words } from './orders.zh';

const BEFORE_ANSWER = ['待受理', '已受理', '待审定', '已派单', '办理中', '挂起'];
const OPEN = [...BEFORE_ANSWER, '已答复', '回访中', '待复核', '已并案'];

export type ListKey = keyof typeof words.lists;

interface List {
  filter: OrderFilter;
  count?: (counts: Counts) => number;
  alarming?: boolean;
}

const inState =
  (...statuses: string[]) =>
  (counts: Counts): number =>
    statuses.reduce((sum, status) => sum + (counts.by_status[status] ?? 0), 0);

export const lists: Record<ListKey, List> = {
  mine: { filter: {} },
  pending: { filter: { status: ['待受理'] }, count: inState('待受理') },
  accepted: { filter: { status: ['已受理'] }, count: inState('已受理') },
  letters: { filter: { status: ['待审定'] }, count: inState('待审定') },
  returns: { filter: { status: OPEN, asking_for: '退单' }, count: (counts) => counts.asking_to_return },
  extensions: { filter: { status: OPEN, asking_for: '延期' }, count: (counts) => counts.asking_to_extend },
  dispatched: { filter: { status: ['已派单'] }, count: inState('已派单') },
  handling: { filter: { status: ['办理中'] }, count: inState('办理中') },
  suspended: { filter: { status: ['挂起'] }, count: inState('挂起') },
  near: { filter: { status: BEFORE_ANSWER, near: true }, count: (counts) => counts.near },
  overdue: {
    filter: { status: BEFORE_ANSWER, overdue: true },
    count: (counts) => counts.overdue,
    alarming: true,
  },
  answered: { filter: { status: ['已答复'] }, count: inState('已答复') },
  callback: { filter: { status: ['回访中'] }, count: inState('回访中') },
  review: { filter: { status: ['待复核'] }, count: inState('待复核') },
  supervised: { filter: { status: OPEN, supervised: true }, count: (counts) => counts.supervised },
  urgent: { filter: { status: OPEN, urgent: true }, count: (counts) => counts.urgent, alarming: true },
  all: { filter: { everything: true } },
};

const ofRole: Partial<Record<Role, ListKey[]>> = {
  坐席: ['mine', 'pending', 'answered', 'callback', 'near', 'overdue', 'urgent', 'all'],
  派单员: [
    'pending',
    'accepted',
    'returns',
    'extensions',
    'letters',
    'handling',
    'near',
    'overdue',
    'supervised',
    'urgent',
    'all',
  ],
  承办单位: ['dispatched', 'handling', 'suspended', 'near', 'overdue', 'supervised', 'answered', 'all'],
  督办: ['overdue', 'near', 'extensions', 'review', 'supervised', 'urgent', 'all'],
  领导: ['letters', 'supervised', 'overdue', 'urgent', 'all'],
  跟班学习: [
    'pending',
    'accepted',
    'letters',
    'dispatched',
    'handling',
    'answered',
    'callback',
    'near',
    'overdue',
    'supervised',
    'urgent',
    'all',
  ],
};

/** The lists of a role, the first of which it begins with. */
export function listsOf(role: Role | null): ListKey[] {
  return (role && ofRole[role]) ?? [];
}

export function isList(key: unknown): key is ListKey {
  return typeof key === 'string' && key in lists;
}

/** What stands in the address besides the list: the filters that somebody has set. */
export const FILTERS = [
  'words',
  'nature',
  'topic',
  'area',
  'of_unit',
  'since',
  'until',
  'enterprise',
] as const;
export type FilterKey = (typeof FILTERS)[number];
export type Filters = Partial<Record<FilterKey, string>>;

/** The filters in an address. */
export function filtersIn(query: Record<string, unknown>): Filters {
  const found: Filters = {};
  for (const key of FILTERS) {
    const value = query[key];
    if (typeof value === 'string' && value) found[key] = value;
  }
  return found;
}

/** What the service is asked for. Who looks for words looks among all orders. */
export function asked(list: ListKey, filters: Filters): OrderFilter {
  const { nature, enterprise, ...others } = filters;
  const base = filters.words ? { everything: true } : lists[list].filter;
  return {
    ...base,
    ...others,
    ...(nature && { nature: [nature] }),
    ...(enterprise && { enterprise: true }),
  };
}
