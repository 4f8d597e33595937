import { DeskError, type DeskErrorCode } from '#shared/contract/errors.ts';
import { contract, isTopic } from '#shared/contract/index.ts';
import type { PayloadOf, TopicName } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { DeskClient, LinkState } from '#shared/contract/wire.ts';
import type { Quote } from '#shared/domain/market.ts';
import { nextFrame } from './next-frame.ts';

/** One event of the desk, typed by its topic. */
export type DeskEvent = { [N in TopicName]: { readonly topic: N; readonly payload: PayloadOf<N> } }[TopicName];

/** Where the desk's data goes: the store in the window, a recorder in tests. */
export interface SyncSink {
  link(state: LinkState): void;
  snapshot(snapshot: DeskSnapshot): void;
  event(event: DeskEvent): void;
  /** The newest quote per symbol since the last animation frame. */
  quotes(quotes: readonly Quote[]): void;
  /** The snapshot could not be read, with the desk's code where it gave one; null once it could. */
  failed(message: string | null, code: DeskErrorCode | null): void;
}

export type SyncTimers = {
  readonly frame: (run: () => void) => void;
  readonly later: (run: () => void, delayMs: number) => void;
};

const RETRY_MS = 1_000;

const BROWSER_TIMERS: SyncTimers = {
  frame: (run) => void nextFrame(run),
  later: (run, delayMs) => void setTimeout(run, delayMs),
};

/** Every topic of the contract. */
export const TOPICS: readonly TopicName[] = Object.keys(contract).filter(isTopic);

/** Collects quotes and hands on the newest per symbol once a frame. */
function quoteBatch(sink: SyncSink, timers: SyncTimers) {
  const pending = new Map<string, Quote>();
  const flush = () => {
    const quotes = [...pending.values()];
    pending.clear();
    if (quotes.length > 0) sink.quotes(quotes);
  };
  return {
    add: (quote: Quote) => {
      if (pending.size === 0) timers.frame(flush);
      pending.set(quote.symbol, quote);
    },
    clear: () => pending.clear(),
  };
}

/**
 * Keeps the sink equal to the desk. On each resync it fetches the snapshot and holds events back meanwhile; then it
 * applies those with a number above the snapshot's. An answer that a later resync has overtaken is dropped.
 */
export function startSync(client: DeskClient, sink: SyncSink, timers: SyncTimers = BROWSER_TIMERS): () => void {
  const batch = quoteBatch(sink, timers);
  let held: { readonly seq: number; readonly event: DeskEvent }[] | null = [];
  let round = 0;
  let isStopped = false;

  const apply = (event: DeskEvent) => {
    if (event.topic === 'quote.changed') batch.add(event.payload);
    else sink.event(event);
  };
  const reload = () => {
    round += 1;
    held = [];
    load(round);
  };
  const receive = (event: DeskEvent, seq: number) => {
    if (held === null) apply(event);
    else held.push({ seq, event });
    // The history a start makes is not told event by event: what is there now is fetched whole.
    if (event.topic === 'desk.startup' && event.payload.phase === 'ready') reload();
  };
  const adopt = (snapshot: DeskSnapshot) => {
    batch.clear();
    sink.failed(null, null);
    sink.snapshot(snapshot);
    const waiting = held ?? [];
    held = null;
    for (const { seq, event } of waiting) if (seq > snapshot.seq) apply(event);
  };
  const load = (current: number) => {
    client.call('desk.snapshot', {}).then(
      (snapshot) => {
        if (current === round && !isStopped) adopt(snapshot);
      },
      (cause: unknown) => {
        if (current !== round || isStopped) return;
        const code = cause instanceof DeskError ? cause.data.code : null;
        sink.failed(cause instanceof Error ? cause.message : 'The desk did not answer.', code);
        timers.later(() => {
          if (current === round && !isStopped) load(current);
        }, RETRY_MS);
      },
    );
  };

  const stops = [
    ...TOPICS.map((topic) => subscribe(client, topic, receive)),
    client.onLink((state) => sink.link(state)),
    client.onResync(reload),
  ];
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
  };
}

function subscribe(client: DeskClient, topic: TopicName, receive: (event: DeskEvent, seq: number) => void): () => void {
  // The pair is a DeskEvent by construction; the compiler cannot follow a union of keys into the union of pairs.
  return client.on(topic, (payload, seq) => receive({ topic, payload } as DeskEvent, seq));
}
