/** The strips that appear only when there is something to say, and the page when nothing works. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Health } from '../transport/connection';
import { icon } from './icons';
import { telephone } from './plain-text';

export function demoView(demo: boolean): TemplateResult | typeof nothing {
  return demo ? html`<p class="demo" data-testid="demo">${strings.demo}</p>` : nothing;
}

export function connectionView(health: Health, reconnect: () => void): TemplateResult {
  const offline = health === 'offline';
  // The region is always there, so that a screen reader hears when it fills.
  return html`
    <div class="connection" data-testid="connection" data-health=${health} role="status" ?hidden=${health === 'good'}>
      ${
        health === 'good'
          ? nothing
          : html`${icon('offline')}<span>${offline ? strings.connection.offline : strings.connection.trouble}</span>
              <button type="button" class="strip-button" @click=${reconnect}>${strings.connection.reconnect}</button>`
      }
    </div>
  `;
}

export function queueView(conversation: Conversation, hotline: string): TemplateResult | typeof nothing {
  if (conversation.mode !== 'queued') return nothing;
  const { queue } = strings;
  return html`
    <div class="queue" role="status" data-testid="queue">
      ${icon('clock')}
      <p>
        ${conversation.in_service_hours ? queue.open(conversation.position) : queue.closed}
        ${
          conversation.in_service_hours
            ? nothing
            : html`<a class="text-link" href=${telephone(hotline)}>${queue.call}</a>`
        }
      </p>
    </div>
  `;
}

export function noticeView(notice: string | null, dismiss: () => void): TemplateResult {
  return html`
    <div class="notice" data-testid="notice" role="status" ?hidden=${notice === null}>
      ${
        notice === null
          ? nothing
          : html`<span>${notice}</span>
              <button type="button" class="strip-button" @click=${dismiss}>${strings.errors.dismiss}</button>`
      }
    </div>
  `;
}

export function loadingView(): TemplateResult {
  return html`
    <div class="skeleton" role="status" data-testid="loading">
      <p>${strings.log.loading}</p>
      <div class="skeleton-line"></div>
      <div class="skeleton-line short"></div>
      <div class="skeleton-tiles">${[1, 2, 3, 4].map(() => html`<div></div>`)}</div>
    </div>
  `;
}

export function failureView(message: string, hotline: string, retry: () => void): TemplateResult {
  const { failure } = strings;
  return html`
    <div class="failure" role="alert" data-testid="failure">
      ${icon('offline')}
      <h2>${failure.title}</h2>
      <p>${message}</p>
      <button type="button" class="button primary" data-testid="reconnect" @click=${retry}>${failure.retry}</button>
      <a class="button" href=${telephone(hotline)}>${icon('phone')}${failure.call}</a>
      <p class="note">${failure.callNote}</p>
    </div>
  `;
}
