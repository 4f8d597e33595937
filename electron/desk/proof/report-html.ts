import type { PoliciesRun, PolicyResult, VerdictReading } from '#shared/domain/backtest.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import {
  DASH,
  moneyText,
  numberText,
  percentText,
  signedMoneyText,
  signedPercentText,
  usdText,
} from '#shared/format/numbers.ts';
import { money } from '#shared/units.ts';
import { underwaterOf } from './decimate.ts';
import { escaped, lineChart, type Line } from './report-charts.ts';
import type { SeriesFile } from './run-store.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;max-width:1000px;margin:24px auto;padding:0 16px}
h1{font-size:22px}h2{font-size:17px;margin-top:28px}table{border-collapse:collapse;width:100%;font-size:12.5px;font-variant-numeric:tabular-nums}
th,td{padding:4px 7px;border-bottom:1px solid #ccc;text-align:right;vertical-align:top}th:first-child,td:first-child{text-align:left}
caption{text-align:left;font-weight:600;padding:6px 0}figure{margin:12px 0}figcaption{font-weight:600}svg text{font-size:11px;fill:#333}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px}
dt{color:#555}dd{margin:0;word-break:break-all}@media print{body{margin:0;max-width:none}tr,figure{break-inside:avoid}}`;

/** Nothing may be fetched, run or framed: the report is a picture of numbers. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const cell = (text: string): string => `<td>${escaped(text)}</td>`;

/** A statistic, or a dash whose reason a pointer shows and a reader can look up below the table. */
const statisticCell = ({ value, reason }: Statistic, text: (value: number) => string): string =>
  value === null ? `<td title="${escaped(reason ?? '')}">${DASH}</td>` : cell(text(value));

const table = (caption: string, heads: readonly string[], rows: readonly string[]): string =>
  `<table><caption>${escaped(caption)}</caption><thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

const row = (label: string, cells: readonly string[]): string =>
  `<tr><th scope="row">${escaped(label)}</th>${cells.join('')}</tr>`;

const two = (value: number): string => numberText(value, 2);

const WORDS: Readonly<Record<VerdictReading['code'], string>> = {
  insufficient: 'Too little to say',
  'kelly-better': 'Better than fixed',
  'fixed-better': 'Fixed is better',
  inconclusive: 'Inconclusive',
};

function resultRow(policy: PolicyResult, initialEquity: PoliciesRun['initialEquity']): string {
  const { statistics: s } = policy;
  return row(policy.label, [
    cell(moneyText(policy.finalEquity)),
    cell(signedMoneyText(money(policy.finalEquity - initialEquity))),
    statisticCell(s.cagr, (v) => signedPercentText(v, 1)),
    cell(percentText(s.maxDrawdown, 1)),
    statisticCell(s.sharpe, two),
    statisticCell(s.sortino, two),
    statisticCell(s.calmar, two),
    statisticCell(s.deflatedSharpe, (v) => percentText(v, 1)),
    cell(String(policy.taken)),
    cell(percentText(policy.meanRiskFraction, 2)),
    cell(policy.ruin === null ? DASH : new Date(policy.ruin.at).toISOString().slice(0, 10)),
  ]);
}

/** Beyond forty years of trading days a number of days says nothing. */
const FARTHEST_DAYS = 10_000;

const daysText = (days: number | null): string =>
  days === null ? DASH : days > FARTHEST_DAYS ? 'no end in sight' : String(days);

function verdictRow({ label, verdict }: PolicyResult): string {
  const reading = verdict.standing ?? verdict.running;
  const { growth } = reading;
  const points = (value: number | null): string => (value === null ? DASH : signedPercentText(value, 4));
  return row(label, [
    cell(verdict.standing === null ? 'None before the end of a month' : WORDS[reading.code]),
    cell(String(reading.decisions)),
    cell(String(reading.days)),
    cell(percentText(verdict.fixedFraction, 2)),
    cell(points(growth.value)),
    cell(`${points(growth.lower)} … ${points(growth.upper)}`),
    cell(daysText(reading.daysStillNeeded)),
  ]);
}

function tradeRow(policy: PolicyResult): string {
  const { trades: t } = policy;
  return row(policy.label, [
    cell(String(t.trades)),
    statisticCell(t.winRate, (v) => percentText(v, 1)),
    statisticCell(t.payoff, two),
    statisticCell(t.profitFactor, two),
    statisticCell(t.expectancy, (v) => `${numberText(v, 3)} R`),
    statisticCell(t.sqn, two),
    cell(String(policy.longestLosingStreak)),
    cell(String(policy.liquidityFlags)),
    cell(
      `${policy.sources.executed} / ${policy.sources.shadow} / ${policy.sources.missed} / ${policy.sources.unresolved}`,
    ),
  ]);
}

function overrideRows({ overrides }: PoliciesRun): readonly string[] {
  return overrides.byType.map(({ type, count, value, interval }) =>
    row(type, [
      cell(String(count)),
      cell(signedMoneyText(value)),
      cell(
        interval === null
          ? 'fewer than 30: counts only'
          : `${usdText(interval.mean)} (${usdText(interval.lower)} … ${usdText(interval.upper)})`,
      ),
    ]),
  );
}

const term = (name: string, value: string): string => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`;

function originOf({ head, reproduction }: PoliciesRun): string {
  const day = (at: number | null): string => (at === null ? DASH : new Date(at).toISOString());
  const { policyEquity, journalEquity, overridden, leftAt } = reproduction;
  return `<dl>${[
    term('Run', `${head.runId}, made ${day(head.at)}`),
    term('Journal', `${head.journal.profile}, ${head.journal.events} events, head ${head.journal.headHash ?? DASH}`),
    term('Range', `${day(head.from)} to ${day(head.to)}`),
    term('Configurations', head.journal.configVersions.join(', ')),
    term('Versions', `desk ${head.version}, engine ${head.engineVersion}, seed ${head.seed}`),
    term('Opportunities', `${head.opportunities} of ${head.decisions} decisions`),
    term(
      'Journal’s own equity',
      `${moneyText(journalEquity)}${policyEquity === null ? '' : `; the live policy ends at ${moneyText(policyEquity)}, ${overridden} proposals were not taken as they were${leftAt === null ? '' : `, apart since ${day(leftAt)}`}`}`,
    ),
  ].join('')}</dl>`;
}

const linesOf = (run: PoliciesRun, series: readonly (SeriesFile | null)[]): readonly Line[] =>
  run.policies.flatMap(({ label }, i) => {
    const one = series[i] ?? null;
    return one === null ? [] : [{ label, at: one.at, values: one.equity }];
  });

/** Every reason a figure is missing for, once. */
function reasonsOf(run: PoliciesRun): string {
  const statistics = run.policies.flatMap(({ statistics: s, trades: t }) => [
    ...[s.cagr, s.sharpe, s.sortino, s.calmar, s.deflatedSharpe],
    ...[t.winRate, t.payoff, t.profitFactor, t.expectancy, t.sqn],
  ]);
  const reasons = [...new Set(statistics.flatMap(({ reason }) => (reason === null ? [] : [reason])))];
  return reasons.length === 0
    ? ''
    : `<p>${DASH} stands where a figure is not defined: ${escaped(reasons.join('; '))}.</p>`;
}

/**
 * Returns a run as one HTML page to print or to send: tables, and charts as inline SVG. It fetches nothing, runs
 * nothing, and every text in it is escaped.
 * @param series of the policies, in their order; null where it cannot be read
 */
export function reportHtml(run: PoliciesRun, series: readonly (SeriesFile | null)[]): string {
  const lines = linesOf(run, series);
  const usd = (value: number): string => moneyText(money(Math.round(value)), 0);
  const falls = lines.map((line) => ({ ...line, values: underwaterOf(line.values).map((depth) => -depth) }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(run.head.name)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(run.head.name)}</h1>
${originOf(run)}
${run.notes.length === 0 ? '' : `<ul>${run.notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`}
<h2>Results</h2>
${table(
  'Equity, drawdown and ratios by policy',
  [
    'Policy',
    'Final equity',
    'Net',
    'CAGR',
    'Max drawdown',
    'Sharpe',
    'Sortino',
    'Calmar',
    'Deflated Sharpe',
    'Taken',
    'Mean risk',
    'Ruined',
  ],
  run.policies.map((policy) => resultRow(policy, run.initialEquity)),
)}
${table(
  'Trades by policy (results from executed / shadow / missed / unresolved)',
  [
    'Policy',
    'Closed',
    'Win rate',
    'Payoff',
    'Profit factor',
    'Expectancy',
    'SQN',
    'Losses in a row',
    'Flagged sizes',
    'Sources',
  ],
  run.policies.map(tradeRow),
)}
${reasonsOf(run)}
<h2>Against fixed sizing</h2>
${table(
  'Daily log growth against the constant fraction of the same mean, at the end of the last whole month',
  [
    'Policy',
    'Verdict',
    'Decisions',
    'Days',
    'Fixed fraction',
    'Difference a day',
    '90 % interval',
    'Days still needed',
  ],
  run.policies.map(verdictRow),
)}
<h2>Equity</h2>
${lineChart(lines, 'Equity at the end of each day, marked', usd)}
${lineChart(falls, 'Drawdown from the highest equity', (value) => percentText(value, 1))}
<h2>The trader’s changes</h2>
${table('Value against the recommendation, on the planned outcome', ['Change', 'Count', 'Value', 'Mean per change, 90 % interval'], overrideRows(run))}
</body></html>
`;
}
