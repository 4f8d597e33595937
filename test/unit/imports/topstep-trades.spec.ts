import { describe, expect, it } from 'vitest';
import { topstepTrades } from '#desk/imports/formats/topstep-trades.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { edited, fileOf, fixtureFile, utc } from '#test/support/import-files.ts';

const FIXTURE = 'topstep-trades.csv';
const ANSWERS = { account: 'S1NOV18' };
const HEADER =
  'Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type,TradeDay,TradeDuration,Commissions';
const ROW =
  '11,MNQZ5,11/18/2025 10:15:00 -05:00,11/18/2025 10:20:30 -05:00,24610.25,24600.75,0.37,-19,1,Long,11/18/2025 00:00:00 -06:00,00:05:30,0.5';
const read = (rows: readonly string[]) => topstepTrades.read(fileOf([HEADER, ...rows]), {});

describe('the trades of TopstepX', () => {
  it('gives two executions for each closed pair, at the offset the file states', () => {
    const file = readImport(fixtureFile(FIXTURE), ANSWERS);
    expect(file.errors).toEqual([]);
    expect(file.questions).toEqual([]);
    expect(
      file.executions.map((e) => [e.line, e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)]),
    ).toEqual([
      [2, -1, 4, 46356, 14800, utc('2025-11-18T14:45:25Z')],
      [2, 1, 4, 46156, 14800, utc('2025-11-18T14:56:16Z')],
      [3, 1, 1, 98441, 4350, utc('2025-11-18T15:15:00Z')],
      [3, -1, 1, 98403, 4350, utc('2025-11-18T15:20:30Z')],
    ]);
  });

  it('keys the executions by the trade’s id, the same on every reading', () => {
    const ids = () => topstepTrades.read(fixtureFile(FIXTURE), {}).executions.map((e) => e.id);
    expect(ids()).toEqual(['1649735311:entry', '1649735311:exit', '1649735399:entry', '1649735399:exit']);
    expect(ids()).toEqual(ids());
    expect(topstepTrades.read(fixtureFile(FIXTURE), {}).assumptions.map((a) => a.code)).toContain('pairing');
  });

  it('reads the ISO variant', () => {
    const file = readImport(fixtureFile('topstep-trades-iso.csv'), ANSWERS);
    expect(file.errors).toEqual([]);
    expect(file.executions.map((e) => [e.direction, e.quantity, Number(e.price), Number(e.fee), Number(e.at)])).toEqual(
      [
        [1, 2, 84001, 6200, utc('2026-03-02T14:31:05.123Z')],
        [-1, 2, 84043, 6200, utc('2026-03-02T14:45:10.456Z')],
      ],
    );
  });

  it('adds fees and commissions, and keeps their sum to 1e-4 USD', () => {
    const fees = (changes: string) =>
      readImport(fileOf([HEADER, ROW.replace(',0.37,', `,${changes},`)]), ANSWERS).executions.map((e) => Number(e.fee));
    expect(fees('0.37')).toEqual([4350, 4350]);
    expect(fees('0.3701')).toEqual([4351, 4350]);
    expect(fees('(0.37)')).toEqual([650, 650]);
    const none = read([ROW.replace(',0.37,', ',,').replace(/,0\.5$/, ',')]);
    expect(none.executions.map((e) => e.feeUsd)).toEqual([null, null]);
  });

  it('refuses a pair whose P&L is not ours, and shows both', () => {
    const raw = read([ROW.replace(',-19,', ',19,')]);
    expect(raw.executions).toEqual([]);
    expect(raw.errors).toMatchObject([{ line: 2, field: 'PnL', value: '19' }]);
    expect(raw.errors[0]?.message).toMatch(/ 19, .*−19\.00/);
    expect(read([ROW.replace(',-19,', ',($19.00),')]).errors).toEqual([]);
  });

  it('allows an average price its rounding', () => {
    const raw = read([ROW.replace('24610.25', '24610.125').replace('24600.75', '24600.6250')]);
    expect(raw.errors).toEqual([]);
  });

  it('decides the order of dates by the file, else takes the one TopstepX writes, saying so', () => {
    const april = ROW.replaceAll('11/18/2025', '04/08/2026').replace('MNQZ5', 'MNQM6');
    const usual = readImport(fileOf([HEADER, april]), ANSWERS);
    expect(Number(usual.executions[0]?.at)).toBe(utc('2026-04-08T15:15:00Z'));
    expect(usual.assumptions.map((a) => a.code)).toContain('date-order');
    const said = readImport(fileOf([HEADER, april]), { ...ANSWERS, dateOrder: 'DMY' });
    expect(said.errors.map((note) => note.message).join()).toMatch(/MNQM26.*ended/);
    const dmy = readImport(fileOf([HEADER, april.replaceAll('04/08', '18/04')]), ANSWERS);
    expect(Number(dmy.executions[0]?.at)).toBe(utc('2026-04-18T15:15:00Z'));
  });

  it('asks for the zone only of a file without offsets', () => {
    const local = fileOf([HEADER, ROW.replaceAll(' -05:00', '')]);
    expect(readImport(local, ANSWERS).questions.map((q) => q.field)).toEqual(['timeZone']);
    expect(Number(readImport(local, { ...ANSWERS, timeZone: 'America/Chicago' }).executions[0]?.at)).toBe(
      utc('2025-11-18T16:15:00Z'),
    );
  });

  it('reads offsets without a colon, and Z', () => {
    const file = fileOf([HEADER, ROW.replaceAll(' -05:00', ' -0500').replace('10:20:30 -0500', '15:20:30Z')]);
    expect(readImport(file, ANSWERS).executions.map((e) => Number(e.at))).toEqual([
      utc('2025-11-18T15:15:00Z'),
      utc('2025-11-18T15:20:30Z'),
    ]);
  });

  it('takes semicolons and a line break in quotes', () => {
    expect(topstepTrades.recognise(fileOf([HEADER, ROW].map((l) => l.replaceAll(',', ';'))))).toBe(1);
    const semicolons = topstepTrades.read(fileOf([HEADER, ROW].map((l) => l.replaceAll(',', ';'))), {});
    expect(semicolons.executions).toEqual(read([ROW]).executions);
    const broken = read([ROW.replace(',Long,', ',"Long\n",'), ROW.replace(/^11/, '12')]);
    expect(broken.executions.map((e) => e.line)).toEqual([2, 2, 4, 4]);
  });

  it('refuses a repeated id, a type it does not know, half a contract and a formula', () => {
    const raw = read([
      ROW,
      ROW,
      ROW.replace(/^11/, '12').replace('Long', 'Flat'),
      ROW.replace(/^11/, '13').replace(',1,Long', ',0.5,Long'),
      ROW.replace(/^11/, '14').replace('24610.25', '=24610.25'),
      ROW.replace(/^11/, ''),
    ]);
    expect(raw.executions.map((e) => e.line)).toEqual([2, 2]);
    expect(raw.errors.map((note) => [note.line, note.field])).toEqual([
      [3, 'Id'],
      [4, 'Type'],
      [5, 'Size'],
      [6, 'EntryPrice'],
      [7, 'Id'],
    ]);
    expect(raw.rows).toBe(6);
  });

  it('names a missing column and reports a row that ends too early', () => {
    const [note] = topstepTrades.read(fileOf([HEADER.replace('ExitedAt,', ''), ROW]), {}).errors;
    expect(note?.message).toContain('ExitedAt');
    const whole = fixtureFile(FIXTURE).text;
    const cut = { name: FIXTURE, text: whole.slice(0, whole.indexOf('24610.25') + 12) };
    const raw = topstepTrades.read(cut, {});
    expect(raw.executions.map((e) => e.line)).toEqual([2, 2]);
    expect(raw.errors.map((e) => e.line)).toEqual([3]);
  });

  it('sends a pair of an unknown contract to the resolver unchecked', () => {
    const raw = topstepTrades.read(edited(FIXTURE, { MYMZ5: 'XXXZ5' }), {});
    expect(raw.errors).toEqual([]);
    expect(raw.executions[0]?.symbol).toBe('XXXZ5');
  });
});
