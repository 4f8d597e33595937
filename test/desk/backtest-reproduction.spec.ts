import { describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import type { Fill } from '#shared/domain/order.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import { replayPolicy } from '#desk/backtest/replay.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { journalEventSchema, type JournalEvent } from '#desk/ports/events.ts';
import { ledgerEquity, ledgerOf } from '#test/support/journal-ledger.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { newStage, type Stage } from './stage.ts';

const LIVE: PolicySpec = { kind: 'recommended', multiplier: null, evidenceTrades: null, lookBackDays: null };
const ROOTS = ['NQ', 'GC', 'ZN', 'ES'] as const;
const KINDS = journalEventSchema.options.map(({ shape }) => shape.kind.value);
const [DAYS, ROUNDS, HOUR] = [4, 9, 3_600_000];
/** A cent. */
const CENT = 100;

/** A trader who takes whatever is recommended as it is, in a market that moves by chance. */
function createTrader(stage: Stage, seed: number) {
  const random = createPrng(seed);
  const { pipeline, execution, book } = stage.assembly;
  const move = (most: number): void => {
    for (const symbol of ROOTS) {
      const by = Math.round((2 * random.nextDouble() - 1) * most);
      stage.quote(symbol, Math.max(3_000, (book.quote(symbol)?.last ?? 0) + by));
    }
  };
  const round = async (): Promise<void> => {
    for (const symbol of ROOTS) stage.say(symbol, { direction: random.nextDouble() < 0.5 ? -1 : 1, confidence: 0.72 });
    const made = await stage.propose();
    for (const { symbol, decision } of made) {
      // The signal has turned: what is held goes first, in parts too.
      if (decision.status === 'exit-first' && random.nextDouble() < 0.6) await execution.flatten(symbol);
    }
    for (const one of made.filter(({ state }) => state === 'proposed')) {
      await pipeline.approve({ id: one.id, contracts: one.decision.contracts, reason: null }, 'trader');
    }
    for (let i = 0; i < 7; i += 1) {
      await stage.pass(1_000, 1_000);
      move(260);
    }
  };
  return { round, gap: (): void => move(5_000) };
}

/** Session days on a venue that fills in parts, slips, and corrects its fees afterwards. */
async function traded(seed: number): Promise<Stage> {
  const breakers = { dayLossHalt: 1, drawdownWarn: 1, drawdownHalt: 1, cusumWarn: 1e6, cusumHalt: 1e6 };
  const stage = await newStage({
    roots: ROOTS,
    config: {
      ...{ multiplier: { mode: 'fixed', value: 0.2 }, maxHeat: 0.3, maxCluster: 0.2 },
      breakers: { ...breakers, brierWarn: 1, calibrationErrorWarn: 1 },
    },
    limits: { maxConsecutiveLosses: 10, maxOrdersPerMinute: 60 },
    fills: { partialFills: { seed, shareOfVolume: 1, quoteSize: 1 }, slippage: { market: 1, stop: 2 } },
  });
  const trader = createTrader(stage, seed);
  for (let day = 0; day < DAYS; day += 1) {
    for (let round = 0; round < ROUNDS; round += 1) {
      await trader.round();
      if (round % 4 === 3) trader.gap();
    }
    for (const { execKey, fee } of stage.paper.exchange.executions().slice(-4)) {
      stage.paper.exchange.correct(execKey, { fee: money(fee + 1_733) }, 'the clearing fee came in');
    }
    await stage.pass(1_000, 1_000);
    stage.clock.advanceTo(epochMs(stage.clock.now() + 23 * HOUR));
    trader.gap();
  }
  return stage;
}

type Recorded = { readonly events: readonly { at: number; event: JournalEvent }[]; readonly bars: readonly Bar[] };

let recorded: Promise<Recorded> | null = null;
/** What a real desk journaled over those days; made once. */
const record = (): Promise<Recorded> =>
  (recorded ??= traded(5).then(({ journal }) => ({
    events: [...journal.events({ kinds: KINDS })].map(({ at, event }) => ({ at, event })),
    bars: ROOTS.flatMap((symbol) => [...journal.bars({ symbol, timeframe: '1d', limit: 1_000 })]),
  })));

/** The record as a journal again, some of it changed on the way. */
async function journalOf(change: (event: JournalEvent) => JournalEvent = (event) => event): Promise<SqliteJournal> {
  const { events, bars } = await record();
  const journal = temporaryJournal();
  journal.append(events.map(({ at, event }) => ({ at: epochMs(at), event: change(event) })));
  journal.appendBars(bars);
  return journal;
}

const firstDecision = (journal: SqliteJournal): number =>
  [...journal.events({ kinds: ['decision'], limit: 1 })][0]?.at ?? 0;
const tapeUntil = (journal: SqliteJournal, to: number | null): Tape =>
  readTape(journal, { from: firstDecision(journal), to });
const liveWalk = (tape: Tape) => replayPolicy(tape, { rule: (sources) => ruleOf(LIVE, sources), isLive: true });

/** The replay of the live policy, cut off at a time: realised, and at the last prices. */
function replayedUntil(journal: SqliteJournal, to: number | null) {
  const tape = tapeUntil(journal, to);
  const { finalEquity, openPnl, leftAt } = liveWalk(tape);
  return { realised: finalEquity, marked: finalEquity + openPnl, leftAt, own: tape.journalEquity, endAt: tape.endAt };
}

/** Just after every close of a part of a position, oldest first. */
const closesOf = (journal: SqliteJournal): readonly number[] =>
  [...new Set(journal.trades({ order: 'oldest' }).map(({ exitAt }) => exitAt + 1))].filter(
    (at) => at > firstDecision(journal),
  );

describe('the backtest of a journal with everything a venue does to an order', () => {
  it('has partial fills, scale-outs, reversals, gaps, corrected fees, four markets and four days before it', async () => {
    const { events } = await record();
    const journal = await journalOf();
    const tape = tapeUntil(journal, null);
    const taken = tape.cases.filter(({ outcome }) => outcome.source === 'executed').map(({ outcome }) => outcome);
    const count = (kept: (outcome: (typeof taken)[number]) => boolean): number => taken.filter(kept).length;
    const distinct = (values: readonly number[]): number => new Set(values).size;
    const statuses = events.flatMap(({ event }) => (event.kind === 'decision' ? [event.decision.status] : []));
    const stops = new Map(
      journal.orders({}).flatMap((order) => (order.role === 'stop' ? [[order.clientOrderId, order.price ?? 0]] : [])),
    );
    const gaps = journal.fills({}).filter(({ clientOrderId, price, direction }) => {
      const stop = stops.get(clientOrderId ?? '');
      return stop !== undefined && (price - stop) * direction > 100;
    });
    const found = {
      taken: taken.length,
      filledInParts: count(({ legs }) => distinct(legs.map(({ entryAt }) => entryAt)) > 2),
      scaledOut: count(({ legs }) => distinct(legs.map(({ exitAt }) => exitAt)) > 2),
      cutShort: count(({ sent, filled }) => filled < sent),
      turned: statuses.filter((status) => status === 'exit-first').length,
      gaps: gaps.length,
      corrected: events.filter(({ event }) => event.kind === 'fill-correction').length,
      tickValues: distinct(tape.cases.map(({ snapshot }) => snapshot.instrument.tickValue)),
    };
    const least = { taken: 40, filledInParts: 5, scaledOut: 5, cutShort: 2, turned: 30, gaps: 4, corrected: 12 };
    for (const [what, most] of Object.entries(least)) {
      expect(found[what as keyof typeof found], what).toBeGreaterThanOrEqual(most);
    }
    expect(found.tickValues).toBe(ROOTS.length);
    // The gap after the last of them begins another.
    expect(tape.days.names).toHaveLength(DAYS + 1);
  });

  it('reproduces the journal’s own equity at every close, realised and at the last prices', async () => {
    const journal = await journalOf();
    const ledger = ledgerOf(journal);
    const closes = closesOf(journal);
    expect(closes.length).toBeGreaterThan(40);
    for (const to of closes) {
      const { realised, marked, leftAt, own, endAt } = replayedUntil(journal, to);
      expect([leftAt, endAt, realised, marked]).toEqual([null, to, own, ledgerEquity(ledger, to)]);
    }
  });

  it('is worth what the account was at the end of every session day', async () => {
    const journal = await journalOf();
    const ledger = ledgerOf(journal);
    const tape = tapeUntil(journal, null);
    const { closes, finalEquity, openPnl } = liveWalk(tape);
    const ends = tape.days.names.map((_, day) => tape.days.opensAt[day + 1] ?? tape.endAt);
    expect([...closes]).toEqual(ends.map((end) => ledgerEquity(ledger, end)));
    expect(closes.at(-1)).toBe(finalEquity + openPnl);
  });

  it.each([
    ['fee, by a cent', (fill: Fill): Fill => ({ ...fill, fee: money(fill.fee + CENT) })],
    ['price, by a tick', (fill: Fill): Fill => ({ ...fill, price: ticks(fill.price + 1) })],
  ])('would show one wrong fill, from its time on: another %s', async (_name, wrong) => {
    const journal = await journalOf();
    const ledger = ledgerOf(journal);
    const victim = journal.fills({ symbol: 'ES' }).at(-5);
    const changed = await journalOf((event) =>
      event.kind === 'fill' && event.fill.execKey === victim?.execKey ? { ...event, fill: wrong(event.fill) } : event,
    );
    const closes = closesOf(changed).filter((_at, i) => i % 3 === 0);
    const differs = closes.map((to) => replayedUntil(changed, to).marked !== ledgerEquity(ledger, to));
    expect(differs).toEqual(closes.map((to) => to > (victim?.at ?? Infinity)));
    expect(differs).toContain(true);
  });
});
