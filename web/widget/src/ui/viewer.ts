/** A photograph, large, over the whole page. Esc, the button or a tap beside it closes; arrows turn to the others. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Pictures } from '../core/photos';
import { strings } from '../strings.zh';
import { icon } from './icons';
import { Modal } from './modal';

/** Keys of core/photos.ts; of one that is still to be sent both are the same. */
export interface Viewed {
  readonly small: string;
  readonly large: string;
}

export class Viewer extends Modal {
  static override properties = {
    photos: { attribute: false },
    place: { attribute: false },
    pictures: { attribute: false },
    want: { attribute: false },
    failed: { attribute: false },
  };
  /** Those of one message. */
  declare photos: readonly Viewed[];
  /** Which one is shown, from 0. */
  declare place: number;
  declare pictures: Pictures;
  declare want: (key: string) => void;
  declare failed: (key: string) => boolean;

  constructor() {
    super();
    this.photos = [];
    this.place = 0;
    this.pictures = new Map();
    this.want = () => {};
    this.failed = () => false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('keydown', this.onArrow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.onArrow);
  }

  protected override firstUpdated(): void {
    super.firstUpdated();
    this.fetch();
  }

  override render() {
    const { viewer } = strings;
    const all = this.photos.length;
    return html`
      <div
        class="viewer"
        role="dialog"
        aria-modal="true"
        aria-label=${viewer.label(this.place + 1, all)}
        data-testid="viewer"
        @click=${(event: Event) => {
          if (!(event.target as Element).closest('button, img')) this.closed();
        }}
      >
        <div class="viewer-head">
          <span class="figures" role="status">${viewer.label(this.place + 1, all)}</span>
          <button type="button" class="viewer-button" data-close data-testid="viewer-close" @click=${this.closed}>
            ${icon('close')}${viewer.close}
          </button>
        </div>
        <div class="viewer-stage">${this.picture()}</div>
        ${
          all < 2
            ? nothing
            : html`<div class="viewer-foot">
                ${this.turner(viewer.previous, -1)}${this.turner(viewer.next, 1)}
              </div>`
        }
      </div>
    `;
  }

  private picture(): TemplateResult | typeof nothing {
    const { viewer, photos } = strings;
    const shown = this.photos[this.place];
    if (shown === undefined) return nothing;
    const large = this.pictures.get(shown.large);
    if (large === null) return html`<p role="status">${photos.gone}</p>`;
    // Until the large one is here the small one is better than nothing.
    const address = large ?? this.pictures.get(shown.small);
    return html`
      ${
        address
          ? html`<img
              src=${address}
              alt=${viewer.alt(this.place + 1)}
              data-testid="viewer-image"
              data-large=${large === undefined ? 'no' : 'yes'}
            />`
          : nothing
      }
      ${large === undefined ? this.waiting(shown.large) : nothing}
    `;
  }

  private waiting(key: string): TemplateResult {
    const { viewer } = strings;
    if (!this.failed(key)) return html`<p role="status">${viewer.loading}</p>`;
    return html`<p role="alert">
      ${viewer.failed}
      <button type="button" class="viewer-button" @click=${() => this.fetch()}>${icon('retry')}${viewer.retry}</button>
    </p>`;
  }

  private turner(words: string, step: number): TemplateResult {
    const to = this.place + step;
    return html`<button
      type="button"
      class="viewer-button"
      ?disabled=${to < 0 || to >= this.photos.length}
      @click=${() => this.turn(step)}
    >
      ${words}
    </button>`;
  }

  private turn(step: number): void {
    const to = this.place + step;
    if (to < 0 || to >= this.photos.length) return;
    this.place = to;
    this.fetch();
    // A button at the end of the row falls asleep under the focus.
    void this.updateComplete.then(() => {
      if (!this.contains(document.activeElement)) this.querySelector<HTMLElement>('[data-close]')?.focus();
    });
  }

  private fetch(): void {
    const shown = this.photos[this.place];
    if (shown !== undefined) this.want(shown.large);
  }

  private readonly onArrow = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') this.turn(-1);
    if (event.key === 'ArrowRight') this.turn(1);
  };
}

customElements.define('hotline-viewer', Viewer);
