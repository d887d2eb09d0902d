import { describe, expect, test } from 'vitest';
import { backoff } from '../src/core/backoff';
import { Preferences } from '../src/core/preferences';
import { utterances } from '../src/core/speech';
import { memoryStorage, safeStorage } from '../src/core/storage';
import { dayLabel, momentLabel } from '../src/core/time';
import { isCode } from '../src/ui/card-section';
import { length } from '../src/ui/composer';
import { modeText } from '../src/ui/header';
import { telephone, textParts } from '../src/ui/plain-text';

describe('times', () => {
  const now = new Date('2026-07-21T06:10:00Z');
  test('are Shanghai’s, whatever the phone thinks', () => {
    expect(momentLabel('2026-07-21T06:05:00Z', now)).toBe('今天 14:05');
    expect(momentLabel('2026-07-20T16:30:00Z', now)).toBe('今天 00:30');
    expect(momentLabel('2026-07-20T15:30:00Z', now)).toBe('昨天 23:30');
  });
  test('name the weekday, and the year only when it is another one', () => {
    expect(dayLabel('2026-07-06T03:00:00Z', now)).toBe('7月6日 星期一');
    expect(dayLabel('2025-12-31T03:00:00Z', now)).toBe('2025年12月31日 星期三');
    expect(dayLabel('not a time', now)).toBe('');
  });
});

test('back-off grows, stays under its cap and is spread', () => {
  expect(backoff(1, () => 0)).toBe(500);
  expect(backoff(3, () => 1)).toBe(4000);
  expect(backoff(50, () => 1)).toBe(30_000);
});

test('blocked storage is replaced by memory', () => {
  const storage = safeStorage(() => {
    throw new Error('SecurityError');
  });
  storage.set('a', '1');
  expect(storage.get('a')).toBe('1');
  storage.remove('a');
  expect(storage.get('a')).toBeNull();
});

test('preferences and ticks are remembered, and ticks forgotten with their conversation', () => {
  const storage = memoryStorage();
  const first = new Preferences(storage);
  first.setElder(true);
  first.tick('5-0-1', true);
  const second = new Preferences(storage);
  expect(second.elder).toBe(true);
  expect(second.autoRead).toBe(false);
  expect(second.ticked('5-0-1')).toBe(true);
  second.forgetTicks();
  expect(new Preferences(storage).ticked('5-0-1')).toBe(false);
});

test('telephone numbers in text can be called, other figures cannot', () => {
  expect(textParts('请打0731-22663747，或12345。').filter((part) => part.phone)).toEqual([
    { text: '0731-22663747', phone: true },
  ]);
  expect(textParts('编号90731-22663747').some((part) => part.phone)).toBe(false);
  expect(
    textParts('0731-22663747 0731-22663748')
      .map((part) => part.text)
      .join(''),
  ).toBe('0731-22663747 0731-22663748');
  expect(telephone('0731-2266 3747')).toBe('tel:073122663747');
});

test('receipt numbers can be copied, dates and words cannot', () => {
  expect(isCode('ZZ20260721000123')).toBe(true);
  expect(isCode('839201')).toBe(true);
  expect(isCode('2026-07-28')).toBe(false);
  expect(isCode('办理中')).toBe(false);
});

test('what is read aloud is cut at sentences and never too long', () => {
  expect(utterances('请带户口簿。\n请带身份证！')).toEqual(['请带户口簿。\n请带身份证！']);
  const long = utterances(`${'很长'.repeat(200)}。短句。`);
  expect(long.every((part) => part.length <= 122)).toBe(true);
  expect(long.join('').replace(/\s/g, '')).toBe(`${'很长'.repeat(200)}。短句。`);
});

test('length is counted in characters, as the service does', () => {
  expect(length('𠮷野家')).toBe(3);
});

test('the header says honestly who is speaking', () => {
  const base = { position: null, agent: null, in_service_hours: true } as const;
  expect(modeText({ ...base, mode: 'queued', position: 2 })).toContain('第2位');
  expect(modeText({ ...base, mode: 'queued', position: 2, in_service_hours: false })).not.toContain('第2位');
  expect(modeText({ ...base, mode: 'human', agent: '坐席 1024' })).toContain('坐席 1024');
});
