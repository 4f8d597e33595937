import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportMapping, ImportOptions } from '#shared/domain/import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'generic.csv';
const MAPPING: ImportMapping = {
  account: null,
  symbol: 'Contract',
  side: 'Direction',
  quantity: 'Lots',
  price: 'Fill',
  date: 'When',
  time: null,
  fees: ['Comm', 'Exch Fee'],
  executionId: 'Ref',
};
const ANSWERS: ImportOptions = { mapping: MAPPING, account: 'A1', timeZone: 'UTC' };

describe('any file by a mapping', () => {
  it('is unknown without one: the format is asked and the columns are shown', () => {
    const file = readImport(fixtureFile(FIXTURE), {});
    expect([file.format, file.rows]).toEqual([null, 2]);
    expect(file.questions.map((q) => q.field)).toEqual(['format']);
    expect(file.columns).toEqual(['When', 'Contract', 'Direction', 'Lots', 'Fill', 'Comm', 'Exch Fee', 'Ref']);
  });

  it('asks for a mapping, and again when a column of it is not in the file', () => {
    const asked = readImport(fixtureFile(FIXTURE), { format: 'generic' });
    expect(asked.questions).toMatchObject([{ field: 'mapping', choices: asked.columns }]);
    const lacking = readImport(fixtureFile(FIXTURE), { ...ANSWERS, mapping: { ...MAPPING, price: 'Px' } });
    expect(lacking.questions[0]?.text).toMatch(/no column Px/);
    expect(lacking.executions).toEqual([]);
  });

  it('reads executions, and fees that are written as money gone out', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions]).toEqual([[], []]);
    expect(
      file.executions.map((e) => [
        e.execKey,
        e.account,
        e.direction,
        e.quantity,
        Number(e.price),
        Number(e.fee),
        Number(e.at),
      ]),
    ).toEqual([
      ['x-1', 'A1', 1, 2, 24005, 68600, utc('2026-03-02T08:31:05Z')],
      ['x-2', 'A1', -1, 2, 24012, 68600, utc('2026-03-02T08:40:00Z')],
    ]);
    expect(file.assumptions.filter((a) => a.code === 'fees')).toHaveLength(2);
  });

  it('keeps a rebate a rebate where the column has costs above zero', () => {
    const file = readImport(edited(FIXTURE, { '6001.25,-4.10': '6001.25,4.10' }), ANSWERS);
    expect(file.executions.map((e) => Number(e.fee))).toEqual([41000 + 27600, -41000 + 27600]);
  });

  it('takes the side from the sign, date and time from two columns, and refuses a sign against the side', () => {
    const header = 'Acc;Sym;Qty;Px;Day;Clock;Side';
    const mapping: ImportMapping = {
      ...{ account: 'acc', symbol: 'sym', side: null, quantity: 'qty', price: 'px' },
      ...{ date: 'day', time: 'clock', fees: [], executionId: null },
    };
    const rows = ['Z;GCQ26;-3;4.100,5;28.07.2026;14:30:00;B', 'Z;GCQ26;3;4.101,0;28.07.2026;14:31;S'];
    const file = readImport(fileOf([header, ...rows]), { mapping, timeZone: 'Europe/Berlin' });
    expect(file.errors).toEqual([]);
    expect(file.executions.map((e) => [e.account, e.direction, Number(e.price), Number(e.at)])).toEqual([
      ['Z', -1, 41005, utc('2026-07-28T12:30:00Z')],
      ['Z', 1, 41010, utc('2026-07-28T12:31:00Z')],
    ]);
    const sided = readImport(fileOf([header, ...rows]), { mapping: { ...mapping, side: 'Side' }, timeZone: 'UTC' });
    expect(sided.errors).toMatchObject([{ line: 2, field: 'Side' }]);
  });

  it('asks what a share is worth, and takes the answer', () => {
    const file = edited(FIXTURE, { ESH6: 'RBLX', '6001.25': '49.88', '6003.00': '50.125' });
    const asked = readImport(file, ANSWERS);
    expect(asked.questions.map((q) => [q.field, q.key])).toEqual([['instruments', 'RBLX']]);
    expect([asked.executions, asked.errors]).toEqual([[], []]);
    const told = readImport(file, { ...ANSWERS, instruments: { RBLX: { tickSize: 0.01, tickValueUsd: 0.01 } } });
    // 2 × 50.125 = 100.25: one share at 50.12 and one at 50.13.
    expect(told.executions.map((e) => [e.symbol, e.quantity, Number(e.price)])).toEqual([
      ['RBLX', 2, 4988],
      ['RBLX', 1, 5012],
      ['RBLX', 1, 5013],
    ]);
    expect(told.instruments).toMatchObject([{ symbol: 'RBLX', tickSize: 0.01, tickValue: 100, group: 'equity' }]);
  });
});
