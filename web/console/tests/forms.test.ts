import { expect, test } from 'vitest';
import type { OrderCase, PossibleAction } from '@/api/types';
import { beginning, fieldsOf, missing, payload, sorted } from '@/areas/orders/forms';

const NAMES: Record<string, string> = {
  unit: '承办单位',
  reason: '原因',
  days: '工作日数',
  topic: '分类',
  rating: '满意度',
};

function possible(action: string, ...needs: string[]): PossibleAction {
  return { action, needs: needs.map((field) => ({ field, name: NAMES[field] ?? field })) };
}

const order = {
  number: '20261128-00001',
  topic: null,
  urgency: '一般',
  lead_unit: null,
  proposal: {
    topics: [{ topic: '0701', name: '噪声', probability: 0.9 }],
    units: [{ unit: 'ecology', name: '市生态环境局', assisting: ['430211'], confidence: 0.9, reason: '' }],
    urgency: '',
  },
} as unknown as OrderCase;

test('a form begins with what the system proposes', () => {
  const fields = fieldsOf(possible('派单', 'unit'), null);
  expect(beginning(fields, order)).toMatchObject({
    unit: 'ecology',
    assisting: [{ unit: '430211', duty: '' }],
  });
  expect(beginning(fieldsOf(possible('受理', 'topic'), null), order).topic).toBe('0701');
});

test('an order that is with a unit already is not proposed to it again', () => {
  const fields = fieldsOf(possible('改派', 'unit', 'reason'), null);
  expect(beginning(fields, { ...order, lead_unit: 'ecology' }).unit).toBe('');
});

test('what is needed is asked for first, and named when it is missing', () => {
  const fields = fieldsOf(possible('申请延期', 'reason', 'days'), { extension_days: 10 });
  expect(fields.map((one) => one.field)).toEqual(['reason', 'days']);
  expect(fields[1]?.most).toBe(10);
  expect(missing(fields, { reason: '  ', days: 3 })).toBe('原因');
  expect(missing(fields, { reason: '要检测', days: null })).toBe('工作日数');
  expect(missing(fields, { reason: '要检测', days: 3 })).toBeNull();
});

test('who is not satisfied is asked why', () => {
  const fields = fieldsOf(possible('评价', 'rating'), null);
  expect(missing(fields, { rating: '不满意', reason: '' })).toBe('哪里不满意');
  expect(missing(fields, { rating: '满意', reason: '' })).toBeNull();
});

test('what was left empty is not sent', () => {
  const fields = fieldsOf(possible('派单', 'unit'), null);
  const values = { unit: 'ecology', assisting: [{ unit: '', duty: '看看' }], note: ' ' };
  expect(payload(fields, values)).toEqual({ unit: 'ecology' });
});

test('the next step comes first, what harms comes last, what can always be done stands apart', () => {
  const found = sorted(
    ['不予受理', '直接答复', '派单', '备注', '同意退单'].map((action) => possible(action)),
  );
  expect(found.main.map((one) => one.action)).toEqual(['派单', '直接答复', '不予受理']);
  expect(found.aside.map((one) => one.action)).toEqual(['备注']);
  expect(found.decisions.map((one) => one.action)).toEqual(['同意退单']);
});
