import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '#shared/contract/frames.ts';
import { createEventStream } from '#desk/door/event-stream.ts';
import type { EventStream } from '#desk/door/event-stream.ts';
import { linkClient } from '#desk/door/link.ts';
import { epochMs } from '#shared/units.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const publish = (stream: EventStream, id: number): void =>
  stream.publish('notice.cleared', { id: String(id), at: epochMs(1) });

/** What waits for the end of this turn has been sent once this resolves. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const seqsIn = (frames: readonly ServerFrame[]): readonly number[] =>
  frames.flatMap((frame) => (frame.kind === 'events' ? frame.events.map((_event, i) => frame.seq + i) : []));

function slowClient(capacity: number) {
  const stream = createEventStream({ firstSeq: 0, capacity });
  const sent: ServerFrame[] = [];
  const state = { isBusy: false };
  const link = linkClient(
    { handlers: createTestDesk().handlers, stream },
    { send: (frame) => sent.push(frame), isBusy: () => state.isBusy },
  );
  link.receive({ kind: 'subscribe', after: null });
  const seqs = () => seqsIn(sent);
  return { stream, sent, state, link, seqs };
}

describe('a link to a slow client', () => {
  it('holds events back while the transport is busy and catches up without a gap', async () => {
    const { stream, sent, state, link, seqs } = slowClient(10);
    publish(stream, 1);
    await turn();
    state.isBusy = true;
    for (let i = 2; i <= 5; i += 1) publish(stream, i);
    await turn();
    link.drained();
    expect(seqs()).toEqual([1]);
    state.isBusy = false;
    link.drained();
    publish(stream, 6);
    await turn();
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sent.filter((frame) => frame.kind === 'subscribed')).toHaveLength(1);
  });

  it('sends it to the snapshot when the ring has moved on', async () => {
    const { stream, sent, state, link, seqs } = slowClient(3);
    state.isBusy = true;
    publish(stream, 1);
    await turn();
    for (let i = 2; i <= 9; i += 1) publish(stream, i);
    state.isBusy = false;
    link.drained();
    publish(stream, 10);
    await turn();
    expect(sent.filter((frame) => frame.kind === 'subscribed').at(-1)).toEqual({
      kind: 'subscribed',
      seq: 9,
      isComplete: false,
    });
    expect(seqs()).toEqual([10]);
  });

  it('can be busy again in the middle of catching up', async () => {
    const { stream, state, link, seqs } = slowClient(1_000);
    state.isBusy = true;
    for (let i = 1; i <= 300; i += 1) publish(stream, i);
    await turn();
    state.isBusy = false;
    expect(seqs()).toEqual([]);
    link.drained();
    // The first frames have gone; the rest finds the transport busy again.
    state.isBusy = true;
    publish(stream, 301);
    await turn();
    const early = seqs().length;
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(301);
    state.isBusy = false;
    link.drained();
    await turn();
    expect(seqs()).toEqual(Array.from({ length: 301 }, (_, i) => i + 1));
  });

  it('sends what comes in one turn together, and an answer behind the events before it', async () => {
    const { stream, sent, link } = slowClient(10);
    for (let i = 1; i <= 5; i += 1) publish(stream, i);
    expect(sent.map(({ kind }) => kind)).toEqual(['subscribed']);
    await turn();
    expect(sent.map(({ kind }) => kind)).toEqual(['subscribed', 'events']);
    link.receive({ kind: 'call', id: 1, op: 'no.such', input: {} });
    publish(stream, 6);
    await turn();
    expect(sent.map(({ kind }) => kind)).toEqual(['subscribed', 'events', 'events', 'reply']);
    expect(seqsIn(sent)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('sends of a recommendation it has sent before what changed, and all of it to a subscription that is new', async () => {
    const { stream, sent, link } = slowClient(10);
    const [nq] = recommendationsAt(epochMs(1_700_000_000_000));
    if (nq === undefined) throw new Error('there are fixtures');
    stream.publish('recommendation.changed', nq);
    stream.publish('recommendation.changed', { ...nq, state: 'expired', actor: 'desk' });
    await turn();
    link.receive({ kind: 'subscribe', after: stream.seq() });
    stream.publish('recommendation.changed', nq);
    await turn();
    const whole = { as: 'whole', topic: 'recommendation.changed', payload: nq };
    expect(sent.flatMap((frame) => (frame.kind === 'events' ? frame.events : []))).toEqual([
      whole,
      {
        ...{ as: 'changes', topic: 'recommendation.changed', key: nq.symbol, base: 1, unset: [] },
        set: [
          ['state', 'expired'],
          ['actor', 'desk'],
        ],
      },
      whole,
    ]);
  });

  it('tells a client to fetch a snapshot when its transport cannot carry an event', async () => {
    const stream = createEventStream({ firstSeq: 0 });
    const [sent, incidents]: [ServerFrame[], unknown[]] = [[], []];
    const door = { handlers: createTestDesk().handlers, stream, onIncident: (one: unknown) => incidents.push(one) };
    const send = (frame: ServerFrame): void => {
      if (seqsIn([frame]).includes(1)) throw new Error('could not be cloned');
      sent.push(frame);
    };
    linkClient(door, { send }).receive({ kind: 'subscribe', after: null });
    publish(stream, 1);
    await turn();
    publish(stream, 2);
    await turn();
    expect(sent[1]).toEqual({ kind: 'subscribed', seq: 1, isComplete: false });
    expect(seqsIn(sent)).toEqual([2]);
    expect(incidents).toMatchObject([{ operation: 'events' }]);
  });

  it('says nothing more after it is closed', async () => {
    const { stream, sent, link } = slowClient(10);
    link.receive({ kind: 'call', id: 1, op: 'risk.metrics', input: {} });
    link.close();
    publish(stream, 1);
    link.receive({ kind: 'subscribe', after: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map((frame) => frame.kind)).toEqual(['subscribed']);
  });
});

describe('a link to a client that asks too much', () => {
  it('refuses queries beyond its limit, and never a command', async () => {
    const desk = createTestDesk();
    const sent: ServerFrame[] = [];
    const handlers = { ...desk.handlers, 'risk.metrics': () => new Promise<never>(() => undefined) };
    const link = linkClient({ handlers, stream: desk.stream }, { send: (frame) => sent.push(frame) });
    for (let id = 0; id < 300; id += 1) link.receive({ kind: 'call', id, op: 'risk.metrics', input: {} });
    link.receive({ kind: 'call', id: 1000, op: 'trading.halt', input: { reason: 'enough' } });
    await new Promise((resolve) => setImmediate(resolve));
    const refusals = sent.filter((frame) => frame.kind === 'reply' && !frame.ok);
    expect(refusals).toHaveLength(300 - 256);
    expect(sent).toContainEqual(expect.objectContaining({ kind: 'reply', id: 1000, ok: true }));
  });
});
