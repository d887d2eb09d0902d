/** What is known of the way to a citizen's phone. Pure. */
import type { Delivery, Message, Unseen } from '@/api/desk';

/** The worse comes first: a line of which a part did not arrive did not arrive. */
const WORST: Unseen['state'][] = ['未送达', '等市民来信', '待发送'];

/** Of each line of ours that the citizen has not seen: the message that was to bring it. */
export function unseenLines(messages: readonly Message[], delivery: Delivery | null): Map<number, Unseen> {
  const found = new Map<number, Unseen>();
  for (const one of delivery?.not_seen ?? []) {
    for (const { id, author } of messages) {
      if (author === 'citizen' || id < one.first || id > one.last) continue;
      const before = found.get(id);
      if (!before || WORST.indexOf(one.state) <= WORST.indexOf(before.state)) found.set(id, one);
    }
  }
  return found;
}

/** The first line of the newest `count` messages that did not arrive; null: it is not in the transcript. */
export function firstUndelivered(
  messages: readonly Message[],
  delivery: Delivery | null,
  count: number,
): number | null {
  if (!count) return null; // slice(-0) would be all of them
  const failed = (delivery?.not_seen ?? []).filter((one) => one.state === '未送达').slice(-count);
  return (
    unseenLines(messages, { left: 0, until: null, gone: false, held: false, not_seen: failed }).keys().next()
      .value ?? null
  );
}

/** How many messages may be written at `now`: what was allowed ends by itself. */
export function leftAt(delivery: Delivery, now: number): number {
  return delivery.until !== null && Date.parse(delivery.until) > now ? delivery.left : 0;
}
