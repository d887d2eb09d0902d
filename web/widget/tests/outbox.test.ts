import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NetworkError, ServiceError } from '../src/core/errors';
import { newClientId, Outbox, type OutboxDeps } from '../src/core/outbox';
import type { Message } from '../src/core/protocol';
import { keys, memoryStorage } from '../src/core/storage';
import type { Outgoing } from '../src/transport/api';
import { message, settle } from './helpers';

type Answer = Error | 'ok';

function setUp(answers: Answer[], storage = memoryStorage()) {
  const sends: Outgoing[] = [];
  const log: Message[] = [];
  const unauthorized = vi.fn();
  let count = 0;
  const deps: OutboxDeps = {
    storage,
    random: () => 0.5,
    newId: () => `c-${++count}`,
    changed: () => {},
    unauthorized,
    upload: async () => 'a-1',
    delivered: () => {},
    dropped: () => {},
    sent: (one) => log.push(one),
    send: async (outgoing) => {
      sends.push(outgoing);
      const answer = answers.shift() ?? 'ok';
      if (answer !== 'ok') throw answer;
      return message(sends.length, { author: 'citizen', client_id: outgoing.client_id });
    },
  };
  const outbox = new Outbox(deps);
  return { outbox, sends, log, unauthorized, storage };
}

const busy = () => new ServiceError(503, 'busy', '服务繁忙');

describe('the outbox', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('sends in order, and each only when the one before has arrived', async () => {
    const { outbox, sends, log } = setUp([]);
    outbox.resume();
    outbox.add('甲');
    outbox.add('乙', { message: 1, button: 0 });
    await settle();
    expect(sends).toEqual([
      { client_id: 'c-1', text: '甲' },
      { client_id: 'c-2', press: { message: 1, button: 0 } },
    ]);
    expect(log).toHaveLength(2);
    expect(outbox.pending).toEqual([]);
  });

  test('holds everything back until there is a conversation', async () => {
    const { outbox, sends } = setUp([]);
    outbox.add('甲');
    await settle();
    expect(sends).toEqual([]);
    outbox.resume();
    await settle();
    expect(sends).toHaveLength(1);
  });

  test('repeats after a network error with the same client id', async () => {
    const { outbox, sends } = setUp([new NetworkError(), busy(), 'ok']);
    outbox.resume();
    outbox.add('甲');
    await settle();
    expect(outbox.pending[0]?.state).toBe('retrying');
    await vi.advanceTimersByTimeAsync(4000);
    expect(sends.map((one) => one.client_id)).toEqual(['c-1', 'c-1', 'c-1']);
    expect(outbox.pending).toEqual([]);
  });

  test('says 未送达 when it has tried long enough, and goes out when the network is back', async () => {
    const { outbox, sends } = setUp(Array.from({ length: 5 }, () => new NetworkError()));
    outbox.resume();
    outbox.add('甲');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(outbox.pending[0]).toMatchObject({ state: 'failed', resendable: true });
    outbox.wake();
    await settle();
    expect(outbox.pending).toEqual([]);
    expect(new Set(sends.map((one) => one.client_id))).toEqual(new Set(['c-1']));
  });

  test('waits as long as the service asks', async () => {
    const { outbox, sends } = setUp([new ServiceError(429, 'too_fast', '太快', 7)]);
    outbox.resume();
    outbox.add('甲');
    await vi.advanceTimersByTimeAsync(6900);
    expect(sends).toHaveLength(1);
    expect(outbox.pending[0]?.error).toContain('7秒');
    await vi.advanceTimersByTimeAsync(200);
    expect(sends).toHaveLength(2);
  });

  test('does not repeat what was refused, gives it back for editing, and goes on with the next', async () => {
    const { outbox, sends } = setUp([new ServiceError(413, 'too_long', '内容太长')]);
    outbox.resume();
    outbox.add('太长');
    outbox.add('乙');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sends.map((one) => one.text)).toEqual(['太长', '乙']);
    expect(outbox.pending).toMatchObject([{ state: 'failed', error: '内容太长', resendable: false }]);
    expect(outbox.withdraw('c-1')?.text).toBe('太长');
    expect(outbox.pending).toEqual([]);
  });

  test('survives a reload', async () => {
    const first = setUp([new NetworkError()]);
    first.outbox.resume();
    first.outbox.add('甲');
    await settle();
    first.outbox.pause();
    const second = setUp([], first.storage);
    expect(second.outbox.pending).toMatchObject([{ client_id: 'c-1', text: '甲' }]);
    second.outbox.resume();
    await settle();
    expect(second.sends).toEqual([{ client_id: 'c-1', text: '甲' }]);
    expect(second.storage.get(keys.outbox)).toBeNull();
  });

  test('drops what the log already shows', async () => {
    const { outbox } = setUp([]);
    outbox.add('甲');
    outbox.confirm([message(9, { author: 'citizen', client_id: 'c-1' })]);
    expect(outbox.pending).toEqual([]);
  });

  test('keeps the message when the token is refused, and sends words instead of buttons in the new conversation', async () => {
    const { outbox, sends, unauthorized } = setUp([new ServiceError(401, 'token_invalid', '失效')]);
    outbox.resume();
    outbox.add('转人工', { message: 1, button: 7 });
    await settle();
    expect(unauthorized).toHaveBeenCalledOnce();
    outbox.beginAnew();
    outbox.resume();
    await settle();
    expect(sends[1]).toEqual({ client_id: 'c-1', text: '转人工' });
  });

  test('makes client ids that are UUIDs', () => {
    expect(newClientId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
