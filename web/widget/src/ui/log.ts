/** The conversation, and where it is scrolled to: new things come into view unless the citizen reads above. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { newestMenu } from '../core/message-log';
import type { State } from '../core/session';
import { dayKey, dayLabel } from '../core/time';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { type Entry, entries } from './entries';
import { icon } from './icons';
import { type MessageContext, messageView, pendingView } from './message';
import { ScrollKeeper } from './scroll-keeper';
import { failureView, loadingView } from './status';

const CLOCK_TICK = 60_000; // 今天 turns into 昨天 at midnight, also on a page left open

export class Log extends LitElement {
  static override properties = {
    session: { attribute: false },
    actions: { attribute: false },
    speech: { attribute: false },
    retryStart: { attribute: false },
    version: { attribute: false },
    pressed: { attribute: false },
    unseen: { state: true },
  };
  declare session: State;
  declare actions: Actions;
  declare speech: MessageContext['speech'];
  declare retryStart: () => void;
  /** Messages of which a button has been pressed already: a second press would be a slip of the finger. */
  declare pressed: ReadonlySet<number>;
  /** Counts changes that the state does not show (ticks on a list). */
  declare version: number;
  declare unseen: boolean;
  private readonly folds = new Map<string, boolean>();
  private readonly keeper = new ScrollKeeper(() => {
    this.unseen = false;
  });
  private clock: ReturnType<typeof setInterval> | undefined;
  private focusWasInside = false;

  constructor() {
    super();
    this.unseen = false;
    this.version = 0;
    this.pressed = new Set();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.clock = setInterval(() => this.requestUpdate(), CLOCK_TICK);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
    this.keeper.detach();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.focusWasInside = this.contains(document.activeElement);
    this.keeper.before();
    const before = changed.get('session');
    if (before !== undefined) this.keeper.expect(before, this.session);
  }

  protected override updated(): void {
    const scroller = this.querySelector<HTMLElement>('.scroller');
    if (scroller === null) return;
    this.keeper.attach(scroller);
    if (this.keeper.after()) this.unseen = true;
    // A pressed button goes away with its message's successor; the focus must not fall off the page.
    if (this.focusWasInside && document.activeElement === document.body)
      scroller.focus({ preventScroll: true });
  }

  /** What the citizen sends is always wanted in view. */
  follow(): void {
    this.keeper.follow();
  }

  override render() {
    const { phase, failure, site } = this.session;
    const content =
      phase === 'failed'
        ? failureView(failure ?? strings.errors.unavailable, site.hotline, this.retryStart)
        : phase === 'loading' && this.session.messages.length === 0
          ? loadingView()
          : nothing;
    return html`
      <div class="scroller" tabindex="0" role="region" aria-label=${strings.log.label}>
        <div class="log" role="log" aria-live="polite" aria-label=${strings.log.label} aria-busy=${phase === 'loading' ? 'true' : 'false'}>
          ${this.body(content)}
        </div>
        ${this.typing()}
      </div>
      ${
        this.unseen
          ? html`<button type="button" class="unseen" data-testid="new-messages" @click=${() => this.keeper.toUnseen()}>
              ${icon('down')}${strings.log.newMessages}
            </button>`
          : nothing
      }
    `;
  }

  private body(content: TemplateResult | typeof nothing): TemplateResult {
    const { messages, pending, site, phase } = this.session;
    if (content !== nothing && messages.length + pending.length === 0) return html`${content}`;
    const now = new Date();
    const context: MessageContext = {
      actions: this.actions,
      now,
      pressed: this.pressed,
      speech: this.speech,
      pictures: this.session.pictures,
      newestMenu: newestMenu(messages)?.id ?? null,
      siteNotice: site.notice,
      folding: {
        isOpen: (key, fallback) => this.folds.get(key) ?? fallback,
        toggle: (key, fallback) => {
          this.folds.set(key, !(this.folds.get(key) ?? fallback));
          this.requestUpdate();
        },
      },
    };
    const lines = entries(messages, pending, dayKey(now.toISOString()));
    return html`
      ${lines.length === 0 && phase === 'ready' ? html`<p class="empty">${strings.log.empty}</p>` : nothing}
      ${repeat(
        lines,
        (entry) => entry.key,
        (entry) => entryView(entry, context),
      )}
      ${content}
    `;
  }

  private typing(): TemplateResult | typeof nothing {
    const { typing, conversation } = this.session;
    if (!typing) return nothing;
    return html`<div class="typing" data-testid="typing" role="status">
      <span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
      <span>${conversation.mode === 'human' ? strings.message.typingAgent : strings.message.typingBot}</span>
    </div>`;
  }
}

function entryView(entry: Entry, context: MessageContext): TemplateResult {
  if (entry.kind === 'day')
    return html`<div class="day"><span>${dayLabel(entry.at, context.now)}</span></div>`;
  return entry.kind === 'message' ? messageView(entry, context) : pendingView(entry, context);
}

customElements.define('hotline-log', Log);
