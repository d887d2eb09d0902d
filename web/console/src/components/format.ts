import { ref } from 'vue';
import { words } from './words.zh';

/** Dates as people at work read them: the day and the time in Shanghai, whatever the computer's own zone is. */
const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function fields(iso: string): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(new Date(iso)).map((part) => [part.type, part.value]));
}

/** What time it is, by the minute: a page left open over night does not call yesterday today. */
const clock = ref(new Date());
setInterval(() => {
  clock.value = new Date();
}, 60_000);

const DAY_MS = 86_400_000;

function dayOf(at: Record<string, string>): string {
  return `${at.month}月${at.day}日`;
}

/** `今天 09:05`, `昨天 09:05`, `11月28日 09:05`; with the year when it is another than that of `now`. */
export function moment(iso: string | null | undefined, now: Date = clock.value): string {
  if (!iso) return '';
  const at = fields(iso);
  const near = (shift: number): boolean => {
    const other = fields(new Date(now.getTime() - shift).toISOString());
    return dayOf(other) === dayOf(at) && other.year === at.year;
  };
  const day = near(0) ? words.today : near(DAY_MS) ? words.yesterday : null;
  return day ? `${day} ${at.hour}:${at.minute}` : full(iso, now);
}

/** The same for paper, which outlives the day: always the date. */
export function full(iso: string | null | undefined, now: Date | null = null): string {
  if (!iso) return '';
  const at = fields(iso);
  const year = now && at.year === fields(now.toISOString()).year ? '' : `${at.year}年`;
  return `${year}${dayOf(at)} ${at.hour}:${at.minute}`;
}

/** A day without a time, `2026-12-04` → `12月4日`. */
export function day(iso: string | null | undefined): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso ?? '');
  return found ? `${Number(found[2])}月${Number(found[3])}日` : '';
}

/** `85%`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** `1,284`, and `2,000 件以上` for a count that was broken off. */
export function total(count: number, more: boolean): string {
  const figures = count.toLocaleString('zh-CN');
  return more ? `${figures} 件以上` : `${figures} 件`;
}
