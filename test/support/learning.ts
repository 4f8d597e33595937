import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Case } from '#desk/engine/learning/cases.ts';
import { climatologyOf, judgeSkill, type SkillReport } from '#desk/engine/learning/skill.ts';
import { LEARNING_PACKAGES, type Libraries } from '#desk/learning/libraries.ts';
import { learnFold, type LearntFold } from '#desk/learning/learn-fold.ts';
import { prepareTraining, type PreparedTraining, type TrainOptions } from '#desk/learning/training-plan.ts';

const require = createRequire(import.meta.url);

/** False on an installation without the learning libraries: what needs them is not tried there. */
export const hasLibraries = LEARNING_PACKAGES.every((name) => {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
});

if (!hasLibraries)
  process.stderr.write(
    'The learning libraries are not installed: training is not tried (npm install --include=optional).\n',
  );

/** A little of everything: enough to find what is plain to see, in seconds. */
export const QUICK = { rows: 8, units: 4, maxEpochs: 40, plots: 2, rounds: 8 };

/** A folder that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'desk-learning-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bars as a file of daily prices of MES. */
export function barsFile(folder: string, bars: readonly Bar[]): string {
  const rows = bars.map(({ openAt, open, high, low, close, volume }) =>
    [new Date(openAt).toISOString().slice(0, 10), ...[open, high, low, close].map((p) => p / 4), volume].join(','),
  );
  const file = path.join(folder, 'bars.csv');
  writeFileSync(file, ['date,open,high,low,close,volume', ...rows].join('\n'));
  return file;
}

export const trainOptions = (file: string, over: Partial<TrainOptions> = {}): TrainOptions => ({
  files: [{ file, symbol: 'MES' }],
  timeframe: '1d',
  ...{ from: null, to: null, trainTo: null, folds: 1 },
  ...{ stopAtr: null, targetAtr: null, horizonBars: null, seed: 5, effort: QUICK },
  ...over,
});

export const prepared = (bars: readonly Bar[]): PreparedTraining =>
  prepareTraining(trainOptions(barsFile(tempFolder(), bars)));

/** The same questions with each other's answers: nothing is left to be found. */
export function shuffledTargets(cases: readonly Case[], seed: number): readonly Case[] {
  const prng = createPrng(seed);
  const outcomes = cases.map(({ outcome }) => outcome);
  for (let i = outcomes.length - 1; i > 0; i -= 1) {
    const j = prng.index(i + 1);
    const [a, b] = [outcomes[i], outcomes[j]];
    if (a !== undefined && b !== undefined) [outcomes[i], outcomes[j]] = [b, a];
  }
  return cases.map((one, i) => ({ ...one, outcome: outcomes[i] ?? one.outcome }));
}

/** Learns the first step of a walk forward. */
export function learnFirst(
  kind: 'lstm' | 'ensemble',
  { plan }: PreparedTraining,
  given: { readonly cases: readonly Case[]; readonly libraries: Libraries },
): Promise<LearntFold> {
  const [fold] = plan.folds;
  if (fold === undefined) throw new Error('no fold');
  return learnFold({ kind, cases: given.cases, fold, spec: plan.learn }, given.libraries, () => undefined);
}

/** Judges forecasts of the first step against the frequencies of what it learned from. */
export function judgeFirst({ plan }: PreparedTraining, cases: readonly Case[], learnt: LearntFold): SkillReport {
  const [fold] = plan.folds;
  const known = [...(fold?.train ?? []), ...(fold?.stop ?? []), ...(fold?.calibrate ?? [])];
  const climatology = climatologyOf(known.flatMap((i) => cases[i]?.outcome ?? []));
  const judged = learnt.forecasts.flatMap(({ index, chances }) => {
    const outcome = cases[index]?.outcome;
    return outcome === undefined ? [] : [{ forecast: chances, climatology, outcome }];
  });
  return judgeSkill(judged, 1);
}
