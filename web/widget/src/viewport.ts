/**
 * iOS lays its keyboard over the page and leaves the page's height as it was. The visible height is handed to the
 * style sheet, so that the input stands above the keyboard. Android resizes the page by itself (see index.html).
 */
export function followKeyboard(): void {
  const visual = window.visualViewport;
  if (!visual) return;
  const follow = (): void => {
    const covered = visual.scale === 1 && window.innerHeight - visual.height > 100;
    if (covered) {
      document.documentElement.style.setProperty('--app-height', `${visual.height}px`);
      window.scrollTo(0, 0); // iOS scrolls the whole page to bring the field into view
    } else {
      document.documentElement.style.removeProperty('--app-height');
    }
  };
  visual.addEventListener('resize', follow);
}
