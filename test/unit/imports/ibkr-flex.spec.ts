import { describe, expect, it } from 'vitest';
import { ibkrFlex } from '#desk/imports/formats/ibkr-flex.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'ibkr-flex.csv';
const SHARES = { AAPL: { tickSize: 0.01, tickValueUsd: 0.01 } };
const HEADER =
  '"ClientAccountID","CurrencyPrimary","AssetClass","Symbol","Multiplier","DateTime","Quantity","TradePrice","IBCommission","Buy/Sell","TradeID","IBExecID"';
const ROW = '"U1","USD","FUT","MESU6","5","20260804;094500","-2","7647.5","-1.24","SELL","9001","0000e215.1"';
const read = (rows: readonly string[]) => ibkrFlex.read(fileOf([HEADER, ...rows]), {});

describe('an IBKR Flex query', () => {
  it('gives its executions out of the wrapper records', () => {
    const file = readImport(fixtureFile(FIXTURE), { instruments: SHARES });
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [8, 1, 1, 84001, 22500, utc('2026-05-01T13:31:05Z')],
      [9, -1, 1, 84043, 22500, utc('2026-05-01T13:42:30Z')],
      [6, 1, 10, 15025, 10000, utc('2026-05-01T14:15:00Z')],
    ]);
    expect(file.executions.every((e) => e.account === 'U12024249')).toBe(true);
  });

  it('keys an execution by IBExecID, else by TradeID', () => {
    const raw = ibkrFlex.read(fixtureFile(FIXTURE), {});
    expect(raw.executions.map((e) => [e.line, e.id])).toEqual([
      [6, 'exec-1'],
      [8, 'exec-2'],
      [9, '5003'],
    ]);
  });

  it('leaves out summaries, options and other sections, each with its reason', () => {
    const raw = ibkrFlex.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => note.line)).toEqual([7, 10, 14]);
    expect(raw.skipped[0]?.message).toMatch(/SYMBOL_SUMMARY/);
    expect(raw.skipped[1]?.message).toMatch(/option/i);
    expect(raw.skipped[2]?.message).toMatch(/CTRN|Cash/);
    expect(raw.rows).toBe(6);
  });

  it('reads section codes before the columns, other columns in another order, and a date apart from its time', () => {
    const file = readImport(fixtureFile('ibkr-flex-sections.csv'), {});
    expect(file.errors).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [4, -1, 2, 30590, 12400, utc('2026-08-04T13:45:00Z')],
      [5, 1, 2, 30560, 12400, utc('2026-08-04T14:05:30Z')],
    ]);
    const raw = ibkrFlex.read(fixtureFile('ibkr-flex-sections.csv'), {});
    expect(raw.executions.map((e) => e.id)).toEqual(['9001', '9002']);
    expect(raw.skipped.map((note) => note.line)).toEqual([2]);
  });

  it.each([
    ['20260804;094500', '2026-08-04T13:45:00Z'],
    ['2026-08-04;09:45:00', '2026-08-04T13:45:00Z'],
    ['20260804 094500', '2026-08-04T13:45:00Z'],
    ['2026-08-04, 09:45:00', '2026-08-04T13:45:00Z'],
    ['20260304;094500', '2026-03-04T14:45:00Z'],
    ['20260804;094500 EST', '2026-08-04T14:45:00Z'],
    ['20260804;094500 EDT', '2026-08-04T13:45:00Z'],
    ['08/24/2026;09:45:00', '2026-08-24T13:45:00Z'],
    ['24/08/2026;09:45:00', '2026-08-24T13:45:00Z'],
    ['24-Aug-26;09:45:00', '2026-08-24T13:45:00Z'],
  ])('reads the time %s', (written, iso) => {
    const file = readImport(fileOf([HEADER, ROW.replace('20260804;094500', written)]), {});
    expect(file.errors).toEqual([]);
    expect(file.executions.map((e) => Number(e.at))).toEqual([utc(iso)]);
  });

  it('asks for the order of a date that can be read both ways', () => {
    const file = fileOf([HEADER, ROW.replace('20260804;', '04/08/2026;')]);
    expect(readImport(file, {}).questions.map((q) => q.field)).toEqual(['dateOrder']);
    const day = (dateOrder: 'DMY' | 'MDY') => Number(readImport(file, { dateOrder }).executions[0]?.at);
    expect(day('DMY')).toBe(utc('2026-08-04T13:45:00Z'));
    expect(day('MDY')).toBe(utc('2026-04-08T13:45:00Z'));
  });

  it('refuses a multiplier that is not the table’s, and shows both', () => {
    const [note] = read([ROW.replace('"5"', '"50"')]).errors;
    expect(note).toMatchObject({ line: 2, field: 'Multiplier', value: '50' });
    expect(note?.message).toMatch(/\b50\b.*\b5\b/);
  });

  it('refuses cancellations, fees in another currency, sides that contradict the quantity, and formulas', () => {
    const header = HEADER.replace('"IBCommission"', '"IBCommission","IBCommissionCurrency"');
    const inEuro = ROW.replace('"-1.24"', '"-1.24","EUR"');
    expect(ibkrFlex.read(fileOf([header, inEuro]), {}).errors).toMatchObject([{ line: 2, value: 'EUR' }]);
    const raw = read([
      ROW.replace('"SELL"', '"SELL (Ca.)"'),
      ROW.replace('"SELL"', '"BUY"'),
      ROW.replace('"SELL"', '"=1+1"'),
      ROW.replace('"-2"', '"-2.5"'),
    ]);
    expect(raw.executions).toEqual([]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [2, 'Buy/Sell'],
      [3, 'Quantity'],
      [4, 'Buy/Sell'],
      [5, 'Quantity'],
    ]);
  });

  it('takes the side from the sign of the quantity when no column says it', () => {
    const file = fileOf([HEADER.replace(',"Buy/Sell"', ''), ROW.replace(',"SELL"', '')]);
    expect(ibkrFlex.read(file, {}).executions).toMatchObject([{ direction: -1, quantity: 2 }]);
  });

  it('never takes a share for the future of the same letters, nor checks it by that', () => {
    const colgate = ROW.replace('"FUT","MESU6","5"', '"STK","CL","1"');
    expect(read([colgate])).toMatchObject({ executions: [{ symbol: 'CL.STK' }], errors: [] });
  });

  it('takes a sale whose quantity has no sign', () => {
    expect(read([ROW.replace('"-2"', '"2"')]).executions).toMatchObject([{ direction: -1, quantity: 2 }]);
  });

  it('knows a fee of nothing from a fee that is not in the file', () => {
    expect(read([ROW.replace('-1.24', '0')]).executions[0]?.feeUsd).toBe(0);
    expect(read([ROW.replace('-1.24', '(1.24)')]).executions[0]?.feeUsd).toBe(1.24);
    const without = fileOf([HEADER.replace(',"IBCommission"', ''), ROW.replace(',"-1.24"', '')]);
    expect(ibkrFlex.read(without, {}).executions[0]?.feeUsd).toBeNull();
  });

  it('names a missing column and what to do', () => {
    const file = fileOf([HEADER.replace(',"TradePrice"', ''), ROW.replace(',"7647.5"', '')]);
    const [note] = ibkrFlex.read(file, {}).errors;
    expect(note?.message).toContain('TradePrice');
    expect(note?.remedy).toMatch(/Flex/);
  });

  it('takes a byte order mark, other delimiters and a line break in quotes', () => {
    const plain = ibkrFlex.read(fixtureFile(FIXTURE), {});
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(ibkrFlex.recognise(marked)).toBeGreaterThan(0.9);
    expect(ibkrFlex.read(marked, {}).executions).toEqual(plain.executions);
    for (const delimiter of ['\t', ';']) {
      const file = fileOf([HEADER, ROW.replace(';094500', ' 094500')].map((line) => line.replaceAll(',', delimiter)));
      expect(ibkrFlex.read(file, {}).executions).toMatchObject([{ symbol: 'MESU6', quantity: 2 }]);
    }
    const broken = ibkrFlex.read(edited(FIXTURE, { 'APPLE INC, COMMON': 'APPLE INC\nCOMMON' }), {});
    expect(broken.executions.map((e) => [e.line, e.id])).toEqual([
      [6, 'exec-1'],
      [9, 'exec-2'],
      [10, '5003'],
    ]);
  });

  it('reports a file that ends in the middle of a row, and one whose section is shorter than it says', () => {
    const whole = fixtureFile(FIXTURE).text;
    const cut = { name: FIXTURE, text: whole.slice(0, whole.indexOf('"21010.75"') + 5) };
    expect(ibkrFlex.read(cut, {}).errors.length).toBeGreaterThan(0);
    const atRow = { name: FIXTURE, text: whole.slice(0, whole.indexOf('"U12024249","","","USD","1","FUT","","NQM6"')) };
    expect(
      ibkrFlex
        .read(atRow, {})
        .errors.map((note) => note.message)
        .join(),
    ).toMatch(/end|cut/i);
  });
});
