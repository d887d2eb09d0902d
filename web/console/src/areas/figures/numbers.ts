import type { Column, Figure } from '@/api/figures';
import { words } from './figures.zh';

/** `45秒`, `1分20秒`, `2小时5分`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}秒`;
  if (whole < 3600) return `${Math.floor(whole / 60)}分${whole % 60}秒`;
  return `${Math.floor(whole / 3600)}小时${Math.floor((whole % 3600) / 60)}分`;
}

/** `1,284`. */
export function count(value: number): string {
  return value.toLocaleString('zh-CN');
}

function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)}%`;
}

function signed(value: number, digits: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(digits)}`;
}

/** A figure as it is shown; without data it is —, never nought. */
export function shown(form: Figure['form'], value: number | null): string {
  if (value === null) return words.none;
  if (form === 'rate') return percent(value);
  if (form === 'seconds') return duration(value);
  return form === 'per_day' ? value.toFixed(1) : count(value);
}

/** What has become of it since: `+3.3%`, `-0.52个百分点`, `—`. */
export function since(figure: Figure, before: number | null): string {
  if (figure.value === null || before === null) return words.none;
  if (figure.form === 'rate') return `${signed((figure.value - before) * 100, 2)}${words.points}`;
  return before === 0 ? words.none : `${signed(((figure.value - before) / before) * 100, 1)}%`;
}

/** A cell of a table. */
export function cell(form: Column['form'], value: number | null): string {
  if (value === null) return words.none;
  if (form === 'count') return count(value);
  return form === 'change' ? `${signed(value * 100, 1)}%` : percent(value, form === 'share' ? 1 : 2);
}

/** `▲ ▼`, beside the number: which way it went can be seen, not only read. */
export function arrow(text: string): string {
  if (text.startsWith('+')) return '▲';
  return text.startsWith('-') ? '▼' : '';
}
