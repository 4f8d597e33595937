import { describe, expect, it } from 'vitest';
import { rithmicPerformance } from '#desk/imports/formats/rithmic-performance.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'rithmic-performance.csv';
const CHICAGO = { timeZone: 'America/Chicago' };
const HEADER =
  'Entry Order Number,Entry Buy/Sell,Entry Price,Entry Time,Exit Order Number,Exit Price,Exit Time,Fill Size,Trade P&L,Trade Life Span,Commission & Fees';
const ROW = '101,B,23500.25,2025-08-01 08:31:00,102,23510.00,2025-08-01 08:35:10,1,195,250,3.98';
const read = (rows: readonly string[]) =>
  rithmicPerformance.read(fileOf(['ACC-33521-11', 'NQU5', HEADER, ...rows]), {});

describe('the performance report of R|Trader', () => {
  it('gives two executions for each trade, whatever the order of the columns', () => {
    const file = readImport(fixtureFile(FIXTURE), CHICAGO);
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [4, 1, 1, 94001, 19900, utc('2025-08-01T13:31:00Z')],
      [4, -1, 1, 94040, 19900, utc('2025-08-01T13:35:10Z')],
      [7, -1, 3, 7073, 25500, utc('2025-08-14T14:30:00Z')],
      [8, -1, 1, 7073, 8500, utc('2025-08-14T14:30:00Z')],
      [7, 1, 3, 7072, 25500, utc('2025-08-14T14:40:00Z')],
      [8, 1, 1, 7074, 8500, utc('2025-08-14T14:41:00Z')],
    ]);
    expect(file.executions.every((e) => e.account === 'ACC-33521-11')).toBe(true);
    expect(file.executions.map((e) => e.symbol.slice(0, 2))).toEqual(['NQ', 'NQ', 'ZN', 'ZN', 'ZN', 'ZN']);
  });

  it('asks for the zone, unless a column names it', () => {
    expect(readImport(fixtureFile(FIXTURE), {}).questions.map((q) => q.field)).toEqual(['timeZone']);
    const named = edited(FIXTURE, { 'Entry Time': 'Entry Time (CST)', 'Exit Time': 'Exit Time (CST)' });
    const file = readImport(named, {});
    expect(file.questions).toEqual([]);
    expect(Number(file.executions[0]?.at)).toBe(utc('2025-08-01T13:31:00Z'));
  });

  it('keys the executions by both orders, also when one entry is closed in parts', () => {
    const ids = rithmicPerformance.read(fixtureFile(FIXTURE), {}).executions.map((e) => e.id);
    expect(new Set(ids).size).toBe(6);
    expect(ids).toEqual(rithmicPerformance.read(fixtureFile(FIXTURE), {}).executions.map((e) => e.id));
    const twice = read([ROW, ROW]).executions.map((e) => e.id);
    expect(new Set(twice).size).toBe(4);
    expect(twice.slice(0, 2)).toEqual(read([ROW]).executions.map((e) => e.id));
  });

  it('refuses a trade whose P&L is not ours, and shows both', () => {
    const [note] = read([ROW.replace(',195,', ',200,')]).errors;
    expect(note).toMatchObject({ line: 4, field: 'Trade P&L', value: '200' });
    expect(note?.message).toMatch(/ 200, .*195\.00/);
    expect(read([ROW.replace(',195,', ',"$195.00",')]).errors).toEqual([]);
    expect(read([ROW.replace(',195,', ',(195),').replace(',B,', ',S,')]).errors).toEqual([]);
  });

  it('takes a P&L net of the row’s own costs', () => {
    expect(read([ROW.replace(',195,', ',191.02,')]).errors).toEqual([]);
  });

  it('refuses rows before any instrument or header', () => {
    const raw = rithmicPerformance.read(fileOf(['ACC-33521-11', HEADER, ROW]), {});
    expect(raw.executions).toEqual([]);
    expect(raw.errors.map((note) => note.line)).toEqual([3]);
    expect(raw.errors[0]?.message).toMatch(/instrument|contract/i);
  });

  it('takes instruments whose root has digits', () => {
    const raw = rithmicPerformance.read(
      fileOf(['ACC-1', '6EU5', HEADER, '1,S,1.0850,2025-08-01 08:31:00,2,1.0845,2025-08-01 08:35:10,1,62.5,250,3.98']),
      {},
    );
    expect(raw.errors).toEqual([]);
    expect(raw.executions.map((e) => e.symbol)).toEqual(['6EU5', '6EU5']);
  });

  it('reads several accounts in one file', () => {
    const raw = rithmicPerformance.read(fileOf(['ACC-1', 'NQU5', HEADER, ROW, 'ACC-2', 'NQU5', HEADER, ROW]), {});
    expect(raw.executions.map((e) => [e.line, e.account])).toEqual([
      [4, 'ACC-1'],
      [4, 'ACC-1'],
      [8, 'ACC-2'],
      [8, 'ACC-2'],
    ]);
    expect(new Set(raw.executions.map((e) => `${e.account} ${e.id}`)).size).toBe(4);
  });

  it('refuses what it cannot read', () => {
    const raw = read([
      ROW.replace(',B,', ',X,'),
      ROW.replace(',1,195', ',0.5,195'),
      ROW.replace('23500.25', '=23500.25'),
      ROW.replace('2025-08-01 08:35:10', ''),
      ROW.replace('195', 'much'),
    ]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [4, 'Entry Buy/Sell'],
      [5, 'Fill Size'],
      [6, 'Entry Price'],
      [7, 'Exit Time'],
      [8, 'Trade P&L'],
    ]);
  });

  it('decides the order of dates by the file, else asks', () => {
    const file = fileOf(['A-1', 'NQU5', HEADER, ROW.replaceAll('2025-08-01', '01/08/2025')]);
    expect(readImport(file, CHICAGO).questions.map((q) => q.field)).toEqual(['dateOrder']);
    expect(Number(readImport(file, { ...CHICAGO, dateOrder: 'DMY' }).executions[0]?.at)).toBe(
      utc('2025-08-01T13:31:00Z'),
    );
  });

  it('takes a byte order mark and semicolons', () => {
    const plain = rithmicPerformance.read(fixtureFile(FIXTURE), {}).executions;
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(rithmicPerformance.recognise(marked)).toBe(1);
    expect(rithmicPerformance.read(marked, {}).executions).toEqual(plain);
    const semicolons = fileOf(['ACC-33521-11', 'NQU5', HEADER, ROW].map((line) => line.replaceAll(',', ';')));
    expect(rithmicPerformance.read(semicolons, {}).executions).toEqual(read([ROW]).executions);
  });

  it('names a missing column and reports a row that ends too early', () => {
    const file = fileOf(['A-1', 'NQU5', HEADER.replace(',Exit Time', ''), ROW.replace(',2025-08-01 08:35:10', '')]);
    const [note] = rithmicPerformance.read(file, {}).errors;
    expect(note?.message).toContain('Exit Time');
    expect(note?.remedy).not.toBeNull();
    const raw = read([ROW, ROW.slice(0, 40)]);
    expect(raw.executions.map((e) => e.line)).toEqual([4, 4]);
    expect(raw.errors.map((e) => e.line)).toEqual([5]);
  });
});
