import type { ModelsReport, ScoredModel } from '#shared/domain/models.ts';
import { countText, DASH, numberText, percentText, signedPercentText, signedText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';

const cls = styler({ ...table, ...css });

/** The two within-bin terms: without them the binned parts do not add up to the score. */
const withinText = (scores: ScoredModel['scores']): string =>
  scores === null ? DASH : signedText(scores.withinBinVariance - scores.withinBinCovariance, 4);

function skillText(scores: ScoredModel['scores']): string {
  const skill = scores?.skill ?? null;
  if (skill === null) return DASH;
  const { value, lower, upper } = skill;
  if (lower === null || upper === null) return signedPercentText(value, 1);
  return `${signedPercentText(value, 1)} (${signedPercentText(lower, 1)} to ${signedPercentText(upper, 1)})`;
}

const rateText = ({ count, wins }: ScoredModel['hits']['long']): string =>
  count === 0 ? DASH : percentText(wins / count, 1);

type Column = {
  readonly name: string;
  readonly meaning: string;
  readonly write: (model: ScoredModel) => string;
};

const SCORES: readonly Column[] = [
  { name: 'Weight', meaning: 'weight in the pool', write: ({ weight }) => numberText(weight, 2) },
  {
    name: 'Resolved',
    meaning: 'signals whose planned trade has ended, taken or not',
    write: ({ resolved }) => countText(resolved),
  },
  { name: 'Log loss', meaning: 'a coin is 0.693', write: ({ scores }) => numberText(scores?.logLoss, 3) },
  {
    name: 'Calib. error',
    meaning: 'expected calibration error, ten bins',
    write: ({ scores }) => numberText(scores?.calibrationError, 3),
  },
  { name: '▲ won', meaning: 'share of long signals that won', write: ({ hits }) => rateText(hits.long) },
  { name: '▼ won', meaning: 'share of short signals that won', write: ({ hits }) => rateText(hits.short) },
  {
    name: 'Skill',
    meaning: '1 − Brier / uncertainty, against always saying the base rate, with its 90 % interval',
    write: ({ scores }) => skillText(scores),
  },
];

/** The score and its exact parts: Brier = REL − RES + UNC + within. @source Stephenson, Coelho and Jolliffe 2008 */
const PARTS: readonly Column[] = [
  { name: 'Brier', meaning: 'mean squared error', write: ({ scores }) => numberText(scores?.brier, 4) },
  {
    name: '= reliability',
    meaning: 'reliability: distance from the diagonal, less is better',
    write: ({ scores }) => numberText(scores?.reliability, 4),
  },
  {
    name: '− resolution',
    meaning: 'resolution: how far the bins differ from the base rate, more is better',
    write: ({ scores }) => numberText(scores?.resolution, 4),
  },
  {
    name: '+ uncertainty',
    meaning: 'uncertainty of the outcomes themselves',
    write: ({ scores }) => numberText(scores?.uncertainty, 4),
  },
  {
    name: '+ within bins',
    meaning: 'variance less covariance within the bins: what binning leaves out',
    write: ({ scores }) => withinText(scores),
  },
];

type TableProps = {
  readonly models: ModelsReport['models'];
  readonly columns: readonly Column[];
  readonly caption: string;
};

function ModelTable({ models, columns, caption }: TableProps) {
  return (
    <table className={cls('table', 'scores')}>
      <caption className={cls('spoken')}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          {columns.map(({ name, meaning }) => (
            <th key={name} scope="col" className={cls('number')} title={meaning}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.subject}>
            <th scope="row">
              {SUBJECTS[model.subject]} <span className={cls('version')}>{model.version ?? ''}</span>
            </th>
            {columns.map(({ name, write }) => {
              const text = write(model);
              return (
                <td key={name} className={cls('number', text === DASH && 'quiet')}>
                  {text}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The scores of both models and of the pool, the hit rate by direction, and the Brier score taken apart. */
export function ScoresTable({ models }: { readonly models: ModelsReport['models'] }) {
  return (
    <>
      <ModelTable models={models} columns={SCORES} caption="Scores of the models on every resolved signal" />
      <ModelTable models={models} columns={PARTS} caption="The Brier score of the models, taken apart" />
    </>
  );
}
