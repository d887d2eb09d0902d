/**
 * Photographs before they are sent: chosen (on a phone also taken just now), made smaller, looked at, taken out again.
 * The button that opens it stands in the composer; the rest appears only when something was chosen.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { citizenMessage } from '../core/errors';
import { preparePhoto } from '../core/photo-files';
import type { PhotoLimits } from '../core/protocol';
import { strings } from '../strings.zh';
import { icon } from './icons';
import { scaleDown } from './scale-down';

interface Pick {
  readonly id: number;
  /** A data: address; null while it is being prepared. */
  readonly address: string | null;
}

export class PhotoPicker extends LitElement {
  static override properties = {
    limits: { attribute: false },
    send: { attribute: false },
    done: { attribute: false },
    picks: { state: true },
    problems: { state: true },
  };
  declare limits: PhotoLimits;
  /** Is given the pictures as data: addresses. */
  declare send: (addresses: string[]) => void;
  /** Nothing is chosen any more: the focus goes back to where it came from. */
  declare done: () => void;
  declare picks: readonly Pick[];
  declare problems: readonly string[];
  private lastId = 0;

  constructor() {
    super();
    this.send = () => {};
    this.done = () => {};
    this.picks = [];
    this.problems = [];
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Opens the phone's or the computer's own choice of pictures. */
  open(): void {
    const field = this.querySelector<HTMLInputElement>('input[type=file]');
    field?.click();
  }

  async choose(files: readonly Blob[]): Promise<void> {
    const room = Math.max(0, this.limits.per_message - this.picks.length);
    this.problems = files.length > room ? [strings.photos.tooMany(this.limits.per_message)] : [];
    const taken = files.slice(0, room).map((file) => {
      this.lastId += 1;
      return { file, id: this.lastId };
    });
    this.picks = [...this.picks, ...taken.map(({ id }) => ({ id, address: null }))];
    // One after the other: a phone has memory for one large picture, not for three.
    for (const { file, id } of taken) {
      try {
        const address = await preparePhoto(file, this.limits.max_bytes, scaleDown);
        this.picks = this.picks.map((pick) => (pick.id === id ? { id, address } : pick));
      } catch (error) {
        this.problems = [...new Set([...this.problems, citizenMessage(error)])];
        this.picks = this.picks.filter((pick) => pick.id !== id);
      }
    }
    await this.updateComplete;
    this.querySelector<HTMLElement>('[data-testid=photo-send]')?.focus();
  }

  override render() {
    return html`
      <input
        type="file"
        accept="image/*"
        multiple
        hidden
        data-testid="photo-input"
        @change=${(event: Event) => {
          const field = event.target as HTMLInputElement;
          const files = [...(field.files ?? [])];
          field.value = ''; // the same picture may be chosen again
          if (files.length > 0) void this.choose(files);
        }}
      />
      <div class="photo-problems" role="alert" data-testid="photo-problems" ?hidden=${this.problems.length === 0}>
        ${this.problems.map((words) => html`<p>${icon('alert')}<span>${words}</span></p>`)}
        ${
          this.problems.length > 0 && this.picks.length === 0
            ? html`<button type="button" class="strip-button" @click=${this.clear}>${strings.errors.dismiss}</button>`
            : nothing
        }
      </div>
      ${this.picks.length === 0 ? nothing : this.preview()}
    `;
  }

  private preview(): TemplateResult {
    const { photos } = strings;
    const ready = this.picks.every((pick) => pick.address !== null);
    return html`
      <div class="preview" role="group" aria-label=${photos.preview} data-testid="photo-preview">
        <p class="preview-words" role="status">${ready ? photos.chosen(this.picks.length) : photos.preparing}</p>
        <ul class="preview-list">
          ${this.picks.map((pick, place) => this.pick(pick, place))}
        </ul>
        <div class="preview-buttons">
          <button type="button" class="button" data-testid="photo-cancel" @click=${this.clear}>${photos.cancel}</button>
          ${
            this.picks.length < this.limits.per_message
              ? html`<button type="button" class="button" aria-label=${photos.moreLabel} @click=${() => this.open()}>
                  ${photos.more}
                </button>`
              : nothing
          }
          <button
            type="button"
            class="button primary"
            data-testid="photo-send"
            ?disabled=${!ready}
            @click=${this.finish}
          >
            ${icon('send')}${photos.send}
          </button>
        </div>
      </div>
    `;
  }

  private pick(pick: Pick, place: number): TemplateResult {
    const { photos } = strings;
    return html`<li class="pick">
      ${
        pick.address === null
          ? html`<span class="pick-waiting" aria-hidden="true"></span>`
          : html`<img src=${pick.address} alt=${photos.previewAlt(place + 1)} data-testid="photo-picked" />`
      }
      <button
        type="button"
        class="pick-remove"
        aria-label=${photos.remove(place + 1)}
        @click=${() => this.takeOut(pick.id)}
      >
        ${icon('close')}
      </button>
    </li>`;
  }

  private takeOut(id: number): void {
    this.picks = this.picks.filter((pick) => pick.id !== id);
    if (this.picks.length === 0) this.clear();
    else this.querySelector<HTMLElement>('[data-testid=photo-send]')?.focus();
  }

  private readonly finish = (): void => {
    const addresses = this.picks.flatMap((pick) => (pick.address === null ? [] : [pick.address]));
    if (addresses.length > 0) this.send(addresses);
    this.clear();
  };

  private readonly clear = (): void => {
    this.picks = [];
    this.problems = [];
    this.done();
  };
}

customElements.define('hotline-photos', PhotoPicker);
