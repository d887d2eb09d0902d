import './styles/index.css';
import { Preferences } from './core/preferences';
import { Session } from './core/session';
import { keys, safeStorage } from './core/storage';
import { strings } from './strings.zh';
import { Api } from './transport/api';
import type { App } from './ui/app';
import './ui/app';
import { parentSite } from './ui/parent-site';
import { followKeyboard } from './viewport';

const local = safeStorage(() => window.localStorage);
const tab = safeStorage(() => window.sessionStorage);
const preferences = new Preferences(local);
const parent = parentSite();

const session = new Session({
  api: new Api((input, init) => fetch(input, init)),
  openSocket: () =>
    new WebSocket(
      `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api/conversations/current/socket`,
    ),
  online: () => navigator.onLine,
  local,
  tab,
  arrived: (messages) => {
    app?.announce(messages);
    if (document.hidden) document.title = `【${strings.unreadTitle}】${session.state.site.name}`;
  },
  begunAnew: () => app?.beginAnew(),
});

function showTitle(): void {
  if (!document.hidden) document.title = session.state.site.name;
}

const app = document.querySelector<App>('hotline-app');
app?.connect({ session, preferences, tab, parent });

window.addEventListener('online', () => session.wake());
window.addEventListener('offline', () => session.lost());
window.addEventListener('focus', () => session.wake());
window.addEventListener('pageshow', () => session.wake());
window.addEventListener('storage', (event) => {
  if (event.key === keys.elder) app?.preferenceChanged(event.key, event.newValue);
});
document.addEventListener('visibilitychange', () => {
  showTitle();
  if (!document.hidden) session.wake();
});

followKeyboard();
void session.loadSite().then(showTitle);
void session.start();
parent?.ready();
