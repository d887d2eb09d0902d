/** Who this is, who is speaking, and the two switches that help to read. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../core/protocol';
import { strings } from '../strings.zh';
import { icon } from './icons';

export interface HeaderView {
  name: string;
  conversation: Conversation | null;
  elder: boolean;
  speech: { available: boolean; automatic: boolean; reading: boolean };
  embedded: boolean;
  toggleElder(): void;
  toggleSpeech(): void;
  close(): void;
}

export function modeText(conversation: Conversation): string {
  if (conversation.mode === 'human') return strings.mode.human(conversation.agent);
  if (conversation.mode === 'bot') return strings.mode.bot;
  return conversation.in_service_hours
    ? strings.mode.queued(conversation.position)
    : strings.mode.queuedClosed;
}

export function headerView(view: HeaderView): TemplateResult {
  const { header } = strings;
  return html`
    <header class="header">
      <div class="header-inner">
        <span class="emblem">${icon('agent')}</span>
        <div class="header-names">
          <h1>${view.name}</h1>
          ${
            view.conversation === null
              ? nothing
              : html`<p class="mode mode-${view.conversation.mode}" data-testid="mode" data-mode=${view.conversation.mode} role="status">${modeText(view.conversation)}</p>`
          }
        </div>
        <div class="header-buttons">
          <button
            type="button"
            class="header-button"
            data-testid="elder-toggle"
            aria-label=${view.elder ? header.elderOffLabel : header.elderOnLabel}
            @click=${view.toggleElder}
          >
            ${view.elder ? header.elderOff : header.elderOn}
          </button>
          ${view.speech.available ? speechButton(view) : nothing}
          ${
            view.embedded
              ? html`<button
                  type="button"
                  class="header-button header-close"
                  data-testid="close"
                  aria-label=${header.closeLabel}
                  @click=${view.close}
                >
                  ${icon('close')}
                </button>`
              : nothing
          }
        </div>
      </div>
    </header>
  `;
}

function speechButton(view: HeaderView): TemplateResult {
  const { header } = strings;
  const { reading, automatic } = view.speech;
  if (reading) {
    return html`<button
      type="button"
      class="header-button is-on"
      data-testid="speech-stop"
      aria-label=${header.stopLabel}
      @click=${view.toggleSpeech}
    >
      ${icon('stop')}${header.stop}
    </button>`;
  }
  return html`<button
    type="button"
    class="header-button ${automatic ? 'is-on' : ''}"
    data-testid="speech-toggle"
    aria-label=${header.autoReadLabel}
    aria-pressed=${automatic ? 'true' : 'false'}
    @click=${view.toggleSpeech}
  >
    ${icon('speaker')}${automatic ? header.autoReadOn : header.autoRead}
  </button>`;
}
