import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barSchema } from '#shared/domain/market.ts';
import { epochMs } from '#shared/units.ts';
import { type BarFileOptions, readBars } from '#desk/adapters/market/csv.ts';

const options: BarFileOptions = { symbol: 'MES', tickSize: 0.25, timeframe: '1d', file: 'prices.csv' };
const HEADER = 'date,open,high,low,close,volume\n';

const read = (text: string, over: Partial<BarFileOptions> = {}) => {
  const result = readBars(text, { ...options, ...over });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const refused = (text: string, over: Partial<BarFileOptions> = {}) => {
  const result = readBars(text, { ...options, ...over });
  if (result.ok) throw new Error(`expected an error, got ${result.value.bars.length} bars`);
  return result.error;
};
const GOOD = '2020-01-02,100,101,99,100.5,10\n';

describe('a file of real bars', () => {
  const text = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');

  it('is read whole, and what was assumed is said', () => {
    const { bars, assumptions, rejected } = read(text, { file: 'sp500-2000.csv' });
    expect(bars.length).toBe(5_105);
    expect(rejected).toEqual([]);
    expect(bars[0]).toMatchObject({ openAt: Date.UTC(2000, 0, 3), open: 5_877, high: 5_912, low: 5_753, close: 5_821 });
    expect(bars.at(-1)).toMatchObject({ closeAt: Date.UTC(2020, 3, 18), volume: 5_792_140_000 });
    expect(assumptions.join(' ')).toMatch(/rounded to the nearest tick/u);
    expect(assumptions.join(' ')).toMatch(/adjusted close is ignored/u);
    for (const bar of bars) barSchema.parse(bar);
  });

  it('is cut to a period, the end excluded', () => {
    const { bars } = read(text, { from: epochMs(Date.UTC(2019, 0, 1)), to: epochMs(Date.UTC(2020, 0, 1)) });
    expect(bars.length).toBe(252);
    expect(refused(text, { from: epochMs(Date.UTC(2030, 0, 1)) }).code).toBe('no-bars');
  });
});

describe('headers', () => {
  it.each([
    ['Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,100,101,99,100.5,100.5,10\n'],
    ['Timestamp;O;H;L;C;Vol\n2020-01-02;100;101;99;100.5;10\n'],
    ['time\tOPEN\tHIGH\tLOW\tLAST\tVolume\n2020-01-02\t100\t101\t99\t100.5\t10\n'],
    ['\ufeffdate,open,high,low,close,volume\n2020-01-02,100,101,99,100.5,10\n'],
    ['"Open Time","open","high","low","close","volume"\r\n"2020-01-02","100","101","99","100.5","10"\r\n'],
    ['volume,close,low,high,open,date\n10,100.5,99,101,100,2020-01-02\n'],
  ])('%j', (text) => {
    expect(read(text).bars).toEqual([
      {
        ...{ symbol: 'MES', timeframe: '1d', openAt: Date.UTC(2020, 0, 2), closeAt: Date.UTC(2020, 0, 3), volume: 10 },
        ...{ open: 400, high: 404, low: 396, close: 402 },
      },
    ]);
  });

  it('missing columns are named, with what was found', () => {
    const error = refused('date,price\n2020-01-02,100\n');
    expect(error).toMatchObject({
      code: 'missing-columns',
      missing: ['open', 'high', 'low', 'close'],
      found: ['date', 'price'],
    });
    expect(error.message).toBe('prices.csv, line 1: no column for open, high, low, close (found: date, price)');
    expect(error.remedy).toMatch(/name the columns/u);
  });

  it('no volume column is volume 0, and said', () => {
    const { bars, assumptions } = read('date,open,high,low,close\n2020-01-02,100,101,99,100\n');
    expect(bars[0]!.volume).toBe(0);
    expect(assumptions.join(' ')).toMatch(/no volume column/u);
  });

  it.each(['', '\n\n', '\ufeff'])('an empty file %j', (text) => {
    expect(refused(text).code).toBe('empty');
  });

  it('a header alone holds no bar', () => {
    expect(refused(HEADER)).toMatchObject({ code: 'no-bars', rejected: [] });
  });
});

describe('rows that are wrong are left out and reported', () => {
  it.each<[string, string, { line: number; column: string | null; value?: string; problem: RegExp }]>([
    [
      'a word for a price',
      '2020-01-03,100,abc,99,100,1',
      { line: 3, column: 'high', value: 'abc', problem: /not a number/u },
    ],
    ['NaN', '2020-01-03,100,NaN,99,100,1', { line: 3, column: 'high', problem: /not a number/u }],
    ['Infinity', '2020-01-03,100,Infinity,99,100,1', { line: 3, column: 'high', problem: /not a number/u }],
    ['an empty price', '2020-01-03,100,,99,100,1', { line: 3, column: 'high', value: '', problem: /not a number/u }],
    ['hexadecimal', '2020-01-03,0x64,101,99,100,1', { line: 3, column: 'open', problem: /not a number/u }],
    [
      'a comma in a number',
      '2020-01-03,"1,000",1001,999,1000,1',
      { line: 3, column: 'open', problem: /not a number/u },
    ],
    ['zero', '2020-01-03,0,101,0,100,1', { line: 3, column: 'open', problem: /not a positive price/u }],
    ['a negative price', '2020-01-03,100,101,-99,100,1', { line: 3, column: 'low', problem: /not a positive/u }],
    ['high below low', '2020-01-03,100,99,101,100,1', { line: 3, column: 'high', problem: /do not contain/u }],
    [
      'a close above the high',
      '2020-01-03,100,101,99,102,1',
      { line: 3, column: null, problem: /high 101 and low 99 do not contain/u },
    ],
    ['too few cells', '2020-01-03,100,101', { line: 3, column: null, problem: /3 cells where the header has 6/u }],
    ['no date', 'soon,100,101,99,100,1', { line: 3, column: 'time', value: 'soon', problem: /not a date/u }],
    ['a day that does not exist', '2020-02-30,100,101,99,100,1', { line: 3, column: 'time', problem: /not a date/u }],
    ['a date of two readings', '03/04/2020,100,101,99,100,1', { line: 3, column: 'time', problem: /not a date/u }],
    ['a negative volume', '2020-01-03,100,101,99,100,-1', { line: 3, column: 'volume', problem: /not a volume/u }],
    ['the same day again', '2020-01-02,100,101,99,100,1', { line: 3, column: 'date', problem: /a second bar/u }],
  ])('%s', (_, row, expected) => {
    const { bars, rejected } = read(`${HEADER}${GOOD}${row}\n2020-01-07,100,101,99,100,1\n`);
    expect(bars.length).toBe(2);
    expect(rejected.length).toBe(1);
    const { problem, ...rest } = expected;
    expect(rejected[0]).toMatchObject(rest);
    expect(rejected[0]!.problem).toMatch(problem);
    expect(rejected[0]!.remedy).not.toBe('');
  });

  it('a row out of order is reported with the time before it', () => {
    const { bars, rejected } = read(`${HEADER}${GOOD}2019-12-31,100,101,99,100,1\n2020-01-03,100,101,99,100,1\n`);
    expect(bars.length).toBe(2);
    expect(rejected).toMatchObject([
      { line: 3, column: 'date', problem: expect.stringContaining('2020-01-02') as string },
    ]);
  });

  it('a file with nothing but wrong rows is an error that quotes the first', () => {
    const error = refused(`${HEADER}2020-01-02,x,101,99,100,1\n`);
    expect(error.code).toBe('no-bars');
    expect(error.message).toBe('prices.csv holds no usable bar; line 2, column open: "x" is not a number');
  });

  it('line numbers count blank and quoted lines as an editor does', () => {
    const { rejected } = read(`${HEADER}\n\n${GOOD}\n"soon",1,1,1,1,1\n`);
    expect(rejected[0]!.line).toBe(6);
  });

  it('a quote that never ends is an error with its line', () => {
    const error = refused(`${HEADER}${GOOD}"2020-01-03,100,101,99,100,1\n2020-01-04,1,1,1,1,1\n`);
    expect(error.code).toBe('unreadable');
    expect(error.message).toMatch(/^prices\.csv, line \d+: /u);
  });
});

describe('times', () => {
  it.each([
    ['2020-01-02', Date.UTC(2020, 0, 2)],
    ['2020/01/02', Date.UTC(2020, 0, 2)],
    ['2020-01-02T15:30:00Z', Date.UTC(2020, 0, 2, 15, 30)],
    ['2020-01-02 15:30', Date.UTC(2020, 0, 2, 15, 30)],
    ['2020-01-02T15:30:00-05:00', Date.UTC(2020, 0, 2, 20, 30)],
    ['2020-01-02T15:30:00+0530', Date.UTC(2020, 0, 2, 10, 0)],
    ['1577979000', Date.UTC(2020, 0, 2, 15, 30)],
    ['1577979000000', Date.UTC(2020, 0, 2, 15, 30)],
  ])('%s', (text, at) => {
    const { bars } = read(`${HEADER}${text},100,101,99,100,1\n`, { timeframe: '1m' });
    expect(bars[0]).toMatchObject({ openAt: at, closeAt: at + 60_000 });
  });

  it('a file that runs backwards is read from its end, and said', () => {
    const { bars, assumptions, rejected } = read(`${HEADER}2020-01-03,100,101,99,100,1\n${GOOD}`);
    expect(bars.map((bar) => bar.openAt)).toEqual([Date.UTC(2020, 0, 2), Date.UTC(2020, 0, 3)]);
    expect(rejected).toEqual([]);
    expect(assumptions.join(' ')).toMatch(/newest bar to the oldest/u);
  });
});

describe('prices', () => {
  it('prices on the grid are exact and nothing is assumed of them', () => {
    const { bars, assumptions } = read(`${HEADER}2020-01-02,2874.5,2880.25,2870.75,2875,1\n`);
    expect(bars[0]).toMatchObject({ open: 11_498, high: 11_521, low: 11_483, close: 11_500 });
    expect(assumptions.join(' ')).not.toMatch(/rounded/u);
  });

  it('whatever the text, it is a result: never a throw', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('2020-01-02', '100', '"', ',', '\n', '1e400', '-0', '\u0000'));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 7 }), { maxLength: 8 }), fc.boolean(), (rows, withHeader) => {
        const text = (withHeader ? HEADER : '') + rows.map((row) => row.join(',')).join('\n');
        const result = readBars(text, options);
        if (result.ok) for (const bar of result.value.bars) barSchema.parse(bar);
        else expect(result.error.remedy).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
