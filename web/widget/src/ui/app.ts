/** The page: joins the session to what is drawn, and the browser's events to the session. */
import { html, LitElement, nothing } from 'lit';
import { newestMenu } from '../core/message-log';
import type { Preferences } from '../core/preferences';
import type { Message, Press } from '../core/protocol';
import type { Session } from '../core/session';
import { Speech } from '../core/speech';
import { keys, type SafeStorage } from '../core/storage';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import './composer';
import './copy-button';
import './log';
import './sheet';
import './viewer';
import type { Composer } from './composer';
import { copyText } from './copy-button';
import { keyOf } from './entries';
import { headerView } from './header';
import type { Log } from './log';
import { barView, tilesView } from './menu';
import { panelView } from './panel';
import type { ParentSite } from './parent-site';
import { pendingPhotos, photosOf } from './photos';
import { connectionView, demoView, noticeView, queueView } from './status';

const PRESSES_APART = 800; // ms

export interface AppParts {
  session: Session;
  preferences: Preferences;
  tab: SafeStorage;
  parent: ParentSite | null;
}

export class App extends LitElement {
  static override properties = {
    sheetOpen: { state: true },
    viewing: { state: true },
    version: { state: true },
  };
  declare sheetOpen: boolean;
  /** The photograph that is shown large: which entry of the log, and which of its pictures. */
  declare viewing: { key: string; place: number } | null;
  declare version: number;
  private parts: AppParts | null = null;
  private readonly speech: Speech;
  private readonly actions: Actions;
  private pressed: ReadonlySet<number> = new Set();
  private lastPress = 0;

  constructor() {
    super();
    this.sheetOpen = false;
    this.viewing = null;
    this.version = 0;
    this.speech = new Speech({
      changed: () => this.requestUpdate(),
      unavailable: () => this.parts?.session.notify(strings.speech.unavailable),
    });
    this.actions = {
      press: (press, title) => {
        if (this.isSlip(press)) return;
        this.log?.follow();
        this.parts?.session.press(press, title);
      },
      retry: (clientId) => this.parts?.session.retry(clientId),
      edit: (clientId) => {
        const withdrawn = this.parts?.session.withdraw(clientId);
        if (withdrawn && withdrawn.photos.length === 0) this.composer?.take(withdrawn.text);
      },
      view: (key, place) => {
        this.viewing = { key, place };
      },
      rate: (id, useful) => void this.parts?.session.rate(id, useful),
      read: (id, text) => this.speech.read(id, text),
      stopReading: () => this.speech.stop(),
      ticked: (key) => this.parts?.preferences.ticked(key) ?? false,
      tick: (key, on) => {
        this.parts?.preferences.tick(key, on);
        this.version += 1;
      },
      copy: copyText,
    };
  }

  connect(parts: AppParts): void {
    this.parts = parts;
    parts.session.subscribe(() => this.requestUpdate());
    this.showElder();
    this.requestUpdate();
  }

  /** Another conversation: its messages may have the numbers of the old one's. */
  beginAnew(): void {
    this.pressed = new Set();
    this.parts?.preferences.forgetTicks();
  }

  /** New messages of the other side, to be read aloud and pointed out. */
  announce(messages: readonly Message[]): void {
    if (this.parts?.preferences.autoRead) {
      for (const message of messages) {
        if (message.author !== 'citizen') this.speech.enqueue(message.id, message.text);
      }
    }
    this.parts?.parent?.news();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.dataset.testid = 'app';
    // Chrome goes on speaking after the page is gone.
    window.addEventListener('pagehide', () => this.speech.stop());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !this.sheetOpen && this.viewing === null)
        this.parts?.parent?.close();
    });
  }

  override render() {
    if (this.parts === null) return nothing;
    const { session, preferences, parent, tab } = this.parts;
    const { state } = session;
    const menu = newestMenu(state.messages);
    const opened = state.messages.length > 0 || state.phase === 'ready';
    const conversation = state.conversation;
    return html`
      ${demoView(state.site.demo)}
      ${headerView({
        name: state.site.name,
        conversation: opened ? conversation : null,
        elder: preferences.elder,
        speech: {
          available: this.speech.available,
          automatic: preferences.autoRead,
          reading: this.speech.reading !== null,
        },
        embedded: parent !== null,
        toggleElder: () => this.toggleElder(),
        toggleSpeech: () => this.toggleSpeech(),
        close: () => parent?.close(),
      })}
      <div class="columns">
        ${panelView(menu, state.site.hotline, this.actions)}
        <main class="chat">
          ${connectionView(state.health, () => session.wake())}
          ${opened ? queueView(conversation, state.site.hotline) : nothing}
          <hotline-log
            .session=${state}
            .actions=${this.actions}
            .speech=${{ available: this.speech.available, reading: this.speech.reading }}
            .version=${this.version}
            .pressed=${this.pressed}
            .retryStart=${() => void session.start()}
          ></hotline-log>
          <div class="dock">
            ${noticeView(state.notice, () => session.dismissNotice())}
            ${barView(menu, conversation, this.actions, () => {
              this.sheetOpen = true;
            })}
            <hotline-composer
              .limit=${state.site.max_length}
              .placeholder=${conversation.mode === 'bot' ? strings.composer.placeholder : strings.composer.placeholderAgent}
              .tab=${tab}
              .large=${preferences.elder}
              .photoLimits=${state.site.photos}
              .sendPhotos=${(addresses: string[]) => {
                this.log?.follow();
                session.sendPhotos(addresses);
              }}
              .send=${(text: string) => {
                this.log?.follow();
                session.sendText(text);
              }}
              .writes=${() => session.writes()}
            ></hotline-composer>
          </div>
        </main>
      </div>
      ${this.sheetOpen && menu !== null ? this.sheet(menu) : nothing}
      ${this.viewing === null ? nothing : this.viewer(session, this.viewing)}
    `;
  }

  /**
   * Shaking hands press twice, and the second press often meets another button, because the log has moved in
   * between. So whatever is pressed within a moment of the last press does not count.
   */
  private isSlip(press: Press): boolean {
    const slip = Date.now() - this.lastPress < PRESSES_APART;
    if (slip) return true;
    this.lastPress = Date.now();
    this.pressed = new Set([...this.pressed, press.message]);
    return false;
  }

  private sheet(menu: Message) {
    const close = (): void => {
      this.sheetOpen = false;
    };
    return html`<hotline-sheet
      .heading=${strings.menu.sheetTitle}
      .closed=${close}
      .content=${tilesView(menu, this.actions, 'sheet', close)}
    ></hotline-sheet>`;
  }

  private viewer(session: Session, viewing: { key: string; place: number }) {
    const { messages, pending, pictures } = session.state;
    const message = messages.find((one) => keyOf(one) === viewing.key);
    const waiting = pending.find((one) => one.client_id === viewing.key);
    const photos = message ? photosOf(message) : waiting ? pendingPhotos(waiting) : [];
    if (photos.length === 0) return nothing;
    return html`<hotline-viewer
      .photos=${photos}
      .place=${viewing.place}
      .pictures=${pictures}
      .want=${(key: string) => session.wantPicture(key)}
      .failed=${(key: string) => session.pictureFailed(key)}
      .closed=${() => {
        this.viewing = null;
      }}
    ></hotline-viewer>`;
  }

  private get composer(): Composer | null {
    return this.querySelector<Composer>('hotline-composer');
  }

  private get log(): Log | null {
    return this.querySelector<Log>('hotline-log');
  }

  private toggleElder(): void {
    const { preferences } = this.parts ?? {};
    if (preferences === undefined) return;
    preferences.setElder(!preferences.elder);
    this.showElder();
    this.requestUpdate();
  }

  private showElder(): void {
    document.documentElement.classList.toggle('elder', this.parts?.preferences.elder === true);
  }

  private toggleSpeech(): void {
    if (this.parts === null) return;
    if (this.speech.reading !== null) {
      this.speech.stop();
      return;
    }
    const { preferences, session } = this.parts;
    preferences.setAutoRead(!preferences.autoRead);
    session.notify(preferences.autoRead ? strings.speech.autoOn : strings.speech.autoOff);
    this.requestUpdate();
  }

  /** A tab changed the preference: this one follows. */
  preferenceChanged(key: string | null, value: string | null): void {
    if (this.parts === null || key !== keys.elder) return;
    this.parts.preferences.elder = value === '1';
    this.showElder();
    this.requestUpdate();
  }
}

customElements.define('hotline-app', App);
