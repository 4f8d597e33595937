import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { ReadImport } from '#desk/imports/format.ts';
import { FORMATS } from '#desk/imports/formats/index.ts';
import { decodeText, readImport } from '#desk/imports/read-import.ts';
import { sniffDelimiter } from '#desk/imports/table.ts';
import { importedExecutionSchema } from '#shared/domain/import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { instrumentSchema } from '#shared/domain/instrument.ts';
import { fixtureFile } from '#test/support/import-files.ts';

const FILES = readdirSync(new URL('../../fixtures/imports/', import.meta.url)).sort();
const SHARE = { tickSize: 0.0001, tickValueUsd: 0.0001 };
const ANSWERS: ImportOptions = {
  timeZone: 'America/Chicago',
  account: 'A1',
  contracts: { 'CME_MINI:MNQ1!': 'MNQZ26', 'CME_MINI:ES1!': 'front' },
  instruments: { AMC: SHARE, AAPL: SHARE, RBLX: SHARE },
};
const MAPPED: ImportOptions = {
  ...ANSWERS,
  mapping: {
    ...{ account: null, symbol: 'Contract', side: 'Direction', quantity: 'Lots', price: 'Fill' },
    ...{ date: 'When', time: null, fees: ['Comm', 'Exch Fee'], executionId: 'Ref' },
  },
};
const answersOf = (name: string): ImportOptions => (name.startsWith('generic') ? MAPPED : ANSWERS);

const linesOf = (notes: readonly { readonly line: number }[]) => new Set(notes.map(({ line }) => line));

/** Every row is executions, skipped or an error, and only one of them; else there is a question it waits for. */
function expectNoRowLost(file: ReadImport): void {
  const [booked, skipped] = [linesOf(file.executions), linesOf(file.skipped)];
  const failed = linesOf(file.errors);
  expect([...booked].filter((line) => skipped.has(line) || failed.has(line))).toEqual([]);
  const settled = new Set([...booked, ...skipped, ...failed]).size;
  if (file.questions.length === 0) expect(settled).toBeGreaterThanOrEqual(file.rows);
  expect(new Set(file.instruments.map((i) => i.symbol))).toEqual(new Set(file.executions.map((e) => e.symbol)));
}

describe('a file', () => {
  it.each(FILES)('%s gives executions and instruments the journal takes', (name) => {
    const file = readImport(fixtureFile(name), answersOf(name));
    expect([file.errors, file.questions]).toEqual([[], []]);
    expect(file.executions.length).toBeGreaterThan(0);
    for (const execution of file.executions) importedExecutionSchema.parse(execution);
    for (const instrument of file.instruments) instrumentSchema.parse(instrument);
    expectNoRowLost(file);
  });

  it.each(FILES)('%s reads the same with a byte order mark, with LF, and a second time', (name) => {
    const file = fixtureFile(name);
    const plain = readImport(file, answersOf(name));
    expect(readImport(file, answersOf(name))).toEqual(plain);
    const text = `\uFEFF${file.text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')}`;
    expect(readImport({ ...file, text }, answersOf(name))).toEqual(plain);
  });

  it.each(FILES)('%s cut off anywhere loses no row without a word', (name) => {
    const file = fixtureFile(name);
    fc.assert(
      fc.property(fc.nat(file.text.length), (length) => {
        expectNoRowLost(readImport({ ...file, text: file.text.slice(0, length) }, answersOf(name)));
      }),
      { numRuns: 60 },
    );
  });

  const cell = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '',
      '=1+1',
      '=cmd|calc',
      '-',
      '0',
      '1,234',
      '1.234,5',
      '99/99/9999',
      '($5.00)',
      'Filled',
      '"',
      '\n',
    ),
  );

  it.each(FILES)('%s with one cell changed has an error, a question or another row', (name) => {
    const file = fixtureFile(name);
    const format = FORMATS.find((reader) => reader.recognise(file) > 0.5)?.format ?? 'generic';
    const options = { ...answersOf(name), format };
    const before = readImport(file, options);
    const rows = new Set([...linesOf(before.executions), ...linesOf(before.skipped)]);
    const delimiter = sniffDelimiter(file.text);
    const lines = file.text.split(/\r?\n/);
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(40), cell, (index, column, value) => {
        const cells = (lines[index] ?? '').split(delimiter);
        cells[column % cells.length] = value;
        const text = lines.with(index, cells.join(delimiter)).join('\n');
        const after = readImport({ name, text }, options);
        const isStopped = after.errors.length + after.questions.length > 0;
        // A header or a preamble may make all its rows unreadable: then there is one error for all of them.
        if (rows.has(index + 1) || !isStopped) expectNoRowLost(after);
        if (rows.has(index + 1) && !isStopped) expect(after.rows).toBeGreaterThanOrEqual(before.rows);
      }),
      { numRuns: 150 },
    );
  });

  it('of Rithmic’s performance with a stray quote that runs into the next header has an error', () => {
    const file = fixtureFile('rithmic-performance.csv');
    expectNoRowLost(readImport({ ...file, text: file.text.replace('101,B', '",B') }, ANSWERS));
    expect(readImport({ ...file, text: file.text.replace('101,B', '",B') }, ANSWERS).errors).not.toEqual([]);
  });

  it('of IBKR with a row of the trades under an empty section has an error', () => {
    const file = fixtureFile('ibkr-activity.csv');
    const text = file.text.replace('Trades,Data', ',Data');
    expect(readImport({ ...file, text }, ANSWERS).errors).not.toEqual([]);
  });

  it('is never evaluated: a formula is text or an error', () => {
    const file = fixtureFile('generic.csv');
    const text = file.text.replace('x-1', '=HYPERLINK(1)').replace('ESH6,Sell', '=2+3,Sell');
    const read = readImport({ ...file, text }, MAPPED);
    expect(read.executions.map((e) => e.execKey)).toEqual(['=HYPERLINK(1)']);
    expect(read.errors).toMatchObject([{ line: 3, field: 'Contract', value: '=2+3' }]);
  });

  it('of an unknown program asks for its format', () => {
    const read = readImport({ name: 'x.csv', text: 'a;b\n1;2\n3;4\n' }, {});
    expect([read.format, read.columns, read.rows]).toEqual([null, ['a', 'b'], 2]);
    expect(read.questions.map((q) => q.field)).toEqual(['format']);
  });

  it('says by what it was recognised', () => {
    const read = readImport(fixtureFile('tradovate-orders.csv'), ANSWERS);
    expect(read.assumptions[0]).toMatchObject({ code: 'format' });
  });

  it('of any text, read as any format, is read without a throw', () => {
    const formats = fc.constantFrom(...FORMATS.map((reader) => reader.format));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), formats, (text, format) => {
        readImport({ name: 'x', text }, { ...MAPPED, format });
        readImport({ name: 'x', text }, {});
      }),
    );
  });

  it('of one quote and 200,000 lines, or of a line of a million delimiters, is read to its end', () => {
    const open = readImport({ name: 'x.csv', text: `a,b\n"${'1,2\n'.repeat(200_000)}` }, MAPPED);
    expect(open.rows).toBeLessThanOrEqual(1);
    const wide = readImport({ name: 'x.csv', text: ','.repeat(1_000_000) }, {});
    expect(wide.rows).toBe(0);
    const quotes = readImport({ name: 'x.csv', text: `a,b\n${'"'.repeat(1_000_000)}` }, {});
    expect(quotes.rows).toBe(1);
  });
});

describe('the bytes of a file', () => {
  const bytes = (...values: readonly number[]) => new Uint8Array(values);

  it.each([
    ['UTF-8', new TextEncoder().encode('Qté €'), 'Qté €'],
    ['UTF-8 with a mark', bytes(0xef, 0xbb, 0xbf, 0x61, 0xc3, 0xa9), 'aé'],
    ['UTF-16 LE', bytes(0xff, 0xfe, 0x61, 0x00, 0xe9, 0x00), 'aé'],
    ['UTF-16 BE', bytes(0xfe, 0xff, 0x00, 0x61, 0x00, 0xe9), 'aé'],
    ['windows-1252', bytes(0x51, 0x74, 0xe9, 0x20, 0x80), 'Qté €'],
    ['nothing', bytes(), ''],
  ])('are decoded from %s', (_, source, text) => {
    expect(decodeText(source)).toBe(text);
  });

  it('are decoded whatever they are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (source) => typeof decodeText(source) === 'string'));
  });
});
