/** One cell of an exported row. Numbers are exact decimal texts; `json` is a value only JSON can show whole. */
export type Cell =
  | { readonly kind: 'text'; readonly text: string | null }
  | { readonly kind: 'number'; readonly text: string | null }
  | { readonly kind: 'boolean'; readonly isTrue: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'json'; readonly value: unknown };
export type Row = Readonly<Record<string, Cell>>;

export const text = (value: string | null): Cell => ({ kind: 'text', text: value });
export const number = (exact: string | null): Cell => ({ kind: 'number', text: exact });
export const float = (value: number | null): Cell => number(value === null ? null : String(value));
export const boolean = (isTrue: boolean): Cell => ({ kind: 'boolean', isTrue });
export const list = (items: readonly string[]): Cell => ({ kind: 'list', items });
export const json = (value: unknown): Cell => ({ kind: 'json', value });

/** What makes a spreadsheet take a text for a formula, or hide one behind a blank. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** A text as it is, unless a spreadsheet would run it: then a quote before it makes it a text. */
const harmless = (value: string): string => (FORMULA.test(value) ? `'${value}` : value);

/** RFC 4180: quoted when it must be, quotes doubled. */
const quoted = (value: string): string => (/[",\r\n]|^ | $/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function csvCell(cell: Cell): string {
  switch (cell.kind) {
    case 'text':
      return quoted(harmless(cell.text ?? ''));
    case 'number':
      return cell.text ?? '';
    case 'boolean':
      return String(cell.isTrue);
    case 'list':
      return quoted(harmless(cell.items.join('; ')));
    case 'json':
      return quoted(harmless(JSON.stringify(cell.value)));
  }
}

function jsonCell(cell: Cell): string {
  switch (cell.kind) {
    case 'text':
      return JSON.stringify(cell.text);
    case 'number':
      return cell.text ?? 'null';
    case 'boolean':
      return String(cell.isTrue);
    case 'list':
      return JSON.stringify(cell.items);
    case 'json':
      return JSON.stringify(cell.value);
  }
}

const csvLine = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;

/**
 * Writes rows as CSV: RFC 4180, UTF-8, one header line, lines ended by CR LF. Text cells that a spreadsheet would take
 * for a formula get a quote before them; numbers stay numbers. Columns that only JSON can show are left out.
 * @param columns  names of the columns; every row has them all
 */
export function* csvText(columns: readonly string[], pages: Iterable<readonly Row[]>): Generator<string> {
  yield csvLine(columns.map(quoted));
  for (const page of pages) {
    yield page.map((row) => csvLine(columns.map((name) => csvCell(row[name] ?? text(null))))).join('');
  }
}

/** Writes rows as one JSON array, a row to a line. Numbers are written as their exact decimals. */
export function* jsonText(columns: readonly string[], pages: Iterable<readonly Row[]>): Generator<string> {
  let lead = '[\n';
  for (const page of pages) {
    const lines = page.map((row) => {
      const fields = columns.map((name) => `${JSON.stringify(name)}:${jsonCell(row[name] ?? text(null))}`);
      const line = `${lead}{${fields.join(',')}}`;
      lead = ',\n';
      return line;
    });
    yield lines.join('');
  }
  yield lead === '[\n' ? '[]\n' : '\n]\n';
}

/** An integer of 10^-digits as a decimal, without rounding: (-12345n, 4) is -1.2345. Keeps at least `least` decimals. */
export function decimalText(units: bigint, digits: number, least = digits): string {
  const sign = units < 0n ? '-' : '';
  const all = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  const whole = all.slice(0, all.length - digits);
  const fraction = all.slice(all.length - digits);
  let end = fraction.length;
  while (end > least && fraction[end - 1] === '0') end -= 1;
  return end === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction.slice(0, end)}`;
}
