import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { epochMs } from '#shared/units.ts';
import { parseRecord } from '#desk/journal/event-codec.ts';
import { migrate } from '#desk/journal/migrate.ts';
import { MIGRATIONS, type Migration } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'journal');

/** What the desk of schema 1 answered before it closed the journal of the fixture. */
const told = JSON.parse(readFileSync(join(FIXTURES, 'schema-1.json'), 'utf8')) as Readonly<Record<string, unknown>>;

/** A journal as the desk of schema 1 left it: trades, a loss, a reversal, open lots, two accounts, reasons, bars. */
function oldJournal(): string {
  const path = join(temporaryFolder(), 'journal.db');
  copyFileSync(join(FIXTURES, 'schema-1.db'), path);
  return path;
}

/** The engine of the fixture. */
const recompute = ({ now }: SizingSnapshot) =>
  now === NOON ? aDecision() : aDecision({ status: 'disagree', contracts: 0 });

/** Every row of every table but the search index, whose pages depend on its history. */
function tablesOf(path: string): Readonly<Record<string, readonly unknown[]>> {
  const raw = new Database(path, { readonly: true });
  const names = raw
    .prepare<[], string>(
      `SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite_%'`,
    )
    .pluck()
    .all();
  const rows = names.map((name): [string, readonly unknown[]] => {
    const all = raw.prepare(`SELECT * FROM ${name}`).raw().all();
    // A row's own number says nothing, nor does it whether a decision is filed yet; what it holds does.
    const [from, to] = [name === 'texts' ? 1 : 0, name === 'decisions' ? -1 : undefined];
    return [name, all.map((row) => JSON.stringify((row as unknown[]).slice(from, to))).sort()];
  });
  raw.close();
  return Object.fromEntries(rows);
}

describe('a journal of schema 1', () => {
  it('opens with everything it told, after a copy of it was made', () => {
    const path = oldJournal();
    const journal = mustOpen(path);
    expect({
      lastSeq: journal.lastSeq(),
      headHash: journal.headHash(),
      trades: journal.trades({ order: 'oldest' }),
      openLots: journal.openLots(),
      orders: journal.orders({}),
      fills: journal.fills({}),
      netOfTrades: journal.netOfTrades(),
      decisionCount: journal.decisionCount(),
      decisions: journal
        .decisions({ limit: 100, offset: 0 })
        .map(({ decision, status }) => [decision.event.recommendationId, status?.event.state ?? null]),
      bars: journal.bars({ symbol: 'NQZ26-CME', timeframe: '1m', limit: 10 }),
    }).toEqual(told);
    expect(journal.verify(recompute).findings).toEqual([]);
    const copy = new Database(`${path}.before-v${MIGRATIONS.length}`, { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
    expect(copy.prepare('SELECT count(*) FROM events').pluck().get()).toBe(told['lastSeq']);
    copy.close();
  });

  it('has in its new tables what its events say', () => {
    const journal = mustOpen(oldJournal());
    expect(journal.search('uberbreit', 5)).toMatchObject([{ subject: { kind: 'recommendation', id: 'R20' } }]);
    const page = (filter: Parameters<typeof journal.decisionPage>[0]['filter']) =>
      journal
        .decisionPage({ filter, limit: 10, offset: 0 })
        .rows.map(({ decision }) => decision.event.recommendationId);
    expect(page({ state: 'rejected' })).toEqual(['R20']);
    expect(page({ status: 'disagree' })).toEqual(['R21']);
    expect(page({ state: 'proposed' })).toEqual(['R22']);
    expect(journal.accounts()).toEqual(['SIM1', 'SIM2']);
    const { all } = journal.tradeSummary({});
    expect(all).toMatchObject({ count: 8, flats: 1, net: journal.netOfTrades() });
    expect(journal.calendar({}).map(({ trades }) => trades)).toEqual([1, 1, 1, 1, 4]);
  });

  it('is, row by row, what a fresh journal of the same events is', () => {
    const path = oldJournal();
    const journal = mustOpen(path);
    const fresh = mustOpen(join(temporaryFolder(), 'fresh.db'));
    const raw = new Database(path, { readonly: true });
    const rows = raw.prepare<[], { at: number; body: string }>('SELECT at, body FROM events ORDER BY seq').all();
    raw.close();
    fresh.appendRecords(rows.map(({ at: when, body }) => ({ at: epochMs(when), record: parseRecord(body) })));
    fresh.appendBars(journal.bars({ symbol: 'NQZ26-CME', timeframe: '1m', limit: 10 }));
    expect(fresh.headHash()).toBe(journal.headHash());
    journal.close();
    fresh.close();
    expect(tablesOf(path)).toEqual(tablesOf(fresh.path));
  });

  it('goes on from there: appends, corrections and notes', () => {
    const journal = mustOpen(oldJournal());
    const [fill] = journal.fills({});
    if (fill === undefined) throw new Error('no fill');
    const correction = { ...fill, version: 1, corrected: null, reason: 'bust' };
    const { venue, account, execKey, version, corrected, reason } = correction;
    journal.append([
      at(NOON, events.correction({ venue, account, execKey, version, corrected, reason })),
      at(NOON, events.annotation({ kind: 'trade', id: 'x' }, { note: 'hindsight' })),
    ]);
    expect(journal.fills({})).toHaveLength((told['fills'] as unknown[]).length - 1);
    expect(journal.verify(recompute).findings).toEqual([]);
  });

  it('is left as it was, byte for byte, when a step or the deriving fails', () => {
    const path = oldJournal();
    const before = readFileSync(path);
    const broken: Migration = {
      version: MIGRATIONS.length,
      name: 'broken',
      isDerivedAgain: true,
      up: (db) => {
        for (const step of MIGRATIONS.slice(1)) step.up(db);
        // Deriving will fail: a trade breaks the rule.
        db.exec(
          'CREATE TRIGGER no_trades BEFORE INSERT ON trades BEGIN SELECT RAISE(ABORT, $no$); END'.replace(
            '$no$',
            `'no'`,
          ),
        );
      },
    };
    const database = new Database(path);
    const failed = migrate(database, path, [...MIGRATIONS.slice(0, 1), broken]);
    database.close();
    expect(failed).toMatchObject({ ok: false, error: { code: 'migration-failed', version: MIGRATIONS.length } });
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}.before-v${MIGRATIONS.length}`)).toBe(true);
    expect(mustOpen(path).verify(recompute).findings).toEqual([]);
  });

  it('is refused as damaged, and not touched, when its events were changed', () => {
    const path = oldJournal();
    const bytes = readFileSync(path);
    const place = bytes.indexOf('"detail":"kept"');
    bytes.write('"detail":"bent"', place);
    writeFileSync(path, bytes);
    const opened = openJournal({ path });
    expect(opened).toMatchObject({ ok: false, error: { code: 'corrupt' } });
    expect(readFileSync(path)).toEqual(bytes);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('before'))).toEqual([]);
  });
});
