import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NetworkError, ServiceError } from '../src/core/errors';
import { Outbox, type OutboxDeps, type PendingPhoto } from '../src/core/outbox';
import type { Message } from '../src/core/protocol';
import { memoryStorage } from '../src/core/storage';
import { strings } from '../src/strings.zh';
import { Api, type Outgoing } from '../src/transport/api';
import type { Upload, Uploaded } from '../src/transport/upload';
import { message, settle } from './helpers';

type Answer = Error | 'ok';

function setUp(uploads: Answer[] = [], sends: Answer[] = [], storage = memoryStorage()) {
  const uploaded: string[] = [];
  const sent: Outgoing[] = [];
  const shares: number[] = [];
  const delivered: [readonly PendingPhoto[], Message][] = [];
  const dropped: PendingPhoto[] = [];
  let count = 0;
  const deps: OutboxDeps = {
    storage,
    random: () => 0.5,
    newId: () => `c-${++count}`,
    changed: () => shares.push(outbox?.pending[0]?.progress ?? 1),
    unauthorized: () => outbox.beginAnew(),
    sent: () => {},
    delivered: (photos, one) => delivered.push([photos, one]),
    dropped: (photos) => dropped.push(...photos),
    upload: async (clientId, progress) => {
      uploaded.push(clientId);
      progress(0.5);
      const answer = uploads.shift() ?? 'ok';
      if (answer !== 'ok') throw answer;
      return `a-${clientId}`;
    },
    send: async (outgoing) => {
      sent.push(outgoing);
      const answer = sends.shift() ?? 'ok';
      if (answer !== 'ok') throw answer;
      const attachments = (outgoing.attachments ?? []).map((id) => ({ id, width: 4, height: 3 }));
      return message(sent.length, { author: 'citizen', client_id: outgoing.client_id, attachments });
    },
  };
  const outbox: Outbox = new Outbox(deps);
  return { outbox, uploaded, sent, shares, delivered, dropped, storage };
}

describe('photographs in the outbox', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('are uploaded one after the other and sent together, before what was written after them', async () => {
    const { outbox, uploaded, sent, shares, delivered } = setUp();
    outbox.resume();
    outbox.addPhotos(['p-1', 'p-2']);
    outbox.add('看这里');
    expect(outbox.pending[0]?.text).toBe('照片2张');
    await settle();
    expect(uploaded).toEqual(['p-1', 'p-2']);
    expect(sent).toEqual([
      { client_id: 'c-1', attachments: ['a-p-1', 'a-p-2'] },
      { client_id: 'c-2', text: '看这里' },
    ]);
    expect(shares).toEqual(expect.arrayContaining([0.25, 0.5, 0.75, 1]));
    expect(delivered[0]?.[0].map((photo) => photo.client_id)).toEqual(['p-1', 'p-2']);
    expect(outbox.pending).toEqual([]);
  });

  test('go on where the network broke off: what has arrived is not sent again', async () => {
    const { outbox, uploaded, sent } = setUp(['ok', new NetworkError()]);
    outbox.resume();
    outbox.addPhotos(['p-1', 'p-2']);
    await settle();
    expect(outbox.pending[0]).toMatchObject({ state: 'retrying', progress: 0.75 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(uploaded).toEqual(['p-1', 'p-2', 'p-2']);
    expect(sent).toHaveLength(1);
  });

  test('outlive a reload, with what was uploaded already', async () => {
    const first = setUp(['ok', new NetworkError()]);
    first.outbox.resume();
    first.outbox.addPhotos(['p-1', 'p-2']);
    await settle();
    first.outbox.pause();
    const second = setUp([], [], first.storage);
    second.outbox.resume();
    await settle();
    expect(second.uploaded).toEqual(['p-2']);
    expect(second.sent).toEqual([{ client_id: 'c-1', attachments: ['a-p-1', 'a-p-2'] }]);
  });

  test('that are refused hold nothing up, say why, and can be taken away', async () => {
    const { outbox, sent, dropped } = setUp([new ServiceError(422, 'not_a_photo', '这个文件不是照片。')]);
    outbox.resume();
    outbox.addPhotos(['p-1']);
    outbox.add('你好');
    await settle();
    expect(sent).toEqual([{ client_id: 'c-2', text: '你好' }]);
    expect(outbox.pending).toMatchObject([
      { state: 'failed', error: '这个文件不是照片。', resendable: false },
    ]);
    expect(outbox.withdraw('c-1')?.photos).toHaveLength(1);
    expect(dropped.map((photo) => photo.client_id)).toEqual(['p-1']);
  });

  test('that the service has forgotten are uploaded once more', async () => {
    const { outbox, uploaded, sent } = setUp([], [new ServiceError(409, 'no_such_photo', '没有')]);
    outbox.resume();
    outbox.addPhotos(['p-1']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(uploaded).toEqual(['p-1', 'p-1']);
    expect(sent).toHaveLength(2);
    expect(outbox.pending).toEqual([]);
  });

  test('are uploaded anew in another conversation', async () => {
    const { outbox, uploaded } = setUp([], [new ServiceError(401, 'token_invalid', '失效')]);
    outbox.resume();
    outbox.addPhotos(['p-1']);
    await settle();
    outbox.resume();
    await settle();
    expect(uploaded).toEqual(['p-1', 'p-1']);
  });
});

describe('the upload', () => {
  const using = (answer: Partial<Uploaded> | Error) => {
    const calls: unknown[][] = [];
    const uploader: Upload = async (...call) => {
      calls.push(call);
      if (answer instanceof Error) throw answer;
      return { status: 201, text: '{}', retryAfter: null, ...answer };
    };
    const api = new Api((async () => new Response()) as unknown as typeof fetch, '', uploader);
    return { calls, upload: () => api.upload('t', 'p-1', new Blob(['x']), () => {}) };
  };

  test('gives the id, and carries token and client id', async () => {
    const { calls, upload } = using({ text: '{"attachment": {"id": "a-1"}}' });
    expect(await upload()).toBe('a-1');
    expect(calls[0]?.slice(0, 2)).toEqual([
      '/api/attachments?client_id=p-1',
      { 'Content-Type': 'application/octet-stream', Authorization: 'Bearer t' },
    ]);
  });

  test('hands over the service’s words and the time to wait', async () => {
    const text = '{"error": {"code": "busy", "message": "稍等"}}';
    await expect(using({ status: 503, text, retryAfter: '3' }).upload()).rejects.toMatchObject({
      temporary: true,
      message: '稍等',
      retryAfter: 3,
    });
  });

  test('knows what a proxy’s bare 413 means', async () => {
    await expect(using({ status: 413, text: '<html>' }).upload()).rejects.toThrow(
      strings.photos.tooLargeHere,
    );
  });

  test('calls no answer a network error', async () => {
    await expect(using(new Error('no answer')).upload()).rejects.toBeInstanceOf(NetworkError);
  });
});
