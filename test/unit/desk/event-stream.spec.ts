import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStream } from '#desk/door/event-stream.ts';
import type { EventStream, StreamEvent } from '#desk/door/event-stream.ts';
import { epochMs } from '#shared/units.ts';

const publish = (stream: EventStream, id: string): void => stream.publish('notice.cleared', { id, at: epochMs(1) });
const ids = (events: readonly StreamEvent[]): string[] =>
  events.map((event) => (event.topic === 'notice.cleared' ? event.payload.id : event.topic));

describe('the event stream', () => {
  it('numbers events one by one', () => {
    const stream = createEventStream({ firstSeq: 10 });
    const seen: number[] = [];
    stream.subscribe(null, (event) => seen.push(event.seq));
    publish(stream, 'a');
    publish(stream, 'b');
    expect(seen).toEqual([11, 12]);
    expect(stream.seq()).toBe(12);
  });

  it('replays exactly what came after, for every cut within the ring, and says so beyond it', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(50), fc.integer({ min: 1, max: 20 }), (count, after, capacity) => {
        const stream = createEventStream({ firstSeq: 0, capacity });
        for (let i = 1; i <= count; i += 1) publish(stream, String(i));
        const seen: StreamEvent[] = [];
        const subscription = stream.subscribe(after, (event) => seen.push(event));
        const isHeld = after <= count && count - after <= capacity;
        expect(subscription.isComplete).toBe(isHeld);
        expect(subscription.seq).toBe(count);
        expect(ids(seen)).toEqual(isHeld ? Array.from({ length: count - after }, (_, i) => String(after + i + 1)) : []);
        publish(stream, 'new');
        expect(ids(seen).at(-1)).toBe('new');
      }),
    );
  });

  it('never takes the number of an earlier start for its own', () => {
    const earlier = createEventStream({ firstSeq: 1_700_000_000_000 * 1000 });
    publish(earlier, 'a');
    const stream = createEventStream();
    expect(stream.subscribe(earlier.seq(), () => undefined).isComplete).toBe(false);
    expect(Number.isSafeInteger(stream.seq())).toBe(true);
  });

  it('gives events published during a replay once, and in order', () => {
    const stream = createEventStream({ firstSeq: 0 });
    publish(stream, 'a');
    publish(stream, 'b');
    const seen: string[] = [];
    stream.subscribe(0, (event) => {
      seen.push(...ids([event]));
      if (event.seq === 1) publish(stream, 'c');
    });
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('drops a listener that throws and goes on with the others', () => {
    const errors: unknown[] = [];
    const stream = createEventStream({ onListenerError: (error) => errors.push(error) });
    const seen: string[] = [];
    stream.subscribe(null, () => {
      throw new Error('broken client');
    });
    stream.subscribe(null, (event) => seen.push(...ids([event])));
    publish(stream, 'a');
    publish(stream, 'b');
    expect(seen).toEqual(['a', 'b']);
    expect(errors).toHaveLength(1);
  });

  it('is silent after stop', () => {
    const stream = createEventStream();
    const seen: StreamEvent[] = [];
    const subscription = stream.subscribe(null, (event) => seen.push(event));
    subscription.stop();
    publish(stream, 'a');
    expect(seen).toEqual([]);
  });
});
