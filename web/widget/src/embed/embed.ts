/**
 * For other sites: <script src="https://…/widget/embed.js" defer></script>
 * Adds a button and, when it is pressed, a frame with the widget. Everything lives in a shadow tree, styled through
 * the CSSOM (allowed by strict content policies), and nothing is left in the page's global names.
 */
import { embedStrings as words } from '../strings.zh';
import { embedCss } from './style';
import { EMBED_CLOSE, EMBED_NEWS, EMBED_READY } from './words';

const HOST_ID = 'hotline-12345';

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function addStyle(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(embedCss);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(Object.assign(document.createElement('style'), { textContent: embedCss }));
  }
}

function install(service: string): void {
  if (document.getElementById(HOST_ID) !== null) return;
  const host = document.createElement('div');
  host.id = HOST_ID;
  const root = host.attachShadow({ mode: 'open' });
  addStyle(root);

  const button = element('button', 'open');
  button.type = 'button';
  button.setAttribute('aria-expanded', 'false');
  const label = element('span', 'label', words.open);
  button.append(element('span', 'dot'), label);

  const panel = element('div', 'panel');
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', words.frameTitle);
  panel.hidden = true;
  // Until the page in the frame shows its own close button, on a phone there would be no way back.
  const waiting = element('div', 'waiting');
  const waitingClose = element('button', 'waiting-close', words.close);
  waitingClose.type = 'button';
  waiting.append(element('p', 'waiting-text', words.loading), waitingClose);
  panel.append(waiting);

  let frame: HTMLIFrameElement | null = null;
  let overflowBefore = '';

  const name = (open: boolean, news: boolean): void => {
    button.setAttribute('aria-expanded', String(open));
    button.setAttribute('aria-label', open ? words.closeLabel : words.openLabel + (news ? words.unread : ''));
    label.textContent = open ? words.close : words.open;
    button.classList.toggle('news', news);
  };

  const open = (): void => {
    if (frame === null) {
      frame = element('iframe', 'frame');
      frame.title = words.frameTitle;
      frame.setAttribute('allow', 'clipboard-write');
      frame.src = `${service}/?embed=1`;
      panel.append(frame);
    }
    panel.hidden = false;
    host.classList.add('is-open');
    name(true, false);
    overflowBefore = document.documentElement.style.overflow;
    if (window.matchMedia('(max-width: 600px)').matches) document.documentElement.style.overflow = 'hidden';
    frame.focus();
  };

  const close = (): void => {
    if (panel.hidden) return;
    panel.hidden = true;
    host.classList.remove('is-open');
    document.documentElement.style.overflow = overflowBefore;
    name(false, false);
    button.focus();
  };

  button.addEventListener('click', () => (panel.hidden ? open() : close()));
  waitingClose.addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) close();
  });
  window.addEventListener('message', (event) => {
    if (frame === null || event.source !== frame.contentWindow || event.origin !== service) return;
    if (event.data === EMBED_READY) waiting.hidden = true;
    if (event.data === EMBED_CLOSE) close();
    if (event.data === EMBED_NEWS && panel.hidden) name(false, true);
  });

  name(false, false);
  root.append(panel, button);
  document.body.append(host);
}

// Known only while the script itself runs, so it is read before anything waits.
const tag = document.currentScript;
if (tag instanceof HTMLScriptElement && tag.src !== '') {
  const service = new URL(tag.src).origin;
  if (document.body !== null) install(service);
  else document.addEventListener('DOMContentLoaded', () => install(service));
}
