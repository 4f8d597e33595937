import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill, FillCorrection, Trade } from '#shared/domain/order.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { IMPORTED, type NewEvent } from '#desk/ports/journal.ts';
import {
  NOON,
  aCorrection,
  aDecision,
  aFill,
  anInstrument,
  at,
  events,
  orderId,
  someTerms,
} from '#test/support/journal-events.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';
import { join } from 'node:path';

const SYMBOLS = ['NQZ26-CME', 'MNQZ26-CME'] as const;
const TICK_VALUE = { 'NQZ26-CME': moneyFromUsd(5), 'MNQZ26-CME': moneyFromUsd(0.5) } as const;
const ORDERS = 4;

/** Fills in few accounts, symbols and moments, so that they meet; keys are unique per run. */
const fillsArbitrary: fc.Arbitrary<readonly Fill[]> = fc
  .array(
    fc.record({
      symbol: fc.constantFrom(...SYMBOLS),
      account: fc.constantFrom('SIM1', 'SIM1', 'SIM2', 'imported:SIM1'),
      direction: fc.constantFrom<1 | -1>(1, -1),
      quantity: fc.integer({ min: 1, max: 7 }),
      price: fc.integer({ min: -50, max: 90_000 }),
      fee: fc.integer({ min: -30, max: 100_003 }),
      minute: fc.integer({ min: 0, max: 6 }),
      order: fc.option(fc.integer({ min: 1, max: ORDERS }), { nil: null }),
      venue: fc.constantFrom('paper', 'paper', 'other'),
    }),
    { maxLength: 14 },
  )
  .map((rows) =>
    rows.map(({ price, fee, minute, order, ...row }, n) =>
      aFill(`k${n >> 1}`, {
        ...row,
        // Two venues may use one key; within a venue and an account it is unique.
        venue: n % 2 === 0 ? row.venue : `${row.venue}2`,
        price: ticks(price),
        fee: money(fee),
        at: epochMs(NOON + minute * 60_000),
        clientOrderId: order === null ? null : orderId(order),
      }),
    ),
  );

type Report = { readonly fill: Fill } | { readonly correction: FillCorrection };

/** Later words of the venue on some fills: other values or a bust, under versions that leave some out. */
const correctionsOf = (fills: readonly Fill[]): fc.Arbitrary<readonly FillCorrection[]> =>
  fc
    .subarray([...fills])
    .chain((corrected) =>
      fc.tuple(
        ...corrected.map((fill) =>
          fc
            .uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
            .chain((versions) => fc.tuple(...versions.map((version) => correctionOf(fill, version)))),
        ),
      ),
    )
    .map((all) => all.flat());

const correctionOf = (fill: Fill, version: number): fc.Arbitrary<FillCorrection> =>
  fc
    .option(
      fc.record({
        direction: fc.constantFrom<1 | -1>(1, -1),
        quantity: fc.integer({ min: 1, max: 7 }),
        price: fc.integer({ min: -50, max: 90_000 }).map(ticks),
        fee: fc.integer({ min: -30, max: 100_003 }).map(money),
        at: fc.integer({ min: 0, max: 6 }).map((minute) => epochMs(NOON + minute * 60_000)),
      }),
      { nil: null, freq: 3 },
    )
    .map((corrected) => aCorrection(fill, version, corrected));

/** One arrival order: a permutation with some reports told twice, cut into calls. */
const arrivalOf = (reports: readonly Report[]): fc.Arbitrary<readonly (readonly Report[])[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...reports], { minLength: reports.length }),
      fc.subarray([...reports]),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([order, repeats, size]) => {
      const all = [...order, ...repeats];
      return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
    });

/** Fills and corrections of them. */
const reportsArbitrary: fc.Arbitrary<readonly Report[]> = fillsArbitrary.chain((fills) =>
  correctionsOf(fills).map((corrections) => [
    ...fills.map((fill) => ({ fill })),
    ...corrections.map((correction) => ({ correction })),
  ]),
);

const eventOf = (report: Report): NewEvent =>
  'fill' in report
    ? at(report.fill.receivedAt, events.fill(report.fill))
    : at(epochMs(NOON + 900_000), events.correction(report.correction));

const accountOf = (report: Report): string => ('fill' in report ? report.fill : report.correction).account;

const setting: readonly NewEvent[] = [
  ...SYMBOLS.map((symbol) =>
    at(NOON, { kind: 'instrument', instrument: anInstrument({ symbol, tickValue: TICK_VALUE[symbol] }) }),
  ),
  ...Array.from({ length: ORDERS }, (_, n) =>
    at(NOON, events.intent(someTerms(n + 1, { quantity: 50 }), n === 0 ? null : 100 + n)),
  ),
];

/** All that fills make, of own and imported accounts. */
const whatIsDerived = (journal: SqliteJournal) => ({
  trades: journal.trades({ order: 'oldest' }),
  imported: journal.trades({ order: 'oldest', origin: 'imported' }),
  lots: journal.openLots(),
  fills: journal.fills({ origin: 'all' }),
  summary: journal.tradeSummary({ origin: 'all' }),
  calendar: journal.calendar({}),
  net: journal.netOfTrades(),
  accounts: journal.accounts(),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('fills to trades, as a journal derives them', () => {
  it('do not depend on the order of arrival nor on repeats, and lose neither contracts nor money', async () => {
    const folder = temporaryFolder();
    const [one, two] = [mustOpen(join(folder, 'one.db')), mustOpen(join(folder, 'two.db'))];
    const rollback = new Error('next run');
    /** Trades as somebody holds them who reads again only what the journal says has changed. */
    const held = new Map<SqliteJournal, { revision: number; trades: readonly Trade[] }>();
    const heldTrades = (journal: typeof one): readonly Trade[] => {
      const before = held.get(journal) ?? { revision: 0, trades: [] };
      const { revision, from } = journal.tradeChanges(before.revision);
      const trades =
        from === null
          ? before.trades
          : [
              ...before.trades.filter(({ exitAt }) => exitAt < from),
              ...journal.trades({ exitFrom: from, order: 'oldest' }),
            ];
      held.set(journal, { revision, trades });
      return trades;
    };
    /** Books one arrival in a journal, looks at it, and rolls it back. */
    const look = async (journal: typeof one, arrival: readonly (readonly Report[])[], rebuild: boolean) => {
      let seen: ReturnType<typeof whatIsDerived> | null = null;
      await journal
        .batch(async () => {
          journal.append(setting);
          for (const call of arrival) {
            journal.append(call.map(eventOf));
            heldTrades(journal);
          }
          if (rebuild) journal.rebuild();
          seen = whatIsDerived(journal);
          expect(heldTrades(journal)).toEqual(seen.trades);
          await Promise.resolve();
          expectConserved(journal);
          throw rollback;
        })
        .catch((error: unknown) => {
          if (error !== rollback) throw error;
        });
      return seen;
    };
    const expectConserved = (journal: typeof one): void => {
      const [fills, trades, books] = [journal.fills({}), journal.trades({}), journal.openLots()];
      const lots = books.flatMap((book) => book.lots.map((lot) => ({ ...book, ...lot })));
      for (const account of ['SIM1', 'SIM2'])
        for (const symbol of SYMBOLS) {
          const here = (x: { account: string; symbol: string }) => x.account === account && x.symbol === symbol;
          const [f, t, l] = [fills.filter(here), trades.filter(here), lots.filter(here)];
          const bought = (direction: 1 | -1) => sum(f.filter((x) => x.direction === direction).map((x) => x.quantity));
          // Every contract is either in a trade (once bought, once sold) or still open.
          expect(sum(l.map((x) => x.direction * x.quantity))).toBe(bought(1) - bought(-1));
          expect(2 * sum(t.map((x) => x.quantity)) + sum(l.map((x) => x.quantity))).toBe(sum(f.map((x) => x.quantity)));
          // Every unit of a fee is in a trade or still on an open lot.
          expect(sum(t.map((x) => x.fees)) + sum(l.map((x) => x.fee))).toBe(sum(f.map((x) => x.fee)));
          // Cash out and in equals what the trades made, with open lots at cost.
          const cash = sum(f.map((x) => -x.direction * x.quantity * x.price * TICK_VALUE[symbol] - x.fee));
          const atCost = sum(l.map((x) => x.direction * x.quantity * x.price * TICK_VALUE[symbol] - x.fee));
          expect(sum(t.map((x) => x.net))).toBe(cash + atCost + 2 * sum(l.map((x) => x.fee)));
          expect(new Set(l.map((x) => x.direction)).size).toBeLessThanOrEqual(1);
        }
    };
    await fc.assert(
      fc.asyncProperty(
        reportsArbitrary.chain((reports) => fc.tuple(arrivalOf(reports), arrivalOf(reports))),
        async ([first, second]) => {
          const incremental = await look(one, first, false);
          expect(await look(two, second, false)).toEqual(incremental);
          expect(await look(two, second, true)).toEqual(incremental);
        },
      ),
      { numRuns: 300 },
    );
    expect(one.lastSeq()).toBe(0);
  });

  it('of imported accounts change nothing of the own ones', () => {
    fc.assert(
      fc.property(
        reportsArbitrary.chain((reports) => arrivalOf(reports)),
        (arrival) => {
          const folder = temporaryFolder();
          const [both, own] = [mustOpen(join(folder, 'both.db')), mustOpen(join(folder, 'own.db'))];
          both.append([...setting, ...arrival.flat().map(eventOf)]);
          const ours = arrival.flat().filter((report) => !accountOf(report).startsWith(IMPORTED));
          own.append([...setting, ...ours.map(eventOf)]);
          const ofOwn = (journal: SqliteJournal) => [
            journal.trades({}),
            journal.openLots(),
            journal.fills({}),
            journal.netOfTrades(),
            journal.tradeCount({}),
            journal.tradeSummary({}),
            journal.calendar({}),
          ];
          expect(ofOwn(both)).toEqual(ofOwn(own));
          expect(both.tradeCount({ origin: 'all' })).toBe(
            both.tradeCount({}) + both.tradeCount({ origin: 'imported' }),
          );
          both.close();
          own.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('leave a journal that verifies, whatever arrived', () => {
    fc.assert(
      fc.property(
        reportsArbitrary.chain((reports) => arrivalOf(reports)),
        (arrival) => {
          const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
          journal.append(setting);
          for (const call of arrival) journal.append(call.map(eventOf));
          expect(journal.verify(() => aDecision()).findings).toEqual([]);
          journal.close();
        },
      ),
      { numRuns: 15 },
    );
  });
});
