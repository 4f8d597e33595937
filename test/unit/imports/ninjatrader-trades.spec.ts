import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'ninjatrader-trades.csv';
const FRENCH = 'ninjatrader-trades-french.csv';
const ANSWERS: ImportOptions = { timeZone: 'America/New_York' };
const read = (changes: Readonly<Record<string, string>> = {}) => readImport(edited(FIXTURE, changes), ANSWERS);

describe('the trades grid of NinjaTrader', () => {
  it('gives an entry and an exit for each trade and shares its commission between them', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions]).toEqual([[], []]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [2, 1, 1, 123262, 19900, utc('2026-06-16T13:45:59Z')],
      [2, -1, 1, 123259, 19900, utc('2026-06-16T13:46:00Z')],
      [3, -1, 2, 123241, 39800, utc('2026-06-16T14:00:00Z')],
      [3, 1, 2, 123201, 39800, utc('2026-06-16T14:02:05Z')],
    ]);
    expect(file.executions.every((e) => e.account === 'Sim101' && e.symbol === 'NQU26-CME')).toBe(true);
    expect(file.assumptions.find((a) => a.code === 'date-order')?.text).toMatch(/day first/);
  });

  it('counts every fee column once', () => {
    const file = read({ '$3.98,$0,$0,$0,$0': '$3.00,$0.50,$0.40,$0.06,$0.02' });
    expect(file.errors).toEqual([]);
    expect(file.executions.slice(0, 2).map((e) => Number(e.fee))).toEqual([19900, 19900]);
  });

  it.each([
    ['net of the commission', '-$18.98'],
    ['gross', '($15.00)'],
    ['gross', '$(15.00)'],
  ])('accepts a profit that is %s: %s', (_, profit) => {
    expect(read({ 'Stop loss,-$18.98': `Stop loss,${profit}` }).errors).toEqual([]);
  });

  it.each(['$18.98', '-$13.98', '-15.5', '-0.75'])('refuses the profit %s and shows ours', (profit) => {
    const file = read({ 'Stop loss,-$18.98': `Stop loss,${profit}` });
    expect(file.errors.map((e) => [e.line, e.field])).toEqual([[2, 'Profit']]);
    expect(file.errors[0]?.message).toContain('−15.00 before fees and −18.98 after');
  });

  it('has the same keys in another export of the same trades under other numbers', () => {
    const rows = fixtureFile(FIXTURE).text.split('\n');
    const later = fileOf([rows[0] ?? '', (rows[2] ?? '').replace(/^2,/, '1,').trim()]);
    const keys = new Set(read().executions.map((e) => e.execKey));
    const again = readImport(later, ANSWERS).executions.map((e) => e.execKey);
    expect(again).toHaveLength(2);
    expect(again.every((key) => keys.has(key))).toBe(true);
  });

  it('keeps two equal trades apart', () => {
    const rows = fixtureFile(FIXTURE).text.split('\n');
    const twice = fileOf([rows[0] ?? '', rows[1]?.trim() ?? '', rows[1]?.trim() ?? '']);
    expect(new Set(readImport(twice, ANSWERS).executions.map((e) => e.execKey)).size).toBe(4);
  });

  it('asks for the order of day and month when no date tells', () => {
    const file = read({ '16/06/2026': '06/05/2026' });
    expect(file.questions.map((q) => [q.field, q.choices])).toEqual([['dateOrder', ['MDY', 'DMY']]]);
    expect(file.executions).toEqual([]);
  });

  it('reads an export with French columns, decimal commas, semicolons and slanted apostrophes', () => {
    const file = readImport(fixtureFile(FRENCH), ANSWERS);
    expect([file.format, file.errors, file.questions]).toEqual(['ninjatrader-trades', [], []]);
    expect(file.executions.map((e) => [e.symbol, e.direction, Number(e.price), Number(e.fee)])).toEqual([
      ['NQM26-CME', -1, 95840, 0],
      ['NQM26-CME', 1, 95822, 0],
    ]);
  });

  it('refuses amounts in another currency', () => {
    const file = readImport(edited(FRENCH, { '90,00 $': '90,00 €' }), ANSWERS);
    expect(file.errors).toMatchObject([{ line: 2, field: 'Profit' }]);
  });
});
