/** Times as a citizen of the city reads them, wherever the phone's clock stands. */
import { strings } from '../strings.zh';

const ZONE = 'Asia/Shanghai';
const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const weekdays = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, weekday: 'long' });

interface LocalTime {
  year: string;
  month: number;
  day: number;
  clock: string;
  key: string;
}

function local(date: Date): LocalTime {
  const found = Object.fromEntries(parts.formatToParts(date).map((part) => [part.type, part.value]));
  return {
    year: found.year ?? '',
    month: Number(found.month),
    day: Number(found.day),
    clock: `${found.hour}:${found.minute}`,
    key: `${found.year}-${found.month}-${found.day}`,
  };
}

function parse(iso: string): Date | null {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Two messages stand under one day separator when this is equal. */
export function dayKey(iso: string): string {
  const date = parse(iso);
  return date === null ? '' : local(date).key;
}

/** 今天 · 昨天 · 7月21日 星期二 · 2025年7月21日 星期一 */
export function dayLabel(iso: string, now: Date): string {
  const date = parse(iso);
  if (date === null) return '';
  const that = local(date);
  if (that.key === local(now).key) return strings.time.today;
  if (that.key === local(new Date(now.getTime() - 86_400_000)).key) return strings.time.yesterday;
  const year = that.year === local(now).year ? '' : `${that.year}年`;
  return `${year}${that.month}月${that.day}日 ${weekdays.format(date)}`;
}

/** 今天 14:05 · 昨天 09:30 · 7月21日 14:05 */
export function momentLabel(iso: string, now: Date): string {
  const date = parse(iso);
  if (date === null) return '';
  const day = dayLabel(iso, now).replace(/ .*$/, '');
  return `${day} ${local(date).clock}`;
}
