import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'tradovate-performance.csv';
const ANSWERS: ImportOptions = { account: 'A1', timeZone: 'America/Chicago' };
const read = (changes: Readonly<Record<string, string>> = {}, options = ANSWERS) =>
  readImport(edited(FIXTURE, changes), options);

describe('the performance report of Tradovate', () => {
  it('gives an entry and an exit for each pair; sold before bought is a short', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions, file.skipped]).toEqual([[], [], []]);
    expect(
      file.executions.map((e) => [e.line, e.symbol, e.direction, e.quantity, Number(e.price), Number(e.at)]),
    ).toEqual([
      [2, 'MNQZ26-CME', 1, 2, 80000, utc('2026-09-22T14:35:12Z')],
      [2, 'MNQZ26-CME', -1, 2, 80040, utc('2026-09-22T14:40:00Z')],
      [3, 'MNQZ26-CME', 1, 1, 80040, utc('2026-09-22T15:00:00Z')],
      [3, 'MNQZ26-CME', -1, 1, 80000, utc('2026-09-22T15:01:30Z')],
      [4, 'MESZ26-CME', -1, 3, 26010, utc('2026-09-22T15:59:00Z')],
      [4, 'MESZ26-CME', 1, 3, 26001, utc('2026-09-22T16:00:30Z')],
    ]);
    expect(file.instruments.map((i) => [i.symbol, i.tickSize, Number(i.tickValue)])).toEqual([
      ['MNQZ26-CME', 0.25, 5000],
      ['MESZ26-CME', 0.25, 12500],
    ]);
  });

  it('keys both executions by the pair of fills, the entry first in the order of keys', () => {
    const keys = read().executions.map((e) => e.execKey);
    expect(keys.slice(0, 2)).toEqual(['pair|1001-1002:entry', 'pair|1001-1002:exit']);
    expect(keys.at(-1)).toBe('pair|1006-1005:exit');
  });

  it('keeps two pairs of one fill apart', () => {
    const file = read({ '1003,1004': '1001,1004' });
    expect(new Set(file.executions.map((e) => e.execKey)).size).toBe(6);
  });

  it('says that it is gross, or takes the fee the trader names', () => {
    expect(read().assumptions.filter((a) => a.code === 'fees')[0]?.text).toMatch(/gross/);
    const file = read({}, { ...ANSWERS, feePerContractUsd: 0.37 });
    expect(file.executions.map((e) => Number(e.fee))).toEqual([7400, 7400, 3700, 3700, 11100, 11100]);
  });

  it.each([
    [{ '$40.00': '$80.00' }, 'pnl', /the file says \$80\.00, the prices of the row make 40\.00/],
    [{ '$(20.00)': '$20.00' }, 'pnl', /make −20\.00/],
    [{ '-2,0,0.25,1001': '-2,0,0.5,1001' }, '_tickSize', /tick of MNQ, 0\.25/],
    [{ '$40.00': '' }, 'pnl', /empty/],
    [{ '20000.00,20010.00,$40.00': '20000.10,20010.00,$39.60' }, 'price', /multiple of 0\.25/],
  ])('refuses a row whose figures do not fit: %o', (changes, field, message) => {
    const file = read(changes);
    expect(file.errors.map((e) => e.field)).toEqual([field]);
    expect(file.errors[0]?.message).toMatch(message);
    expect(file.executions).toHaveLength(4);
  });

  it('reads the month first, and says so when no date tells', () => {
    const file = read({ '09/22/2026': '09/02/2026' });
    expect(file.questions).toEqual([]);
    expect(file.assumptions.find((a) => a.code === 'date-order')?.text).toMatch(/Tradovate writes the month first/);
    expect(Number(file.executions[0]?.at)).toBe(utc('2026-09-02T14:35:12Z'));
    const said = read({ '09/22/2026': '09/02/2026' }, { ...ANSWERS, dateOrder: 'DMY' });
    expect(Number(said.executions[0]?.at)).toBe(utc('2026-02-09T15:35:12Z'));
  });

  it('refuses dates that contradict each other, and names both', () => {
    const file = read({ '09/22/2026 09:35:12': '22/09/2026 09:35:12' });
    expect(file.executions).toEqual([]);
    expect(file.errors).toHaveLength(3);
    expect(file.errors[0]?.message).toMatch(/line 2 .* has the day first, line 2 .* the month/);
  });

  it('asks for account and zone, and books nothing before', () => {
    const file = read({}, {});
    expect(file.questions.map((q) => q.field)).toEqual(['timeZone', 'account']);
    expect(file.executions).toEqual([]);
    expect(file.errors).toEqual([]);
  });

  it('says which column a file lacks', () => {
    const file = read({ ',pnl,': ',profit,' }, { ...ANSWERS, format: 'tradovate-performance' });
    expect(file.errors).toMatchObject([{ line: 1, field: 'pnl' }]);
  });
});
