/** Text from the service, drawn as text. Only telephone numbers become something more: a thing to tap. */
import { html, type TemplateResult } from 'lit';

const PHONE = /(?<![\d-])(0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|400-\d{4}-\d{3})(?![\d-])/;

export interface TextPart {
  text: string;
  phone: boolean;
}

export function textParts(text: string): TextPart[] {
  return text
    .split(new RegExp(PHONE, 'g'))
    .filter((part) => part !== '')
    .map((part) => ({ text: part, phone: PHONE.test(part) }));
}

export function plainText(text: string): TemplateResult {
  return html`${textParts(text).map((part) =>
    part.phone ? html`<a class="text-link" href=${telephone(part.text)}>${part.text}</a>` : part.text,
  )}`;
}

export function telephone(number: string): string {
  return `tel:${number.replace(/[^\d+]/g, '')}`;
}
