import { describe, expect, it } from 'vitest';
import { FORMATS } from '#desk/imports/formats/index.ts';
import { readImport } from '#desk/imports/read-import.ts';
import type { ImportFormat, ImportOptions } from '#shared/domain/import.ts';
import { fixtureFile } from '#test/support/import-files.ts';
import { rounds } from '#test/support/scale.ts';

/** At a scale of four as many as the largest files traders have. */
const ROWS = rounds(50_000);
/** What a reader may keep for each row of such a file, with the file itself: no more than a browser tab has to spare. */
const MOST_BYTES_PER_ROW = 4_096;

const ANSWERS: ImportOptions = { timeZone: 'America/Chicago', account: 'A1', dateOrder: 'MDY' };
const MAPPED: ImportOptions = {
  ...ANSWERS,
  mapping: {
    ...{ account: null, symbol: 'Contract', side: 'Direction', quantity: 'Lots', price: 'Fill' },
    ...{ date: 'When', time: null, fees: ['Comm', 'Exch Fee'], executionId: 'Ref' },
  },
};

type Large = {
  readonly format: ImportFormat;
  readonly file: string;
  /** Text of the fixture before the rows that are repeated, as a number of lines. */
  readonly headerLines: number;
  /** The fixture's row, made the nth one: with an id of its own where rows have ids. */
  readonly row: (text: string, n: number) => string;
  /** Which line of the fixture is repeated. */
  readonly line: number;
  readonly options?: ImportOptions;
  /** Lines of the header's part that are not taken: rows of another kind. */
  readonly leftOut?: readonly number[];
  /** Executions a row gives; closed pairs give two. */
  readonly perRow: number;
};

/** Gives the nth row an id of its own in the place of the fixture's, with what surrounds it. */
const withId =
  (id: string) =>
  (text: string, n: number): string =>
    text.replace(id, id.replace(/[A-Za-z0-9-]+/, `N${n}`));

const CASES: readonly Large[] = [
  {
    format: 'tradovate-orders',
    file: 'tradovate-orders.csv',
    headerLines: 1,
    line: 1,
    perRow: 1,
    row: withId('12345'),
  },
  {
    ...{ format: 'tradovate-performance', file: 'tradovate-performance.csv', headerLines: 1, line: 1, perRow: 2 },
    row: (text, n) => text.replace('1001', `b${n}`).replace('1002', `s${n}`),
  },
  { format: 'sierra-activity', file: 'sierra-activity.txt', headerLines: 1, line: 2, perRow: 1, row: withId('\te1\t') },
  {
    format: 'topstep-trades',
    file: 'topstep-trades.csv',
    headerLines: 1,
    line: 1,
    perRow: 2,
    row: withId('1649735311'),
  },
  {
    format: 'topstep-orders',
    file: 'topstep-orders.csv',
    headerLines: 1,
    line: 1,
    perRow: 1,
    row: withId('3614074691'),
  },
  { format: 'tradenote', file: 'tradenote.csv', headerLines: 1, line: 3, perRow: 1, row: (text) => text },
  {
    format: 'tradingview-orders',
    file: 'tradingview-orders.csv',
    headerLines: 1,
    line: 4,
    perRow: 1,
    row: withId('3475326289'),
  },
  {
    format: 'ninjatrader-trades',
    file: 'ninjatrader-trades.csv',
    headerLines: 1,
    line: 1,
    perRow: 2,
    row: (text, n) => text.replace(/^1,/, `${n},`),
    options: { ...ANSWERS, dateOrder: 'DMY' },
  },
  {
    format: 'ninjatrader-executions',
    file: 'ninjatrader-executions.csv',
    headerLines: 1,
    line: 1,
    perRow: 1,
    row: withId(',a1,'),
  },
  {
    format: 'rithmic-performance',
    file: 'rithmic-performance.csv',
    headerLines: 3,
    line: 3,
    perRow: 2,
    row: (text, n) => text.replace(/^101,/, `1${n},`).replace(',102,', `,2${n},`),
  },
  {
    format: 'rithmic-orders',
    file: 'rithmic-orders.csv',
    headerLines: 7,
    line: 9,
    perRow: 1,
    row: withId('1285662879'),
  },
  { format: 'ibkr-flex', file: 'ibkr-flex-sections.csv', headerLines: 3, line: 4, perRow: 1, row: withId('"9002"') },
  {
    format: 'ibkr-activity',
    file: 'ibkr-activity.csv',
    headerLines: 15,
    line: 15,
    perRow: 1,
    row: (text) => text,
    leftOut: [9, 10, 11, 12, 13],
  },
  { format: 'generic', file: 'generic.csv', headerLines: 1, line: 1, perRow: 1, row: withId('x-1'), options: MAPPED },
];

describe.each(CASES)(
  '200,000 rows of $format',
  ({ format, file, headerLines, row, line, options, perRow, leftOut = [] }) => {
    it('are read whole, in memory that grows with the rows and no faster', () => {
      const lines = fixtureFile(file).text.split(/\r?\n/);
      const one = lines[line] ?? '';
      const text = [
        ...lines.slice(0, headerLines).filter((_, n) => !leftOut.includes(n)),
        ...Array.from({ length: ROWS }, (_, n) => row(one, n)),
      ].join('\n');
      const before = process.memoryUsage().heapUsed;
      const read = readImport({ name: file, text }, { ...(options ?? ANSWERS), format });
      expect([read.errors, read.questions]).toEqual([[], []]);
      expect(read.rows).toBeGreaterThanOrEqual(ROWS);
      expect(read.executions).toHaveLength(ROWS * perRow);
      expect((process.memoryUsage().heapUsed - before) / ROWS).toBeLessThan(MOST_BYTES_PER_ROW);
    });
  },
);

it('is tried with every format', () => {
  expect(CASES.map(({ format }) => format).sort()).toEqual(FORMATS.map(({ format }) => format).sort());
});
