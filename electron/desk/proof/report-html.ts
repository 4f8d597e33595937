import type { PoliciesRun, PolicyResult, VerdictReading } from '#shared/domain/backtest.ts';
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
import { cell, headTerms, notesList, reportPage, row, statisticCell, table, term } from './report-page.ts';
import type { SeriesFile } from './run-store.ts';

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

function originOf({ head, reproduction }: PoliciesRun): string {
  const { policyEquity, journalEquity, overridden, leftAt } = reproduction;
  return `<dl>${[
    ...headTerms(head),
    term('Configurations', head.journal.configVersions.join(', ')),
    term('Opportunities', `${head.opportunities} of ${head.decisions} decisions`),
    term(
      'Journal’s own equity',
      `${moneyText(journalEquity)}${policyEquity === null ? '' : `; the live policy ends at ${moneyText(policyEquity)}, ${overridden} proposals were not taken as they were${leftAt === null ? '' : `, apart since ${new Date(leftAt).toISOString()}`}`}`,
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
  return reportPage(run.head.name, [
    `${originOf(run)}
${notesList(run.notes)}
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
${lineChart(lines, 'Equity at the end of each day, marked', { valueText: usd })}
${lineChart(falls, 'Drawdown from the highest equity', { valueText: (value) => percentText(value, 1) })}
<h2>The trader’s changes</h2>
${table('Value against the recommendation, on the planned outcome', ['Change', 'Count', 'Value', 'Mean per change, 90 % interval'], overrideRows(run))}`,
  ]);
}
