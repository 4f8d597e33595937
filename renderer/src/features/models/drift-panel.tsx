import { useCallback, useState } from 'react';
import type { Drift, ModelsReport, ScoredSubject } from '#shared/domain/models.ts';
import { countText, numberText } from '#shared/format/numbers.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { driftScene } from './drift-scene.ts';
import { SUBJECTS } from './names.ts';
import { Picture } from './scene-panel.tsx';
import { SubjectChoice } from './subject-choice.tsx';

type State = { readonly tone: 'plain' | 'warn' | 'loss'; readonly text: string };

/** The breaker goes by the probability in force; a model alone only tells which of them drifts. */
function stateOf({ now, warn, halt }: Drift, subject: ScoredSubject): State {
  if (now === null) return { tone: 'plain', text: 'not measured' };
  if (now < warn) return { tone: 'plain', text: '✓ clear' };
  if (subject !== 'pooled') return { tone: 'warn', text: '◐ drifts, halts nothing' };
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
  const drift = driftOf(report, subject);
  const { tone, text } = stateOf(drift, subject);
  const draw = useCallback(
    (size: { readonly width: number; readonly height: number }) => driftScene({ drift, ...size }),
    [drift],
  );
  return (
    <Panel
      id="drift"
      title="Drift"
      note={isCompact ? 'CUSUM' : `CUSUM of ${countText(drift.predictions)}: odds 0.6 of what is said?`}
      tools={
        <>
          <SubjectChoice label="Drift of" subject={subject} choose={choose} />
          <Tag tone={tone}>{text}</Tag>
        </>
      }
      isGrowing
    >
      {drift.points.length < 2 ? (
        <Empty title="No drift to draw yet">The line begins with the second outcome.</Empty>
      ) : (
        <Picture draw={draw} alternative={alternativeOf(drift, subject)} />
      )}
    </Panel>
  );
}
