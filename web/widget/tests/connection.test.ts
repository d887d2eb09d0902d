import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NetworkError, ServiceError } from '../src/core/errors';
import type { Message } from '../src/core/protocol';
import type { Fetched } from '../src/transport/api';
import { Connection, type Health } from '../src/transport/connection';
import { FakeSocket, message, settle } from './helpers';

function setUp(fetchSince?: (wait: number) => Promise<Fetched>) {
  const sockets: FakeSocket[] = [];
  const health: Health[] = [];
  const received: Message[] = [];
  const unauthorized = vi.fn();
  const restored = vi.fn();
  const fetches: number[] = [];
  let cursor = 41;
  const connection = new Connection(
    {
      openSocket: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      hello: () => ({ token: 't', after: cursor }),
      fetchSince: (wait) => {
        fetches.push(wait);
        return fetchSince?.(wait) ?? new Promise<Fetched>(() => {});
      },
      online: () => true,
      random: () => 0.5,
    },
    {
      messages: (messages) => {
        received.push(...messages);
        for (const one of messages) cursor = Math.max(cursor, one.id);
      },
      conversation: () => {},
      typing: () => {},
      health: (one) => health.push(one),
      restored,
      unauthorized,
    },
  );
  const last = (): FakeSocket => {
    const socket = sockets[sockets.length - 1];
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  };
  return { connection, sockets, last, health, received, unauthorized, restored, fetches };
}

describe('the connection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('says hello with the last id it knows, also after a break', async () => {
    const { connection, last, received } = setUp();
    connection.start();
    last().opens();
    expect(last().hello).toEqual({ type: 'hello', token: 't', after: 41 });
    last().says({ type: 'messages', messages: [message(42)] });
    last().drops();
    await vi.advanceTimersByTimeAsync(1500);
    last().opens();
    expect(last().hello).toEqual({ type: 'hello', token: 't', after: 42 });
    expect(received.map((one) => one.id)).toEqual([42]);
  });

  test('polls when sockets fail twice, and goes back to a socket later', async () => {
    const { connection, sockets, last, fetches } = setUp();
    connection.start();
    last().drops();
    await vi.advanceTimersByTimeAsync(1500);
    expect(sockets).toHaveLength(2);
    last().drops();
    const before = fetches.length;
    expect(before).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(sockets).toHaveLength(3);
    last().opens();
    last().says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(fetches).toHaveLength(before);
  });

  test('holds long requests open while polling', async () => {
    const { connection, last, fetches, received } = setUp(async () => ({
      conversation: null,
      messages: [message(50)],
      typing: false,
    }));
    connection.start();
    last().drops();
    await vi.advanceTimersByTimeAsync(1500);
    last().drops();
    await vi.advanceTimersByTimeAsync(10);
    expect(fetches).toContain(20);
    expect(received[0]?.id).toBe(50);
    connection.stop();
  });

  test('notices a socket that is open but dead', async () => {
    const { connection, sockets, last } = setUp();
    connection.start();
    last().opens();
    last().says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(20_000 + 8000 + 1500);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });

  test('gives up a socket that never becomes ready', async () => {
    const { connection, sockets } = setUp();
    connection.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sockets.length).toBe(2);
  });

  test('does not sit out the back-off when the network is back', async () => {
    const { connection, sockets, last } = setUp();
    connection.start();
    for (let round = 0; round < 3; round += 1) {
      last().drops();
      await vi.advanceTimersByTimeAsync(16_000);
    }
    last().drops();
    const before = sockets.length;
    connection.wake();
    expect(sockets).toHaveLength(before + 1);
  });

  test('shows trouble only when it lasts, and good again at the first sign of life', async () => {
    const { connection, last, health, restored } = setUp(async () => {
      throw new NetworkError();
    });
    connection.start();
    last().opens();
    last().says({ type: 'pong' });
    expect(restored).toHaveBeenCalledTimes(1);
    last().drops();
    await vi.advanceTimersByTimeAsync(2500);
    expect(health).not.toContain('trouble');
    await vi.advanceTimersByTimeAsync(1500);
    expect(health[health.length - 1]).toBe('trouble');
    last().opens();
    last().says({ type: 'conversation', conversation: { mode: 'bot' } });
    expect(health[health.length - 1]).toBe('good');
    expect(restored).toHaveBeenCalledTimes(2);
  });

  test('stops and reports a refused token, by either way', async () => {
    const bySocket = setUp();
    bySocket.connection.start();
    bySocket.last().drops(4401);
    expect(bySocket.unauthorized).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bySocket.sockets).toHaveLength(1);

    const byPolling = setUp(async () => {
      throw new ServiceError(401, 'token_invalid', '失效');
    });
    byPolling.connection.start();
    byPolling.last().drops();
    await settle();
    expect(byPolling.unauthorized).toHaveBeenCalledOnce();
  });
});
