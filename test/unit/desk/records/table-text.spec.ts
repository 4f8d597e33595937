import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  csvText,
  decimalText,
  float,
  jsonText,
  list,
  number,
  type Row,
  text,
} from '#desk/records/table-text.ts';

const csv = (columns: readonly string[], ...rows: readonly Row[]): string => [...csvText(columns, [rows])].join('');
const json = (columns: readonly string[], ...pages: readonly (readonly Row[])[]): unknown =>
  JSON.parse([...jsonText(columns, pages)].join(''));

describe('CSV', () => {
  it('quotes what must be quoted and ends lines as RFC 4180 says', () => {
    const row = {
      a: text('say "no", twice'),
      b: text('two\nlines'),
      c: text(null),
      d: number('-1.50'),
      e: boolean(true),
    };
    expect(csv(['a', 'b', 'c', 'd', 'e'], row)).toBe('a,b,c,d,e\r\n"say ""no"", twice","two\nlines",,-1.50,true\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a=1', 'a=1'],
    ["'quoted", "'quoted"],
  ])('makes the text %j harmless', (value, cell) => {
    expect(csv(['a'], { a: text(value) })).toBe(`a\r\n${cell}\r\n`);
    expect(csv(['a'], { a: list([value, 'b']) }).startsWith(`a\r\n${cell.replace(/"$/, '')}`)).toBe(true);
  });

  it('leaves numbers numbers', () => {
    expect(csv(['a', 'b', 'c'], { a: number('-5.25'), b: float(-1e-7), c: float(null) })).toBe(
      'a,b,c\r\n-5.25,-1e-7,\r\n',
    );
  });

  it('is read back by another reader, whatever the texts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string())), (texts) => {
        const rows = texts.map(([a, b]): Row => ({ a: text(a), b: text(b) }));
        const read = parse(csv(['a', 'b'], ...rows), { record_delimiter: '\r\n', columns: true });
        const harmless = (value: string): string => (/^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value);
        expect(read).toEqual(texts.map(([a, b]) => ({ a: harmless(a), b: harmless(b) })));
      }),
    );
  });
});

describe('JSON', () => {
  it('is one array over all pages, numbers as their exact decimals', () => {
    const columns = ['a', 'b', 'c', 'd'];
    const row = (a: string): Row => ({ a: text(a), b: number('0.10'), c: list(['x', '=y']), d: text(null) });
    expect(json(columns, [row('1'), row('=2')], [row('3')])).toEqual(
      ['1', '=2', '3'].map((a) => ({ a, b: 0.1, c: ['x', '=y'], d: null })),
    );
    expect([...jsonText(columns, [[row('1')]])].join('')).toContain('"b":0.10');
    expect(json(columns)).toEqual([]);
  });
});

describe('decimals', () => {
  it.each([
    [0n, 4, 2, '0.00'],
    [12_345n, 4, 2, '1.2345'],
    [-52_500n, 4, 2, '-5.25'],
    [10_000n, 4, 2, '1.00'],
    [-1n, 4, 2, '-0.0001'],
    [84_001n * 25n, 2, 2, '21000.25'],
    [5n, 0, 0, '5'],
    [5n, 7, 7, '0.0000005'],
    [9_007_199_254_740_993n, 4, 2, '900719925474.0993'],
  ])('%s of 10^-%i is %s', (units, digits, least, expected) => {
    expect(decimalText(units, digits, least)).toBe(expected);
  });
});
