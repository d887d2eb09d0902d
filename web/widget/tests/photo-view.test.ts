import { render } from 'lit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { largeKey } from '../src/core/photos';
import { strings } from '../src/strings.zh';
import '../src/ui/photo-picker';
import type { PhotoPicker } from '../src/ui/photo-picker';
import { photosView } from '../src/ui/photos';
import '../src/ui/viewer';
import type { Viewer } from '../src/ui/viewer';

const ADDRESS = `data:image/jpeg;base64,${btoa('picture')}`;
const JPEG = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0])]);
const viewed = (id: string) => ({ small: id, large: largeKey(id) });

afterEach(() => {
  document.body.innerHTML = '';
});

function press(target: Element, key: string): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

describe('the viewer', () => {
  async function open(pictures: Map<string, string | null>) {
    const opener = document.createElement('button');
    document.body.append(opener);
    opener.focus();
    const viewer = document.createElement('hotline-viewer') as Viewer;
    const want = vi.fn();
    Object.assign(viewer, {
      photos: [viewed('a'), viewed('b')],
      pictures,
      want,
      closed: () => viewer.remove(),
    });
    document.body.append(viewer);
    await viewer.updateComplete;
    return { viewer, want, opener };
  }

  test('takes the focus, closes by Esc, and gives the focus back', async () => {
    const { viewer, opener } = await open(new Map());
    expect(document.activeElement?.textContent).toContain(strings.viewer.close);
    press(viewer.querySelector('button') as Element, 'Escape');
    expect(document.querySelector('hotline-viewer')).toBeNull();
    expect(document.activeElement).toBe(opener);
  });

  test('shows the small picture until the large one is here, and turns by the arrows', async () => {
    const { viewer, want } = await open(
      new Map([
        ['a', `${ADDRESS}small`],
        [largeKey('b'), `${ADDRESS}large`],
      ]),
    );
    expect(viewer.querySelector('img')?.getAttribute('src')).toBe(`${ADDRESS}small`);
    expect(viewer.textContent).toContain(strings.viewer.loading);
    press(viewer, 'ArrowRight');
    press(viewer, 'ArrowRight');
    await viewer.updateComplete;
    expect(viewer.querySelector('img')?.getAttribute('src')).toBe(`${ADDRESS}large`);
    expect(viewer.querySelector('[role=dialog]')?.getAttribute('aria-label')).toBe('照片 2/2');
    expect(want.mock.calls.flat()).toEqual([largeKey('a'), largeKey('b')]);
  });

  test('says that a picture is gone', async () => {
    const { viewer } = await open(new Map([[largeKey('a'), null]]));
    expect(viewer.textContent).toContain(strings.photos.gone);
  });
});

test('each picture in the log has words, also before it has come, and one that is gone says so', () => {
  const view = vi.fn();
  const pictures = new Map<string, string | null>([
    ['a', ADDRESS],
    ['c', null],
  ]);
  render(photosView(['a', 'b', 'c'].map(viewed), pictures, view), document.body);
  const [first, second] = document.querySelectorAll('button');
  expect(first?.querySelector('img')?.alt).toBe('第1张照片，共3张，点开看大图');
  expect(second?.textContent).toContain('第2张照片');
  expect(document.body.textContent).toContain(strings.photos.gone);
  second?.click();
  expect(view).toHaveBeenCalledWith(1);
});

describe('choosing pictures', () => {
  async function picker() {
    const element = document.createElement('hotline-photos') as PhotoPicker;
    const send = vi.fn();
    const done = vi.fn();
    Object.assign(element, { limits: { max_bytes: 1000, per_message: 3 }, send, done });
    document.body.append(element);
    await element.updateComplete;
    const find = (id: string) => element.querySelector<HTMLElement>(`[data-testid=${id}]`);
    return { element, send, done, find };
  }

  test('shows them first, and sends what is left of them', async () => {
    const { element, send, done, find } = await picker();
    await element.choose([JPEG, JPEG]);
    expect(element.querySelectorAll('img')).toHaveLength(2);
    expect(document.activeElement).toBe(find('photo-send'));
    element.querySelector<HTMLElement>('.pick-remove')?.click();
    await element.updateComplete;
    find('photo-send')?.click();
    await element.updateComplete;
    expect(send).toHaveBeenCalledOnce();
    expect(send.mock.calls[0]?.[0]).toHaveLength(1);
    expect(done).toHaveBeenCalledOnce();
    expect(find('photo-preview')).toBeNull();
  });

  test('takes no more than may be sent at once, and says so', async () => {
    const { element, find } = await picker();
    await element.choose([JPEG, JPEG, JPEG, JPEG]);
    expect(element.querySelectorAll('img')).toHaveLength(3);
    expect(find('photo-problems')?.textContent).toContain('最多发3张');
  });

  test('says of each bad one what is wrong, keeps the good ones, and can be left', async () => {
    const { element, send, find } = await picker();
    await element.choose([JPEG, new Blob(['我要投诉']), new Blob([JPEG, new Uint8Array(2000)])]);
    expect(element.querySelectorAll('img')).toHaveLength(1);
    expect(find('photo-problems')?.textContent).toContain(strings.photos.notAPhoto);
    expect(find('photo-problems')?.textContent).toContain(strings.photos.tooLarge(0));
    find('photo-cancel')?.click();
    await element.updateComplete;
    expect(find('photo-preview')).toBeNull();
    expect(find('photo-problems')?.hidden).toBe(true);
    expect(send).not.toHaveBeenCalled();
  });
});
