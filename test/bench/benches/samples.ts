import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { createSampleStore } from '#desk/account/samples.ts';
import { families } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { Trade } from '#shared/domain/order.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { epochMs } from '#shared/units.ts';
import { nasdaq } from '#test/support/snapshots.ts';
import {
  bareTrades,
  DAY_MS,
  journalWithTrades,
  MARKETS,
  mustOpen,
  NOW,
  sampleReader,
  someTrades,
} from '#test/bench/fixtures.ts';
import { derived, growthExponent, interleave, repeated } from '#test/bench/harness.ts';
import type { Bench, Series, Settings, Side } from '#test/bench/harness.ts';
import { journalOf, longProfile } from '#test/bench/long-profile.ts';

const RECENT = 200;

const config = (lookBackDays: number): SizingConfig => ({
  ...PRESETS.conservative,
  sample: { ...PRESETS.conservative.sample, lookBackDays },
});

const readerOf = (journal: SqliteJournal, lookBackDays: number) =>
  sampleReader(journal, { instrument: nasdaq, config: config(lookBackDays), families, now: NOW });

/** The same counts and sums by one indexed aggregate: what a database can do without handing rows over. */
function aggregate(path: string): () => unknown {
  const database = new SqliteDatabase(path, { readonly: true });
  const statement = database.prepare(
    `SELECT sum(r > 0.05), sum(r < -0.05), sum(abs(r) <= 0.05), sum(CASE WHEN r > 0.05 THEN r END),
            sum(CASE WHEN r < -0.05 THEN -r END)
     FROM trades WHERE root = ? AND exit_at >= ? AND exit_at < ?`,
  );
  return () => statement.get('NQ', NOW - 365 * DAY_MS, NOW);
}

/** `count` trades in all: the newest 200 within the look-back of 30 days, the rest in the year before. */
function mostlyOld(count: number): readonly Trade[] {
  const recent = someTrades(RECENT, NOW - 29 * DAY_MS, NOW);
  const old = someTrades(count - RECENT, NOW - 330 * DAY_MS, epochMs(NOW - 40 * DAY_MS));
  return [...old, ...recent.map((trade, i) => ({ ...trade, id: `recent|${i}` }))];
}

const GROUPS = ['equity', 'equity', 'metals', 'energy', 'rates', 'fx'] as const;

/** All counts of a million trades again, from the columns the desk keeps them in, and from an index that has what they take. */
async function rebuilding({ shared, folder, isQuick, rounds }: Settings): Promise<readonly Series[]> {
  const path = journalOf(await longProfile(shared, isQuick ? 1_000 : 1_000_000));
  const journal = mustOpen(path);
  const plain = bareTrades(join(folder, 'plain.db'), path, false);
  try {
    plain.exec('CREATE INDEX counted ON trades (is_imported, root, exit_at, r, net, quantity)');
    const grouped = plain.prepare(`SELECT root, sum(r > @s), sum(r < -@s), sum(abs(r) <= @s),
      sum(CASE WHEN r > @s THEN r END), sum(CASE WHEN r < -@s THEN -r END), sum(CASE WHEN r < -@s THEN net END),
      sum(CASE WHEN r < -@s THEN quantity END) FROM trades WHERE is_imported = 0 AND exit_at >= @from GROUP BY root`);
    const store = createSampleStore({
      tradeChanges: () => ({ revision: 1, from: null }),
      trades: journal.trades.bind(journal),
    });
    const recount = (turn: number): void => {
      const known = config(3_000);
      // Another threshold each time: nothing that was counted stands.
      const sample = { ...known.sample, scratchR: known.sample.scratchR + turn * 1e-9 };
      for (const [i, { symbol, root }] of MARKETS.entries()) {
        const instrument = { ...nasdaq, symbol, root, group: GROUPS[i] ?? 'equity' };
        store.of({ instrument, config: { ...known, sample }, families, now: NOW });
      }
    };
    recount(-1);
    const from = NOW - 3_000 * DAY_MS;
    let turn = 0;
    return await interleave(
      [
        () => repeated('every market counted again from columns', () => recount((turn += 1)), { count: 5 }),
        () => repeated('every market by SQL, indexed', () => grouped.all({ s: 0.05, from }), { count: 3 }),
      ],
      { rounds },
    );
  } finally {
    plain.close();
    journal.close();
  }
}

/** Reading the own trades a decision rests on, as the journal grows. */
export const samples: Bench = {
  name: 'samples',
  title: 'Reading the sizing samples',
  run: async (settings) => {
    const { rounds, isQuick, folder } = settings;
    const sizes = isQuick ? [300, 600, 1200] : [1_000, 10_000, 100_000];
    const largest = sizes.at(-1)!;
    const open: SqliteJournal[] = [];
    const sides: Side[] = [];
    const label = (n: number): string => n.toLocaleString('en');
    for (const size of sizes) {
      const [all, old] = [join(folder, `all-${size}.db`), join(folder, `old-${size}.db`)];
      journalWithTrades(all, someTrades(size, NOW - 300 * DAY_MS, NOW));
      journalWithTrades(old, mostlyOld(size));
      const [whole, recent] = [mustOpen(all), mustOpen(old)];
      open.push(whole, recent);
      const count = Math.max(3, Math.round((isQuick ? 2_000 : 60_000) / size));
      const [all365, recent30] = [readerOf(whole, 365), readerOf(recent, 30)];
      sides.push(() =>
        repeated(`${label(size)} trades, for a prediction`, all365.kept, { count: isQuick ? 5 : 200, per: 20 }),
      );
      sides.push(() => repeated(`${label(size)} trades, after a fill`, all365.afterFill, { count }));
      sides.push(() =>
        repeated(`${label(size)} trades, ${RECENT} in the look-back, after a fill`, recent30.afterFill, {
          count: isQuick ? 5 : 60,
        }),
      );
      if (size === largest) {
        const bucket = aggregate(all);
        sides.push(() => repeated('one bucket by SQL, indexed', bucket, { count: isQuick ? 5 : 30 }));
      }
    }
    try {
      const measured = await interleave(sides, { rounds });
      const growth = (name: string, tail: string) =>
        derived(
          measured,
          { name: `growth exponent, ${name}`, unit: '', from: sizes.map((n) => `${label(n)} trades, ${tail}, p50`) },
          (values) => growthExponent(values.map((y, i) => ({ x: sizes[i]!, y }))),
        );
      return {
        series: [
          ...measured,
          ...(await rebuilding(settings)),
          growth('for a prediction', 'for a prediction'),
          growth('after a fill, trades in the look-back', 'after a fill'),
          growth('after a fill, older trades', `${RECENT} in the look-back, after a fill`),
        ],
        notes: [
          'Time grows as trades^k, k fitted over the three sizes: 1 is in step with what is counted, 0 is not at all.',
          'The SQL aggregate answers for one market of the largest journal; the desk gives three scopes.',
          'Counted again: three scopes for each of six markets, out of a million trades; SQL groups them by root only, along an index that holds all it reads.',
          'For a prediction the samples stand counted in memory. After a fill the desk reads the trades that it closed (here those of the last hour) and counts the look-back again.',
        ],
      };
    } finally {
      for (const journal of open) journal.close();
    }
  },
};
