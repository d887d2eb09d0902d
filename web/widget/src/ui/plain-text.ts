/** Text from the service, drawn as text. Only telephone numbers become something more: a thing to tap. */
import { html, type TemplateResult } from 'lit';

// No look-behind: Safari before 16.4 refuses the whole script for it. What stands before is caught instead.
const PHONE = /(^|[^\d-])(0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|400-\d{4}-\d{3})(?![\d-])/g;

export interface TextPart {
  text: string;
  phone: boolean;
}

export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const found of text.matchAll(PHONE)) {
    const [, before = '', number = ''] = found;
    const start = (found.index ?? 0) + before.length;
    parts.push({ text: text.slice(from, start), phone: false }, { text: number, phone: true });
    from = start + number.length;
  }
  parts.push({ text: text.slice(from), phone: false });
  return parts.filter((part) => part.text !== '');
}

export function plainText(text: string): TemplateResult {
  return html`${textParts(text).map((part) =>
    part.phone ? html`<a class="text-link" href=${telephone(part.text)}>${part.text}</a>` : part.text,
  )}`;
}

export function telephone(number: string): string {
  return `tel:${number.replace(/[^\d+]/g, '')}`;
}
