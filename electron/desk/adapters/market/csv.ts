import { CsvError, parse } from 'csv-parse/sync';
import type { Bar, Timeframe } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { type EpochMs, type Ticks, epochMs, ticks } from '#shared/units.ts';

export type BarFileOptions = {
  readonly symbol: string;
  /** Price units per tick. */
  readonly tickSize: number;
  readonly timeframe: Timeframe;
  /** Name of the file, for messages. */
  readonly file?: string;
  /** Bars that open before `from`, or at or after `to`, are left out. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
};

/** A row that was not taken: `line` as an editor counts, `column` null where the whole row is wrong. */
export type RejectedRow = {
  readonly line: number;
  readonly column: string | null;
  readonly value: string;
  readonly problem: string;
  readonly remedy: string;
};

export type BarFile = {
  readonly bars: readonly Bar[];
  /** What was assumed about the file, in sentences for the trader. */
  readonly assumptions: readonly string[];
  readonly rejected: readonly RejectedRow[];
};

/** `message` says what is wrong and where, `remedy` what to do. */
export type BarFileError = { readonly file: string; readonly message: string; readonly remedy: string } & (
  | { readonly code: 'empty' }
  | { readonly code: 'unreadable'; readonly line: number | null }
  | { readonly code: 'missing-columns'; readonly missing: readonly string[]; readonly found: readonly string[] }
  | { readonly code: 'no-bars'; readonly rejected: readonly RejectedRow[] }
);

const LENGTH_MS: Readonly<Record<Timeframe, number>> = { '1m': 60_000, '1d': 86_400_000 };

/** Accepted names of each column, compared without case, spaces and punctuation. */
const ALIASES = {
  time: ['date', 'time', 'timestamp', 'datetime', 'opentime', 'tradingday', 'gmttime'],
  open: ['open', 'o', 'openprice'],
  high: ['high', 'h', 'highprice', 'max'],
  low: ['low', 'l', 'lowprice', 'min'],
  close: ['close', 'c', 'last', 'closelast', 'closeprice', 'settle'],
  volume: ['volume', 'v', 'vol', 'totalvolume'],
} as const;
type Column = keyof typeof ALIASES;
const PRICES = ['open', 'high', 'low', 'close'] as const;
type Columns = Readonly<Record<Exclude<Column, 'volume'>, number>> & { readonly volume: number | null };

type Row = { readonly line: number; readonly cells: readonly string[] };
type Reading = Readonly<Record<(typeof PRICES)[number], number>> & { readonly at: number; readonly volume: number };

/**
 * Reads completed bars from OHLCV text (comma, semicolon or tab; with or without a byte order mark).
 * Broken rows are reported and left out, never repaired; prices off the tick grid are rounded to the nearest tick, and
 * the result's assumptions say so.
 * @errors 'empty', 'unreadable' (quotes), 'missing-columns', 'no-bars' when no row is left
 */
export function readBars(text: string, options: BarFileOptions): Result<BarFile, BarFileError> {
  const file = options.file ?? 'the file';
  const table = readTable(text, file);
  if (!table.ok) return table;
  const [header, ...rows] = table.value;
  if (header === undefined)
    return err({ code: 'empty', file, message: `${file} is empty`, remedy: 'choose a CSV file of bars' });
  const columns = findColumns(header.cells, file);
  if (!columns.ok) return columns;
  const bars: Bar[] = [];
  const rejected: RejectedRow[] = [];
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = options;
  const adjusted = header.cells.some((name) => normalise(name) === 'adjclose');
  const { isReversed, ordered } = oldestFirst(rows, columns.value.time);
  const tally = { rounded: 0, adjusted, noZone: false, isReversed };
  let before: Reading | null = null;
  for (const row of ordered) {
    const reading = readRow(row, columns.value, header.cells.length);
    if (!reading.ok) {
      rejected.push(reading.error);
      continue;
    }
    const order = checkOrder(reading.value, before, row, header.cells[columns.value.time] ?? 'time');
    if (order !== null) {
      rejected.push(order);
      continue;
    }
    before = reading.value;
    tally.noZone ||= !/(?:Z|[+-]\d{2}:?\d{2})$/iu.test(row.cells[columns.value.time]?.trim() ?? '');
    if (reading.value.at < from || reading.value.at >= to) continue;
    bars.push(toBar(reading.value, options, tally));
  }
  if (bars.length === 0) return err(noBars(file, rejected));
  return ok({ bars, rejected, assumptions: assumptionsOf(tally, columns.value, options) });
}

function readTable(text: string, file: string): Result<readonly Row[], BarFileError> {
  const firstLine =
    text
      .slice(0, 2_000)
      .split(/\r?\n/u)
      .find((line) => line.trim() !== '') ?? '';
  const delimiter = [';', '\t'].find((d) => firstLine.includes(d) && !firstLine.includes(',')) ?? ',';
  try {
    const rows = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return ok(rows.map(({ record, info }) => ({ line: info.lines, cells: record })));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause['lines'] === 'number' ? cause['lines'] : null;
    const message = `${file}${line === null ? '' : `, line ${line}`}: ${cause.message}`;
    return err({ code: 'unreadable', file, line, message, remedy: 'correct the quotes there' });
  }
}

/** Many vendors write the newest bar first. A file that runs backwards from end to end is read from its end. */
function oldestFirst(rows: readonly Row[], time: number): { isReversed: boolean; ordered: readonly Row[] } {
  const first = parseTime(rows[0]?.cells[time] ?? '');
  const last = parseTime(rows.at(-1)?.cells[time] ?? '');
  const isReversed = first !== null && last !== null && first > last;
  return { isReversed, ordered: isReversed ? rows.toReversed() : rows };
}

const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z]/gu, '');

function findColumns(header: readonly string[], file: string): Result<Columns, BarFileError> {
  const names = header.map(normalise);
  const index = (column: Column): number =>
    names.findIndex((name) => (ALIASES[column] as readonly string[]).includes(name));
  const needed = ['time', ...PRICES] as const;
  const missing = needed.filter((column) => index(column) < 0);
  if (missing.length > 0) {
    const found = header.slice(0, 20);
    const message = `${file}, line 1: no column for ${missing.join(', ')} (found: ${found.join(', ')})`;
    const remedy = 'name the columns date, open, high, low, close and, if there is one, volume';
    return err({ code: 'missing-columns', file, missing, found, message, remedy });
  }
  const volume = index('volume');
  return ok({
    time: index('time'),
    open: index('open'),
    high: index('high'),
    low: index('low'),
    close: index('close'),
    volume: volume < 0 ? null : volume,
  });
}

const reject = (row: Row, column: string | null, fault: { value: string; problem: string; remedy: string }) =>
  err<RejectedRow>({ line: row.line, column, ...fault, value: fault.value.slice(0, 60) });

function readRow(row: Row, columns: Columns, width: number): Result<Reading, RejectedRow> {
  const whole = row.cells.join(',');
  if (row.cells.length < width) {
    const problem = `${row.cells.length} cells where the header has ${width}`;
    return reject(row, null, { value: whole, problem, remedy: 'complete the row or delete it' });
  }
  const time = row.cells[columns.time] ?? '';
  const at = parseTime(time);
  if (at === null) {
    const remedy = 'write 2020-01-31, 2020-01-31 15:30:00, an offset time, or epoch seconds or milliseconds';
    return reject(row, 'time', { value: time, problem: 'not a date', remedy });
  }
  const prices: Record<(typeof PRICES)[number], number> = { open: 0, high: 0, low: 0, close: 0 };
  for (const name of PRICES) {
    const cell = row.cells[columns[name]] ?? '';
    const price = parseNumber(cell);
    if (price === null || price <= 0) {
      const problem = price === null ? 'not a number' : 'not a positive price';
      return reject(row, name, { value: cell, problem, remedy: 'write a plain decimal number such as 2874.56' });
    }
    prices[name] = price;
  }
  const { open, high, low, close } = prices;
  if (high < low || high < Math.max(open, close) || low > Math.min(open, close)) {
    const problem = `high ${high} and low ${low} do not contain open ${open} and close ${close}`;
    return reject(row, high < low ? 'high' : null, {
      value: whole,
      problem,
      remedy: 'check the row against its source',
    });
  }
  const volumeCell = columns.volume === null ? '0' : (row.cells[columns.volume] ?? '');
  const volume = volumeCell === '' ? 0 : parseNumber(volumeCell);
  if (volume === null || volume < 0) {
    return reject(row, 'volume', { value: volumeCell, problem: 'not a volume', remedy: 'write a number of 0 or more' });
  }
  return ok({ at, open, high, low, close, volume });
}

const parseNumber = (cell: string): number | null =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(cell) && Number.isFinite(Number(cell)) ? Number(cell) : null;

/** A time without an offset is taken as UTC. Whole numbers are epoch seconds or, from 1e11 on, milliseconds. */
function parseTime(cell: string): number | null {
  if (/^\d{9,10}$/u.test(cell)) return Number(cell) * 1_000;
  if (/^\d{12,13}$/u.test(cell)) return Number(cell);
  const match =
    /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/iu.exec(
      cell,
    );
  if (match === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = match;
  const offset = /^[+-]\d{4}$/u.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const at = Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour}:${minute}:${second}${offset}`);
  // Date.parse takes 30 February for 1 March: a day that does not exist must not become another.
  const isReal = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return Number.isNaN(at) || !isReal ? null : at;
}

function checkOrder(reading: Reading, before: Reading | null, row: Row, column: string): RejectedRow | null {
  if (before === null || reading.at > before.at) return null;
  const earlier = new Date(before.at).toISOString();
  const isSame = reading.at === before.at;
  const result = reject(row, column, {
    value: new Date(reading.at).toISOString(),
    problem: isSame ? `a second bar for ${earlier}` : `not after the bar before it (${earlier})`,
    remedy: isSame ? 'keep one of the two' : 'sort the file by time, oldest first',
  });
  return result.error;
}

function toBar(reading: Reading, options: BarFileOptions, tally: { rounded: number }): Bar {
  const { symbol, timeframe, tickSize } = options;
  const toTicks = (price: number): Ticks => {
    const exact = price / tickSize;
    const nearest = Math.round(exact);
    if (Math.abs(exact - nearest) > 1e-6) tally.rounded += 1;
    return ticks(nearest);
  };
  return {
    symbol,
    timeframe,
    openAt: epochMs(reading.at),
    closeAt: epochMs(reading.at + LENGTH_MS[timeframe]),
    open: toTicks(reading.open),
    high: toTicks(reading.high),
    low: toTicks(reading.low),
    close: toTicks(reading.close),
    volume: reading.volume,
  };
}

function assumptionsOf(
  tally: { rounded: number; adjusted: boolean; noZone: boolean; isReversed: boolean },
  columns: Columns,
  { tickSize, timeframe, symbol }: BarFileOptions,
): string[] {
  const assumptions = [];
  if (tally.isReversed) assumptions.push('The file runs from the newest bar to the oldest and was read from its end.');
  if (tally.noZone) assumptions.push('Times without an offset are taken as UTC.');
  if (timeframe === '1d') assumptions.push('A daily bar opens at its date, 00:00 UTC, and closes 24 hours later.');
  if (tally.rounded > 0) {
    assumptions.push(
      `${tally.rounded} prices lie off the tick grid of ${symbol} (${tickSize}) and were rounded to the nearest tick: ` +
        'they are not prices of this contract (an index, or another vendor), so results are approximate.',
    );
  }
  if (tally.adjusted) assumptions.push('The adjusted close is ignored: the plain close is what traded.');
  if (columns.volume === null) assumptions.push('There is no volume column: volume is 0.');
  return assumptions;
}

function noBars(file: string, rejected: readonly RejectedRow[]): BarFileError {
  const first = rejected[0];
  if (first === undefined) {
    const message = `${file} holds no bar in the period asked for`;
    return { code: 'no-bars', file, rejected, message, remedy: 'widen the period, or choose another file' };
  }
  const where = first.column === null ? `line ${first.line}` : `line ${first.line}, column ${first.column}`;
  const message = `${file} holds no usable bar; ${where}: "${first.value}" is ${first.problem}`;
  return { code: 'no-bars', file, rejected, message, remedy: first.remedy };
}
