/** A dialog over the page: keeps the focus inside, closes by Esc, button or a tap beside it, gives the focus back. */
import { html, LitElement, type TemplateResult } from 'lit';
import { strings } from '../strings.zh';
import { icon } from './icons';

const FOCUSABLE = 'a[href], button:not([disabled]), input, textarea, [tabindex="0"]';

export class Sheet extends LitElement {
  static override properties = {
    heading: { attribute: false },
    content: { attribute: false },
    closed: { attribute: false },
  };
  declare heading: string;
  declare content: TemplateResult;
  declare closed: () => void;
  private returnTo: Element | null = null;

  constructor() {
    super();
    this.heading = '';
    this.content = html``;
    this.closed = () => {};
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.returnTo = document.activeElement;
    this.addEventListener('keydown', this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.onKey);
    if (this.returnTo instanceof HTMLElement && this.returnTo.isConnected)
      this.returnTo.focus({ preventScroll: true });
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('.sheet-close')?.focus();
  }

  override render() {
    return html`
      <div class="sheet-ground" @click=${this.closed}></div>
      <div class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-heading" data-testid="sheet">
        <div class="sheet-head">
          <h2 id="sheet-heading">${this.heading}</h2>
          <button type="button" class="small-button sheet-close" data-testid="sheet-close" @click=${this.closed}>
            ${icon('close')}${strings.menu.close}
          </button>
        </div>
        <div class="sheet-body">${this.content}</div>
      </div>
    `;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.closed();
      return;
    }
    if (event.key !== 'Tab') return;
    const stops = [...this.querySelectorAll<HTMLElement>(FOCUSABLE)];
    const first = stops[0];
    const last = stops[stops.length - 1];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first?.focus();
    }
  };
}

customElements.define('hotline-sheet', Sheet);
