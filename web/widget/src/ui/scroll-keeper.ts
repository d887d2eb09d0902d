/** Where the log stands. At the bottom it stays there; above, it does not move, and says that there is news. */
import type { State } from '../core/session';

const NEAR = 90; // px from the end that still count as "at the end"
const MARGIN = 12;

type Wish = 'none' | 'stay' | 'beginning' | 'end' | 'start-of-news';

export class ScrollKeeper {
  private scroller: HTMLElement | null = null;
  private atEnd = true;
  /** Only the welcome stands there: it is shown from its top, also when the print grows. */
  private welcome = false;
  private wish: Wish = 'end';
  private newsId: number | null = null;
  private unseenId: number | null = null;
  private resize: ResizeObserver | null = null;

  constructor(private readonly seen: () => void) {}

  attach(scroller: HTMLElement): void {
    if (this.scroller === scroller) return;
    this.detach();
    this.scroller = scroller;
    scroller.addEventListener('scroll', this.onScroll, { passive: true });
    if (typeof ResizeObserver !== 'undefined') {
      // The keyboard of a phone takes half of the height: the last message must stay visible above it.
      this.resize = new ResizeObserver(() => {
        if (this.atEnd) this.toEnd();
      });
      this.resize.observe(scroller);
    }
  }

  detach(): void {
    this.resize?.disconnect();
    this.scroller?.removeEventListener('scroll', this.onScroll);
    this.scroller = null;
  }

  before(): void {
    if (this.wish === 'none') this.wish = 'stay';
  }

  /** Looks at what the next drawing will bring. */
  expect(before: State, next: State): void {
    if (next.pending.length > before.pending.length) this.wish = 'end';
    if (next.pending.length > 0 || next.messages.length > 1) this.welcome = false;
    if (before.phase !== 'ready' || before.messages.length === 0) {
      // History is read from its end, a welcome from its beginning.
      this.welcome = next.messages.length <= 1 && next.pending.length === 0;
      this.wish = this.welcome ? 'beginning' : 'end';
      return;
    }
    const last = before.messages[before.messages.length - 1]?.id ?? 0;
    const news = next.messages.find((message) => message.id > last && message.author !== 'citizen');
    if (news === undefined) return;
    this.newsId = news.id;
    if (this.wish !== 'end') this.wish = 'start-of-news';
  }

  follow(): void {
    this.wish = 'end';
    this.atEnd = true;
  }

  /** @returns whether there is news that the citizen does not see. */
  after(): boolean {
    const { wish, newsId } = this;
    this.wish = 'none';
    this.newsId = null;
    if (wish === 'end') {
      this.toEnd();
      return false;
    }
    if (wish === 'beginning') {
      if (this.scroller !== null) this.scroller.scrollTop = 0;
      this.onScroll();
      return false;
    }
    if (newsId !== null && wish === 'start-of-news') {
      if (this.atEnd) {
        this.toStartOf(newsId);
        return false;
      }
      this.unseenId ??= newsId;
      return true;
    }
    if (this.atEnd) this.toEnd();
    return false;
  }

  toUnseen(): void {
    if (this.unseenId !== null) this.toStartOf(this.unseenId);
    else this.toEnd();
    this.unseenId = null;
    this.seen();
    this.scroller?.focus({ preventScroll: true });
  }

  /** A long answer begins at its beginning: its first line is the answer. */
  private toStartOf(id: number): void {
    const scroller = this.scroller;
    const message = scroller?.querySelector<HTMLElement>(`[data-id="${id}"]`);
    if (!scroller || !message) {
      this.toEnd();
      return;
    }
    const top =
      message.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    scroller.scrollTop = Math.min(top - MARGIN, scroller.scrollHeight - scroller.clientHeight);
    this.onScroll(); // the event comes a frame later, and another drawing may come before it
  }

  private toEnd(): void {
    if (this.scroller !== null && !this.welcome) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  private readonly onScroll = (): void => {
    const scroller = this.scroller;
    if (scroller === null) return;
    this.atEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < NEAR;
    if (this.atEnd && this.unseenId !== null) {
      this.unseenId = null;
      this.seen();
    }
  };
}
