import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '#shared/contract/frames.ts';
import { createEventStream } from '#desk/door/event-stream.ts';
import type { EventStream } from '#desk/door/event-stream.ts';
import { linkClient } from '#desk/door/link.ts';
import { epochMs } from '#shared/units.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const publish = (stream: EventStream, id: number): void =>
  stream.publish('notice.cleared', { id: String(id), at: epochMs(1) });

function slowClient(capacity: number) {
  const stream = createEventStream({ firstSeq: 0, capacity });
  const sent: ServerFrame[] = [];
  const state = { isBusy: false };
  const link = linkClient(
    { handlers: createTestDesk().handlers, stream },
    { send: (frame) => sent.push(frame), isBusy: () => state.isBusy },
  );
  link.receive({ kind: 'subscribe', after: null });
  const seqs = () => sent.flatMap((frame) => (frame.kind === 'event' ? [frame.seq] : []));
  return { stream, sent, state, link, seqs };
}

describe('a link to a slow client', () => {
  it('holds events back while the transport is busy and catches up without a gap', () => {
    const { stream, sent, state, link, seqs } = slowClient(10);
    publish(stream, 1);
    state.isBusy = true;
    for (let i = 2; i <= 5; i += 1) publish(stream, i);
    link.drained();
    expect(seqs()).toEqual([1]);
    state.isBusy = false;
    link.drained();
    publish(stream, 6);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sent.filter((frame) => frame.kind === 'subscribed')).toHaveLength(1);
  });

  it('sends it to the snapshot when the ring has moved on', () => {
    const { stream, sent, state, link, seqs } = slowClient(3);
    state.isBusy = true;
    for (let i = 1; i <= 9; i += 1) publish(stream, i);
    state.isBusy = false;
    link.drained();
    publish(stream, 10);
    expect(sent.filter((frame) => frame.kind === 'subscribed').at(-1)).toEqual({
      kind: 'subscribed',
      seq: 9,
      isComplete: false,
    });
    expect(seqs()).toEqual([10]);
  });

  it('can be busy again in the middle of catching up', () => {
    const { stream, state, link, seqs } = slowClient(10);
    state.isBusy = true;
    for (let i = 1; i <= 4; i += 1) publish(stream, i);
    state.isBusy = false;
    const original = seqs();
    expect(original).toEqual([]);
    link.drained();
    state.isBusy = true;
    publish(stream, 5);
    state.isBusy = false;
    link.drained();
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
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
