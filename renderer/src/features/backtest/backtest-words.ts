import type { BacktestJob, PolicyResult, RunHead, StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { countText, DASH, durationText, moneyText, percentText, signedPercentText } from '#shared/format/numbers.ts';
import { countedText, listText } from '#shared/wording/names.ts';
import { basisPointText } from '#renderer/src/features/performance/conditions.ts';
import { pointDay, pointTime } from '#renderer/src/features/performance/time-ticks.ts';

/** A figure of a table, with the reason in reach where there is none. */
export type Cell = { readonly text: string; readonly reason: string | null };

/** A statistic as it stands in a table. */
export const statisticCell = ({ value, reason }: Statistic, write: (value: number) => string): Cell =>
  value === null ? { text: DASH, reason: reason ?? 'not known' } : { text: write(value), reason: null };

const VERDICTS = {
  insufficient: 'Too early',
  inconclusive: 'Not proven',
  'kelly-better': 'Faster',
  'fixed-better': 'Slower',
} as const satisfies Record<VerdictReading['code'], string>;

/** The growth difference to the constant fraction: +1.2 bp a day (−0.4 to +2.8). */
function growthText({ growth: { value, lower, upper } }: VerdictReading): string {
  if (value === null) return 'no difference to measure yet';
  const bare = (end: number | null) => basisPointText(end).replace(' bp', '');
  const interval = lower === null || upper === null ? '' : `, 90 % interval ${bare(lower)} to ${basisPointText(upper)}`;
  return `${basisPointText(value)} a day${interval}`;
}

const CONDITIONS = {
  hasEnoughDecisions: 'number of decisions',
  hasEnoughDays: 'number of days',
  growsFaster: 'growth',
  sharpeHolds: 'Sharpe ratio',
  survivesDeflation: 'deflated Sharpe',
  drawdownHolds: 'drawdown',
} as const satisfies Partial<Record<keyof VerdictReading['conditions'], string>>;

/** What keeps a difference from being proven. */
function unmetText({ code, conditions }: VerdictReading): string {
  if (code !== 'inconclusive') return '';
  const unmet = Object.entries(conditions).flatMap(([name, isMet]) => {
    const found = Object.entries(CONDITIONS).find(([known]) => known === name);
    return isMet || found === undefined ? [] : [found[1]];
  });
  return unmet.length === 0 ? '' : ` Not met: ${listText(unmet)}.`;
}

/** The standing verdict of a policy against the constant fraction; null before the first whole month. */
export function verdictCell({ standing }: StandingVerdict): Cell {
  return standing === null
    ? { text: DASH, reason: 'no verdict before the first whole month' }
    : { text: VERDICTS[standing.code], reason: null };
}

/** The same in a sentence with its figures; what today reads is told apart from what stands. */
export function verdictSentence({ standing, running, fixedFraction }: StandingVerdict): string {
  const against = `against ${percentText(fixedFraction)} fixed`;
  if (standing === null) {
    return `No verdict ${against} before the first whole month; so far ${VERDICTS[running.code].toLowerCase()}: ${growthText(running)}.`;
  }
  const day = standing.at === null ? '' : ` at ${pointDay(standing.at)}`;
  return `${VERDICTS[standing.code]} ${against}${day}: ${growthText(standing)}.${unmetText(standing)}`;
}

const RUIN = { 'no-equity': 'no equity left', 'below-margin': 'less than one margin left' } as const;

/** When a policy could no longer trade. */
export const ruinText = ({ ruin }: PolicyResult): string => (ruin === null ? 'none' : pointDay(ruin.at));

const listed = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(' ');

/** What stands behind one policy's row: its verdict, why figures are missing, and what limits the result. */
export function policySentence(result: PolicyResult): string {
  const { statistics, trades, verdict, ruin, openPnl, liquidityFlags, taken, sources } = result;
  const reasons = [statistics.cagr, statistics.sharpe, trades.expectancy].flatMap(({ reason }) => reason ?? []);
  const missing = [...new Set(reasons)];
  return listed([
    `${result.label}: ${countedText(taken, 'opportunity', 'opportunities')} taken,`,
    `${countText(sources.executed)} with your own fills.`,
    verdictSentence(verdict),
    ruin === null ? null : `Stopped trading ${pointDay(ruin.at)}: ${RUIN[ruin.reason]}.`,
    openPnl === 0 ? null : `${moneyText(openPnl)} still open at the end.`,
    liquidityFlags === 0 ? null : `${countText(liquidityFlags)} sizes above three times the executed one.`,
    missing.length === 0 ? null : `${DASH} means: ${missing.join('; ')}.`,
  ]);
}

/** From when to when a run goes. */
export const rangeText = ({ from, to }: Pick<RunHead, 'from' | 'to'>): string =>
  from === null || to === null ? 'no decision in the range' : `${pointDay(from)} to ${pointDay(to)}`;

/** What a run stands on: decisions, or the trades it draws from. */
function basisText({ kind, decisions, opportunities }: RunHead): string {
  if (kind === 'monte-carlo') return `${countedText(opportunities, 'trade')} drawn from`;
  return `${countText(decisions)} decisions, ${countText(opportunities)} opportunities`;
}

/** What a run was made from: enough to make it again. */
export function originText(head: RunHead): string {
  const { seed, journal, version, engineVersion } = head;
  const hash = journal.headHash === null ? '' : ` ${journal.headHash.slice(0, 8)}`;
  return [
    basisText(head),
    `seed ${seed}`,
    `journal #${countText(journal.events)}${hash}`,
    `version ${version}, engine ${engineVersion}`,
  ].join(' · ');
}

/** One line of the list of runs. */
export const runLine = ({ at, kind, seed, journal, opportunities }: RunHead): string =>
  [
    pointTime(at),
    kind === 'monte-carlo' ? countedText(opportunities, 'trade') : null,
    `seed ${seed}`,
    `#${countText(journal.events)}`,
  ]
    .filter((part) => part !== null)
    .join(' · ');

/** How far the journal has grown since a run; null when it has not. */
export function grownText({ journal }: RunHead, events: number | null): string | null {
  if (events === null || events <= journal.events) return null;
  return `The journal has grown by ${countText(events - journal.events)} ${events - journal.events === 1 ? 'event' : 'events'} since.`;
}

/** Share of a job that is done, between 0 and 1. */
export const shareDone = ({ done, total }: Pick<BacktestJob, 'done' | 'total'>): number =>
  total === 0 ? 0 : Math.min(1, done / total);

/** How far a job is: 42 %, Walking 13 policies, 12 s left. */
export function jobText(job: BacktestJob): string {
  if (job.state === 'waiting') return 'waits for the one before it';
  const left = job.etaMs === null ? 'time left not known yet' : `${durationText(job.etaMs)} left`;
  return `${percentText(shareDone(job), 0, 'down')} · ${job.phase} · ${left}`;
}

/** How a job ended that left no run. */
export function endedText(job: BacktestJob): string {
  if (job.state === 'failed') return job.error ?? 'The desk gave no reason.';
  return `Ended at ${percentText(shareDone(job), 0, 'down')}. Nothing of it is kept.`;
}

/** Whether the live policy gave the journal's own equity again. */
export function reproductionText(run: {
  readonly reproduction: {
    readonly policyEquity: number | null;
    readonly overridden: number;
    readonly leftAt: number | null;
  };
}): string {
  const { policyEquity, overridden, leftAt } = run.reproduction;
  if (policyEquity === null) return 'The policy that was live is not among them.';
  if (leftAt === null) return 'The policy that was live gives the journal’s equity again, to the cent.';
  const changes = overridden === 0 ? '' : `: ${countedText(overridden, 'proposal')} changed by you`;
  return `The policy that was live left your account on ${pointDay(leftAt)}${changes}.`;
}

/** A change of growth between two runs, in percentage points. */
export const growthChange = (a: PolicyResult | null, b: PolicyResult | null): string =>
  a === null || b === null ? DASH : signedPercentText(b.statistics.totalReturn - a.statistics.totalReturn);
