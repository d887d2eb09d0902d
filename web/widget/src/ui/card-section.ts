/** The five kinds of sections in a card. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardItem, CardKind, CardSection } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { icon } from './icons';
import { plainText, telephone } from './plain-text';

// Receipt numbers and query codes, but no dates: what someone would want to paste elsewhere.
const CODE = /^(?!\d{4}-\d{1,2}-\d{1,2}$)[A-Za-z0-9-]{4,}$/;

export function isCode(text: string): boolean {
  return CODE.test(text) && /\d/.test(text);
}

export function sectionBody(
  key: string,
  section: CardSection,
  kind: CardKind,
  actions: Actions,
): TemplateResult {
  switch (section.style) {
    case 'checklist':
      return html`<ul class="checklist">
        ${section.items.map((item, index) => checkItem(`${key}-${index}`, item, actions))}
      </ul>`;
    case 'steps':
      return html`<ol class="steps">
        ${section.items.map((item) => html`<li><div>${itemText(item)}</div></li>`)}
      </ol>`;
    case 'phones':
      return html`<ul class="phones">
        ${section.items.map((item) => html`<li>${phoneItem(item, kind)}</li>`)}
      </ul>`;
    case 'facts':
      return html`<dl class="facts">${section.items.map((item) => fact(item, actions))}</dl>`;
    case 'text':
      return section.items.length === 1
        ? html`${section.items.map((item) => html`<div>${itemText(item)}</div>`)}`
        : html`<ul class="text-list">
            ${section.items.map((item) => html`<li>${itemText(item)}</li>`)}
          </ul>`;
  }
}

function itemText(item: CardItem): TemplateResult {
  // The words keep their line breaks; the space between the tags of this template is not theirs.
  return html`${item.label === null ? nothing : html`<strong>${item.label}：</strong>`}<span class="words">${plainText(item.text)}</span>
    ${item.note === null ? nothing : html`<span class="note">${plainText(item.note)}</span>`}
    ${item.phone === null ? nothing : html`<a class="text-link inline-action figures" href=${telephone(item.phone)}>${icon('phone')}${item.phone}</a>`}
    ${item.link === null ? nothing : linkView(item.link)}
  `;
}

function linkView(link: string): TemplateResult {
  return html`<a class="text-link inline-action" href=${link} target="_blank" rel="noopener noreferrer"
    >${icon('link')}${strings.card.openLink}<span class="visually-hidden">${strings.card.newWindow}</span></a
  >`;
}

function checkItem(key: string, item: CardItem, actions: Actions): TemplateResult {
  return html`<li>
    <label>
      <input
        type="checkbox"
        .checked=${actions.ticked(key)}
        @change=${(event: Event) => actions.tick(key, (event.target as HTMLInputElement).checked)}
      />
      <span class="checklist-text">
        ${plainText(item.text)}${item.note === null ? nothing : html`<span class="note">${item.note}</span>`}
      </span>
    </label>
    ${item.link === null ? nothing : linkView(item.link)}
  </li>`;
}

function phoneItem(item: CardItem, kind: CardKind): TemplateResult {
  const number = item.phone ?? item.text;
  const name = item.phone === null || item.text === item.phone ? item.label : item.text;
  const call = kind === 'emergency' ? html`<span class="phone-verb">${strings.card.call}</span>` : nothing;
  return html`
    <a class="phone" href=${telephone(number)} aria-label="${strings.card.call} ${name ?? ''} ${number}">
      ${icon('phone')}
      <span class="phone-words">
        <span class="phone-number">${call}<span class="figures">${number}</span></span>
        ${name === null ? nothing : html`<span class="phone-name">${name}</span>`}
      </span>
    </a>
    ${item.note === null ? nothing : html`<span class="note">${item.note}</span>`}
  `;
}

function fact(item: CardItem, actions: Actions): TemplateResult {
  const label = item.label ?? '';
  return html`
    <div class="fact ${isCode(item.text) ? 'fact-wide' : ''}">
      <dt>${label}</dt>
      <dd>
        <span class=${isCode(item.text) ? 'fact-code figures' : 'figures'}>${plainText(item.text)}</span>
        ${isCode(item.text) ? copyButton(label, item.text, actions) : nothing}
        ${item.note === null ? nothing : html`<span class="note">${item.note}</span>`}
        ${item.phone === null ? nothing : html`<a class="text-link inline-action figures" href=${telephone(item.phone)}>${icon('phone')}${item.phone}</a>`}
        ${item.link === null ? nothing : linkView(item.link)}
      </dd>
    </div>
  `;
}

function copyButton(label: string, text: string, actions: Actions): TemplateResult {
  return html`<hotline-copy .label=${label} .copy=${() => actions.copy(text)}></hotline-copy>`;
}
