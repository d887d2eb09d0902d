import type { LocationQuery } from 'vue-router';
import type { Asked, Opened, PeriodKind } from '@/api/figures';

export const KINDS: readonly PeriodKind[] = ['day', 'week', 'month', 'quarter', 'year', 'range'];
const DAY_MS = 86_400_000;

/** The day in Shanghai, `2026-11-28`. */
export function today(now: Date = new Date()): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(now);
}

function isDay(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text);
}

/** Days are reckoned at noon in UTC: no clock is put forward there. */
function at(day: string): Date {
  return new Date(`${day}T12:00:00Z`);
}

function text(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** What the address asks for; this month when it says nothing. */
export function asked(query: LocationQuery): Asked {
  const kind = KINDS.find((one) => one === query.kind) ?? 'month';
  if (kind === 'range' && isDay(query.since) && isDay(query.until)) {
    return { kind, since: query.since, until: query.until };
  }
  return { kind: kind === 'range' ? 'month' : kind, day: isDay(query.day) ? query.day : today() };
}

/** The period before or after. */
export function moved(from: Asked, by: number): Asked {
  if (from.kind === 'range' && from.since && from.until) {
    const length = Math.round((at(from.until).getTime() - at(from.since).getTime()) / DAY_MS) + 1;
    const shift = (day: string): string => text(new Date(at(day).getTime() + by * length * DAY_MS));
    return { kind: 'range', since: shift(from.since), until: shift(from.until) };
  }
  const day = at(from.day ?? today());
  if (from.kind === 'day' || from.kind === 'week') {
    day.setUTCDate(day.getUTCDate() + by * (from.kind === 'week' ? 7 : 1));
  } else {
    const months = { month: 1, quarter: 3, year: 12, range: 0 }[from.kind];
    day.setUTCDate(1);
    day.setUTCMonth(day.getUTCMonth() + by * months);
  }
  return { kind: from.kind, day: text(day) };
}

/** Where the rows of a number are. */
export function rowsOf(opened: Opened, period: Asked) {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...period, ...opened })) {
    // An empty value means those with nothing there: it has to stand in the address.
    if (typeof value === 'string' && (value !== '' || name === 'value')) query[name] = value;
  }
  return { name: 'figures-rows', query };
}
