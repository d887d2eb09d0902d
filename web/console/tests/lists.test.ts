import { expect, test } from 'vitest';
import type { Counts, Role } from '@/api/types';
import { nextPage } from '@/areas/account/next';
import { asked, filtersIn, lists, listsOf } from '@/areas/orders/lists';
import { day, full, moment, percent, total } from '@/components/format';
import { best, matches } from '@/components/match';

const counts = { by_status: { 待受理: 3 }, overdue: 2, near: 1 } as unknown as Counts;

test('every role that sees orders has lists', () => {
  const roles: Role[] = ['坐席', '派单员', '承办单位', '督办', '领导', '跟班学习'];
  for (const role of roles) expect(listsOf(role)).not.toHaveLength(0);
  expect(listsOf('管理员')).toEqual([]);
  expect(listsOf(null)).toEqual([]);
});

test('a count is that of its list', () => {
  expect(lists.pending.count?.(counts)).toBe(3);
  expect(lists.accepted.count?.(counts)).toBe(0);
  expect(lists.overdue.count?.(counts)).toBe(2);
});

test('words are looked for among all orders, other filters within the list', () => {
  expect(asked('overdue', { words: '噪声' })).toEqual({ everything: true, words: '噪声' });
  expect(asked('pending', { nature: '投诉', enterprise: 'true' })).toEqual({
    status: ['待受理'],
    nature: ['投诉'],
    enterprise: true,
  });
});

test('only filters are read from an address', () => {
  expect(filtersIn({ list: 'all', words: '路灯', area: '', page: '2', nature: ['a', 'b'] })).toEqual({
    words: '路灯',
  });
});

test('a count that was broken off says so', () => {
  expect(total(2000, true)).toBe('2,000 件以上');
  expect(total(12, false)).toBe('12 件');
});

test('a time is that in Shanghai: today, yesterday, or the day, with the year only when it is another', () => {
  const now = new Date('2026-11-28T00:00:00Z');
  expect(moment('2026-11-27T16:05:00Z', now)).toBe('今天 00:05');
  expect(moment('2026-11-26T16:00:00Z', now)).toBe('昨天 00:00');
  expect(moment('2026-11-26T15:59:00Z', now)).toBe('11月26日 23:59');
  expect(moment('2025-11-27T16:05:00Z', now)).toBe('2025年11月28日 00:05');
  expect(full('2026-11-27T16:05:00Z')).toBe('2026年11月28日 00:05');
  expect(moment('2025-12-31T15:59:00Z', now)).toBe('2025年12月31日 23:59');
  expect(moment(null)).toBe('');
  expect(day('2026-12-04')).toBe('12月4日');
  expect(percent(0.854)).toBe('85%');
});

test('a unit is found by some of its characters in their order', () => {
  const units = ['株洲市人力资源和社会保障局', '株洲市市场监督管理局', '株洲市生态环境局'].map((name) => ({
    name,
  }));
  expect(matches('株洲市人力资源和社会保障局', '人社局')).toBe(true);
  expect(matches('株洲市人力资源和社会保障局', '社人')).toBe(false);
  expect(best(units, '生态', 9)).toEqual([{ name: '株洲市生态环境局' }]);
  expect(best(units, '市局', 9)[0]).toEqual({ name: '株洲市生态环境局' });
});

test('after the login only pages of ours follow', () => {
  expect(nextPage('/orders?list=all')).toBe('/orders?list=all');
  for (const bad of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/login?next=/',
    undefined,
  ]) {
    expect(nextPage(bad)).toBe('/');
  }
});
