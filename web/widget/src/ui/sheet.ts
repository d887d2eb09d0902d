/** A dialog over the page with a heading; closes by Esc, button or a tap beside it. */
import { html, type TemplateResult } from 'lit';
import { strings } from '../strings.zh';
import { icon } from './icons';
import { Modal } from './modal';

export class Sheet extends Modal {
  static override properties = {
    heading: { attribute: false },
    content: { attribute: false },
  };
  declare heading: string;
  declare content: TemplateResult;

  constructor() {
    super();
    this.heading = '';
    this.content = html``;
  }

  override render() {
    return html`
      <div class="sheet-ground" @click=${this.closed}></div>
      <div class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-heading" data-testid="sheet">
        <div class="sheet-head">
          <h2 id="sheet-heading">${this.heading}</h2>
          <button
            type="button"
            class="small-button sheet-close"
            data-close
            data-testid="sheet-close"
            @click=${this.closed}
          >
            ${icon('close')}${strings.menu.close}
          </button>
        </div>
        <div class="sheet-body">${this.content}</div>
      </div>
    `;
  }
}

customElements.define('hotline-sheet', Sheet);
