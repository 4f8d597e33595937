import { join } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import type { Journal, TradeFilter } from '#desk/ports/journal.ts';
import { epochMs } from '#shared/units.ts';
import { aRoundTrip, at as timed, events } from '#test/support/journal-events.ts';
import { bareTrades, DAY_MS, journalWithTrades, mustOpen, NOW, someTrades } from '#test/bench/fixtures.ts';
import { interleave, repeated } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';

const PAGE = 100;
const FROM = epochMs(NOW - 100 * DAY_MS);
const UNTIL = epochMs(NOW - 70 * DAY_MS);

type Case = {
  readonly name: string;
  readonly filter: TradeFilter;
  readonly where: string;
  readonly values: readonly (string | number)[];
};
const CASES: readonly Case[] = [
  { name: 'no filter', filter: {}, where: '1', values: [] },
  { name: 'one symbol', filter: { symbol: 'GCZ26-COMEX' }, where: 'symbol = ?', values: ['GCZ26-COMEX'] },
  { name: 'two roots', filter: { roots: ['NQ', 'ES'] }, where: 'root IN (?, ?)', values: ['NQ', 'ES'] },
  {
    name: 'one month',
    filter: { exitFrom: FROM, exitBefore: UNTIL },
    where: 'exit_at >= ? AND exit_at < ?',
    values: [FROM, UNTIL],
  },
];

/** A page and its total, as the Journal screen asks for them. */
const pageOf = (journal: Journal, filter: TradeFilter): unknown => [
  journal.tradeCount(filter),
  journal.trades({ ...filter, limit: PAGE, offset: 0 }),
];

/** The same two statements, rows as they come. */
function barePage(database: SqliteDatabase.Database, { where, values }: Case): () => number {
  const count = database.prepare(`SELECT count(*) FROM trades WHERE ${where}`).pluck();
  const page = database.prepare(
    `SELECT * FROM trades WHERE ${where} ORDER BY exit_at DESC, entry_at DESC, id DESC LIMIT ${PAGE}`,
  );
  return () => Number(count.get(...values)) + page.all(...values).length;
}

/** Throws unless the bare statements select what the journal does. */
function assertSame(journal: Journal, one: Case, bare: () => number): void {
  const expected = journal.tradeCount(one.filter) + journal.trades({ ...one.filter, limit: PAGE }).length;
  if (bare() !== expected) throw new Error(`the bare page differs under '${one.name}'`);
}

/** First pages of a long journal, under each filter. */
export const pages: Bench = {
  name: 'pages',
  title: 'First page (100 rows and the total) of a journal of 100,000 trades',
  run: async ({ rounds, isQuick, folder }) => {
    const size = isQuick ? 1_000 : 100_000;
    const count = isQuick ? 3 : 8;
    const path = join(folder, 'journal.db');
    journalWithTrades(path, someTrades(size, NOW - 300 * DAY_MS, NOW));
    const indexed = bareTrades(join(folder, 'indexed.db'), path, true);
    const plain = bareTrades(join(folder, 'plain.db'), path, false);
    const journal = mustOpen(path);
    const decided = mustOpen(join(folder, 'decided.db'));
    try {
      await decided.batch(() => {
        decided.append([timed(NOW, events.instrument())]);
        for (let n = 0; n < (isQuick ? 110 : 400); n += 1) decided.append(aRoundTrip(n, epochMs(NOW + n * 60_000)));
        return Promise.resolve();
      });
      const sides: Side[] = CASES.flatMap((one): Side[] => {
        const [fast, slow] = [barePage(indexed, one), barePage(plain, one)];
        assertSame(journal, one, fast);
        assertSame(journal, one, slow);
        return [
          () => repeated(`${one.name}: journal`, () => pageOf(journal, one.filter), { count }),
          () => repeated(`${one.name}: bare, indexed`, fast, { count }),
          () => repeated(`${one.name}: bare, no index`, slow, { count }),
        ];
      });
      const offset = Math.round(size * 0.9);
      const series = await interleave(
        [
          ...sides,
          () => repeated('last pages, no filter: journal', () => journal.trades({ limit: PAGE, offset }), { count }),
          () => repeated('decisions: journal', () => decided.decisions({ limit: PAGE, offset: 0 }), { count }),
        ],
        { rounds },
      );
      return {
        series,
        notes: [
          'The journal parses every row with its schema; the bare sides hand rows over as they come.',
          'The page of decisions reads 100 whole records (snapshot, ladder, walls) and their last state.',
        ],
      };
    } finally {
      for (const one of [journal, decided, indexed, plain]) one.close();
    }
  },
};
