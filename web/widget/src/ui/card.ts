/** The answer card: title, folding sections, and the source, always at the bottom. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Card, CardSection, CardSource, Message } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { sectionBody } from './card-section';
import { icon } from './icons';

export interface Folding {
  isOpen(key: string, fallback: boolean): boolean;
  toggle(key: string, fallback: boolean): void;
}

export function cardView(message: Message, card: Card, folding: Folding, actions: Actions): TemplateResult {
  return html`
    <div class="card card-${card.kind}" role="group" data-testid="card" data-kind=${card.kind} aria-label=${card.title}>
      <h2 class="card-title">
        ${card.kind === 'emergency' ? icon('alert') : nothing}<span>${card.title}</span>
      </h2>
      ${card.sections.map((section, index) =>
        sectionView(`${message.id}-${index}`, section, card, folding, actions),
      )}
      ${card.source === null ? nothing : sourceView(card.source)}
    </div>
  `;
}

function sectionView(
  key: string,
  section: CardSection,
  card: Card,
  folding: Folding,
  actions: Actions,
): TemplateResult {
  const body = (): TemplateResult => sectionBody(key, section, card.kind, actions);
  // In an emergency nothing is folded away, and without a heading there is nothing to fold by.
  if (section.heading === '' || card.kind === 'emergency') {
    return html`
      <div class="card-section" data-testid="card-section">
        ${section.heading === '' ? nothing : html`<h3 class="card-heading-fixed">${section.heading}</h3>`}
        <div class="card-body">${body()}</div>
      </div>
    `;
  }
  const open = folding.isOpen(key, section.open);
  const progress = section.style === 'checklist' ? tickProgress(key, section, actions) : nothing;
  return html`
    <div class="card-section" data-testid="card-section" data-open=${open ? 'true' : 'false'}>
      <h3 class="card-heading">
        <button
          type="button"
          id="fold-${key}"
          aria-expanded=${open ? 'true' : 'false'}
          aria-controls="body-${key}"
          @click=${() => folding.toggle(key, section.open)}
        >
          <span class="card-heading-text">${section.heading}</span>
          ${progress}${icon('chevron')}
        </button>
      </h3>
      <div class="card-body" id="body-${key}" ?hidden=${!open}>
        ${body()}
      </div>
    </div>
  `;
}

function tickProgress(key: string, section: CardSection, actions: Actions): TemplateResult | typeof nothing {
  const done = section.items.filter((_, index) => actions.ticked(`${key}-${index}`)).length;
  if (done === 0) return nothing;
  return html`<span class="card-progress">${strings.card.ticked(done, section.items.length)}</span>`;
}

function sourceView(source: CardSource): TemplateResult {
  const { card } = strings;
  const title =
    source.address === null
      ? source.title
      : html`<a class="text-link" href=${source.address} target="_blank" rel="noopener noreferrer"
          >${source.title}<span class="visually-hidden">${card.newWindow}</span></a
        >`;
  const parts = [
    source.title === '' ? null : html`${card.source}：${title}`,
    source.checked === null ? null : html`${card.checked} <span class="figures">${source.checked}</span>`,
    source.unit === null ? null : html`${card.unit} ${source.unit}`,
  ].filter((part) => part !== null);
  return html`<p class="card-source">
    ${parts.map(
      // The dot stays with what stands before it: no line begins with one.
      (part, index) => html`<span>${part}${index < parts.length - 1 ? '\u00a0· ' : ''}</span>`,
    )}
  </p>`;
}
