import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { PayloadOf } from '#shared/contract/index.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { syncFolder } from '#desk/journal/folders.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { type Opinions, startRigDesk } from '../venue/desk.ts';
import { CONFIG, EQUITY, INSTRUMENTS } from '../venue/setup.ts';

/**
 * A desk whose disk calls are recorded: it approves proposals, one after the other and two at once, so that the second
 * waits in the queue. It tells each group as its broker is handed it: `sent`, the recommendation and the orders; and each
 * approval as a screen would hear of it: `approved`, the recommendation.
 * Arguments: the folder, the journal it begins with, when that begins, the account, the bids, the number of rounds, and
 * `late` for a control run in which nothing is synced before it is sent.
 */
const [folder = '', template = '', startAt = '0', account = '', bids = '{}', rounds = '1', control = ''] =
  process.argv.slice(2);
const MINUTE_MS = 60_000;
const HALF_RANGE = 750;
const path = join(folder, 'journal.db');
const tell = (text: string): void => void writeSync(1, `${text}\n`);

const bytes = readFileSync(template);
const file = openSync(path, 'w', 0o600);
writeSync(file, bytes, 0, bytes.length, 0);
fsyncSync(file);
closeSync(file);
syncFolder(folder);
tell('there');

const clock = createClock(epochMs(Number(startAt)));
const ids = createIds(clock);
const instruments = [...INSTRUMENTS.values()];
const latency = { toVenueMs: 20, fromVenueMs: 20 };
const broker = createPaperBroker({
  ...{ account, clock, ids, instruments, fillFrom: 'quotes', startingCash: EQUITY, latency },
});
const listeners: ((event: MarketEvent) => void)[] = [(event) => broker.onMarket(event)];
const opinions: Opinions = new Map(instruments.map(({ symbol }) => [symbol, { direction: 1, confidence: 0.85 }]));
const idle = (): void => undefined;
const desk = startRigDesk({
  rig: {
    newNearEnd: () => ({
      clock: { ...clock, kill: () => clock.stop(), jump: idle, sleep: idle, wake: idle },
      ...{ ids, broker, kill: () => clock.stop() },
    }),
    feed: { onEvent: (listener) => void listeners.push(listener) },
  },
  ...{ path, instruments: INSTRUMENTS, initialEquity: EQUITY, opinions, config: CONFIG },
  onSubmit: ({ entry, stop, target }) => {
    const legs = [entry, stop, target].flatMap((terms) => terms?.clientOrderId ?? []);
    if (entry.role === 'entry') tell(`sent ${entry.recommendationId ?? ''} ${legs.join(' ')}`);
  },
  publish: (topic, payload) => {
    if (topic !== 'recommendation.changed') return;
    const { id, state } = payload as PayloadOf<'recommendation.changed'>;
    // As soon as a link hands over what waits.
    if (state === 'approved' || state === 'overridden') queueMicrotask(() => tell(`approved ${id}`));
  },
  journal: (journal) =>
    control === 'late' ? { ...journal, append: (events) => journal.append(events, 'soon') } : journal,
});
const { pipeline, execution } = desk.assembly;

/** Lets the desk's time pass until something is done. */
async function driven<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = (): void => void (state.isDone = true);
  work.then(done, done);
  while (!state.isDone) {
    clock.advanceTo(epochMs(clock.now() + 10));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return work;
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

function showMarkets(): void {
  clock.advanceTo(epochMs((Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS));
  const closeAt = clock.now();
  for (const [symbol, bid] of Object.entries(JSON.parse(bids) as Record<string, number>)) {
    const [open, high, low] = [ticks(bid), ticks(bid + HALF_RANGE), ticks(bid - HALF_RANGE)];
    const bar = { symbol, timeframe: '1m' as const, openAt: epochMs(closeAt - MINUTE_MS), closeAt };
    const quote = { symbol, bid: open, ask: ticks(bid + 1), last: open, asOf: closeAt, receivedAt: closeAt };
    for (const listener of listeners) {
      listener({ kind: 'bar', bar: { ...bar, open, high, low, close: open, volume: 1_000 } });
      listener({ kind: 'quote', quote });
    }
  }
}

await driven(desk.started);
for (let round = 0; round < Number(rounds); round += 1) {
  showMarkets();
  const proposed = (await driven(pipeline.evaluate([...INSTRUMENTS.keys()]))).filter((r) => r.state === 'proposed');
  const approve = ({ id, decision: { contracts } }: (typeof proposed)[number]) =>
    pipeline.approve({ id, contracts, reason: null }, 'trader');
  if (round % 2 === 0) await driven(Promise.allSettled(proposed.map(approve)));
  else for (const one of proposed) await driven(Promise.allSettled([approve(one)]));
  for (const symbol of INSTRUMENTS.keys()) await driven(Promise.allSettled([execution.flatten(symbol)]));
  showMarkets();
  await driven(passed(1_000));
}
execution.stop();
await broker.close();
