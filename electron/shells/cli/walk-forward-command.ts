import type { WalkForwardRequest } from '#shared/contract/backtest-requests.ts';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { DASH, numberText, signedPercentText } from '#shared/format/numbers.ts';
import { figureText, runFigures } from '#shared/wording/run-figures.ts';
import { chosenOf, parametersText, scoreText, setupText } from '#shared/wording/walk-forward.ts';
import { formatTable } from './format.ts';
import { commonRequest, jobCommand, wrongKind, type JobArguments } from './job-command.ts';
import type { ExitCode, Output } from './output.ts';

export type WalkForwardArguments = JobArguments &
  Pick<
    WalkForwardRequest,
    'multipliers' | 'evidenceTrades' | 'lookBackDays' | 'folds' | 'inSampleShare' | 'window' | 'score'
  >;

/** Chooses the sizing parameters of a journal fold by fold. */
export function walkForwardCommand(asked: WalkForwardArguments, output: Output): Promise<ExitCode> {
  const { multipliers, evidenceTrades, lookBackDays, folds, inSampleShare, window, score } = asked;
  const request: WalkForwardRequest = {
    ...{ kind: 'walk-forward', multipliers, evidenceTrades, lookBackDays, folds, inSampleShare, window, score },
    ...commonRequest(asked),
  };
  return jobCommand(
    asked,
    {
      ...{ name: 'walk-forward', request },
      text: (stored) => (stored.kind === 'walk-forward' ? walkForwardText(stored.run) : wrongKind(stored)),
    },
    output,
  );
}

function foldRows(run: WalkForwardRun): readonly (readonly string[])[] {
  const { score } = run.setup;
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return run.folds.map((fold, k) => {
    const chosen = chosenOf(run, fold);
    return [
      String(k + 1),
      `${day(fold.split)} to ${day(fold.to)}`,
      scoreText(fold.inSample[fold.chosen] ?? null, score),
      scoreText(fold.score, score),
      signedPercentText(fold.growth, 1),
      fold.rank === null
        ? DASH
        : `${numberText(fold.rank, Number.isInteger(fold.rank) ? 0 : 1)} of ${run.combinations.length}`,
      chosen === null ? DASH : parametersText(chosen),
    ];
  });
}

/** A walk-forward as a person reads it. */
function walkForwardText(run: WalkForwardRun): string {
  const figures = runFigures({ kind: 'walk-forward', run });
  return [
    `${setupText(run)}.`,
    '',
    formatTable([['Fold', 'Traded', 'Score in', 'Score out', 'Growth', 'Place', 'Chosen'], ...foldRows(run)]),
    '',
    formatTable(figures.map((one) => [one.label, figureText(one), one.reason ?? ''])),
    '',
    ...run.notes.map((note) => `  ${note}`),
  ].join('\n');
}
