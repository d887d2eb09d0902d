import { describe, expect, test } from 'vitest';
import type { Pending } from '../src/core/outbox';
import { entries } from '../src/ui/entries';
import { message } from './helpers';

const at = (time: string) => ({ created_at: `2026-07-21T${time}:00Z` });

describe('the lines of the log', () => {
  test('have a separator for each day, counted in Shanghai', () => {
    const lines = entries([message(1, at('15:59')), message(2, at('16:01'))], [], '2026-07-22');
    expect(lines.map((line) => line.kind)).toEqual(['day', 'message', 'day', 'message']);
  });

  test('need no separator when there is only today', () => {
    const lines = entries([message(1, at('02:00'))], [], '2026-07-21');
    expect(lines.map((line) => line.kind)).toEqual(['message']);
  });

  test('name the speaker once a group, and the time when minutes have passed', () => {
    const lines = entries(
      [
        message(1, at('02:00')),
        message(2, at('02:01')),
        message(3, { ...at('02:02'), author: 'citizen' }),
        message(4, at('02:10')),
      ],
      [],
      '2026-07-21',
    );
    expect(lines.map((line) => (line.kind === 'message' ? [line.head, line.timed] : null))).toEqual([
      [true, true],
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  test('show only live buttons, with the index they are pressed by', () => {
    const buttons = [{ title: '甲' }, { title: '乙' }];
    const lines = entries(
      [message(1, { menu: true, buttons }), message(2, { buttons }), message(3, { buttons })],
      [],
      '2026-07-21',
    );
    expect(lines.map((line) => (line.kind === 'message' ? line.buttons.length : 0))).toEqual([2, 0, 2]);
  });

  test('keep the key of a sent message when it is confirmed, so that its bubble stays', () => {
    const pending: Pending = {
      client_id: 'c-1',
      text: '你好',
      press: null,
      photos: [],
      progress: 0,
      created_at: '2026-07-21T02:00:00Z',
      state: 'sending',
      error: null,
      resendable: false,
    };
    const [before] = entries([], [pending], '2026-07-21');
    const [after] = entries([message(7, { author: 'citizen', client_id: 'c-1' })], [], '2026-07-21');
    expect(before?.key).toBe(after?.key);
  });
});
