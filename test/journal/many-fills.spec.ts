import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Fill } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { DERIVED_TABLES, DERIVED_TABLE_NAMES } from '#desk/journal/derived-tables.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
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
import { temporaryJournal } from '#test/support/temp-journal.ts';

/** More than are put into every index one by one. */
const MANY = 2_500;
const SYMBOLS = ['NQZ26-CME', 'ESZ26-CME', 'GCZ26-COMEX'] as const;

const instruments: readonly NewEvent[] = SYMBOLS.map((symbol) =>
  at(NOON, { kind: 'instrument', instrument: anInstrument({ symbol }) }),
);

/** Fills of a few books in about the order they count, with some told twice, and keys that two venues use. */
function someFills(count: number, seed: number): readonly Fill[] {
  const random = createPrng(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.nextDouble() * all.length)] as T;
  const fills = Array.from({ length: count }, (_, n) =>
    aFill(`${seed}-${n}`, {
      symbol: pick(SYMBOLS),
      account: pick(['SIM1', 'imported:A', 'imported:B']),
      direction: pick<1 | -1>([1, -1]),
      quantity: 1 + Math.floor(4 * random.nextDouble()),
      price: ticks(80_000 + Math.floor(200 * random.nextDouble())),
      fee: money(Math.floor(50_000 * random.nextDouble())),
      at: epochMs(NOON + 60_000 * (n - (random.nextDouble() < 0.01 ? 7 : 0))),
    }),
  );
  return fills.flatMap((fill) => {
    const luck = random.nextDouble();
    return luck < 0.02 ? [fill, fill] : luck < 0.03 ? [fill, { ...fill, venue: 'other' }] : [fill];
  });
}

const newEvents = (fills: readonly Fill[]): readonly NewEvent[] =>
  fills.map((fill) => at(epochMs(NOON + 1), events.fill(fill)));

function appendInCalls(journal: SqliteJournal, all: readonly NewEvent[], size: number): void {
  for (let i = 0; i < all.length; i += size) journal.append(all.slice(i, i + size));
}

function lookAt<T>(journal: SqliteJournal, look: (raw: Database.Database) => T): T {
  const raw = new Database(journal.path, { readonly: true });
  try {
    return look(raw);
  } finally {
    raw.close();
  }
}

/** A digest of each derived table. */
const tablesOf = (journal: SqliteJournal) =>
  lookAt(journal, (raw) =>
    DERIVED_TABLE_NAMES.map((table) => {
      const { columns, keys } = DERIVED_TABLES[table];
      const sql = `SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${columns.slice(0, keys).join(', ')}`;
      const rows = raw.prepare(sql).raw().all();
      return { table, rows: rows.length, digest: createHash('sha256').update(JSON.stringify(rows)).digest('hex') };
    }),
  );

type Index = { readonly name: string; readonly rootpage: number };
/** In the order in which the planner weighs them. */
const indexesOf = (journal: SqliteJournal): readonly Index[] =>
  lookAt(journal, (raw) =>
    raw
      .prepare<[], Index>(
        `SELECT name, rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('fills', 'trades')
         ORDER BY tbl_name, rowid`,
      )
      .all(),
  );
const namesOf = (indexes: readonly Index[]) => indexes.map(({ name }) => name);

describe('many fills in one append', () => {
  it('make the same chain and the same tables as a few at a time', () => {
    for (const seed of [1, 2]) {
      const fills = newEvents(someFills(MANY, seed));
      const [once, apart] = [temporaryJournal(), temporaryJournal()];
      for (const journal of [once, apart]) journal.append(instruments);
      once.append(fills);
      appendInCalls(apart, fills, 97);
      expect(once.headHash()).toBe(apart.headHash());
      expect(tablesOf(once)).toEqual(tablesOf(apart));
      expect(once.verify(() => aDecision()).findings).toEqual([]);
      const before = tablesOf(once);
      once.rebuild();
      expect(tablesOf(once)).toEqual(before);
    }
  });

  it('make the same among orders, reports and corrections', () => {
    const ids = Array.from({ length: 6 }, (_, n) => orderId(n + 1));
    const fills = someFills(400, 11).map((fill, n) => ({ ...fill, clientOrderId: ids[n % 7] ?? null }));
    const intents = ids.map((_, n) => at(NOON, events.intent(someTerms(n + 1, { quantity: 500 }))));
    const all = newEvents(fills).flatMap((event, n): readonly NewEvent[] => {
      const fill = fills[n];
      const intent = n % 60 === 30 ? intents[(n - 30) / 60] : undefined;
      const isCorrected = fill !== undefined && n % 90 === 89;
      return [
        event,
        ...(intent === undefined ? [] : [intent]),
        ...(isCorrected ? [at(NOON, events.correction(aCorrection(fill, 1, n % 180 === 89 ? null : {})))] : []),
      ];
    });
    const [once, apart] = [temporaryJournal(), temporaryJournal()];
    for (const journal of [once, apart]) journal.append(instruments);
    once.append(all);
    appendInCalls(apart, all, 1);
    expect(once.orders({})).toHaveLength(6);
    expect(once.headHash()).toBe(apart.headHash());
    expect(tablesOf(once)).toEqual(tablesOf(apart));
    expect(once.verify(() => aDecision()).findings).toEqual([]);
  });

  it('sum up per day to what their trades sum up to, also on days that had some', () => {
    const journal = temporaryJournal();
    journal.append(instruments);
    appendInCalls(journal, newEvents(someFills(MANY, 3)), 700);
    const key = 'is_imported, session_day, account, symbol, direction, outcome';
    const sums = `sum(trades) AS trades, sum(gross) AS gross, sum(fees) AS fees, sum(net) AS net,
      max(best_net) AS best, min(worst_net) AS worst, sum(r_trades) AS r_trades`;
    const [days, trades] = lookAt(journal, (raw) => [
      raw.prepare(`SELECT ${key}, ${sums} FROM trade_days GROUP BY ${key} ORDER BY ${key}`).all(),
      raw
        .prepare(
          `SELECT ${key}, ${sums} FROM (SELECT *, 1 AS trades, net AS best_net, net AS worst_net,
             r IS NOT NULL AS r_trades FROM trades) GROUP BY ${key} ORDER BY ${key}`,
        )
        .all(),
    ]);
    expect(days.length).toBeGreaterThan(20);
    expect(days).toEqual(trades);
  });

  it('make the chain they always made', () => {
    const journal = temporaryJournal();
    journal.append([...instruments, ...newEvents(someFills(MANY, 4))]);
    expect(journal.headHash()).toBe('f52c9baac00eb96b2cb1b727d7cafdbf87c84569a5da648a15bc05846fc7d0da');
  });

  it('leave every index, in the order they were in', () => {
    const journal = temporaryJournal();
    const before = namesOf(indexesOf(journal));
    journal.append([...instruments, ...newEvents(someFills(MANY, 5))]);
    expect(namesOf(indexesOf(journal))).toEqual(before);
    expect(before).toContain('trades_by_exit');
    expect(before).toContain('fills_by_book');
  });

  it('leave the indexes alone where more are there than come', () => {
    const journal = temporaryJournal();
    const [first, second] = [newEvents(someFills(MANY, 6)), newEvents(someFills(MANY - 100, 7))];
    journal.append([...instruments, ...first]);
    const before = indexesOf(journal);
    journal.append(second);
    expect(indexesOf(journal)).toEqual(before);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('are kept as a whole or not at all, and so are the indexes', () => {
    const journal = temporaryJournal();
    const [first, second] = [newEvents(someFills(50, 8)), newEvents(someFills(MANY, 9))];
    journal.append([...instruments, ...first]);
    const before = { head: journal.headHash(), tables: tablesOf(journal), indexes: indexesOf(journal) };
    const bad = at(NOON, { ...events.notice('x'), level: 'loud' } as unknown as ReturnType<typeof events.notice>);
    expect(() => journal.append([...second, bad])).toThrow();
    expect({ head: journal.headHash(), tables: tablesOf(journal), indexes: indexesOf(journal) }).toEqual(before);
    // What the refused append had seen of them counts for nothing.
    expect(journal.append(second)).toHaveLength(new Set(second.map(({ event }) => JSON.stringify(event))).size);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('go with the batch they were part of, and come again', async () => {
    const journal = temporaryJournal();
    journal.append(instruments);
    const before = indexesOf(journal);
    const fills = newEvents(someFills(MANY, 10));
    const refused = new Error('given up');
    const given = journal.batch(async () => {
      journal.append(fills);
      await Promise.resolve();
      throw refused;
    });
    await expect(given).rejects.toBe(refused);
    expect(indexesOf(journal)).toEqual(before);
    expect(journal.tradeCount({ origin: 'all' })).toBe(0);
    journal.append(fills);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });
});
