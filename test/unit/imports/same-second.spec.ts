import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planImport } from '#desk/records/import-plan.ts';
import { importIntoJournal } from '#desk/desk.ts';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { fileOf } from '#test/support/import-files.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const HEADER = 'When,Contract,Direction,Lots,Fill,Comm';
const OPTIONS: ImportOptions = {
  timeZone: 'America/Chicago',
  account: 'A1',
  mapping: {
    ...{ account: null, symbol: 'Contract', side: 'Direction', quantity: 'Lots', price: 'Fill' },
    ...{ date: 'When', time: null, fees: ['Comm'], executionId: null },
  },
};
const row = (time: string, side: string, price: number, lots = 1): string =>
  `2026-09-01 ${time},NQZ26,${side},${lots},${price},2.15`;
/** Sold first and bought back, then bought and sold: only their order tells the two trades apart. */
const ROWS = [
  row('10:00:00', 'Sell', 24010),
  row('10:00:00', 'Buy', 24000),
  row('10:00:00', 'Buy', 24005),
  row('10:00:00', 'Sell', 24006),
  row('10:00:01', 'Buy', 24001),
  row('10:00:02', 'Sell', 24002),
];
const bytesOf = (rows: readonly string[]) => new TextEncoder().encode(fileOf([HEADER, ...rows]).text);

describe('executions of one second without ids', () => {
  it('happen in the order of the file, and the preview says so', () => {
    const read = readImport(fileOf([HEADER, ...ROWS]), OPTIONS);
    expect(read.executions.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(read.executions.map(({ at }) => at % 1_000)).toEqual([0, 1, 2, 3, 0, 0]);
    expect(read.assumptions.filter(({ code }) => code === 'order').map(({ text }) => text)).toEqual([
      '3 rows share a second with the row before and have no id: they happened in the order of the file.',
    ]);
  });

  it('happen the other way round in a file that is newest first', () => {
    const read = readImport(fileOf([HEADER, ...ROWS.toReversed()]), OPTIONS);
    const prices = (rows: typeof read.executions) => rows.map(({ price, direction }) => price * direction);
    expect(prices(read.executions)).toEqual(prices(readImport(fileOf([HEADER, ...ROWS]), OPTIONS).executions));
  });

  it('give the trades that were made, and add nothing when they come again, whole or overlapping', async () => {
    const path = join(temporaryFolder(), 'journal.db');
    mustOpen(path).close();
    const file = (fileName: string, rows: readonly string[]) => ({ id: fileName, fileName, bytes: bytesOf(rows) });
    const add = (name: string, rows: readonly string[]) =>
      importIntoJournal(path, file(name, rows), { options: OPTIONS, isPreview: false });
    const first = await add('first.csv', ROWS.slice(0, 5));
    expect(first.report).toMatchObject({ added: 5, known: 0 });
    const trades = () => {
      const journal = mustOpen(path, 'read');
      const found = journal
        .trades({ origin: 'imported', order: 'oldest' })
        .map(({ direction, gross }) => [direction, gross / 1e4]);
      journal.close();
      return found;
    };
    expect(trades()).toEqual([
      [-1, 200],
      [1, 20],
    ]);
    const overlapping = await add('second.csv', ROWS);
    expect(overlapping.report).toMatchObject({ added: 1, known: 5 });
    const journal = mustOpen(path, 'read');
    // A file that begins within the second: what is known stays known, though its place there is another one.
    const part = { fileName: 'part.csv', bytes: bytesOf(ROWS.slice(2)), options: OPTIONS };
    expect(planImport(journal, part).preview).toMatchObject({ added: 0, known: 4, conflictCount: 0 });
    journal.close();
    expect((await add('first.csv', ROWS.slice(0, 5))).report).toMatchObject({ added: 0, known: 5 });
  });
});
