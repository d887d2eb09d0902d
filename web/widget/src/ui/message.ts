/** One message: bubble, card, tiles, buttons, and the small row below. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Pending } from '../core/outbox';
import type { Pictures } from '../core/photos';
import type { Message } from '../core/protocol';
import { momentLabel } from '../core/time';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { cardView, type Folding } from './card';
import type { MessageEntry, PendingEntry } from './entries';
import { icon } from './icons';
import { tilesView } from './menu';
import { pendingPhotos, photosOf, photosView, progressView } from './photos';
import { plainText } from './plain-text';

export interface MessageContext {
  actions: Actions;
  folding: Folding;
  now: Date;
  pressed: ReadonlySet<number>;
  speech: { available: boolean; reading: number | null };
  pictures: Pictures;
  newestMenu: number | null;
  siteNotice: string;
}

export function messageView(entry: MessageEntry, context: MessageContext): TemplateResult {
  const { message } = entry;
  if (message.author === 'system') return systemView(entry, context);
  const text = message.card === null ? message.text : firstLine(message.text);
  return html`
    <article
      class="message from-${message.author} ${message.card === null && !message.menu ? '' : 'wide'}"
      data-testid="message"
      data-author=${message.author}
      data-id=${message.id}
    >
      ${entry.head ? headView(message, entry.timed, context.now) : nothing}
      ${message.attachments.length > 0 ? photoBubble(entry, context) : text === '' && message.card === null ? nothing : bubble(message, text, context)}
      ${message.menu ? menuView(entry, context) : quickReplies(entry, context)}
      ${message.author === 'citizen' ? nothing : footView(message, context)}
    </article>
  `;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function headView(message: Message, timed: boolean, now: Date): TemplateResult {
  const time = timed ? timeView(message.created_at, now) : nothing;
  if (message.author === 'citizen') {
    return citizenHead(time);
  }
  const agent = message.author === 'agent';
  const name = agent ? (message.agent ?? strings.author.agent) : strings.author.bot;
  return html`<p class="head">${icon(agent ? 'agent' : 'bot')}<span class="head-name">${name}</span>${time}</p>`;
}

function citizenHead(time: TemplateResult | typeof nothing): TemplateResult {
  const speaker = html`<span class="visually-hidden">${strings.author.citizen}</span>`;
  return time === nothing ? speaker : html`<p class="head">${speaker}${time}</p>`;
}

function timeView(at: string, now: Date): TemplateResult {
  return html`<time datetime=${at}>${momentLabel(at, now)}</time>`;
}

function bubble(message: Message, text: string, context: MessageContext): TemplateResult {
  return html`<div class="bubble">
    ${text === '' ? nothing : html`<p class="bubble-text ${message.card === null ? '' : 'answer'}">${plainText(text)}</p>`}
    ${message.card === null ? nothing : cardView(message, message.card, context.folding, context.actions)}
  </div>`;
}

function photoBubble(entry: MessageEntry, context: MessageContext): TemplateResult {
  const photos = photosOf(entry.message);
  return html`<div class="bubble">
    ${photosView(photos, context.pictures, (place) => context.actions.view(entry.key, place))}
  </div>`;
}

function menuView(entry: MessageEntry, context: MessageContext): TemplateResult {
  // Only the newest menu is a grid of tiles; an older one further up would be the same again.
  if (entry.message.id !== context.newestMenu) return html``;
  return html`${tilesView(entry.message, context.actions, 'tile')}
  ${context.siteNotice === '' ? nothing : html`<p class="site-notice">${context.siteNotice}</p>`}`;
}

function quickReplies(entry: MessageEntry, context: MessageContext): TemplateResult | typeof nothing {
  if (entry.buttons.length === 0) return nothing;
  return html`<div class="quick-replies" role="group" aria-label=${strings.message.quickLabel}>
    ${entry.buttons.map(
      ({ button, index }) => html`<button
        type="button"
        class="button ${button.style}"
        data-testid="quick-reply"
        ?disabled=${context.pressed.has(entry.message.id)}
        @click=${() => context.actions.press({ message: entry.message.id, button: index }, button.title)}
      >
        ${button.title}
      </button>`,
    )}
  </div>`;
}

function footView(message: Message, context: MessageContext): TemplateResult | typeof nothing {
  const { actions, speech } = context;
  const words = strings.message;
  const readable = speech.available && message.text !== '';
  if (!readable && !message.can_rate) return nothing;
  const reading = speech.reading === message.id;
  return html`<div class="foot">
    ${
      readable
        ? html`<button
            type="button"
            class="small-button"
            data-testid="read-aloud"
            aria-label=${reading ? words.stopLabel : words.readLabel}
            @click=${() => (reading ? actions.stopReading() : actions.read(message.id, message.text))}
          >
            ${icon(reading ? 'stop' : 'speaker')}${reading ? words.stop : words.read}
          </button>`
        : nothing
    }
    ${message.can_rate ? ratingView(message, actions) : nothing}
  </div>`;
}

function ratingView(message: Message, actions: Actions): TemplateResult {
  const words = strings.message;
  const choice = (useful: boolean): TemplateResult => {
    const chosen = message.feedback === useful;
    return html`<button
      type="button"
      class="small-button ${chosen ? 'chosen' : ''}"
      data-testid=${useful ? 'rate-up' : 'rate-down'}
      aria-pressed=${chosen ? 'true' : 'false'}
      @click=${() => actions.rate(message.id, useful)}
    >
      ${icon(useful ? 'useful' : 'useless')}${useful ? words.useful : words.useless}
    </button>`;
  };
  return html`<div class="rating" role="group" aria-label=${words.rateLabel}>
    ${message.feedback === null ? nothing : html`<span class="thanks" role="status">${words.thanks}</span>`}
    ${choice(true)}${choice(false)}
  </div>`;
}

function systemView(entry: MessageEntry, context: MessageContext): TemplateResult {
  return html`<article class="message from-system" data-testid="message" data-author="system" data-id=${entry.message.id}>
    <p class="system-text">${plainText(entry.message.text)}</p>
    ${entry.message.card === null ? nothing : bubble(entry.message, '', context)}
    ${quickReplies(entry, context)}
  </article>`;
}

export function pendingView(entry: PendingEntry, context: MessageContext): TemplateResult {
  const { pending } = entry;
  return html`
    <article class="message from-citizen is-${pending.state}" data-testid="message" data-author="citizen" data-state=${pending.state}>
      ${citizenHead(entry.timed ? timeView(pending.created_at, context.now) : nothing)}
      <div class="bubble">
        ${
          pending.photos.length === 0
            ? html`<p class="bubble-text">${pending.text}</p>`
            : html`${photosView(pendingPhotos(pending), context.pictures, (place) => context.actions.view(entry.key, place))}
              ${progressView(pending)}`
        }
      </div>
      ${pendingState(pending, context.actions)}
    </article>
  `;
}

function pendingState(pending: Pending, actions: Actions): TemplateResult {
  const words = strings.message;
  const photos = pending.photos.length > 0;
  if (pending.state !== 'failed') {
    // The share is for the eye: read aloud with every change it would drown everything else.
    const share = html`<span class="figures" aria-hidden="true">${Math.floor(pending.progress * 100)}%</span>`;
    const sending = photos ? html`${strings.photos.sending} ${share}` : words.sending;
    return html`<p class="delivery">${pending.state === 'sending' ? sending : (pending.error ?? words.retrying)}</p>`;
  }
  return html`
    <div class="delivery failed" role="alert">
      ${icon('alert')}<span><strong>${words.failed}</strong> ${pending.error}</span>
    </div>
    <div class="delivery-buttons">
      ${
        photos || (pending.press === null && !pending.resendable)
          ? html`<button type="button" class="button" data-testid="edit" @click=${() => actions.edit(pending.client_id)}>
              ${photos ? strings.photos.discard : words.edit}
            </button>`
          : nothing
      }
      ${
        photos && !pending.resendable
          ? nothing
          : html`<button
              type="button"
              class="button primary"
              data-testid="retry"
              @click=${() => actions.retry(pending.client_id)}
            >
              ${icon('retry')}${words.retry}
            </button>`
      }
    </div>
  `;
}
