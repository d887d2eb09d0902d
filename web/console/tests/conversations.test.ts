import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '@/api/client';
import {
  type Delivery,
  deskApi,
  type Line,
  type Message,
  type Note,
  type Reply,
  type Unseen,
} from '@/api/desk';
import { firstUndelivered, leftAt, unseenLines } from '@/areas/conversations/delivery';
import { isPassing, useDrafts } from '@/areas/conversations/drafts';
import { fitting } from '@/areas/conversations/replies';
import {
  entries,
  isMasked,
  lastId,
  leavesGap,
  mergeMessages,
  waited,
} from '@/areas/conversations/transcript';
import { countUnread, hear, markSeen, nothingUnread } from '@/areas/conversations/unread';
import { inTurn, merged } from '@/stores/desk';

const message = (id: number, others: Partial<Message> = {}): Message => ({
  id,
  author: 'citizen',
  agent: null,
  text: `第 ${id} 句`,
  at: '2026-11-28T01:00:00Z',
  client_id: null,
  buttons: [],
  card: null,
  attachments: [],
  place: null,
  feedback: null,
  emergency: [],
  evidence: null,
  ...others,
});
const line = (id: string, others: Partial<Line> = {}): Line => ({
  id,
  channel: 'web',
  mode: 'queued',
  agent: null,
  team: null,
  reason: 'citizen',
  reason_text: '市民要人工',
  priority: 0,
  queued_at: null,
  waiting_seconds: null,
  claimed_at: null,
  changed_at: '2026-11-28T01:00:00Z',
  last_id: 1,
  demo: false,
  undelivered: 0,
  elsewhere: null,
  ...others,
});
const ids = (messages: readonly Message[]): number[] => messages.map((one) => one.id);

test('a message that comes twice, or late, stands once and in its place', () => {
  const first = mergeMessages([], [message(1), message(3)]);
  const all = mergeMessages(first, [message(3), message(2), message(4)]);
  expect(ids(all)).toEqual([1, 2, 3, 4]);
  expect(lastId(all)).toBe(4);
});

test('what was understood of a message takes the place of the message without it', () => {
  const evidence = { intent: 'complaint' } as Message['evidence'];
  const all = mergeMessages([message(1)], [message(1, { evidence })]);
  expect(all).toHaveLength(1);
  expect(all[0]?.evidence).toBe(evidence);
});

test('a gap is noticed, what follows or comes again is none', () => {
  expect(leavesGap([message(1)], [message(3)])).toBe(true);
  expect(leavesGap([message(1)], [message(2), message(3)])).toBe(false);
  expect(leavesGap([message(1), message(2)], [message(2)])).toBe(false);
  expect(leavesGap([message(1)], [])).toBe(false);
});

test('a note stands behind the message after which it was written', () => {
  const note: Note = { id: 9, after: 1, kind: 'note', agent: '1024', to: null, text: '', at: '' };
  const kinds = entries([message(1), message(2)], [note]).map((one) =>
    one.message ? one.message.id : 'note',
  );
  expect(kinds).toEqual([1, 'note', 2]);
});

test('waiting is counted in minutes, then in hours', () => {
  const now = Date.parse('2026-11-28T02:02:09Z');
  expect(waited('2026-11-28T02:01:02Z', now)).toBe('1:07');
  expect(waited('2026-11-28T01:00:00Z', now)).toBe('1:02:09');
  expect(waited('2026-11-28T03:00:00Z', now)).toBe('0:00');
  expect(waited(null, now)).toBe('');
});

const unseen = (id: number, first: number, last: number, state: Unseen['state']): Unseen => ({
  id,
  first,
  last,
  state,
  error: '',
  at: '2026-11-28T01:00:00Z',
  next_try_at: null,
});
const way = (...not_seen: Unseen[]): Delivery => ({
  left: 3,
  until: '2026-11-28T02:00:00Z',
  gone: false,
  held: false,
  not_seen,
});

test('of the lines that a message brings ours are marked, by the worst that became of them', () => {
  const said = [message(1), message(2, { author: 'bot' }), message(3), message(4, { author: 'agent' })];
  const found = unseenLines(said, way(unseen(7, 1, 3, '未送达'), unseen(8, 2, 4, '待发送')));
  expect([...found].map(([line, { id }]) => [line, id])).toEqual([
    [2, 7],
    [4, 8],
  ]);
  expect(unseenLines(said, null).size).toBe(0);
});

test('the first of the lost lines that are counted is found, not one of long ago', () => {
  const said = [message(1, { author: 'bot' }), message(2), message(3, { author: 'agent' })];
  const lost = way(unseen(5, 1, 1, '未送达'), unseen(6, 3, 3, '等市民来信'), unseen(7, 2, 3, '未送达'));
  expect(firstUndelivered(said, lost, 1)).toBe(3);
  expect(firstUndelivered(said, lost, 2)).toBe(1);
  expect(firstUndelivered(said, lost, 0)).toBeNull();
  expect(firstUndelivered([], lost, 2)).toBeNull();
});

test('what may be written ends by itself', () => {
  expect(leftAt(way(), Date.parse('2026-11-28T01:59:59Z'))).toBe(3);
  expect(leftAt(way(), Date.parse('2026-11-28T02:00:00Z'))).toBe(0);
  expect(leftAt({ ...way(), until: null, left: 0 }, 0)).toBe(0);
});

test('a masked number is recognised', () => {
  expect(isMasked('我的电话 138****8000')).toBe(true);
  expect(isMasked('3*5 平方米')).toBe(false);
});

test('a line of a citizen is unread once, until it was seen', () => {
  const unread = nothingUnread();
  hear(unread, 'a', [message(2), message(3), message(4, { author: 'agent' })]);
  hear(unread, 'a', [message(3)]);
  expect(countUnread(unread, line('a'))).toBe(2);
  markSeen(unread, 'a', 2);
  expect(countUnread(unread, line('a'))).toBe(1);
  markSeen(unread, 'a', 4);
  hear(unread, 'a', [message(3)]);
  expect(countUnread(unread, line('a'))).toBe(0);
});

test('a conversation in which the citizen has the last word is unread before anything was heard', () => {
  const last = { id: 5, author: 'citizen' as const, text: '在吗', at: '' };
  const unread = nothingUnread();
  expect(countUnread(unread, line('a', { last }))).toBe(1);
  markSeen(unread, 'a', 5);
  expect(countUnread(unread, line('a', { last }))).toBe(0);
});

test('emergencies are claimed first, then those that come back, then the longest wait', () => {
  const all = [
    line('new', { queued_at: '2026-11-28T01:05:00Z' }),
    line('old', { queued_at: '2026-11-28T01:00:00Z' }),
    line('back', { queued_at: '2026-11-28T01:06:00Z', priority: 1 }),
    line('fire', { queued_at: '2026-11-28T01:07:00Z', priority: 2 }),
  ];
  expect(inTurn(all).map((one) => one.id)).toEqual(['fire', 'back', 'old', 'new']);
});

test('what an event leaves out stays as it was', () => {
  const area = { code: '430211', name: '天元区' };
  expect(merged(line('a', { area }), line('a', { mode: 'human' }))).toMatchObject({ area, mode: 'human' });
});

test('a canned reply is found by its code, then by its words', () => {
  const reply = (code: string, text: string) => ({ code, text }) as Reply;
  const all = [reply('zj', '再见'), reply('nh', '您好'), reply('xnh', '别的'), reply('q', 'nh 在内容里')];
  expect(fitting(all, 'NH').map((one) => one.code)).toEqual(['nh', 'xnh', 'q']);
  expect(fitting(all, '')).toHaveLength(4);
});

test('only what may pass is tried again', () => {
  expect(isPassing(new ApiError(0, 'offline', ''))).toBe(true);
  expect(isPassing(new ApiError(503, 'unavailable', ''))).toBe(true);
  expect(isPassing(new ApiError(409, 'not_yours', ''))).toBe(false);
  expect(isPassing(new Error('broken'))).toBe(false);
});

beforeEach(() => {
  setActivePinia(createPinia());
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('what could not be sent is sent again with the same id, and what came after it waits its turn', async () => {
  const drafts = useDrafts();
  const sent: [string, string][] = [];
  let away = true;
  vi.spyOn(deskApi, 'say').mockImplementation(async (_, clientId, text) => {
    sent.push([clientId, text]);
    if (away) throw new ApiError(0, 'offline', '连不上');
    return { message: message(sent.length, { author: 'agent', client_id: clientId, text }) };
  });
  drafts.say('a', '一');
  drafts.say('a', '二');
  await vi.advanceTimersByTimeAsync(0);
  expect(drafts.of('a').map((one) => one.text)).toEqual(['一', '二']);
  away = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent.map(([, text]) => text)).toEqual(['一', '一', '二']);
  expect(sent[0]?.[0]).toBe(sent[1]?.[0]);
  expect(drafts.of('a')).toEqual([]);
});

test('what was refused can be taken back into the draft of its conversation', async () => {
  const drafts = useDrafts();
  vi.spyOn(deskApi, 'say').mockRejectedValue(new ApiError(409, 'not_yours', '坐席 2048 在接待'));
  drafts.texts.set('b', '别的会话的草稿');
  drafts.say('a', '您好');
  await vi.advanceTimersByTimeAsync(0);
  const [refused] = drafts.of('a');
  expect(refused?.refused).toBe('坐席 2048 在接待');
  drafts.takeBack('a', refused?.client_id ?? '');
  expect(drafts.of('a')).toEqual([]);
  expect(drafts.texts.get('a')).toBe('您好');
  expect(drafts.texts.get('b')).toBe('别的会话的草稿');
});

test('a message that came by the socket is not on its way any more', async () => {
  const drafts = useDrafts();
  vi.spyOn(deskApi, 'say').mockReturnValue(new Promise(() => {}));
  drafts.say('a', '您好');
  drafts.confirm('a', drafts.of('a')[0]?.client_id ?? null);
  expect(drafts.of('a')).toEqual([]);
});
