import { describe, expect, test } from 'vitest';
import { advanceCursor, liveButtonsOwner, mergeMessages, newestMenu } from '../src/core/message-log';
import { message } from './helpers';

describe('the message log', () => {
  test('holds every message once, in order, however they arrive', () => {
    const log = mergeMessages([message(1), message(4)], [message(3), message(4), message(2)]);
    expect(log.map((one) => one.id)).toEqual([1, 2, 3, 4]);
  });

  test('is the same array when nothing is new, so that nothing is drawn again', () => {
    const log = [message(1), message(2)];
    expect(mergeMessages(log, [message(2)])).toBe(log);
  });

  test('takes the newer form of a message', () => {
    const log = mergeMessages([message(1)], [message(1, { feedback: true })]);
    expect(log).toHaveLength(1);
    expect(log[0]?.feedback).toBe(true);
  });

  test('moves its cursor to the last message read', () => {
    expect(advanceCursor(3, [message(5), message(4)])).toBe(5);
    expect(advanceCursor(9, [message(5)])).toBe(9);
  });

  test('lets only the newest message of the bot or the service be answered by button', () => {
    const log = [message(1), message(2), message(3, { author: 'citizen' }), message(4, { author: 'system' })];
    expect(liveButtonsOwner(log)).toBe(log.length);
    expect(newestMenu([message(1, { menu: true }), message(2)])?.id).toBe(1);
  });
});
