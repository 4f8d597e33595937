import { describe, expect, it } from 'vitest';
import { startSync } from '#renderer/src/api/sync.ts';
import type { DeskEvent, SyncSink } from '#renderer/src/api/sync.ts';
import type { OperationName, OutputOf, PayloadOf, TopicName } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { DeskClient, LinkState } from '#shared/contract/wire.ts';
import type { Quote } from '#shared/domain/market.ts';
import type { Activity } from '#shared/domain/status.ts';
import { epochMs } from '#shared/units.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import { quoteAt } from '#test/support/desk-fixtures/market.ts';
import { ticks } from '#shared/units.ts';

const AT = epochMs(1_756_000_000_000);

async function snapshotAt(seq: number): Promise<DeskSnapshot> {
  const desk = createTestDesk();
  const snapshot = await desk.handlers['desk.snapshot']({});
  desk.close();
  return { ...snapshot, seq };
}

const activity = (seq: number): Activity => ({
  seq,
  at: AT,
  kind: 'started',
  symbol: null,
  text: `line ${seq}`,
  pnl: null,
});

/** A client whose answers and events the test hands out one by one. */
function handClient() {
  const listeners = new Map<TopicName, (payload: never, seq: number) => void>();
  const answers: { resolve: (snapshot: DeskSnapshot) => void; reject: (cause: Error) => void }[] = [];
  let resync: () => void = () => undefined;
  let link: (state: LinkState) => void = () => undefined;
  const client: DeskClient = {
    call: <N extends OperationName>() =>
      new Promise<OutputOf<N>>((resolve, reject) => {
        answers.push({ resolve: resolve as unknown as (snapshot: DeskSnapshot) => void, reject });
      }),
    on: (name, listener) => {
      listeners.set(name, listener);
      return () => void listeners.delete(name);
    },
    onResync: (listener) => {
      resync = listener;
      return () => undefined;
    },
    onLink: (listener) => {
      link = listener;
      return () => undefined;
    },
    close: () => undefined,
  };
  return {
    client,
    answers,
    resync: () => resync(),
    link: (state: LinkState) => link(state),
    emit: <N extends TopicName>(topic: N, payload: PayloadOf<N>, seq: number) =>
      listeners.get(topic)?.(payload as never, seq),
    topics: () => [...listeners.keys()],
  };
}

function recorder() {
  const log: string[] = [];
  const quotes: (readonly Quote[])[] = [];
  const frames: (() => void)[] = [];
  const later: (() => void)[] = [];
  const words = (event: DeskEvent) => (event.topic === 'activity.added' ? event.payload.text : event.topic);
  const sink: SyncSink = {
    link: (state) => log.push(`link ${state}`),
    snapshot: (snapshot) => log.push(`snapshot ${snapshot.seq}`),
    event: (event) => log.push(words(event)),
    quotes: (batch) => quotes.push(batch),
    failed: (message) => {
      if (message !== null) log.push(`failed ${message}`);
    },
  };
  const timers = {
    frame: (run: () => void) => void frames.push(run),
    later: (run: () => void) => void later.push(run),
  };
  return { log, quotes, frames, later, sink, timers };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('sync', () => {
  it('applies held events above the snapshot only, in order', async () => {
    const hand = handClient();
    const { sink, log, timers } = recorder();
    startSync(hand.client, sink, timers);
    hand.resync();
    hand.emit('activity.added', activity(9), 9);
    hand.emit('activity.added', activity(10), 10);
    hand.emit('activity.added', activity(11), 11);
    hand.answers[0]!.resolve(await snapshotAt(10));
    await settled();
    hand.emit('activity.added', activity(12), 12);
    expect(log).toEqual(['snapshot 10', 'line 11', 'line 12']);
  });

  it('drops the answer of a snapshot that a later resync has overtaken', async () => {
    const hand = handClient();
    const { sink, log, timers } = recorder();
    startSync(hand.client, sink, timers);
    hand.resync();
    hand.resync();
    hand.answers[0]!.resolve(await snapshotAt(5));
    await settled();
    hand.emit('activity.added', activity(21), 21);
    hand.answers[1]!.resolve(await snapshotAt(20));
    await settled();
    expect(log).toEqual(['snapshot 20', 'line 21']);
  });

  it('says that the snapshot failed and asks again', async () => {
    const hand = handClient();
    const { sink, log, later, timers } = recorder();
    startSync(hand.client, sink, timers);
    hand.resync();
    hand.answers[0]!.reject(new Error('not ready'));
    await settled();
    expect(log).toEqual(['failed not ready']);
    later[0]!();
    hand.answers[1]!.resolve(await snapshotAt(1));
    await settled();
    expect(log).toEqual(['failed not ready', 'snapshot 1']);
  });

  it('hands on one newest quote per symbol and frame', async () => {
    const hand = handClient();
    const { sink, quotes, frames, timers } = recorder();
    startSync(hand.client, sink, timers);
    hand.resync();
    hand.answers[0]!.resolve(await snapshotAt(0));
    await settled();
    hand.emit('quote.changed', quoteAt('NQ', ticks(100), AT), 1);
    hand.emit('quote.changed', quoteAt('NQ', ticks(101), AT), 2);
    hand.emit('quote.changed', quoteAt('ES', ticks(50), AT), 3);
    expect(quotes).toEqual([]);
    expect(frames).toHaveLength(1);
    frames[0]!();
    expect(quotes).toHaveLength(1);
    expect(quotes[0]!.map((quote) => [quote.symbol, quote.last])).toEqual([
      ['NQ', 101],
      ['ES', 50],
    ]);
    hand.emit('quote.changed', quoteAt('NQ', ticks(102), AT), 4);
    expect(frames).toHaveLength(2);
  });

  it('forgets quotes from before a snapshot', async () => {
    const hand = handClient();
    const { sink, quotes, frames, timers } = recorder();
    startSync(hand.client, sink, timers);
    hand.resync();
    hand.answers[0]!.resolve(await snapshotAt(0));
    await settled();
    hand.emit('quote.changed', quoteAt('NQ', ticks(100), AT), 1);
    hand.resync();
    hand.answers[1]!.resolve(await snapshotAt(5));
    await settled();
    frames[0]!();
    expect(quotes).toEqual([]);
  });

  it('listens to every topic and stops', () => {
    const hand = handClient();
    const { sink, log, timers } = recorder();
    const stop = startSync(hand.client, sink, timers);
    expect(hand.topics()).toContain('desk.pulse');
    hand.link('live');
    stop();
    expect(hand.topics()).toEqual([]);
    expect(log).toEqual(['link live']);
  });
});
