import { describe, expect, it } from 'vitest';
import { rithmicOrders } from '#desk/imports/formats/rithmic-orders.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'rithmic-orders.csv';
const HEADER =
  'Account,Status,Buy/Sell,Symbol,Qty Filled,Avg Fill Price,Commission Fill Rate,Order Number,Update Time (CST)';
const ROW = 'ACC1,Filled,B,NQU5,1,23500.25,0.79,123456,2025-08-01 08:31:00';
const read = (rows: readonly string[]) => rithmicOrders.read(fileOf(['Completed Orders', HEADER, ...rows]), {});

describe('the order history of R|Trader', () => {
  it('gives every order that was filled, also in part, at Chicago time', () => {
    const file = readImport(fixtureFile(FIXTURE), {});
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    // 2 contracts at 23510.125 on average are one at 23510.00 and one at 23510.25.
    expect(file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.at)])).toEqual([
      [11, 1, 3, 7072, utc('2025-08-01T13:20:00Z')],
      [10, 1, 2, 94001, utc('2025-08-01T13:31:00Z')],
      [8, -1, 1, 94040, utc('2025-08-01T13:35:10Z')],
      [8, -1, 1, 94041, utc('2025-08-01T13:35:10Z')],
    ]);
    expect(file.executions.map((e) => Number(e.fee)).reduce((a, b) => a + b, 0)).toBe(15800 + 15800 + 25500);
    expect(file.assumptions.map((a) => a.code)).toEqual(expect.arrayContaining(['time-zone', 'split-average']));
    expect(file.assumptions.find((a) => a.code === 'time-zone')?.text).toMatch(/CST.*America\/Chicago/);
  });

  it('counts commission as rate times contracts, keyed by the order', () => {
    const raw = rithmicOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.executions.map((e) => [e.line, e.id, e.account, e.feeUsd, e.price])).toEqual([
      [8, '1285662990', 'ACC-33521-11', 1.58, '23510.1250'],
      [10, '1285662879', 'ACC-33521-11', 1.58, '23500.2500'],
      [11, '1285662870', 'ACC-33521-11', 2.55, "110'16"],
    ]);
    expect(read([ROW.replace('0.79', '(0.79)')]).executions[0]?.feeUsd).toBe(-0.79);
    expect(read([ROW.replace('0.79', '')]).executions[0]?.feeUsd).toBeNull();
  });

  it('leaves out orders without a fill and orders that still work', () => {
    const raw = rithmicOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => [note.line, note.value])).toEqual([
      [3, 'Open'],
      [9, 'Cancelled'],
    ]);
    expect(raw.rows).toBe(5);
  });

  it('refuses a working order that is filled in part: its last fill is still to come', () => {
    const file = fileOf([
      'Working Orders',
      HEADER,
      ROW.replace('Filled', 'Partial'),
      '',
      'Completed Orders',
      HEADER,
      ROW,
    ]);
    const raw = rithmicOrders.read(file, {});
    expect(raw.errors.map((note) => note.line)).toEqual([3]);
    expect(raw.executions.map((e) => e.line)).toEqual([7]);
  });

  it.each([
    ['CST', '2025-08-01T13:31:00Z'],
    ['CDT', '2025-08-01T13:31:00Z'],
    ['EDT', '2025-08-01T12:31:00Z'],
    ['PDT', '2025-08-01T15:31:00Z'],
    ['UTC', '2025-08-01T08:31:00Z'],
  ])('takes the zone from the column name: %s', (zone, iso) => {
    const file = readImport(fileOf(['Completed Orders', HEADER.replace('CST', zone), ROW]), {});
    expect(file.executions.map((e) => Number(e.at))).toEqual([utc(iso)]);
  });

  it('asks for the zone when the column name has none, or one that is ambiguous', () => {
    for (const name of ['Update Time', 'Update Time (MST)']) {
      const file = fileOf(['Completed Orders', HEADER.replace('Update Time (CST)', name), ROW]);
      expect(readImport(file, {}).questions.map((q) => q.field)).toEqual(['timeZone']);
      const answered = readImport(file, { timeZone: 'America/Phoenix' });
      expect(answered.executions.map((e) => Number(e.at))).toEqual([utc('2025-08-01T15:31:00Z')]);
    }
  });

  it('reads a file that begins at its header', () => {
    const raw = rithmicOrders.read(fileOf([HEADER, ROW]), {});
    expect(raw.executions).toMatchObject([{ line: 2, symbol: 'NQU5' }]);
    expect(rithmicOrders.recognise(fileOf([HEADER, ROW]))).toBeGreaterThan(0.5);
  });

  it('reads a two-digit year and an unknown contract as written', () => {
    expect(read([ROW.replace('NQU5', 'NQU25')]).executions[0]?.symbol).toBe('NQU25');
    expect(read([ROW.replace('NQU5', 'FDAX SEP25')]).executions[0]?.symbol).toBe('FDAX SEP25');
  });

  it('decides the order of dates by the file, else asks', () => {
    const saved = ROW.replace('2025-08-01 08:31:00', '01/08/2025 08:31');
    const file = fileOf(['Completed Orders', HEADER, saved]);
    expect(readImport(file, {}).questions.map((q) => q.field)).toEqual(['dateOrder']);
    const clear = fileOf(['Completed Orders', HEADER, saved, saved.replace('123456', '7').replace('01/08', '21/08')]);
    expect(readImport(clear, {}).executions.map((e) => Number(e.at))).toEqual([
      utc('2025-08-01T13:31:00Z'),
      utc('2025-08-21T13:31:00Z'),
    ]);
  });

  it('never invents a time', () => {
    const file = readImport(fileOf(['Completed Orders', HEADER, ROW.replace('2025-08-01 08:31:00', 'yesterday')]), {});
    expect(file.executions).toEqual([]);
    expect(file.errors).toMatchObject([{ line: 3, value: 'yesterday' }]);
  });

  it('refuses what it cannot read', () => {
    const raw = read([
      ROW.replace(',B,', ',X,'),
      ROW.replace(',1,', ',1.5,'),
      ROW.replace('23500.25', '=23500.25'),
      ROW.replace('23500.25', ''),
      ROW.replace('123456', ''),
      ROW.replace('0.79', 'n/a'),
    ]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [3, 'Buy/Sell'],
      [4, 'Qty Filled'],
      [5, 'Avg Fill Price'],
      [6, 'Avg Fill Price'],
      [7, 'Order Number'],
      [8, 'Commission Fill Rate'],
    ]);
  });

  it('takes a byte order mark, tabs and line breaks in quotes', () => {
    const plain = rithmicOrders.read(fixtureFile(FIXTURE), {}).executions;
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(rithmicOrders.recognise(marked)).toBe(1);
    expect(rithmicOrders.read(marked, {}).executions).toEqual(plain);
    const tabs = fileOf(['Completed Orders', HEADER.replaceAll(',', '\t'), ROW.replaceAll(',', '\t')]);
    expect(rithmicOrders.read(tabs, {}).executions).toMatchObject([{ id: '123456', feeUsd: 0.79 }]);
    const broken = rithmicOrders.read(edited(FIXTURE, { '"partial"': '"partial\nfill"' }), {});
    expect(broken.executions.map((e) => e.line)).toEqual([8, 10, 11]);
  });

  it('takes decimal commas of a file a spreadsheet saved again, and refuses figures that read two ways', () => {
    const saved = (price: string) => {
      const row = ROW.replace('23500.25', price).replace('0.79', '0');
      const lines = ['Completed Orders', HEADER, row].map((line) => line.replaceAll(',', ';').replace('#', ','));
      return rithmicOrders.read(fileOf(lines), {});
    };
    expect(saved('23500#25').executions).toMatchObject([{ price: '23500.25' }]);
    expect(saved('110#125').errors).toMatchObject([{ line: 3, field: 'Avg Fill Price', value: '110,125' }]);
  });

  it('names a missing column with the way to show it, and reports a row that ends too early', () => {
    const file = fileOf(['Completed Orders', HEADER.replace('Qty Filled,', ''), ROW.replace(',1,', ',')]);
    const [note] = rithmicOrders.read(file, {}).errors;
    expect(note?.message).toContain('Qty Filled');
    expect(note?.remedy).toMatch(/Add.*Columns/i);
    const raw = read([ROW, ROW.slice(0, 30)]);
    expect(raw.executions.map((e) => e.line)).toEqual([3]);
    expect(raw.errors.map((e) => e.line)).toEqual([4]);
  });
});
