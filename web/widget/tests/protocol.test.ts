import { describe, expect, test } from 'vitest';
import { parseMessage, parseMessages, webAddress } from '../src/core/protocol';

describe('what comes from the service', () => {
  test('is left out when it is no message, and the others stay', () => {
    expect(parseMessages([null, 'x', { id: '7' }, { id: 8 }]).map((one) => one.id)).toEqual([8]);
    expect(parseMessages({})).toEqual([]);
  });

  test('keeps the places of buttons, for they are pressed by index', () => {
    const parsed = parseMessage({ id: 1, buttons: [null, { title: '第二' }] });
    expect(parsed?.buttons.map((button) => button.title)).toEqual(['', '第二']);
  });

  test('can never bring an address that runs as a script', () => {
    expect(webAddress('javascript:alert(1)')).toBeNull();
    expect(webAddress('https://www.zhuzhou.gov.cn/')).toBe('https://www.zhuzhou.gov.cn/');
  });

  test('fills what is missing in a card', () => {
    const card = parseMessage({ id: 1, card: { kind: 'new-kind', sections: [{ items: [{}] }] } })?.card;
    expect(card?.kind).toBe('answer');
    expect(card?.sections[0]).toMatchObject({ style: 'text', open: true, heading: '' });
    expect(card?.source).toBeNull();
  });
});
