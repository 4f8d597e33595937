import { describe, expect, it } from 'vitest';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'sierra-activity.txt';
const HUNDREDFOLD = 'sierra-activity-hundredfold.txt';
const ANSWERS: ImportOptions = { timeZone: 'UTC' };
const read = (name: string, changes: Readonly<Record<string, string>> = {}) =>
  readImport(edited(name, changes), ANSWERS);

describe('the trade activity log of Sierra Chart', () => {
  it('gives its fills and nothing else, at their own quantity and not the order’s', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect([file.errors, file.questions]).toEqual([[], []]);
    expect(
      file.executions.map((e) => [e.line, e.execKey, e.direction, e.quantity, Number(e.price), Number(e.at)]),
    ).toEqual([
      [3, 'e1', 1, 1, 100493, utc('2025-12-18T09:05:51.123Z')],
      [4, 'e2', 1, 1, 100494, utc('2025-12-18T09:05:51.123Z')],
      [6, 'row|Sim1|NQH26-CME|S|2|25130|2025-12-18  09:07:00.000|1', -1, 2, 100520, utc('2025-12-18T09:07:00.000Z')],
    ]);
    expect(file.skipped.map((note) => [note.line, note.value])).toEqual([
      [2, 'Orders'],
      [5, 'Account Balance'],
    ]);
  });

  it('divides prices by 100 when all of a contract are a hundredfold, and says by which rule', () => {
    const file = read(HUNDREDFOLD);
    expect(file.executions.map((e) => Number(e.price))).toEqual([27389, 27392]);
    expect(file.assumptions.find((a) => a.code === 'scale')?.text).toMatch(/ESH26-CME are divided by 100/);
    expect(read(FIXTURE).assumptions.map((a) => a.code)).not.toContain('scale');
  });

  it.each([
    ['only some are', { '684800': '6848.00' }],
    ['a hundredth is off the tick', { '684800': '684810' }],
  ])('refuses such prices when %s', (_, changes) => {
    const file = read(HUNDREDFOLD, changes);
    expect(file.errors.length).toBeGreaterThan(0);
    expect(file.errors[0]?.message).toMatch(/a price ESH26-CME can have/);
    expect(file.assumptions.map((a) => a.code)).not.toContain('scale');
  });

  it('refuses a kind of row it does not know, and a fill larger than its order', () => {
    expect(read(FIXTURE, { 'Account Balance\t': 'Fillz\t' }).errors).toMatchObject([
      { line: 5, field: 'ActivityType' },
    ]);
    expect(read(FIXTURE, { 'Filled\t25130\t2\t': 'Filled\t25130\t1\t' }).errors).toMatchObject([
      { line: 6, field: 'FilledQuantity' },
    ]);
  });

  it('reads the log when a spreadsheet saved it with commas', () => {
    const file = fixtureFile(FIXTURE);
    const text = file.text.replaceAll('5" chart', '').replaceAll('\t', ',');
    expect(readImport({ ...file, text }, ANSWERS).executions).toHaveLength(3);
  });

  it('asks for the text export when it is given the binary log', () => {
    const binary = { name: 'TradeActivityLog_2025-12-18_UTC.Sim1.data', text: 'SCLG\u0000\u0000\u0001' };
    const file = readImport(binary, {});
    expect(file.errors[0]?.remedy).toMatch(/text/);
  });

  it('asks for the zone', () => {
    expect(readImport(fixtureFile(FIXTURE), {}).questions.map((q) => q.field)).toEqual(['timeZone']);
  });
});
