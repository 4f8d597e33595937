import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'tradovate-orders.csv';
const ANSWERS: ImportOptions = { timeZone: 'America/Chicago' };
const read = (changes: Readonly<Record<string, string>> = {}) => readImport(edited(FIXTURE, changes), ANSWERS);

describe('the orders report of Tradovate', () => {
  it('gives the filled orders, with spaces before its words, and splits an average exactly', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions]).toEqual([[], []]);
    // 3 × 5025.833333 = 15077.5 = 60310 ticks: two at 20103 and one at 20104.
    expect(
      file.executions.map((e) => [e.line, e.execKey, e.direction, e.quantity, Number(e.price), Number(e.at)]),
    ).toEqual([
      [2, '12345', 1, 2, 20102, utc('2025-11-25T10:38:24Z')],
      [3, '12346|1', -1, 2, 20103, utc('2025-11-25T10:41:00Z')],
      [3, '12346|2', -1, 1, 20104, utc('2025-11-25T10:41:00Z')],
      [5, '12348', 1, 1, 20099, utc('2025-11-25T10:45:00Z')],
    ]);
    expect(file.executions.every((e) => e.account === 'DEMO' && e.symbol === 'MESZ25-CME')).toBe(true);
    expect(file.assumptions.map((a) => a.code)).toContain('split-average');
  });

  it('skips an order of which nothing was filled, and keeps the part that was filled before it was cancelled', () => {
    const file = read();
    expect(file.skipped).toMatchObject([{ line: 4, message: 'not filled: Canceled' }]);
    expect(file.executions.at(-1)?.line).toBe(5);
  });

  it.each([
    [{ ' Canceled, Buy,0,,': ' Canceled, Buy,0,5020,' }, 4],
    [{ ' Canceled, Buy,0,,': ' Filled, Buy,0,,' }, 4],
    [{ ' Canceled, Buy,0,,': ' Canceled, Buy,x,,' }, 4],
    [{ '500, Filled, Buy,2': '500, Fulled, Buy,2' }, 2],
    [{ '500, Filled, Buy,2': '500, Filled, Bye,2' }, 2],
    [{ '5025.833333': '5025.9' }, 3],
    [{ '5025.833333': '5025.8' }, 3],
  ])('refuses, and does not skip, what it cannot be sure of: %o', (changes, line) => {
    expect(read(changes).errors.map((e) => e.line)).toEqual([line]);
  });

  it('reads the older names of its columns', () => {
    const file = read({ 'orderId,': 'Order ID,', 'Filled Qty,Avg Fill Price': 'filledQty,avgPrice' });
    expect(file.format).toBe('tradovate-orders');
    expect(file.executions).toHaveLength(4);
  });
});
