import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveEvent } from '@/live/events';
import { Live, type LiveState, waitBefore } from '@/live/live';

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  sent: Record<string, unknown>[] = [];
  constructor() {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.onclose?.({ code });
  }
  says(event: LiveEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
}

const events: LiveEvent[] = [];
const states: LiveState[] = [];
const resync = vi.fn();
const expired = vi.fn();

function live(): Live {
  return new Live({
    url: 'ws://here/console-api/live',
    onEvent: (event) => events.push(event),
    onResync: resync,
    onState: (state) => states.push(state),
    onExpired: expired,
    open: () => new FakeSocket() as unknown as WebSocket,
  });
}

function last(): FakeSocket {
  return FakeSocket.all.at(-1) as FakeSocket;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  events.length = 0;
  states.length = 0;
  resync.mockClear();
  expired.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the waits grow from one second to fifteen', () => {
  expect([1, 2, 3, 4, 5, 6].map(waitBefore)).toEqual([1000, 2000, 4000, 8000, 15000, 15000]);
});

test('after a break it goes on from the last event', () => {
  const one = live();
  one.watch(['c1'], true);
  one.start();
  last().onopen?.();
  expect(last().sent).toEqual([{ type: 'hello', stream: null, after: null, watch: ['c1'], bot: true }]);
  last().says({ type: 'welcome', stream: 'S', seq: 7, ping_seconds: 15, gone_seconds: 45 });
  last().says({ type: 'order', number: '20261128-00001', seq: 9 });
  expect(events).toHaveLength(1);
  last().close(1006);
  expect(one.state).toBe('waiting');
  vi.advanceTimersByTime(1000);
  last().onopen?.();
  expect(last().sent[0]).toEqual({ type: 'hello', stream: 'S', after: 9, watch: ['c1'], bot: true });
});

test('what cannot be made up for is told, and is no event', () => {
  const one = live();
  one.start();
  last().onopen?.();
  last().says({ type: 'welcome', stream: 'S', seq: 7 });
  last().says({ type: 'resync', seq: 20 });
  expect(resync).toHaveBeenCalledOnce();
  expect(events).toEqual([]);
  last().close(1006);
  vi.advanceTimersByTime(1000);
  last().onopen?.();
  expect(last().sent[0]?.after).toBe(20);
});

test('it pings, and gives a silent connection up', () => {
  const one = live();
  one.start();
  last().onopen?.();
  last().says({ type: 'welcome', stream: 'S', seq: 0, ping_seconds: 15, gone_seconds: 45 });
  vi.advanceTimersByTime(15_000);
  expect(last().sent.at(-1)).toEqual({ type: 'ping' });
  last().says({ type: 'pong' });
  vi.advanceTimersByTime(61_000);
  expect(states).toContain('waiting');
});

test('who is logged out, or may see nothing, is not asked for again', () => {
  const one = live();
  one.start();
  last().close(4401);
  expect(expired).toHaveBeenCalledOnce();
  one.start();
  last().close(4403);
  vi.advanceTimersByTime(60_000);
  expect(expired).toHaveBeenCalledOnce();
  expect(FakeSocket.all).toHaveLength(2);
  expect(one.state).toBe('off');
});

test('nothing is sent without a connection', () => {
  expect(live().send({ type: 'ping' })).toBe(false);
});

test('once stopped it stays stopped', () => {
  const one = live();
  one.start();
  last().close(1006);
  one.stop();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});
