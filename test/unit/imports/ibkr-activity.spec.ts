import { describe, expect, it } from 'vitest';
import { ibkrActivity } from '#desk/imports/formats/ibkr-activity.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'ibkr-activity.csv';
const SHARES = { AMC: { tickSize: 0.01, tickValueUsd: 0.01 } };

const STATEMENT = [
  'Statement,Header,Field Name,Field Value',
  'Statement,Data,Title,Activity Statement',
  'Account Information,Header,Field Name,Field Value',
  'Account Information,Data,Account,U1',
];
const HEADER =
  'Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Notional Value,Comm/Fee,Basis,Realized P/L,MTM P/L,Code';
const order = (cells: string): string => `Trades,Data,${cells}`;
const BUY = order('Order,Futures,USD,MESU6,"2026-08-04, 07:01:59",1,7644,7765.5,-38220,-0.61,38220.61,0,607.5,O');
const read = (rows: readonly string[]) => ibkrActivity.read(fileOf([...STATEMENT, HEADER, ...rows]), {});
const notes = (list: readonly { readonly line: number; readonly message: string }[]) =>
  list.map((note) => `${note.line} ${note.message}`);

describe('an IBKR activity statement', () => {
  it('gives its trades in New York time, with the side in the sign and the commission as a fee', () => {
    const file = readImport(fixtureFile(FIXTURE), { instruments: SHARES });
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [
        e.line,
        e.symbol,
        e.direction,
        e.quantity,
        Number(e.price),
        Number(e.fee),
        Number(e.at),
      ]),
    ).toEqual([
      [16, expect.stringContaining('MES'), 1, 1, 30576, 6100, utc('2026-08-04T11:01:59Z')],
      [17, expect.stringContaining('MES'), -1, 2, 30588, 12200, utc('2026-08-04T11:27:50Z')],
      [11, 'AMC', 1, 1000, 3983, 50000, utc('2026-08-04T16:46:38Z')],
      [18, expect.stringContaining('MES'), 1, 1, 30557, 6100, utc('2026-08-05T09:40:37Z')],
      [12, 'AMC', -1, 1000, 4010, 59146, utc('2026-08-05T15:55:26Z')],
      [20, expect.stringContaining('ZN'), -1, 3, 7073, 25200, utc('2026-08-06T12:30:00Z')],
    ]);
    expect(new Set(file.executions.map((e) => e.account))).toEqual(new Set(['U1234567']));
  });

  it('names every row of the trades that it leaves out', () => {
    const raw = ibkrActivity.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => note.line)).toEqual([13, 14, 19, 21, 23, 25]);
    expect(raw.executions.length + raw.skipped.length + raw.errors.length).toBe(raw.rows);
    expect(notes(raw.skipped)[0]).toMatch(/SubTotal/);
    expect(notes(raw.skipped)[4]).toMatch(/option/i);
    expect(notes(raw.skipped)[5]).toMatch(/currenc/i);
  });

  it('states the zone of its times as an assumption', () => {
    const raw = ibkrActivity.read(fixtureFile(FIXTURE), {});
    expect(raw.executions.map((e) => e.time.zone)).toEqual(new Array(6).fill('America/New_York'));
    const said = readImport(fixtureFile(FIXTURE), { instruments: SHARES }).assumptions;
    expect(
      said
        .filter((a) => a.code === 'time-zone')
        .map((a) => a.text)
        .join(),
    ).toContain('America/New_York');
  });

  it('takes a byte order mark and another delimiter', () => {
    const plain = ibkrActivity.read(fixtureFile(FIXTURE), {});
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(ibkrActivity.recognise(marked)).toBe(1);
    expect(ibkrActivity.read(marked, {}).executions).toEqual(plain.executions);
    const semicolons = fileOf(
      [...STATEMENT, HEADER, BUY].map((line) => line.replaceAll(/,(?! )/g, ';').replaceAll('"', '')),
    );
    expect(ibkrActivity.recognise(semicolons)).toBe(1);
    expect(ibkrActivity.read(semicolons, {}).executions).toMatchObject([
      { symbol: 'MESU6', direction: 1, feeUsd: 0.61 },
    ]);
  });

  it('reads commissions in parentheses, rebates, and none', () => {
    const raw = read([
      BUY.replace('-0.61', '(0.61)'),
      BUY.replace('-0.61', '0.25'),
      BUY.replace('-0.61', '0'),
      BUY.replace('-0.61', ''),
    ]);
    expect(raw.executions.map((e) => e.feeUsd)).toEqual([0.61, -0.25, 0, null]);
  });

  it('takes the account of each row from a consolidated statement', () => {
    const raw = ibkrActivity.read(
      fileOf([
        ...STATEMENT,
        HEADER.replace('Currency,', 'Currency,Account,'),
        BUY.replace('USD,', 'USD,U2,'),
        BUY.replace('USD,', 'USD,U3,'),
      ]),
      {},
    );
    expect(raw.executions.map((e) => e.account)).toEqual(['U2', 'U3']);
  });

  it('counts an order once when the statement also lists its executions', () => {
    const raw = read([
      BUY,
      BUY.replace('Data,Order', 'Data,Trade'),
      BUY.replace('Data,Order', 'Data,ClosedLot').replace('O', 'ST'),
      BUY.replace('Data,Order', 'Data,Execution').replaceAll('MESU6', 'MESZ6'),
    ]);
    expect(raw.executions.map((e) => [e.line, e.symbol])).toEqual([
      [6, 'MESU6'],
      [9, 'MESZ6'],
    ]);
    expect(raw.skipped.map((note) => note.line)).toEqual([7, 8]);
  });

  it('refuses a contract whose multiplier is not the table’s, and shows both', () => {
    const [note] = read([BUY.replace('-38220,', '-382200,')]).errors;
    expect(note).toMatchObject({ line: 6, field: 'Notional Value', value: '-382200' });
    expect(note?.message).toMatch(/50/);
    expect(note?.message).toMatch(/\b5\b/);
  });

  it('refuses a cancelled trade, a fraction of a share, a row without a side and a formula', () => {
    const raw = read([
      BUY.replace(/,O$/, ',Ca'),
      BUY.replace('59",1,', '59",0.5,'),
      BUY.replace('59",1,', '59",0,'),
      BUY.replace('MESU6', '=HYPERLINK("http://x")'.replaceAll('"', '')),
    ]);
    expect(raw.errors.map((note) => note.line)).toEqual([6, 7, 8, 9]);
    expect(raw.errors.every((note) => note.remedy !== null)).toBe(true);
    expect(raw.executions).toEqual([]);
  });

  it('leaves out what is not in dollars, saying so', () => {
    const raw = read([BUY.replace('USD', 'EUR')]);
    expect(raw.executions).toEqual([]);
    expect(notes(raw.skipped)[0]).toMatch(/^6 .*EUR/);
  });

  it('shows moves of a position that are no trades', () => {
    const raw = read([
      BUY,
      'Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,Realized P/L,Code',
      'Corporate Actions,Data,Stocks,USD,2026-08-04,"2026-08-04, 20:25:00",AMC 1 for 10 split,-900,0,0,0,',
    ]);
    expect(notes(raw.skipped)[0]).toMatch(/^8 .*Corporate Actions/);
    expect(raw.rows).toBe(2);
  });

  it('reads the long names of contracts as IBKR spells them', () => {
    const raw = read([BUY.replace('MESU6', 'ZN   SEP 26').replace('-38220,', '-7644000,')]);
    expect(raw.executions[0]?.symbol).toBe('ZN SEP26');
  });

  it('never takes a share for the future of the same letters', () => {
    const colgate = order('Order,Stocks,USD,CL,"2026-08-04, 12:46:38",100,84.5,84.6,-8450,-1,8451,0,10,O');
    expect(read([colgate]).executions.map((e) => e.symbol)).toEqual(['CL.STK']);
    const file = fileOf([...STATEMENT, HEADER, colgate]);
    expect(readImport(file, {}).questions).toMatchObject([{ field: 'instruments', key: 'CL.STK' }]);
  });

  it('names a missing column, and a statement without trades', () => {
    const raw = ibkrActivity.read(fileOf([...STATEMENT, HEADER.replace('T. Price,', ''), BUY]), {});
    expect(raw.errors[0]?.message).toContain('T. Price');
    expect(raw.errors[0]?.remedy).not.toBeNull();
    expect(raw.executions).toEqual([]);
    const none = ibkrActivity.read(fileOf(STATEMENT), {});
    expect(none.errors[0]?.message).toMatch(/Trades/);
  });

  it('reports a row that ends too early instead of dropping it', () => {
    const whole = fixtureFile(FIXTURE).text;
    const cut = whole.slice(0, whole.indexOf('7639.25,7749.5') + 4);
    const raw = ibkrActivity.read({ name: FIXTURE, text: cut }, {});
    expect(raw.executions.map((e) => e.line)).toEqual([11, 12, 16, 17]);
    expect(raw.errors.map((note) => note.line)).toContain(18);
  });

  it('keeps its dates whatever order the trader answers for other files', () => {
    const file = readImport(edited(FIXTURE, { '2026-08-04,': '2026-08-05,' }), {
      instruments: SHARES,
      dateOrder: 'DMY',
    });
    expect(new Date(Number(file.executions[0]?.at)).toISOString()).toBe('2026-08-05T09:40:37.000Z');
  });
});
