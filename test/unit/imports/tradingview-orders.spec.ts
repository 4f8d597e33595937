import { describe, expect, it } from 'vitest';
import { tradingviewOrders } from '#desk/imports/formats/tradingview-orders.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'tradingview-orders.csv';
const ANSWERS = { timeZone: 'America/New_York', account: 'Paper', contracts: { 'CME_MINI:MNQ1!': 'MNQU26' } };
const HEADER =
  'Symbol,Side,Type,Quantity,Limit price,Stop price,Fill price,Status,Commission,Placing time,Closing time,Order ID';
const row = (id: number, time: string, side = 'Buy'): string =>
  `CME_MINI:MESU2026,${side},Market,2,,,7549,Filled,,${time},${time},${id}`;
const read = (rows: readonly string[]) => tradingviewOrders.read(fileOf([HEADER, ...rows]), {});

describe('the order history of TradingView paper trading', () => {
  it('gives filled orders, oldest first, at the time they were filled', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.at)])).toEqual([
      [6, 1, 2, 30196, utc('2026-09-01T07:26:23Z')],
      [5, -1, 2, 30201, utc('2026-09-01T07:26:27Z')],
      [3, 1, 1, 116793, utc('2026-09-01T23:00:03Z')],
      [2, -1, 1, 116320, utc('2026-09-02T00:57:21Z')],
    ]);
  });

  it('keeps the continuous symbol as written, and the room asks which contract it was', () => {
    const raw = tradingviewOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.executions.map((e) => [e.symbol, e.id])).toEqual([
      ['CME_MINI:MNQ1!', '3479743884'],
      ['CME_MINI:MNQ1!', '3479008610'],
      ['CME_MINI:MESU2026', '3475326289'],
      ['CME_MINI:MESU2026', '3475326112'],
    ]);
    expect(readImport(fixtureFile(FIXTURE), {}).questions.map((q) => q.field)).toContain('timeZone');
    const asked = readImport(fixtureFile(FIXTURE), { timeZone: 'America/New_York' }).questions;
    expect(asked.map((q) => [q.field, q.key])).toEqual(
      expect.arrayContaining([
        ['account', null],
        ['contracts', 'CME_MINI:MNQ1!'],
      ]),
    );
    expect(asked).toHaveLength(2);
  });

  it('knows no commission where the column is empty, and takes one where it is filled', () => {
    expect(tradingviewOrders.read(fixtureFile(FIXTURE), {}).executions.map((e) => e.feeUsd)).toEqual(
      new Array(4).fill(null),
    );
    const filled = ['1.24', '"1,240.50 USD"', '(0.62)'].map(
      (fee) => read([row(1, '2026-09-01 10:00:00').replace('Filled,,', `Filled,${fee},`)]).executions[0]?.feeUsd,
    );
    expect(filled).toEqual([1.24, 1240.5, -0.62]);
  });

  it('leaves out what was not filled, naming the status', () => {
    const raw = tradingviewOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => [note.line, note.field, note.value])).toEqual([[4, 'Status', 'Cancelled']]);
    expect(raw.rows).toBe(5);
  });

  it('refuses an unfinished order that already has a fill price, for its filled part is unknown', () => {
    const raw = read([row(1, '2026-09-01 10:00:00').replace('Filled', 'Cancelled')]);
    expect(raw.skipped).toEqual([]);
    expect(raw.errors).toMatchObject([{ line: 2, field: 'Status', value: 'Cancelled' }]);
    expect(raw.errors[0]?.remedy).not.toBeNull();
  });

  it('has fills of the same second in the order they were placed, whichever way the file runs', () => {
    const rows = [
      row(13, '2026-09-01 10:00:05', 'Sell'),
      row(12, '2026-09-01 10:00:00', 'Sell'),
      row(11, '2026-09-01 10:00:00'),
    ];
    const ordered = (lines: readonly string[]) =>
      readImport(fileOf([HEADER, ...lines]), ANSWERS).executions.map((e) => e.direction);
    expect(ordered(rows)).toEqual([1, -1, -1]);
    expect(ordered(rows.toReversed())).toEqual([1, -1, -1]);
  });

  it('reads the older column names in their older order', () => {
    const file = readImport(fixtureFile('tradingview-orders-older.csv'), {
      timeZone: 'UTC',
      account: 'Paper',
      contracts: { 'CME_MINI:ES1!': 'ESH26' },
    });
    expect(file.errors).toEqual([]);
    expect(file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.at)])).toEqual([
      [3, 1, 5, 27976, utc('2026-02-13T15:55:12Z')],
      [2, -1, 5, 27989, utc('2026-02-13T15:56:01Z')],
    ]);
  });

  it('takes a byte order mark, semicolons, and a line break in quotes', () => {
    const plain = tradingviewOrders.read(fixtureFile(FIXTURE), {}).executions;
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(tradingviewOrders.read(marked, {}).executions).toEqual(plain);
    const semicolons = fileOf([HEADER, row(1, '2026-09-01 10:00:00')].map((line) => line.replaceAll(',', ';')));
    expect(tradingviewOrders.recognise(semicolons)).toBe(1);
    expect(tradingviewOrders.read(semicolons, {}).executions).toMatchObject([{ id: '1', quantity: 2 }]);
    const broken = tradingviewOrders.read(edited(FIXTURE, { '"2,908.00 USD"': '"2,908.00\nUSD"' }), {});
    expect(broken.executions.map((e) => e.line)).toEqual([2, 4, 6, 7]);
  });

  it('refuses a quantity that is no whole number, a side it does not know, and a formula for a price', () => {
    const whole = row(1, '2026-09-01 10:00:00');
    const raw = read([
      whole.replace('Market,2', 'Market,0.5'),
      whole.replace(',Buy,', ',Hold,'),
      whole.replace('7549', '=7549+1'),
      whole.replace('7549', ''),
    ]);
    const file = readImport(fileOf([HEADER, whole.replace('7549', '=7549+1')]), ANSWERS);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [2, 'Quantity'],
      [3, 'Side'],
      [4, 'Fill price'],
      [5, 'Fill price'],
    ]);
    expect(file.executions).toEqual([]);
  });

  it('names a missing column and reports a row that ends too early', () => {
    const [note] = tradingviewOrders.read(fileOf([HEADER.replace(',Closing time', ''), row(1, 'x')]), {}).errors;
    expect(note?.message).toContain('Closing time');
    expect(note?.remedy).not.toBeNull();
    const whole = fixtureFile(FIXTURE).text;
    const cut = { name: FIXTURE, text: whole.slice(0, whole.indexOf('7549,Filled') + 2) };
    const raw = tradingviewOrders.read(cut, {});
    expect(raw.errors.map((e) => e.line)).toContain(6);
    expect(raw.executions.map((e) => e.line)).not.toContain(6);
  });

  it('asks for the order of dates saved again by a spreadsheet', () => {
    const file = fileOf([HEADER, row(1, '2/9/26 16:40')]);
    expect(readImport(file, ANSWERS).questions.map((q) => q.field)).toEqual(['dateOrder']);
    expect(Number(readImport(file, { ...ANSWERS, dateOrder: 'MDY' }).executions[0]?.at)).toBe(
      utc('2026-02-09T21:40:00Z'),
    );
  });
});
