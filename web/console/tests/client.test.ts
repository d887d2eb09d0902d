import { afterEach, expect, test, vi } from 'vitest';
import { ApiError, api, queryString, useCredentials, wordsOf } from '@/api/client';
import { photoUrl } from '@/api/orders';

afterEach(() => {
  vi.unstubAllGlobals();
});

function answers(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(async () => new Response(status === 204 ? null : JSON.stringify(body), { status }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

function loggedIn(expired = vi.fn()): typeof expired {
  useCredentials({ csrf: () => 'token', role: () => '派单员', expired });
  return expired;
}

test('a change carries the token, and the role percent-encoded', async () => {
  loggedIn();
  const fetched = answers(200, { number: '1' });
  await api.post('/orders/1/actions', { action: '受理' });
  const [url, init] = fetched.mock.calls[0] as unknown as [string, RequestInit];
  const headers = init.headers as Record<string, string>;
  expect(url).toBe('/console-api/orders/1/actions');
  expect(headers['X-CSRF-Token']).toBe('token');
  expect(decodeURIComponent(headers['X-Acting-Role'] ?? '')).toBe('派单员');
});

test('reading carries no token', async () => {
  loggedIn();
  const fetched = answers(200, []);
  await api.get('/orders', { status: ['待受理', '已受理'], words: '' });
  const [url, init] = fetched.mock.calls[0] as unknown as [string, RequestInit];
  expect(url).toBe(
    `/console-api/orders?status=${encodeURIComponent('待受理')}&status=${encodeURIComponent('已受理')}`,
  );
  expect((init.headers as Record<string, string>)['X-CSRF-Token']).toBeUndefined();
});

test('an error says what the service says', async () => {
  answers(409, { error: { code: 'changed', message: '王芳刚刚派了单。' } });
  const error = await api.post('/x').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as ApiError).code).toBe('changed');
  expect(wordsOf(error)).toBe('王芳刚刚派了单。');
});

test('an answer that is none of ours has Chinese words all the same', async () => {
  vi.stubGlobal('fetch', async () => new Response('<html>Bad Gateway</html>', { status: 502 }));
  const error = await api.get('/x').catch((caught: unknown) => caught);
  expect(wordsOf(error)).toContain('服务正在启动');
});

test('without a network the words say so', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed');
  });
  const error = await api.get('/x').catch((caught: unknown) => caught);
  expect((error as ApiError).code).toBe('offline');
  expect(wordsOf(error)).toContain('连不上服务器');
});

test('a session that is over is told once to whoever keeps it, but not while somebody logs in', async () => {
  const expired = loggedIn();
  answers(401, { error: { code: 'not_logged_in', message: '请先登录。' } });
  await api.post('/login', {}, { loggingIn: true }).catch(() => {});
  expect(expired).not.toHaveBeenCalled();
  await api.get('/orders').catch(() => {});
  expect(expired).toHaveBeenCalledOnce();
});

test('a query leaves out what is not set', () => {
  expect(queryString({ a: 1, b: null, c: undefined, d: '', e: false })).toBe('?a=1&e=false');
  expect(queryString()).toBe('');
});

test('a picture says in its address in which role it is asked for', () => {
  expect(photoUrl('20261128-00001', 'p1', '坐席', true)).toBe(
    `/console-api/orders/20261128-00001/attachments/p1/thumbnail?acting_role=${encodeURIComponent('坐席')}`,
  );
});
