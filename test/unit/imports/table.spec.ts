import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { headerScore, readColumns, readRecords, readTable, sniffDelimiter } from '#desk/imports/table.ts';

const cells = (text: string) => readTable(text).records.map((row) => row.cells);

describe('a table', () => {
  it('reads quotes, doubled quotes and line ends inside quotes, and keeps the line a row begins at', () => {
    const table = readTable('a,b\r\n"x ""y""","1\r\n2"\r\n\r\nz,3\r\n');
    expect(table.records.map((row) => [row.line, row.get('a'), row.get('B')])).toEqual([
      [2, 'x "y"', '1\r\n2'],
      [5, 'z', '3'],
    ]);
    expect(table.notes).toEqual([]);
  });

  it.each([
    ['\n', 2],
    ['\r\n', 2],
    ['\r', 2],
  ])('ends lines at %j', (end, line) => {
    expect(readTable(`a,b${end}1,2${end}`).records.map((row) => [row.line, row.get('b')])).toEqual([[line, '2']]);
  });

  it.each([
    ['a,b,c\n1,2,3', ','],
    ['a;b;c\n1,5;2,5;3,5', ';'],
    ['a\tb\n1\t2', '\t'],
    ['"a,b,c";d\n1;2', ';'],
    ['one column\n1', ','],
    ['', ','],
  ])('finds the delimiter of %j', (text, delimiter) => {
    expect(sniffDelimiter(text)).toBe(delimiter);
  });

  it('finds columns whatever their case, spaces and apostrophes, and by aliases', () => {
    const table = readTable('\uFEFF Fill Price ,Prix d’entrée,\n1,2,\n');
    const [row] = table.records;
    expect(table.columns).toEqual(['Fill Price', 'Prix d’entrée']);
    expect(row?.get('fillprice')).toBe('1');
    expect(row?.get(['Entry price', "prix d'entrée"])).toBe('2');
    expect(row?.get('absent')).toBe('');
    expect([table.has('FILLPRICE'), table.has(['x', 'absent'])]).toEqual([true, false]);
    expect(headerScore(table.columns, ['Fill price', ['x', 'y']])).toBe(0.5);
  });

  it('drops a trailing empty column of the header or of a row only', () => {
    expect(readTable('a,b,\n1,2\n3,4,,\n').notes).toEqual([]);
    expect(readTable('a,b\n1,2,3\n').notes).toMatchObject([{ line: 2, message: 'the row has 3 cells, the header 2' }]);
  });

  it('keeps a row that is too short, with its fault', () => {
    const table = readTable('a,b,c\n1,2,3\n4,5\n');
    expect(table.records.map((row) => row.fault?.line ?? null)).toEqual([null, 3]);
    expect(readTable('a,b,c\n4,5\n', { relaxColumns: true }).notes).toEqual([]);
  });

  it('says where a quote opens that never closes, and keeps what stood before it', () => {
    const table = readTable('a,b\n1,2\n3,"4\n5,6\n');
    expect(table.records.map((row) => row.line)).toEqual([2, 3]);
    expect(table.notes).toMatchObject([{ line: 3 }]);
    expect(table.notes[0]?.message).toMatch(/never closes/);
  });

  it('refuses text after a closing quote', () => {
    expect(readTable('a,b\n"1"2,3\n').notes[0]?.message).toMatch(/follows a closing quote/);
    expect(cells('a,b\n "1" ,3\n')).toEqual([['1', '3']]);
  });

  it('takes a quote as a character where the program does not quote', () => {
    const table = readTable('a\tb\n"x\t2\n', { isQuoted: false });
    expect(table.records.map((row) => row.cells)).toEqual([['"x', '2']]);
  });

  it('looks at the header alone when that is all that is asked', () => {
    expect(readColumns('\n\na,b\n"never closed')).toEqual(['a', 'b']);
  });

  it('reads back whatever is written by the rules of quoting', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r', ';', 'é') });
    const record = fc.array(cell, { minLength: 2, maxLength: 4 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const filled = records.filter((one) => one.some((text) => text.trim() !== ''));
        const text = records.map((one) => one.map(quoted).join(',')).join('\n');
        const read = readRecords(text, { delimiter: ',' });
        expect(read.records.map((one) => one.cells)).toEqual(filled);
        expect(read.notes).toEqual([]);
      }),
    );
  });
});
