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

/** `11月28日 09:05`; with the year when it is another than that of `now`. */
export function moment(iso: string | null | undefined, now: Date = new Date()): string {
  if (!iso) return '';
  const at = fields(iso);
  const year = at.year === fields(now.toISOString()).year ? '' : `${at.year}年`;
  return `${year}${at.month}月${at.day}日 ${at.hour}:${at.minute}`;
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
