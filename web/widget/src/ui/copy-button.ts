/** 复制, which says whether it worked. */
import { html, LitElement } from 'lit';
import { strings } from '../strings.zh';
import { icon } from './icons';

const ANSWER_SHOWN = 4000;

export class CopyButton extends LitElement {
  static override properties = {
    label: { attribute: false },
    copy: { attribute: false },
    outcome: { state: true },
  };
  declare label: string;
  declare copy: () => Promise<boolean>;
  declare outcome: 'copied' | 'failed' | null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.label = '';
    this.copy = async () => false;
    this.outcome = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render() {
    const { card } = strings;
    const words =
      this.outcome === null ? card.copy : this.outcome === 'copied' ? card.copied : card.copyFailed;
    return html`
      <button
        type="button"
        class="small-button"
        data-testid="copy"
        aria-label=${this.outcome === null ? card.copyLabel(this.label) : words}
        @click=${this.run}
      >
        ${icon(this.outcome === 'copied' ? 'check' : 'copy')}<span role="status">${words}</span>
      </button>
    `;
  }

  private async run(): Promise<void> {
    this.outcome = (await this.copy()) ? 'copied' : 'failed';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.outcome = null;
    }, ANSWER_SHOWN);
  }
}

customElements.define('hotline-copy', CopyButton);

/** The clipboard API is missing in frames of other sites and on http pages; the old way still works there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'visually-hidden';
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return done;
  }
}
