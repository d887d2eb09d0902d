/** Inside another site's page (embed.js): tells the script around us what it cannot see. No content leaves here. */
import { EMBED_CLOSE, EMBED_NEWS, EMBED_READY } from '../embed/words';

export interface ParentSite {
  ready(): void;
  close(): void;
  news(): void;
}

export function parentSite(): ParentSite | null {
  const embedded = new URLSearchParams(location.search).get('embed') === '1' && window.parent !== window;
  if (!embedded) return null;
  // The site around is not known to us; these words are no secret.
  const say = (word: string): void => window.parent.postMessage(word, '*');
  return {
    ready: () => say(EMBED_READY),
    close: () => say(EMBED_CLOSE),
    news: () => say(EMBED_NEWS),
  };
}
