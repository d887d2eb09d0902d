import { onScopeDispose } from 'vue';

/** What a key does; the name is that of KeyboardEvent.key. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

/** Whether a key pressed here is meant as text, or belongs to a dialog or an open list. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('[role="dialog"], [role="listbox"], [role="menu"]'))
    return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type)
  );
}

function dialogOpen(): boolean {
  const shown = [...document.querySelectorAll<HTMLElement>('.el-overlay')];
  return shown.some((overlay) => overlay.style.display !== 'none');
}

/** Keys of a page, for as long as the page is there. Not while somebody types, nor with a dialog open. */
export function useKeys(keys: Keys): void {
  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const does = keys[event.key];
    if (!does || isTyping(event.target) || dialogOpen()) return;
    // Enter and blank on a button or a link are the button's.
    const own = event.key === 'Enter' || event.key === ' ';
    if (own && (event.target as Element).closest?.('button, a, input, [role="button"]')) return;
    event.preventDefault();
    does(event);
  }
  window.addEventListener('keydown', pressed);
  onScopeDispose(() => window.removeEventListener('keydown', pressed));
}
