import { useCallback, useMemo, useState } from 'react';
import type { Drift, ModelsReport, ScoredSubject } from '#shared/domain/models.ts';
import { countText, numberText } from '#shared/format/numbers.ts';
import { useSceneChart } from '#renderer/src/features/performance/scene-chart.tsx';
import { momentsIn, RANGES } from '#renderer/src/features/performance/time-range.ts';
import type { RangeName } from '#renderer/src/features/performance/time-range.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { driftReader, driftScene } from './drift-scene.ts';
import { SUBJECTS } from './names.ts';
import type { BoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { SubjectChoice } from './subject-choice.tsx';

type State = { readonly tone: 'plain' | 'warn' | 'loss'; readonly text: string };

/** The breaker goes by the probability in force; a model alone only tells which of them drifts. */
function stateOf({ now, warn, halt }: Drift, subject: ScoredSubject, isCompact: boolean): State {
  if (now === null) return { tone: 'plain', text: 'not measured' };
  if (now < warn) return { tone: 'plain', text: '✓ clear' };
  if (subject !== 'pooled') return { tone: 'warn', text: isCompact ? '◐ drifts' : '◐ drifts, halts nothing' };
  return now >= halt ? { tone: 'loss', text: '■ halts' } : { tone: 'warn', text: '◐ warns' };
}

function alternativeOf({ now, warn, halt, predictions, resets }: Drift, subject: ScoredSubject): string {
  const restarts =
    resets.length === 0 ? '' : ` Started again ${countText(resets.length)} times after a person acknowledged it.`;
  const whose = subject === 'pooled' ? '' : ` of ${SUBJECTS[subject]} alone`;
  return `CUSUM${whose} of ${countText(predictions)} predictions: ${numberText(now, 2)} now, warns at ${numberText(warn, 1)}, halts at ${numberText(halt, 1)}.${restarts}`;
}

const driftOf = (report: ModelsReport, subject: ScoredSubject): Drift =>
  subject === 'pooled' ? report.drift : report.modelDrift[subject];

/** The drift statistic over time, against the lines at which the breaker warns and halts; of the pool or one model. */
export function DriftPanel({ report, isCompact }: { readonly report: ModelsReport; readonly isCompact: boolean }) {
  const [subject, choose] = useState<ScoredSubject>('pooled');
  const [range, setRange] = useState<RangeName>('all');
  const drift = driftOf(report, subject);
  const shown = useMemo(() => ({ ...drift, points: momentsIn(drift.points, range) }), [drift, range]);
  const { tone, text } = stateOf(drift, subject, isCompact);
  const draw = useCallback((size: BoxSize) => driftScene({ drift: shown, ...size }), [shown]);
  const note = `CUSUM of ${countText(drift.predictions)}`;
  const { tools, chart } = useSceneChart({
    ...{ title: `Drift, ${SUBJECTS[subject]}`, note, draw },
    alternative: alternativeOf(drift, subject),
    picture: `kelly-desk-drift-${subject}.png`,
    reader: driftReader(shown),
    ranges: { label: 'Range of the drift', ranges: RANGES, chosen: range, choose: setRange },
  });
  const isDrawn = drift.points.length > 1;
  return (
    <Panel
      {...{ id: 'drift', title: 'Drift' }}
      {...(isCompact ? {} : { note: `${note}: are the odds 0.6 of what is said?` })}
      tools={
        <>
          <SubjectChoice label="Drift of" subject={subject} choose={choose} />
          {isDrawn && tools}
          <Tag tone={tone}>{text}</Tag>
        </>
      }
      isGrowing
    >
      {isDrawn ? chart : <Empty title="No drift to draw yet">The line begins with the second outcome.</Empty>}
    </Panel>
  );
}
