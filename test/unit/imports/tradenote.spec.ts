import { describe, expect, it } from 'vitest';
import { tradenote } from '#desk/imports/formats/tradenote.ts';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'tradenote.csv';
const ANSWERS = { timeZone: 'America/New_York', instruments: { RBLX: { tickSize: 0.01, tickValueUsd: 0.01 } } };
const HEADER =
  'Account,T/D,S/D,Currency,Type,Side,Symbol,Qty,Price,Exec Time,Comm,SEC,TAF,NSCC,Nasdaq,ECN Remove,ECN Add,Gross Proceeds,Net Proceeds,Clr Broker,Liq,Note';
const ROW = 'XY1,08/18/2022,08/18/2022,USD,future,B,MESU2,2,4281.25,10:00:00,1.24,0,0,0,0,0,0,-42812.5,-42813.74,SIM,,';
const read = (rows: readonly string[]) => tradenote.read(fileOf([HEADER, ...rows]), {});

describe('the TradeNote template', () => {
  it('gives one execution a row, with date and time joined and all costs summed', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [2, -1, 50, 4988, 700, utc('2022-08-18T13:47:59Z')],
      [3, 1, 50, 4938, 3600, utc('2022-08-18T13:51:02Z')],
      [4, 1, 2, 17125, 12400, utc('2022-08-18T14:00:00Z')],
      [5, -1, 2, 17142, 12400, utc('2022-08-18T14:12:30Z')],
    ]);
    expect(new Set(file.executions.map((e) => e.account))).toEqual(new Set(['XY000001']));
  });

  it('has no id of its own, so that the room makes one from the row', () => {
    expect(tradenote.read(fixtureFile(FIXTURE), {}).executions.map((e) => e.id)).toEqual([null, null, null, null]);
    const keys = (text: string) => readImport({ name: 'x.csv', text }, ANSWERS).executions.map((e) => e.execKey);
    const [once, again] = [fixtureFile(FIXTURE).text, fixtureFile(FIXTURE).text];
    expect(keys(once)).toEqual(keys(again));
    expect(new Set(keys(once)).size).toBe(4);
  });

  it('tells the four sides apart', () => {
    const raw = read(['B', 'S', 'SS', 'BC', 'bc'].map((side) => ROW.replace(',B,', `,${side},`)));
    expect(raw.executions.map((e) => e.direction)).toEqual([1, -1, -1, 1, 1]);
    expect(read([ROW.replace(',B,', ',BO,')]).errors).toMatchObject([{ line: 2, field: 'Side', value: 'BO' }]);
  });

  it('never takes a share for the future of the same letters', () => {
    const share = ROW.replace(',future,', ',stock,').replace('MESU2', 'CL');
    expect(read([share, share.replace(',stock,', ',0,')]).executions.map((e) => e.symbol)).toEqual(['CL.STK', 'CL']);
  });

  it('leaves out options and other currencies, saying so', () => {
    const raw = tradenote.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => [note.line, note.field, note.value])).toEqual([[6, 'Type', 'call']]);
    const euro = read([ROW.replace('USD', 'EUR')]);
    expect(euro.skipped).toMatchObject([{ line: 2, field: 'Currency', value: 'EUR' }]);
    expect(raw.rows).toBe(5);
  });

  it('reads costs in parentheses as money back, and none as not in the file', () => {
    expect(read([ROW.replace(',1.24,', ',(1.24),')]).executions[0]?.feeUsd).toBe(-1.24);
    const costs = ROW.replace(',1.24,0,0,0,0,0,0,', ',,,,,,,,');
    expect(read([costs]).executions[0]?.feeUsd).toBeNull();
    expect(read([ROW.replace(',1.24,', ',free,')]).errors).toMatchObject([{ line: 2, field: 'Comm', value: 'free' }]);
  });

  it('decides the order of dates by the file, else asks', () => {
    const file = fileOf([HEADER, ROW.replaceAll('08/18/2022', '08/09/2022')]);
    expect(readImport(file, ANSWERS).questions.map((q) => q.field)).toEqual(['dateOrder']);
    const day = (dateOrder: 'DMY' | 'MDY') => Number(readImport(file, { ...ANSWERS, dateOrder }).executions[0]?.at);
    expect(day('MDY')).toBe(utc('2022-08-09T14:00:00Z'));
    expect(day('DMY')).toBe(utc('2022-09-08T14:00:00Z'));
  });

  it('asks for the zone and for contracts it does not know', () => {
    const asked = (options: ImportOptions) => readImport(fixtureFile(FIXTURE), options).questions;
    expect(asked({}).map((q) => q.field)).toContain('timeZone');
    expect(asked({ timeZone: 'America/New_York' })).toMatchObject([{ field: 'instruments', key: 'RBLX' }]);
  });

  it('refuses a quantity, price or time it cannot read, and formulas', () => {
    const raw = read([
      ROW.replace(',2,4281', ',2.5,4281'),
      ROW.replace('4281.25', ''),
      ROW.replace('4281.25', '=4281.25'),
      ROW.replace('10:00:00', ''),
      ROW.replace('08/18/2022,08', ',08'),
      ROW.replace('MESU2', ''),
    ]);
    expect(raw.executions).toEqual([]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [2, 'Qty'],
      [3, 'Price'],
      [4, 'Price'],
      [5, 'Exec Time'],
      [6, 'T/D'],
      [7, 'Symbol'],
    ]);
  });

  it('takes a byte order mark, semicolons and line breaks in notes', () => {
    const plain = tradenote.read(fixtureFile(FIXTURE), {}).executions;
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(tradenote.recognise(marked)).toBe(1);
    expect(tradenote.read(marked, {}).executions).toEqual(plain);
    const semicolons = fileOf([HEADER, ROW].map((line) => line.replaceAll(',', ';')));
    expect(tradenote.read(semicolons, {}).executions).toEqual(read([ROW]).executions);
    const broken = tradenote.read(edited(FIXTURE, { ',covered': ',"covered\nlate"' }), {});
    expect(broken.executions.map((e) => e.line)).toEqual([2, 3, 5, 6]);
  });

  it('names a missing column and reports a row that ends too early', () => {
    const [note] = tradenote.read(fileOf([HEADER.replace('Exec Time,', ''), ROW]), {}).errors;
    expect(note?.message).toContain('Exec Time');
    expect(note?.remedy).not.toBeNull();
    const raw = read([ROW, ROW.slice(0, 50)]);
    expect(raw.executions.map((e) => e.line)).toEqual([2]);
    expect(raw.errors.map((e) => e.line)).toEqual([3]);
  });
});
