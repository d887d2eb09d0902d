import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, test } from 'vitest';
import { areas, areasFor } from '@/app/areas';
import { isTyping } from '@/app/keys';

beforeEach(() => {
  setActivePinia(createPinia());
});

test('areas have keys, places in the menu and routes of their own', () => {
  expect(new Set(areas.map((area) => area.key)).size).toBe(areas.length);
  expect(new Set(areas.map((area) => area.order)).size).toBe(areas.length);
  const names = areas.flatMap((area) => area.routes.map((route) => route.name));
  expect(new Set(names).size).toBe(names.length);
});

test('of the roles in which orders are seen only the chosen one counts', () => {
  const keys = (...given: Parameters<typeof areasFor>) => areasFor(...given).map((area) => area.key);
  expect(keys(['坐席', '督办'], '坐席')).not.toContain('supervision');
  expect(keys(['坐席', '督办'], '督办')).toContain('supervision');
  expect(keys(['管理员'], null)).not.toContain('orders');
  expect(keys(['管理员'], null)).toContain('account');
});

test('a key that is pressed in a field is text', () => {
  document.body.innerHTML =
    '<input id="a"><input id="b" type="checkbox"><textarea id="c"></textarea><button id="d"></button>';
  const at = (id: string) => document.getElementById(id);
  expect([at('a'), at('b'), at('c'), at('d')].map(isTyping)).toEqual([true, false, true, false]);
});
