import type { ModelsReport, ScoredModel } from '#shared/domain/models.ts';
import { countText, DASH, numberText, percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';

const cls = styler({ ...table, ...css });

const rateText = ({ count, wins }: ScoredModel['hits']['long']): string =>
  count === 0 ? DASH : percentText(wins / count, 1);

function Row({ model }: { readonly model: ScoredModel }) {
  const { scores } = model;
  const cells = [
    numberText(model.weight, 2),
    countText(model.resolved),
    numberText(scores?.brier, 4),
    numberText(scores?.reliability, 4),
    numberText(scores?.resolution, 4),
    numberText(scores?.uncertainty, 4),
    numberText(scores?.logLoss, 3),
    numberText(scores?.calibrationError, 3),
    rateText(model.hits.long),
    rateText(model.hits.short),
  ];
  return (
    <tr>
      <th scope="row">
        {SUBJECTS[model.subject]} <span className={cls('version')}>{model.version ?? ''}</span>
      </th>
      {cells.map((text, i) => (
        <td key={i} className={cls('number', text === DASH && 'quiet')}>
          {text}
        </td>
      ))}
    </tr>
  );
}

const HEADS = [
  ['Weight', 'weight in the pool'],
  ['Resolved', 'signals whose planned trade has ended'],
  ['Brier', 'mean squared error; Brier = REL − RES + UNC and two within-bin terms'],
  ['REL', 'reliability: distance from the diagonal, less is better'],
  ['RES', 'resolution: how far the bins differ from the base rate, more is better'],
  ['UNC', 'uncertainty of the outcomes themselves'],
  ['Log loss', 'a coin is 0.693'],
  ['ECE', 'expected calibration error, ten bins'],
  ['▲ won', 'share of long signals that won'],
  ['▼ won', 'share of short signals that won'],
] as const;

/** The scores of both models and of the pool, with the Murphy decomposition and the hit rate by direction. */
export function ScoresTable({ models }: { readonly models: ModelsReport['models'] }) {
  return (
    <table className={cls('table', 'scores')}>
      <caption className={cls('spoken')}>Scores of the models on every resolved signal</caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          {HEADS.map(([name, meaning]) => (
            <th key={name} scope="col" className={cls('number')} title={meaning}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <Row key={model.subject} model={model} />
        ))}
      </tbody>
    </table>
  );
}
