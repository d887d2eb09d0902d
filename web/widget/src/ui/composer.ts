/** Where the citizen writes. The draft outlives a reload; Enter sends, but not in the middle of choosing characters. */
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { PhotoLimits } from '../core/protocol';
import { keys, type SafeStorage } from '../core/storage';
import { strings } from '../strings.zh';
import { icon } from './icons';
import './photo-picker';
import type { PhotoPicker } from './photo-picker';

const COUNTER_FROM = 0.8; // of the limit

export class Composer extends LitElement {
  static override properties = {
    limit: { attribute: false },
    placeholder: { attribute: false },
    tab: { attribute: false },
    send: { attribute: false },
    writes: { attribute: false },
    photoLimits: { attribute: false },
    sendPhotos: { attribute: false },
    large: { attribute: false },
    draft: { state: true },
  };
  declare limit: number;
  declare placeholder: string;
  declare tab: SafeStorage;
  declare send: (text: string) => void;
  /** Is told of every change of what is being written. */
  declare writes: () => void;
  declare photoLimits: PhotoLimits;
  /** Is given the pictures as data: addresses. */
  declare sendPhotos: (addresses: string[]) => void;
  /** Large print changes the height of a line, so the field is measured again. */
  declare large: boolean;
  declare draft: string;
  private composing = false;

  constructor() {
    super();
    this.limit = 1000;
    this.placeholder = '';
    this.large = false;
    this.draft = '';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.draft = this.tab.get(keys.draft) ?? '';
  }

  /** Puts a message back that could not be sent, before what has been written since. */
  take(text: string): void {
    this.setDraft(this.draft === '' ? text : `${text}\n${this.draft}`);
    void this.updateComplete.then(() => this.field?.focus());
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('draft') || changed.has('large')) this.grow();
  }

  override render() {
    const used = length(this.draft);
    const over = used > this.limit;
    const counted = used >= this.limit * COUNTER_FROM;
    const { composer, photos } = strings;
    return html`
      <form class="composer" @submit=${this.submit}>
        <hotline-photos
          .limits=${this.photoLimits}
          .send=${this.sendPhotos}
          .done=${() => this.querySelector<HTMLElement>('.composer-photo')?.focus()}
        ></hotline-photos>
        <div class="composer-row">
          <button
            type="button"
            class="composer-photo"
            data-testid="photo-button"
            aria-label=${photos.label}
            @click=${() => this.picker?.open()}
          >
            ${icon('photo')}<span>${photos.button}</span>
          </button>
          <label class="visually-hidden" for="composer-input">${composer.label}</label>
          <textarea
            id="composer-input"
            data-testid="input"
            rows="1"
            enterkeyhint="send"
            autocomplete="off"
            placeholder=${this.placeholder}
            aria-describedby="composer-counter"
            aria-invalid=${over ? 'true' : 'false'}
            .value=${this.draft}
            @input=${(event: InputEvent) => {
              this.setDraft((event.target as HTMLTextAreaElement).value);
              if (this.draft.trim() !== '') this.writes();
            }}
            @keydown=${this.onKey}
            @paste=${this.onPaste}
            @compositionstart=${() => {
              this.composing = true;
            }}
            @compositionend=${() => {
              this.composing = false;
            }}
          ></textarea>
          <button
            type="submit"
            class="button primary composer-send"
            data-testid="send"
            ?disabled=${over || this.draft.trim() === ''}
            @pointerdown=${this.keepKeyboard}
          >
            ${icon('send')}<span>${composer.send}</span>
          </button>
        </div>
        <p id="composer-counter" class="counter ${over ? 'over' : ''}" role="status" ?hidden=${!counted}>
          ${!counted ? nothing : over ? composer.over(used - this.limit) : composer.remaining(this.limit - used)}
        </p>
      </form>
    `;
  }

  private get field(): HTMLTextAreaElement | null {
    return this.querySelector('textarea');
  }

  private get picker(): PhotoPicker | null {
    return this.querySelector<PhotoPicker>('hotline-photos');
  }

  /** A screenshot that was copied is sent like a chosen picture. */
  private readonly onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'));
    if (files.length === 0) return;
    event.preventDefault();
    void this.picker?.choose(files);
  };

  private setDraft(text: string): void {
    this.draft = text;
    if (text === '') this.tab.remove(keys.draft);
    else this.tab.set(keys.draft, text);
  }

  private readonly submit = (event?: Event): void => {
    event?.preventDefault();
    const text = this.draft.trim();
    if (text === '' || length(this.draft) > this.limit) return;
    this.send(text);
    this.setDraft('');
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    // Safari ends the composition before the Enter that chose the characters arrives; 229 still tells.
    const choosing = this.composing || event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || choosing) return;
    event.preventDefault();
    this.submit();
  };

  /** Taking the focus from the field would let the phone's keyboard jump away with every message. */
  private readonly keepKeyboard = (event: Event): void => {
    if (document.activeElement === this.field) event.preventDefault();
  };

  private grow(): void {
    const field = this.field;
    if (field === null) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  }
}

/** As the service counts: characters, not UTF-16 units. */
export function length(text: string): number {
  return [...text.trim()].length;
}

customElements.define('hotline-composer', Composer);
