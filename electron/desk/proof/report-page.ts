import type { RunHead } from '#shared/domain/backtest.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { DASH } from '#shared/format/numbers.ts';
import { escaped } from './report-charts.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;max-width:1000px;margin:24px auto;padding:0 16px}
h1{font-size:22px}h2{font-size:17px;margin-top:28px}table{border-collapse:collapse;width:100%;font-size:12.5px;font-variant-numeric:tabular-nums}
th,td{padding:4px 7px;border-bottom:1px solid #ccc;text-align:right;vertical-align:top}th:first-child,td:first-child{text-align:left}
caption{text-align:left;font-weight:600;padding:6px 0}figure{margin:12px 0}figcaption{font-weight:600}svg text{font-size:11px;fill:#333}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px}
dt{color:#555}dd{margin:0;word-break:break-all}@media print{body{margin:0;max-width:none}tr,figure{break-inside:avoid}}`;

/** Nothing may be fetched, run or framed: the report is a picture of numbers. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export const cell = (text: string): string => `<td>${escaped(text)}</td>`;

/** A statistic, or a dash whose reason a pointer shows and a reader can look up below the table. */
export const statisticCell = ({ value, reason }: Statistic, text: (value: number) => string): string =>
  value === null ? `<td title="${escaped(reason ?? '')}">${DASH}</td>` : cell(text(value));

export const table = (caption: string, heads: readonly string[], rows: readonly string[]): string =>
  `<table><caption>${escaped(caption)}</caption><thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

export const row = (label: string, cells: readonly string[]): string =>
  `<tr><th scope="row">${escaped(label)}</th>${cells.join('')}</tr>`;

export const term = (name: string, value: string): string => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`;

/** What a run was made from: enough to make it again. */
export function headTerms(head: RunHead): readonly string[] {
  const time = (at: number | null): string => (at === null ? DASH : new Date(at).toISOString());
  const { profile, events, headHash } = head.journal;
  return [
    term('Run', `${head.runId}, made ${time(head.at)}`),
    term('Journal', `${profile}, ${events} events, head ${headHash ?? DASH}`),
    term('Range', `${time(head.from)} to ${time(head.to)}`),
    term('Versions', `desk ${head.version}, engine ${head.engineVersion}, seed ${head.seed}`),
  ];
}

/** What the reader should know, as a list; nothing for none. */
export const notesList = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`;

/** A whole page: it fetches nothing and runs nothing. @param parts markup, every text in it escaped */
export const reportPage = (name: string, parts: readonly string[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(name)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(name)}</h1>
${parts.join('\n')}
</body></html>
`;
