import SqliteDatabase from 'better-sqlite3';
import { expect, it, vi } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { plannedOnce } from '#desk/journal/statements.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const isNamed = (sql: string): boolean => /(?<!\+)@\w/.test(sql);

it('reads and derives with statements that are planned once, whatever is bound to them', () => {
  const prepare = vi.spyOn(SqliteDatabase.prototype, 'prepare');
  const journal = temporaryJournal();
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  for (let n = 0; n < 3; n += 1) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
  const [order] = journal.orders({ limit: 1, openOnly: false });
  journal.order(order?.clientOrderId ?? '');
  journal.fillsOf(order?.clientOrderId ?? '');
  journal.openLots('NQ');
  journal.trades({ limit: 2, exitFrom: NOON });
  journal.tradePage({ filter: {}, sort: { by: 'exit', isDescending: true }, limit: 2, offset: 0 });
  journal.bars({ symbol: 'NQ', timeframe: '1m', limit: 2 });
  // A plain insert has no plan to choose.
  const texts = prepare.mock.calls.map(([sql]) => sql).filter((sql) => !sql.startsWith('INSERT'));
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.filter(isNamed)).toEqual([]);
});

it('changes nothing of what is bound, nor of a statement that binds by place', () => {
  const database = new SqliteDatabase(':memory:');
  database.exec("CREATE TABLE t (a TEXT, n INTEGER) STRICT; INSERT INTO t VALUES ('1', 1), ('x', -2)");
  const sql = 'SELECT n, @a AS given FROM t WHERE a = @a AND n IN (@n, 1) ORDER BY n LIMIT @limit';
  for (const bound of [
    { a: '1', n: 3, limit: 5 },
    { a: 'x', n: -2, limit: 1 },
    { a: 1, n: 1, limit: 5 },
    { a: null, n: 1, limit: 5 },
    { a: 'x', n: -2, limit: 0 },
  ])
    expect(database.prepare(plannedOnce(sql)).all(bound)).toEqual(database.prepare(sql).all(bound));
  expect(plannedOnce('SELECT ? AS a')).toBe('SELECT ? AS a');
  database.close();
});
