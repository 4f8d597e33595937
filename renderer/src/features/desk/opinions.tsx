import { memo } from 'react';
import type { Decision } from '#shared/domain/decision.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useExplained } from '#renderer/src/store/explained.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { durationText, percentText } from '#shared/format/numbers.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { directionSign, directionWord, signalDirection } from '#renderer/src/ui/words.ts';
import css from './opinions.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

const MODELS = [
  { id: 'lstm', name: 'LSTM' },
  { id: 'ensemble', name: 'Ensemble' },
] as const satisfies readonly { readonly id: ModelId; readonly name: string }[];

const PROBLEMS = {
  stale: { word: '◷ stale', tone: 'warn' },
  invalid: { word: '✕ unreadable', tone: 'loss' },
  unavailable: { word: '✕ no answer', tone: 'loss' },
  mismatch: { word: '≠ mismatch', tone: 'warn' },
} as const;

/** How many members of an ensemble vote as it does, of all that it has: one that failed does not vote. */
function Votes({ prediction }: { readonly prediction: Prediction }) {
  const { reading, direction } = prediction;
  const members = reading?.members;
  if (reading === undefined || members === undefined) return null;
  const voted = direction === 0 ? reading.rawDirection : direction;
  const alike = members.filter((member) => member.direction === voted).length;
  const words = members.map(
    ({ name, weight, direction: said, confidence, detail }) =>
      `${name} (weight ${percentText(weight, 0)}): ${
        said === null || confidence === null
          ? (detail ?? 'no answer')
          : `${directionWord(said) || 'Flat'} ${percentText(confidence, 1)}`
      }`,
  );
  return (
    <span className={cls('version', alike < members.length && 'low')} title={words.join('\n')}>
      {' '}
      {alike}/{members.length} agree
    </span>
  );
}

/** The axis runs from a coin toss to certainty. */
const place = (confidence: number): string => `${Math.min(1, Math.max(0, (confidence - 0.5) / 0.5)) * 100}%`;

function ConfidenceBar({
  value,
  gate,
  isResult = false,
}: {
  readonly value: number | null;
  readonly gate: number;
  readonly isResult?: boolean;
}) {
  return (
    <span className={cls('line')} aria-hidden="true">
      {value !== null && <span className={cls('bar', isResult && 'result')} style={{ width: place(value) }} />}
      <span className={cls('gate')} style={{ left: place(gate) }} />
    </span>
  );
}

function Freshness({ ageMs, maxMs }: { readonly ageMs: number; readonly maxMs: number }) {
  const left = Math.max(0, 1 - ageMs / maxMs);
  return (
    <span className={cls('fresh', left < 0.25 && 'ageing')} aria-hidden="true">
      <span style={{ width: `${left * 100}%` }} />
    </span>
  );
}

function State({
  prediction,
  ageMs,
  maxMs,
}: {
  readonly prediction: Prediction;
  readonly ageMs: number | null;
  readonly maxMs: number;
}) {
  if (prediction.state !== 'ok') {
    const { word, tone } = PROBLEMS[prediction.state];
    return <Tag tone={tone}>{word}</Tag>;
  }
  if (ageMs === null) return <Tag tone="warn">◷ age unknown</Tag>;
  if (ageMs > maxMs) return <Tag tone="warn">◷ old now</Tag>;
  return <Freshness ageMs={ageMs} maxMs={maxMs} />;
}

type RowProps = {
  readonly name: string;
  readonly prediction: Prediction | null;
  readonly gate: number;
  readonly maxMs: number;
};

function ModelRow({ name, prediction, gate, maxMs }: RowProps) {
  const now = useClock((s) => s.now);
  if (prediction === null) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td colSpan={6} className={cls('absent')}>
          — not asked yet for this symbol
        </td>
      </tr>
    );
  }
  const ageMs = prediction.asOf === null ? null : now - prediction.asOf;
  const { confidence, direction } = prediction;
  return (
    <tr title={prediction.detail ?? undefined}>
      <th scope="row">
        {name} <span className={cls('version')}>{prediction.modelVersion?.version}</span>
      </th>
      <td>
        {direction === null ? '—' : `${directionSign(direction)} ${directionWord(direction) || 'Flat'}`}
        <Votes prediction={prediction} />
      </td>
      <td className={cls('number', 'strong', confidence !== null && confidence < gate && 'low')}>
        {confidence === null ? '—' : percentText(confidence, 1)}
      </td>
      <td className={cls(confidence === null && 'why')}>
        {confidence === null && prediction.detail !== null ? (
          prediction.detail
        ) : (
          <ConfidenceBar value={confidence} gate={gate} />
        )}
      </td>
      <td className={cls('number')}>{durationText(ageMs)}</td>
      <td>
        <State prediction={prediction} ageMs={ageMs} maxMs={maxMs} />
      </td>
      <td className={cls('number', 'latency')}>
        {prediction.latencyMs === null ? '—' : `${Math.round(prediction.latencyMs)} ms`}
      </td>
    </tr>
  );
}

type Said = {
  readonly opinions: Recommendation['opinions'];
  readonly ladder: Decision['ladder'];
  readonly direction: number;
};

type CombinedProps = Pick<Said, 'ladder' | 'direction'> & Pick<RowProps, 'gate' | 'maxMs'>;

function CombinedRow({ ladder, direction, gate, maxMs }: CombinedProps) {
  const step = ladder.find((candidate) => candidate.code === 'probability');
  const p = step?.used ?? step?.combined ?? null;
  const isAgreed = direction !== 0;
  return (
    <tr>
      <th scope="row" className={cls('plain')}>
        {!isAgreed ? 'No agreement' : step?.state === 'fail' ? 'Agree, too weak' : 'Agree → p'}
      </th>
      <td>{isAgreed ? `${directionSign(direction)} ${directionWord(direction)}` : '—'}</td>
      <td className={cls('number', 'strong')}>{p === null ? '—' : percentText(p, 1)}</td>
      <td>
        <ConfidenceBar value={p} gate={gate} isResult />
      </td>
      <td colSpan={3} className={cls('quiet')}>
        stale after {durationText(maxMs)}
      </td>
    </tr>
  );
}

/** Another price or size of the same opinions changes nothing here. */
const Table = memo(function Table({ opinions, ladder, direction }: Said) {
  const config = useStatus((s) => s.config);
  const isCompact = useSizeClass() === 'compact';
  if (config === null) return null;
  const gate = config.confidenceThreshold;
  const maxMs = config.maxPredictionAgeMs;
  return (
    <table className={cls('table')}>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Says</th>
          <th scope="col" className={cls('number')}>
            Confid.
          </th>
          <th scope="col" className={cls('axis')}>
            {isCompact ? `gate ${Math.round(gate * 100)}` : `50 – 100 %, gate ${Math.round(gate * 100)}`}
          </th>
          <th scope="col" className={cls('number', 'age')}>
            Age
          </th>
          <th scope="col" className={cls('freshness')}>
            Fresh
          </th>
          <th scope="col" className={cls('number', 'latency')}>
            Latency
          </th>
        </tr>
      </thead>
      <tbody>
        {MODELS.map(({ id, name }) => (
          <ModelRow key={id} name={name} prediction={opinions[id]} gate={gate} maxMs={maxMs} />
        ))}
        <CombinedRow {...{ ladder, direction, gate, maxMs }} />
      </tbody>
    </table>
  );
});

/** What the two models said, how sure they were, and how old that is. Every state shows as itself. */
export function OpinionsPanel() {
  const recommendation = useExplained();
  return (
    <div className={cls('opinions')}>
      <Panel id="opinions" title="Opinions">
        {recommendation === null ? (
          <Empty title="No opinion yet">Both models are asked when a bar closes.</Empty>
        ) : (
          <Table
            opinions={recommendation.opinions}
            ladder={recommendation.decision.ladder}
            direction={signalDirection(recommendation)}
          />
        )}
      </Panel>
    </div>
  );
}
