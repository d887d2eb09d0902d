import { describe, expect, test, vi } from 'vitest';
import { HotlineError, NetworkError, ServiceError } from '../src/core/errors';
import { kindOf, preparePhoto } from '../src/core/photo-files';
import { blobOf, largeKey, Photos, type Pictures } from '../src/core/photos';
import { parseMessage, parseSite } from '../src/core/protocol';
import { DEFAULT_SITE } from '../src/core/session';
import { keys, memoryStorage } from '../src/core/storage';
import { strings } from '../src/strings.zh';
import { settle } from './helpers';

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46];
const MB = 1024 * 1024;
const ADDRESS = `data:image/jpeg;base64,${btoa('picture')}`;

const head = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const file = (bytes: number[], size = bytes.length): Blob =>
  new Blob([new Uint8Array(bytes), new Uint8Array(Math.max(0, size - bytes.length))], { type: 'image/jpeg' });
const cannot = async (): Promise<null> => null;

describe('a chosen file', () => {
  test.each([
    [JPEG, 'jpeg'],
    [head('\x89PNG\r\n\x1a\n'), 'png'],
    [head('GIF89a'), 'gif'],
    [head('RIFF\0\0\0\0WEBPVP8 '), 'webp'],
    [head('\0\0\0\x18ftypheic'), 'heic'],
    [head('\0\0\0\x18ftypisom'), null],
    [head('<svg xmlns='), null],
    [[], null],
  ])('is known by what is in it (%#)', (bytes, kind) => {
    expect(kindOf(new Uint8Array(bytes))).toBe(kind);
  });

  test('goes as it is when it is small, smaller when it is large', async () => {
    const scale = vi.fn(async () => ADDRESS);
    expect(await preparePhoto(file(JPEG), 8 * MB, scale)).toMatch(/^data:image\/jpeg;base64,/);
    expect(scale).not.toHaveBeenCalled();
    expect(await preparePhoto(file(JPEG, 3 * MB), 8 * MB, scale)).toBe(ADDRESS);
  });

  test('goes as it is when the browser cannot make it smaller and the service takes it', async () => {
    expect((await preparePhoto(file(JPEG, 2 * MB), 8 * MB, cannot)).length).toBeGreaterThan(2 * MB);
  });

  test.each([
    [file(JPEG, 9 * MB), strings.photos.tooLarge(8)],
    [file(head('\0\0\0\x18ftypheic')), strings.photos.heic],
    [file(head('我要投诉')), strings.photos.notAPhoto],
    [file([]), strings.photos.notAPhoto],
  ])('is refused with what to do about it (%#)', async (blob, words) => {
    await expect(preparePhoto(blob, 8 * MB, cannot)).rejects.toThrow(new HotlineError(words));
  });

  test('of a kind that only this telephone knows is turned into one that everybody knows', async () => {
    expect(await preparePhoto(file(head('\0\0\0\x18ftypheic')), 8 * MB, async () => ADDRESS)).toBe(ADDRESS);
  });
});

function setUp(answers: (Error | string)[] = [], storage = memoryStorage()) {
  const loads: string[] = [];
  let seen: Pictures = new Map();
  const photos = new Photos({
    storage,
    load: async (id, size) => {
      loads.push(`${id} ${size}`);
      const answer = answers.shift() ?? `data:${id}-${size}`;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    changed: (pictures) => {
      seen = pictures;
    },
  });
  return { photos, loads, storage, seen: () => seen };
}

describe('the pictures', () => {
  test('that are still to be sent outlive a reload', async () => {
    const first = setUp();
    first.photos.keep('c-1', ADDRESS);
    expect(first.seen().get('c-1')).toBe(ADDRESS);
    const second = setUp([], first.storage);
    second.photos.restore(['c-1', 'c-2']);
    const blob = second.photos.pending('c-1');
    expect(blob?.type).toBe('image/jpeg');
    expect(blob?.size).toBe(7);
    expect(second.photos.pending('c-2')).toBeNull();
  });

  test('that were sent go on being shown without being fetched', async () => {
    const { photos, loads, storage, seen } = setUp();
    photos.keep('c-1', ADDRESS);
    photos.adopt('c-1', 'a-1');
    photos.want('a-1');
    photos.want(largeKey('a-1'));
    await settle();
    expect(loads).toEqual([]);
    expect([...seen().keys()]).toEqual([largeKey('a-1'), 'a-1']);
    expect(storage.get(`${keys.photo}c-1`)).toBeNull();
  });

  test('of the log are fetched once, two at a time', async () => {
    const { photos, loads, seen } = setUp();
    for (const id of ['a', 'b', 'c', 'a']) photos.want(id);
    expect(loads).toHaveLength(2);
    await settle();
    photos.want('a');
    photos.want(largeKey('a'));
    await settle();
    expect(loads).toEqual(['a thumbnail', 'b thumbnail', 'c thumbnail', 'a large']);
    expect(seen().get(largeKey('a'))).toBe('data:a-large');
  });

  test('are asked for again when the network is back, and not when they are gone', async () => {
    const gone = new ServiceError(404, 'not_found', '没有');
    const { photos, loads, seen } = setUp([new NetworkError(), gone]);
    photos.want('a');
    photos.want('b');
    await settle();
    expect(photos.hasFailed('a')).toBe(true);
    expect(seen().get('b')).toBeNull();
    photos.retry();
    photos.want('b');
    await settle();
    expect(loads).toEqual(['a thumbnail', 'b thumbnail', 'a thumbnail']);
    expect(seen().get('a')).toBe('data:a-thumbnail');
  });

  test('of an old conversation are forgotten, what is still to be sent is not', async () => {
    const { photos, seen } = setUp();
    photos.keep('c-1', ADDRESS);
    photos.want('a');
    photos.forget(['c-1']); // while one is on its way
    await settle();
    expect([...seen().keys()]).toEqual(['c-1']);
    photos.drop('c-1');
    expect(photos.pending('c-1')).toBeNull();
  });

  test('are sent as what they are', async () => {
    expect(await blobOf(`data:image/png;base64,${btoa('\x89PNG')}`).text()).toContain('PNG');
  });
});

test('photographs of a message are read with care', () => {
  const raw = { id: 5, attachments: [{ id: 'a-1', width: 4, height: 3 }, { id: '../x' }, null, { id: 7 }] };
  expect(parseMessage(raw)?.attachments).toEqual([{ id: 'a-1', width: 4, height: 3 }]);
  expect(parseMessage({ id: 5 })?.attachments).toEqual([]);
});

test('the limits are the service’s, or the usual ones', () => {
  expect(parseSite({ photos: { max_bytes: 5, per_message: 2 } }, DEFAULT_SITE).photos).toEqual({
    max_bytes: 5,
    per_message: 2,
  });
  expect(parseSite({}, DEFAULT_SITE).photos).toEqual(DEFAULT_SITE.photos);
});
