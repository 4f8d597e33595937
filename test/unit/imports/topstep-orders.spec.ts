import { describe, expect, it } from 'vitest';
import { topstepOrders } from '#desk/imports/formats/topstep-orders.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'topstep-orders.csv';
const HEADER =
  'Id,AccountName,ContractName,Status,Type,Size,Side,CreatedAt,TradeDay,FilledAt,CancelledAt,StopPrice,LimitPrice,ExecutePrice,PositionDisposition,CreationDisposition,RejectionReason,ExchangeOrderId,PlatformOrderId';
const ROW =
  '987,S1,NQU5,Filled,Market,1,Bid,08/21/2025 09:31:00,08/21/2025,08/21/2025 09:31:02,,,,23500.25,Opening,Trader,,111,222';
const read = (rows: readonly string[]) => topstepOrders.read(fileOf([HEADER, ...rows]), {});

describe('the orders of TopstepX', () => {
  it('gives filled orders, bid bought and ask sold', () => {
    const file = readImport(fixtureFile(FIXTURE), {});
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.account, e.direction, e.quantity, Number(e.price), Number(e.at)]),
    ).toEqual([
      [2, 'S1NOV18', 1, 3, 98442, utc('2025-11-18T14:20:37Z')],
      [4, 'S1NOV18', -1, 3, 98643, utc('2025-11-18T15:49:06Z')],
    ]);
    const raw = topstepOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.executions.map((e) => [e.id, e.feeUsd])).toEqual([
      ['3614074691', null],
      ['3614074698', null],
    ]);
  });

  it('leaves out what was not filled, with the broker’s reason', () => {
    const raw = topstepOrders.read(fixtureFile(FIXTURE), {});
    expect(raw.skipped.map((note) => [note.line, note.value])).toEqual([
      [3, 'Cancelled'],
      [5, 'Rejected'],
    ]);
    expect(raw.skipped[1]?.message).toContain('Maximum position size, 15 contracts');
    expect(raw.rows).toBe(4);
  });

  it('reads times without an offset in the zone the trader names, at the fill and not at the order', () => {
    expect(readImport(fileOf([HEADER, ROW]), {}).questions.map((q) => q.field)).toEqual(['timeZone']);
    const file = readImport(fileOf([HEADER, ROW]), { timeZone: 'America/Chicago' });
    expect(file.executions.map((e) => [Number(e.price), Number(e.at)])).toEqual([[94001, utc('2025-08-21T14:31:02Z')]]);
  });

  it('takes the order of dates TopstepX writes where none tells, saying so, unless the trader says another', () => {
    const file = fileOf([HEADER, ROW.replaceAll('08/21/2025', '08/01/2025')]);
    const usual = readImport(file, { timeZone: 'America/Chicago' });
    expect(Number(usual.executions[0]?.at)).toBe(utc('2025-08-01T14:31:02Z'));
    expect(usual.assumptions.map((a) => a.code)).toContain('date-order');
    const dmy = readImport(file, { timeZone: 'America/Chicago', dateOrder: 'DMY' });
    expect(Number(dmy.executions[0]?.at)).toBe(utc('2025-01-08T15:31:02Z'));
  });

  it('refuses a cancelled order with an execution price, for how much was filled is unknown', () => {
    const raw = read([ROW.replace('Filled,Market', 'Cancelled,Market')]);
    expect(raw.executions).toEqual([]);
    expect(raw.errors).toMatchObject([{ line: 2, field: 'Status', value: 'Cancelled' }]);
    expect(raw.errors[0]?.remedy).toMatch(/Trades/);
  });

  it('refuses sides, sizes, ids and formulas it cannot read', () => {
    const raw = read([
      ROW,
      ROW,
      ROW.replace('987', '988').replace(',Bid,', ',Buy?,'),
      ROW.replace('987', '989').replace(',1,Bid', ',(1),Bid'),
      ROW.replace('987', '990').replace(',23500.25,', ',"=cmd|\'/c calc\'!A1",'),
      ROW.replace('987', '991').replace(',23500.25,', ',,'),
    ]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [3, 'Id'],
      [4, 'Side'],
      [5, 'Size'],
      [6, 'ExecutePrice'],
      [7, 'ExecutePrice'],
    ]);
    expect(raw.executions.map((e) => e.line)).toEqual([2]);
  });

  it('takes a byte order mark, semicolons and line breaks in the reason of a rejection', () => {
    const plain = topstepOrders.read(fixtureFile(FIXTURE), {}).executions;
    const marked = { ...fixtureFile(FIXTURE), text: `\uFEFF${fixtureFile(FIXTURE).text}` };
    expect(topstepOrders.read(marked, {}).executions).toEqual(plain);
    const semicolons = fileOf([HEADER, ROW].map((line) => line.replaceAll(',', ';')));
    expect(topstepOrders.recognise(semicolons)).toBe(1);
    expect(topstepOrders.read(semicolons, {}).executions).toEqual(read([ROW]).executions);
    const broken = read([
      ROW.replace('Filled', 'Rejected')
        .replace('23500.25', '')
        .replace('08/21/2025 09:31:02', '')
        .replace(',Trader,,', ',Trader,"no\nmargin",'),
      ROW,
    ]);
    expect(broken.skipped.map((note) => note.line)).toEqual([2]);
    expect(broken.executions.map((e) => e.line)).toEqual([4]);
  });

  it('names a missing column and reports a row that ends too early', () => {
    const [note] = topstepOrders.read(fileOf([HEADER.replace('FilledAt,', ''), ROW]), {}).errors;
    expect(note?.message).toContain('FilledAt');
    expect(note?.remedy).not.toBeNull();
    const cut = topstepOrders.read(fileOf([HEADER, ROW, ROW.slice(0, 60)]), {});
    expect(cut.executions.map((e) => e.line)).toEqual([2]);
    expect(cut.errors.map((e) => e.line)).toEqual([3]);
  });
});
