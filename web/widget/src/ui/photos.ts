/** Photographs in the log: small, side by side, each a button that shows it large. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Pending } from '../core/outbox';
import { largeKey, type Pictures } from '../core/photos';
import type { Message } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Viewed } from './viewer';

export function photosOf(message: Message): Viewed[] {
  return message.attachments.map(({ id }) => ({ small: id, large: largeKey(id) }));
}

export function pendingPhotos(pending: Pending): Viewed[] {
  return pending.photos.map(({ client_id }) => ({ small: client_id, large: client_id }));
}

/** @param view shows the photograph at a place, from 0. */
export function photosView(
  photos: readonly Viewed[],
  pictures: Pictures,
  view: (place: number) => void,
): TemplateResult {
  return html`<div class="photos photos-${Math.min(3, photos.length)}" data-testid="photos">
    ${photos.map((photo, place) => photoView(photo, place, photos.length, pictures, view))}
  </div>`;
}

function photoView(
  photo: Viewed,
  place: number,
  all: number,
  pictures: Pictures,
  view: (place: number) => void,
): TemplateResult {
  const address = pictures.get(photo.small);
  if (address === null) return html`<span class="photo photo-gone">${strings.photos.gone}</span>`;
  const words = strings.photos.alt(place + 1, all);
  return html`<button type="button" class="photo" data-testid="photo" @click=${() => view(place)}>
    ${
      address === undefined
        ? html`<span class="visually-hidden">${words}</span>`
        : html`<img src=${address} alt=${words} decoding="async" />`
    }
  </button>`;
}

export function progressView(pending: Pending): TemplateResult | typeof nothing {
  if (pending.photos.length === 0 || pending.state !== 'sending') return nothing;
  return html`<progress class="photo-progress" max="1" .value=${pending.progress} aria-hidden="true"></progress>`;
}
