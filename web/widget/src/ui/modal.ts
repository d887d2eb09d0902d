/** What all dialogs over the page share: the focus stays inside, Esc closes, and the focus goes back to where it was. */
import { LitElement, type PropertyDeclarations } from 'lit';

const FOCUSABLE = 'a[href], button:not([disabled]), input, textarea, [tabindex="0"]';

export class Modal extends LitElement {
  static override properties: PropertyDeclarations = { closed: { attribute: false } };
  declare closed: () => void;
  private returnTo: Element | null = null;

  constructor() {
    super();
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
    this.querySelector<HTMLElement>('[data-close]')?.focus();
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
