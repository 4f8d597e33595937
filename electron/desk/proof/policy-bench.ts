import type { PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { epochMs, money } from '#shared/units.ts';
import {
  closesUnder,
  isFlagged,
  policyResult,
  runPolicy,
  type JudgedBy,
  type PolicyRun,
} from '#desk/backtest/policy-run.ts';
import { STATUSES, type Walk } from '#desk/backtest/walk.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { FILES, writePacked, type DecisionsFile, type SeriesFile } from './run-store.ts';

/** Walks and judges policies over one tape. Judging needs the walks of all: it comes second. */
export interface PolicyBench {
  /** @param onProgress told the cases walked so far; a policy is walked twice, with its benchmark */
  walk(spec: PolicySpec, onProgress: (cases: number) => void): PolicyRun;
  /** Equity at the end of each session day under a policy, money: its walk alone. @param onProgress told the cases walked */
  closes(spec: PolicySpec, onProgress: (cases: number) => void): Float64Array;
  /** The figures of a policy. @param run from any thread */
  judge(run: PolicyRun, by: JudgedBy): PolicyResult;
  /** Writes a policy's series and decisions into the run's folder. @param run from any thread */
  write(policy: number, run: PolicyRun): void;
}

/** A column of a walk as it is stored. Of a hundred thousand numbers iterating takes several times as long. */
function column<T>(values: ArrayLike<number>, stored: (value: number, index: number) => T): T[] {
  const all = new Array<T>(values.length);
  for (let i = 0; i < all.length; i += 1) all[i] = stored(values[i] ?? NaN, i);
  return all;
}

const asIs = (value: number): number => value;
const orNull =
  <T>(stored: (value: number) => T) =>
  (value: number): T | null =>
    Number.isNaN(value) ? null : stored(value);

function decisionsOf({ cases }: Tape, walk: Walk): DecisionsFile {
  return {
    status: column(walk.status, (code) => STATUSES[code] ?? 'no-equity'),
    asked: column(walk.asked, asIs),
    contracts: column(walk.contracts, asIs),
    filled: column(walk.filled, asIs),
    fraction: column(walk.fraction, orNull(asIs)),
    equity: column(walk.equity, money),
    riskFraction: column(walk.riskFraction, asIs),
    net: column(walk.net, orNull(money)),
    exitAt: column(walk.exitAt, orNull(epochMs)),
    isFlagged: column(walk.contracts, (contracts, index) => isFlagged(cases[index], contracts)),
  };
}

/** A policy's daily equity as it is stored: the start, and the end of each session day. */
export function seriesOf({ days, endAt, initialEquity }: Tape, { closes }: Pick<Walk, 'closes'>): SeriesFile {
  const start = days.opensAt[0];
  if (start === undefined) return { at: [], equity: [] };
  const ends = days.names.map((_, day) => epochMs(days.opensAt[day + 1] ?? endAt));
  return { at: [epochMs(start), ...ends], equity: [initialEquity, ...Array.from(closes, (close) => money(close))] };
}

/** Returns a bench over a tape that writes into a run's folder. */
export function createPolicyBench(tape: Tape, folder: string): PolicyBench {
  return {
    walk: (spec, onProgress) => runPolicy(tape, spec, onProgress),
    closes: (spec, onProgress) => closesUnder(tape, spec, onProgress),
    judge: (run, by) => policyResult(tape, run, by),
    write: (policy, { walk }) => {
      writePacked(folder, FILES.decisions(policy), decisionsOf(tape, walk));
      writePacked(folder, FILES.series(policy), seriesOf(tape, walk));
    },
  };
}
