import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../src/core/session';
import { keys, memoryStorage } from '../src/core/storage';
import { strings } from '../src/strings.zh';
import { Api } from '../src/transport/api';
import { FakeSocket, jsonResponse, message, settle } from './helpers';

type Route = (request: { method: string; path: string; token: string; body: string }) => Response;

function setUp(route: Route, stored: string | null = null) {
  const local = memoryStorage();
  if (stored !== null) local.set(keys.token, stored);
  const sockets: FakeSocket[] = [];
  const requests: string[] = [];
  const arrived = vi.fn();
  const fetcher = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = String(input);
    const method = init?.method ?? 'GET';
    requests.push(`${method} ${path}`);
    const headers = new Headers(init?.headers);
    return route({ method, path, token: headers.get('Authorization') ?? '', body: String(init?.body ?? '') });
  };
  const session = new Session({
    api: new Api(fetcher as typeof fetch),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    online: () => true,
    local,
    tab: memoryStorage(),
    arrived,
  });
  return { session, local, sockets, requests, arrived };
}

const welcome = message(1, { menu: true });
const opened = (token: string) =>
  jsonResponse(201, { token, conversation: { mode: 'bot' }, messages: [welcome] });

describe('a session', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('begins a conversation and keeps its token', async () => {
    const { session, local } = setUp(() => opened('t1'));
    await session.start();
    expect(session.state.phase).toBe('ready');
    expect(session.state.messages.map((one) => one.id)).toEqual([1]);
    expect(local.get(keys.token)).toBe('t1');
  });

  test('resumes the stored one, history and all', async () => {
    const { session, requests } = setUp(
      () =>
        jsonResponse(200, {
          conversation: { mode: 'human', agent: '坐席 1024' },
          messages: [welcome, message(2)],
        }),
      't1',
    );
    await session.start();
    expect(requests).toEqual(['GET /api/conversations/current/messages?after=0']);
    expect(session.state.messages).toHaveLength(2);
    expect(session.state.conversation.agent).toBe('坐席 1024');
  });

  test('begins anew with a notice when the stored token is refused', async () => {
    const { session, local } = setUp(
      ({ method }) =>
        method === 'POST'
          ? opened('t2')
          : jsonResponse(401, { error: { code: 'token_invalid', message: '失效' } }),
      't1',
    );
    await session.start();
    expect(session.state.notice).toBe(strings.log.newConversation);
    expect(local.get(keys.token)).toBe('t2');
  });

  test('does not flood the service when fresh tokens are refused as well', async () => {
    const { session, sockets, requests } = setUp(() => opened(`t${requests.length}`));
    await session.start();
    for (let round = 0; round < 5; round += 1) {
      sockets[sockets.length - 1]?.drops(4401);
      await settle();
    }
    expect(session.state.phase).toBe('failed');
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test('does not skip a message of the other side that a send has overtaken', async () => {
    const { session, sockets } = setUp(({ path }) =>
      path.endsWith('/messages')
        ? jsonResponse(202, { message: message(3, { author: 'citizen', client_id: 'x' }) })
        : path.startsWith('/api/conversations/current')
          ? jsonResponse(200, { messages: [] })
          : opened('t1'),
    );
    await session.start();
    session.sendText('你好');
    await settle();
    expect(session.state.messages.map((one) => one.id)).toEqual([1, 3]);
    sockets[0]?.opens();
    expect(sockets[0]?.hello).toMatchObject({ after: 1 });
    sockets[0]?.says({
      type: 'messages',
      messages: [message(2), message(3, { author: 'citizen', client_id: 'x' })],
    });
    expect(session.state.messages.map((one) => one.id)).toEqual([1, 2, 3]);
  });

  test('announces what arrives, but neither history nor the citizen’s own words', async () => {
    const { session, sockets, arrived } = setUp(() => opened('t1'));
    await session.start();
    expect(arrived).not.toHaveBeenCalled();
    sockets[0]?.opens();
    sockets[0]?.says({
      type: 'messages',
      messages: [message(1), message(2, { author: 'citizen' }), message(3)],
    });
    expect(arrived).toHaveBeenCalledOnce();
    expect(arrived.mock.calls[0]?.[0].map((one: { id: number }) => one.id)).toEqual([3]);
  });

  test('lets no typing sign stay for ever', async () => {
    const { session, sockets } = setUp(() => opened('t1'));
    await session.start();
    sockets[0]?.opens();
    sockets[0]?.says({ type: 'typing', on: true });
    expect(session.state.typing).toBe(true);
    sockets[0]?.says({ type: 'messages', messages: [message(2)] });
    expect(session.state.typing).toBe(false);
  });

  test('lets an agent see that the citizen writes, now and then, and the bot not', async () => {
    const { session, sockets } = setUp(() => opened('t1'));
    await session.start();
    const socket = sockets[0];
    socket?.opens();
    socket?.says({ type: 'pong' });
    const told = (): number => socket?.sent.filter((frame) => frame.type === 'typing').length ?? 0;
    session.writes();
    expect(told()).toBe(0);
    const conversation = { mode: 'human', position: null, agent: '坐席 1024', in_service_hours: true };
    socket?.says({ type: 'conversation', conversation });
    session.writes();
    session.writes();
    expect(told()).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    session.writes();
    expect(told()).toBe(2);
    session.sendText('好的');
    session.writes();
    expect(told()).toBe(3);
  });

  test('says what is wrong when the service cannot be reached, and opens by itself later', async () => {
    let up = false;
    const { session } = setUp(() =>
      up ? opened('t1') : jsonResponse(503, { error: { code: 'busy', message: '系统维护中' } }),
    );
    const start = session.start();
    await vi.advanceTimersByTimeAsync(10_000);
    await start;
    expect(session.state).toMatchObject({ phase: 'failed', failure: '系统维护中' });
    up = true;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(session.state.phase).toBe('ready');
  });

  test('shows a rating at once and takes it back when it was not accepted', async () => {
    const { session } = setUp(({ path }) =>
      path.endsWith('/feedback') ? jsonResponse(503, {}) : opened('t1'),
    );
    await session.start();
    const rating = session.rate(1, true);
    expect(session.state.messages[0]?.feedback).toBe(true);
    await rating;
    expect(session.state.messages[0]?.feedback).toBeNull();
    expect(session.state.notice).toBe(strings.errors.rating);
  });
});
