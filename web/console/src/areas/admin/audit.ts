import { auditWords } from './audit.zh';

export interface DetailPart {
  name: string;
  value: string;
}

/** What a line of the audit keeps besides, in words as far as there are words for it. */
export function detailOf(detail: Record<string, unknown>): DetailPart[] {
  return Object.entries(detail)
    .map(([key, value]) => ({ name: auditWords.names[key] ?? key, value: said(value) }))
    .filter((part) => part.value !== '');
}

function said(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (value === true) return auditWords.yes;
  if (value === false) return auditWords.no;
  if (Array.isArray(value)) return value.map(said).filter(Boolean).join('、');
  if (typeof value !== 'object') return auditWords.values[String(value)] ?? String(value);
  const bag = value as Record<string, unknown>;
  if ('from' in bag && 'to' in bag) return auditWords.changed(said(bag.from), said(bag.to));
  return Object.entries(bag)
    .map(([key, one]) => `${auditWords.names[key] ?? key} ${said(one)}`)
    .join('，');
}
