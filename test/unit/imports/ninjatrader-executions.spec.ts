import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'ninjatrader-executions.csv';
const ANSWERS: ImportOptions = { timeZone: 'America/Chicago' };

describe('the executions grid of NinjaTrader', () => {
  it('gives one execution for each row; the commission of a reversing order counts once', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions]).toEqual([[], []]);
    expect(
      file.executions.map((e) => [e.execKey, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      ['a1', 1, 1, 84001, 21500, utc('2024-12-05T15:30:01Z')],
      ['a2', -1, 2, 84042, 43000, utc('2024-12-05T19:05:09Z')],
      ['a3', 1, 1, 84004, 21500, utc('2024-12-13T06:00:00Z')],
    ]);
    expect(file.instruments.map((i) => [i.symbol, i.lastTradeDate])).toEqual([['NQZ24-CME', '2024-12-20']]);
  });

  it('reads semicolons, decimal commas and thousands points', () => {
    const file = readImport(fixtureFile('ninjatrader-executions-european.csv'), ANSWERS);
    expect(file.errors).toEqual([]);
    expect(file.executions.map((e) => [e.account, Number(e.price), Number(e.fee)])).toEqual([
      ['Playback101', 28803, 6200],
      ['Playback101', 28841, 6200],
    ]);
  });

  it('does not guess at a price that could be of either locale', () => {
    const file = readImport(
      fileOf([
        'Instrument;Action;Quantity;Price;Time;E/X;Account;Connection',
        'MES JUN26;Buy;1;7.200;27/04/2026 6:05:02;Entry;Sim;Sim',
      ]),
      ANSWERS,
    );
    expect(file.errors).toMatchObject([{ line: 2, field: 'Price' }]);
    expect(file.errors[0]?.message).toMatch(/decimal comma/);
  });

  it('keeps equal rows without an id apart, under keys that another export of them has as well', () => {
    const header = 'Instrument,Action,Time,Price,E/X,Connection,Quantity,Account display name';
    const row = 'MNQZ6,Sell,9/15/2026 9:39,29441.25,Exit,TRADEIFY,6,ACCOUNT-1';
    const other = 'MNQZ6,Buy,9/15/2026 9:30,29440.25,Entry,TRADEIFY,12,ACCOUNT-1';
    const first = readImport(fileOf([header, other, row, row]), ANSWERS);
    const second = readImport(fileOf([header, row, row]), ANSWERS);
    expect(new Set(first.executions.map((e) => e.execKey)).size).toBe(3);
    expect(second.executions.map((e) => e.execKey)).toEqual(first.executions.slice(1).map((e) => e.execKey));
    expect(second.executions[1]?.execKey).toBe('row|ACCOUNT-1|MNQZ6|S|6|29441.25|9/15/2026 9:39|2');
  });

  it.each([
    [{ ',a1,': ',,' }, 'ID'],
    [{ 'Buy,1,21000.25': '=Buy,1,21000.25' }, 'Action'],
    [{ 'NQ 12-24,Buy,1,': '=NQ 12-24,Buy,1,' }, 'Instrument'],
    [{ 'NQ 12-24,Buy,1,': 'NQ 11-24,Buy,1,' }, 'symbol'],
    [{ 'NQ 12-24,Buy,1,': 'NQ 12-23,Buy,1,' }, 'symbol'],
    [{ 'Buy,1,21000.25': 'Buy,1.5,21000.25' }, 'Quantity'],
    [{ 'Buy,1,21000.25': 'Buy,-1,21000.25' }, 'Quantity'],
    [{ 'Buy,1,21000.25': 'Buy,1,21000.3' }, 'price'],
    [{ '12/5/2024 9:30:01 AM': '12/5/2024 9:30:01 XM' }, 'time'],
    [{ 'Entry,$2.15,1': 'Entry,2.15 EUR,1' }, 'Commission'],
  ])('refuses a row it cannot be sure of: %o', (changes, field) => {
    const file = readImport(edited(FIXTURE, changes), ANSWERS);
    expect(file.errors.map((e) => [e.line, e.field])).toEqual([[2, field]]);
    expect(file.executions.map((e) => e.line)).toEqual([3, 4]);
  });
});
