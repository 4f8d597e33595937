/** Rows of text as columns; all but the first column and the last are aligned right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const widths = Array.from({ length: columns }, (_, i) => width(i));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 || i === columns - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `  ${line(row)}`).join('\n');
}
